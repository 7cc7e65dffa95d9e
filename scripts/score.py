#!/usr/bin/env python3
"""Scores the program against a corpus of camera files whose truth is known.

    scripts/score.py --darkslide target/debug/darkslide CORPUS

CORPUS is a folder with a MANIFEST.csv: one row a file, with the columns file, sha256, kind, make,
model, width, height, orientation, display_width, display_height, capture_date, capture_source,
OffsetTimeOriginal, gps_lat, gps_lon, has_preview, decodes and expect; an empty cell says that the
file has no such fact, and then the program must not say one either.

The real program imports the corpus into a temporary library. A file that became part of another
one's exposure is imported once more by itself, so that every file is judged by its own words.
What `list --json` says is compared with the manifest, and the preview of every file that can be
decoded with a decode by other programs: Pillow, pillow-heif, LibRaw, ffmpeg, exiftool.

Exit status: 0 when every gate holds, 1 when one does not, 2 when nothing could be scored.
"""

import argparse
import csv
import io
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

FACTS_GATE = 99.0
PREVIEW_GATE = 97.0
# Pictures are compared this large (the longer side), after a light blur.
SIDE = 96
# Mean difference of the three channels, of 255: another decoder's rounding and scaling is below 3.
MOST_DIFFERENCE = 10.0
# Raw files are developed to taste, so structure counts there: correlation of brightness.
LEAST_LIKENESS = 0.80
REFERENCE_SECONDS = 120
REFERENCE_MEMORY = 6 << 30


# --- the program under test -------------------------------------------------------------------


class Program:
    """The program on a home of its own."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, Path(folder)
        self.environment = {
            **os.environ,
            "DARKSLIDE_HOME": str(self.folder / "home"),
            "HOME": str(self.folder / "user"),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus",
        }
        self.lock = Lock()
        (self.folder / "user").mkdir(parents=True)
        self.run("init", "--library", str(self.folder / "library"))

    def run(self, *arguments, accepted=(0,)):
        done = subprocess.run(
            [self.binary, *arguments, "--json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode not in accepted:
            tail = done.stderr.decode(errors="replace").strip()[-2000:]
            raise RuntimeError(f"`{' '.join(arguments)}` ended with {done.returncode}: {tail}")
        return done.stdout.decode(errors="replace")

    def exposures(self):
        return [json.loads(line) for line in self.run("list").splitlines() if line.strip()]

    def preview(self, photo, out):
        """The screen preview as a file; None, or why there is none."""
        done = subprocess.run(
            [self.binary, "preview", photo, "--size", "screen", "--out", str(out)],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode == 0:
            return None
        return done.stderr.decode(errors="replace").strip().splitlines()[0][:160]


def imported(binary, corpus, rows, work):
    """Imports everything; returns {sha256: (exposure, program)} and the import's failures."""
    together = Program(binary, work / "together")
    report = json.loads(together.run("import", str(corpus), accepted=(0, 1)))
    found, parts = {}, set()
    for exposure in together.exposures():
        found[exposure["sha256"]] = (exposure, together)
        parts |= {file["sha256"] for file in exposure["files"]} - {exposure["sha256"]}
    alone = [row for row in rows if row["sha256"] in parts - set(found)]
    if alone:
        apart = work / "parts"
        for n, row in enumerate(alone):
            folder = apart / f"{n:04}"
            folder.mkdir(parents=True)
            shutil.copy2(corpus / row["file"], folder / Path(row["file"]).name)
        second = Program(binary, work / "apart")
        second.run("import", str(apart), accepted=(0, 1))
        for exposure in second.exposures():
            found.setdefault(exposure["sha256"], (exposure, second))
    return found, report


# --- facts ------------------------------------------------------------------------------------


def words(text):
    return " ".join((text or "").split())


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def size(row, width, height):
    pair = number(row.get(width)), number(row.get(height))
    return pair if all(pair) else None


def moment(text):
    """"2020:04:17 10:03:42-06:00" as wall clock and offset in minutes, if there is one."""
    found = re.match(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?(.*)", text or "")
    if not found:
        return None
    try:
        clock = datetime(*(int(part) for part in found.groups()[:6]))
    except ValueError:
        return None
    return clock, offset(found.group(7))


def offset(text):
    found = re.fullmatch(r"\s*([+-])(\d\d):?(\d\d)\s*", text or "")
    if not found or int(found.group(2)) > 15 or int(found.group(3)) > 59:
        return 0 if (text or "").strip() == "Z" else None
    minutes = int(found.group(2)) * 60 + int(found.group(3))
    return -minutes if found.group(1) == "-" else minutes


def date(row, said, path):
    """Whether the date is right; None where it is, else what is wrong."""
    says, zone = said.get("captured_at"), offset(said.get("offset"))
    true = moment(row.get("capture_date"))
    if not true:
        return no_date(says, path)
    if not says:
        return f"no date, is {row['capture_date']}"
    clock, minutes = true
    ours = moment(says)[0]
    source = row.get("capture_source", "")
    is_utc = source.startswith("QuickTime:") or source.endswith("GPSDateTime")
    if ours == clock:
        written = offset(row.get("OffsetTimeOriginal")) if source.endswith("DateTimeOriginal") else None
        expected = minutes if minutes is not None else written
        if expected is not None and zone != expected and not is_utc:
            return f"offset {said.get('offset')}, is {expected} minutes"
        return None
    if is_utc and zone is not None and ours - timedelta(minutes=zone) == clock:
        return None
    return f"{says}, is {row['capture_date']} ({source})"


def no_date(says, path):
    """A file without a date may show its file's time or one in its name, and nothing made up."""
    if not says:
        return None
    digits = re.sub(r"\D", "", says)
    if digits[:8] in re.sub(r"\D", "", path.name):
        return None
    on_disk = datetime.fromtimestamp(path.stat().st_mtime)
    if abs(moment(says)[0] - on_disk) < timedelta(days=1, hours=1) and on_disk.year > 1971:
        return None
    return f"invented {says}"


def place(row, said):
    says = said.get("gps")
    true = number(row.get("gps_lat")), number(row.get("gps_lon"))
    if None in true:
        return f"invented {says}" if says else None
    if not says:
        return f"no place, is {true}"
    near = abs(says["lat"] - true[0]) < 2e-4 and abs(says["lon"] - true[1]) < 2e-4
    return None if near else f"{says}, is {true}"


def text_fact(name):
    def judge(row, said, _path):
        true, says = words(row.get(name)), words(said.get(name))
        if true == says:
            return None
        return f"{says!r}, is {true!r}"

    return judge


def orientation(row, said, _path):
    true = number(row.get("orientation"))
    valid = true if true in range(1, 9) else None
    says = said.get("orientation")
    if says == valid or (valid is None and says == 1):
        return None
    return f"{says}, is {row.get('orientation') or 'not said'}"


def upright_size(row, said, _path):
    """Raw files by their shape only: decoders differ in how many masked columns they count, and the
    camera's own picture inside tells it too."""
    says = (said.get("width"), said.get("height"))
    shown, stored = size(row, "display_width", "display_height"), size(row, "width", "height")
    if not shown and not stored:
        return None
    if None in says:
        return f"no size, is {shown or stored}"
    if row["kind"] == "raw":
        turned = stored[::-1] if stored and (number(row.get("orientation")) or 1) >= 5 else stored
        inside = size(row, "preview_width", "preview_height")
        inside = inside[::-1] if inside and (number(row.get("orientation")) or 1) >= 5 else inside
        shapes = [pair[0] / pair[1] for pair in (shown, turned, inside) if pair]
        if any(abs(says[0] / says[1] / shape - 1) <= 0.05 for shape in shapes):
            return None
    elif says == shown or (not decodes(row) and stored in (says, says[::-1])):
        # what nothing decodes was never seen upright: there its stored size is the truth
        return None
    return f"{says[0]}x{says[1]}, is {row.get('display_width')}x{row.get('display_height')}"


def has(*columns):
    return lambda row: all(words(row.get(column)) for column in columns)


# name, which rows have the fact, judge(row, exposure, path) -> None or why it is wrong
FACTS = [
    ("date", lambda row: moment(row.get("capture_date")), date),
    ("make", has("make"), text_fact("make")),
    ("model", has("model"), text_fact("model")),
    ("orientation", has("orientation"), orientation),
    (
        "size",
        # a broken file's claim that nothing could ever decode is no fact
        lambda row: (row["kind"] != "hostile" or decodes(row))
        and (size(row, "display_width", "display_height") or size(row, "width", "height")),
        upright_size,
    ),
    ("gps", has("gps_lat", "gps_lon"), lambda row, said, _path: place(row, said)),
]
# What no file may be given that has none. (A film may well have its camera from the .THM beside it,
# and what one reader finds in a broken file another does not.)
NOT_INVENTED = ("date", "gps")
JUDGED = ("photo", "raw", "video", "audio", "hostile")


# --- pictures ---------------------------------------------------------------------------------


def decodes(row):
    """Whether the manifest says that somebody decodes it, or that a raw file has a picture inside."""
    verdict = row.get("decodes", "")
    if "refuses" not in verdict and any(w in verdict for w in ("yes", "decodes", "first frame")):
        return True
    largest = min(number(row.get("preview_width")) or 0, number(row.get("preview_height")) or 0)
    return row["kind"] == "raw" and row.get("has_preview") == "yes" and largest >= 64


def expected_to_show(row):
    return decodes(row) and "decline" not in row.get("expect", "")


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (REFERENCE_MEMORY, REFERENCE_MEMORY))


def references(path, kind):
    """Small reference decodes of a file, each (name, PNG bytes), made in a process with limits."""
    try:
        done = subprocess.run(
            [sys.executable, __file__, "--reference", str(path), kind],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=REFERENCE_SECONDS,
            preexec_fn=limits,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [], "the reference decoders took too long"
    try:
        return [(n, bytes.fromhex(png)) for n, png in json.loads(done.stdout)], ""
    except ValueError:
        return [], done.stderr.decode(errors="replace").strip()[-200:] or "no reference decode"


def reference_process(path, kind):
    """Runs in the process with limits: prints the decodes as JSON."""
    found = []
    ways = {"video": [frame], "raw": [embedded, developed]}.get(kind, [decoded, frame, developed])
    for way in ways:
        try:
            pictures = way(path)
        except Exception as error:  # noqa: BLE001: whatever a decoder raises, there are others
            print(f"{way.__name__}: {error}", file=sys.stderr)
            continue
        found += [(way.__name__, png(picture).hex()) for picture in pictures]
        if found and kind != "raw":
            break
    print(json.dumps(found))


def png(picture):
    out = io.BytesIO()
    picture.thumbnail((SIDE * 2, SIDE * 2))
    picture.save(out, "PNG")
    return out.getvalue()


def decoded(path):
    """Pillow and pillow-heif: upright, converted to sRGB by the file's own profile."""
    from PIL import Image, ImageOps
    import pillow_heif

    pillow_heif.register_heif_opener()
    try:
        import pillow_jxl  # noqa: F401: registers itself
    except ImportError:
        pass
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path) as picture:
        picture.seek(0)
        if picture.format == "JPEG" and picture.mode != "CMYK":
            picture.draft("RGB", (SIDE * 8, SIDE * 8))
        profile = picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture)
        return [in_srgb(upright, profile)]


def in_srgb(picture, profile):
    from PIL import Image, ImageCms

    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        import numpy

        pixels = numpy.asarray(picture).astype("float64")
        top = 65535.0 if pixels.max() > 255 else 255.0
        picture = Image.fromarray((pixels / top * 255).clip(0, 255).astype("uint8"))
    if "A" in picture.mode or "transparency" in picture.info:
        whole = picture.convert("RGBA")
        white = Image.new("RGBA", whole.size, "white")
        picture = Image.alpha_composite(white, whole).convert("RGB")
    if picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except ImageCms.PyCMSError:
            pass  # a profile of another kind of picture
    return picture.convert("RGB")


def frame(path):
    """ffmpeg: the first frame, turned as the film says."""
    from PIL import Image

    command = ["ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-f", "image2pipe"]
    done = subprocess.run([*command, "-c:v", "png", "-"], stdout=subprocess.PIPE, check=True)
    return [Image.open(io.BytesIO(done.stdout)).convert("RGB")]


def developed(path):
    """LibRaw's own development, with the camera's white balance."""
    import rawpy
    from PIL import Image

    with rawpy.imread(path) as raw:
        return [Image.fromarray(raw.postprocess(use_camera_wb=True, half_size=True))]


def embedded(path):
    """The largest JPEG inside that decodes, turned as the raw file says."""
    from PIL import Image, ImageOps

    tags = ["JpgFromRaw", "PreviewImage", "OtherImage", "JpgFromRaw2", "ThumbnailImage"]
    turn = subprocess.run(
        ["exiftool", "-n", "-s3", "-IFD0:Orientation", path], stdout=subprocess.PIPE, check=True
    )
    turn = number(turn.stdout.decode().strip() or "1") or 1
    best = None
    for tag in tags:
        data = subprocess.run(
            ["exiftool", "-b", f"-{tag}", path], stdout=subprocess.PIPE, check=True
        ).stdout
        try:
            picture = Image.open(io.BytesIO(data))
            picture.load()
        except (OSError, SyntaxError):
            continue
        if best is None or picture.width > best.width:
            best = picture
    if best is None:
        return []
    upright = best.convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = int(turn)
    upright.info["exif"] = exif.tobytes()
    turned = ImageOps.exif_transpose(upright)
    # a preview may be stored upright already: its shape then differs from the file's
    return [turned] if turned.size == upright.size else [turned, upright]


def compare(ours, theirs, is_raw):
    """None when the two show the same picture, else how they differ."""
    from PIL import Image, ImageFilter
    import numpy

    first, second = (Image.open(io.BytesIO(data)).convert("RGB") for data in (ours, theirs))
    shapes = first.width / first.height, second.width / second.height
    if abs(shapes[0] / shapes[1] - 1) > (0.12 if is_raw else 0.04):
        return f"shape {first.width}x{first.height} against {second.width}x{second.height}"
    tall = SIDE * second.height / second.width
    square = (SIDE, max(1, round(tall))) if tall <= SIDE else (max(1, round(SIDE / tall * SIDE)), SIDE)

    def pixels(picture):
        # the box keeps a large picture's average, whatever its size was
        small = picture.resize(square, Image.Resampling.BOX)
        return numpy.asarray(small.filter(ImageFilter.GaussianBlur(1))).astype("float64")

    one, other = pixels(first), pixels(second)
    difference = abs(one - other).mean()
    if difference <= MOST_DIFFERENCE:
        return None
    grey = [p.mean(axis=2) - p.mean() for p in (one, other)]
    power = (grey[0] ** 2).mean() * (grey[1] ** 2).mean()
    likeness = (grey[0] * grey[1]).mean() / power**0.5 if power > 0 else 0.0
    if is_raw and likeness >= LEAST_LIKENESS:
        return None
    return f"another picture: mean difference {difference:.0f}, likeness {likeness:.2f}"


def shown_by(exposure, program, work):
    """The preview's bytes, or why there is none."""
    state = (exposure.get("preview") or {}).get("state")
    if state != "ready":
        return None, f"preview is {state!r}"
    out = work / f"{exposure['id']}.jpg"
    # the catalogue is one program's at a time
    with program.lock:
        refused = program.preview(exposure["id"], out)
    if refused:
        return None, refused
    shown = out.read_bytes()
    out.unlink()
    return shown, None


def judge_preview(row, exposure, program, path, work):
    shown, why = shown_by(exposure, program, work)
    if why:
        return why
    kind = row["kind"] if row["kind"] in ("video", "raw") else "photo"
    against, why = references(path, kind)
    if not against:
        return f"nothing to compare with: {why}"
    differences = [compare(shown, theirs, kind == "raw") for _, theirs in against]
    return None if None in differences else differences[0]


# --- the whole --------------------------------------------------------------------------------


def rows_of(corpus):
    with open(corpus / "MANIFEST.csv", newline="", encoding="utf-8-sig") as table:
        rows = [row for row in csv.DictReader(table) if row.get("file")]
    for row in rows:
        for column, cell in row.items():
            row[column] = cell if isinstance(cell, str) else ""
        if not row.get("sha256"):
            import hashlib

            row["sha256"] = hashlib.sha256((corpus / row["file"]).read_bytes()).hexdigest()
    return rows


class Tally:
    """One line of the table: right ones of all, and why the others are not."""

    def __init__(self, gate):
        self.gate, self.right, self.all, self.wrong = gate, 0, 0, []

    def count(self, row, why):
        self.all += 1
        self.right += why is None
        if why is not None:
            self.wrong.append((row["file"], why))

    def percent(self):
        return 100.0 * self.right / self.all if self.all else 100.0

    def holds(self):
        return self.percent() >= self.gate


def score(binary, corpus, work, with_previews):
    rows = rows_of(corpus)
    found, report = imported(binary, corpus, rows, work)
    print(
        f"{len(rows)} files in the manifest; imported {report.get('imported')}, "
        f"failed {len(report.get('failed') or [])}\n"
    )
    tallies = {name: Tally(FACTS_GATE) for name, _, _ in FACTS}
    invented = Tally(FACTS_GATE)
    previews = Tally(PREVIEW_GATE)
    lost = Tally(100.0)
    jobs = []
    for row in rows:
        exposure, program = found.get(row["sha256"], (None, None))
        is_there = exposure is not None or row["kind"] not in JUDGED
        lost.count(row, None if is_there else "not in the list")
        if row["kind"] not in JUDGED:
            continue
        path = corpus / row["file"]
        for name, has_fact, judge in FACTS:
            try:
                why = judge(row, exposure, path) if exposure else "not in the list"
            except Exception as error:  # noqa: BLE001: one bad row never stops the others
                why = f"could not be judged: {error!r}"
            if has_fact(row):
                tallies[name].count(row, why)
            elif exposure and name in NOT_INVENTED and row["kind"] != "hostile":
                invented.count(row, f"{name}: {why}" if why else None)
            elif exposure and name == "date":
                invented.count(row, f"{name}: {why}" if why else None)
        if with_previews and expected_to_show(row):
            jobs.append((row, exposure, program, path))

    def judged(job):
        row, exposure, program, path = job
        try:
            return judge_preview(*job, work) if exposure else "not in the list"
        except Exception as error:  # noqa: BLE001: as above
            return f"could not be judged: {error!r}"

    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for job, why in zip(jobs, pool.map(judged, jobs)):
            previews.count(job[0], why)
    tallies |= {"preview": previews, "not invented": invented, "in the list": lost}
    return tallies


def table(tallies):
    print(f"{'fact':<14}{'right':>7}{'of':>7}{'%':>9}{'gate':>8}")
    for name, tally in tallies.items():
        mark = "" if tally.holds() else "  missed"
        print(
            f"{name:<14}{tally.right:>7}{tally.all:>7}{tally.percent():>9.2f}{tally.gate:>8.0f}{mark}"
        )
    for name, tally in tallies.items():
        if tally.wrong:
            print(f"\n{name}:")
            for file, why in sorted(tally.wrong):
                print(f"  {file}: {why}")


def look(path, kind):
    """Prints the cell `look` of a manifest: six by six mean colours as other programs decode it."""
    from PIL import Image

    against, why = references(Path(path), kind)
    if not against:
        sys.exit(f"nothing decodes it: {why}")
    picture = Image.open(io.BytesIO(against[0][1])).convert("RGB")
    print(picture.resize((6, 6), Image.Resampling.BOX).tobytes().hex())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, help="the folder with MANIFEST.csv")
    parser.add_argument("--darkslide", default="darkslide", help="the program")
    parser.add_argument("--no-previews", action="store_true", help="score the facts only")
    arguments = parser.parse_args()
    corpus = arguments.corpus.resolve()
    if not (corpus / "MANIFEST.csv").is_file():
        print(f"{corpus} has no MANIFEST.csv", file=sys.stderr)
        return 2
    binary = shutil.which(arguments.darkslide)
    if not binary:
        print(f"there is no program {arguments.darkslide}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="darkslide-score-") as work:
        tallies = score(os.path.abspath(binary), corpus, Path(work), not arguments.no_previews)
    table(tallies)
    missed = [name for name, tally in tallies.items() if not tally.holds()]
    print(f"\nmissed: {', '.join(missed)}" if missed else "\nevery gate holds")
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--reference"]:
        reference_process(sys.argv[2], sys.argv[3])
    elif sys.argv[1:2] == ["--look"]:
        look(sys.argv[2], sys.argv[3])
    else:
        sys.exit(main())

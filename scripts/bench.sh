#!/usr/bin/env bash
# Darkslide against what one would use otherwise, on the same files in one run: medians of five.
#
#   import   against  cp -r; sync; caches dropped; sha256sum of both sides      gate 0.50
#            no previews made, against the bare cold cp -r; sync                gate 1.60
#            the same with a mirror on the same disk                            gate 2.60
#            and with previews, which cp does not make
#   many     20,000 files: the same card again in 3 s; memory of the first import
#   cards    two cards on disks of their own at once, against the slower one    gate 1.20
#   backup   against  rclone copy through crypt, to the same Garage             gate 1.00
#   previews against  vipsthumbnail at 512 and at 2048 px, CPU seconds          gate 0.80
#            and in wall seconds, on all cores                                  gate 1.00
#   worker   a file's metadata and previews in a worker, more than in process   gate 3 ms
#   card     5,000 raw files imported, previews ready: exposures a second       gate 60
#   raws     copying out what is embedded, against exiv2 -ep, CPU seconds       gate 1.50
#            and making thumbnails of it
#   window   100,000 photos in the real window: start, next photo, scrolling, filter, rest, memory
#            and whether that stays the same; MINUTES=20 for a long look
#            400 imported there against the command line                       gate 1.10
#            a card that is put in: seconds to its first picture               gate 1.00
#   memory of import and backup with all their processes, at most 300 MB
#
# RUNS=5 FILES=48 PICTURES=12 MANY=20000 CARD=5000 PHOTOS=100000 MINUTES=2 change the sizes;
# ONLY=import,many,cards,backup,previews,card,worker,raws,window picks parts.
set -euo pipefail
cd "$(dirname "$0")/.."

RUNS=${RUNS:-5}
FILES=${FILES:-48}
PICTURES=${PICTURES:-12}
MANY=${MANY:-20000}
CARD=${CARD:-5000}
PHOTOS=${PHOTOS:-100000}
MINUTES=${MINUTES:-2}
ONLY=${ONLY:-import,many,cards,backup,previews,card,worker,raws,window}
target=$(cargo metadata --format-version 1 --no-deps | grep -o '"target_directory":"[^"]*"' | cut -d'"' -f4)
darkslide=$target/release/darkslide
garage=${XDG_CACHE_HOME:-$HOME/.cache}/darkslide/bin/garage
work=$(mktemp -d "${TMPDIR:-/tmp}/darkslide-bench-XXXXXX")
garage_pid=
loops=()
finish() {
    [ -z "$garage_pid" ] || kill "$garage_pid" 2>/dev/null || true
    kill $(jobs -p) 2>/dev/null || true
    for mounted in "$work"/disk/*; do umount "$mounted" 2>/dev/null || true; done
    for loop in "${loops[@]}"; do losetup -d "$loop" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT
export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus DARKSLIDE_PASSPHRASE=bench
export LC_ALL=C
unset AWS_CA_BUNDLE # rclone refuses to start with one, and everything here is plain http

wanted() { case ",$ONLY," in *",$1,"*) true ;; *) false ;; esac; }
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# Files out of the page cache: all of it where that is allowed, else file by file.
uncache() {
    sync
    if { echo 3 >/proc/sys/vm/drop_caches; } 2>/dev/null; then return; fi
    find "$@" -type f -exec dd if={} iflag=nocache count=0 status=none \;
}

# timed KIND NAME COMMAND..: adds wall or cpu seconds to $work/NAME, and peak memory to $work/NAME.kb.
timed() {
    local kind=$1 name=$2
    shift 2
    # The program and its workers together, a look ten times a second; pages they share count once.
    # Looking takes time from what is looked at: only the first of the runs is watched.
    local watched=$work/watched watcher=
    : >"$watched"
    if [ ! -e "$work/$name.kb" ]; then
        memory_of_all "$watched" &
        watcher=$!
    fi
    if ! python3 scripts/cost.py "$work/time" "$@" >"$work/out" 2>"$work/err"; then
        [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true
        echo "failed: $*" >&2
        cat "$work/out" "$work/err" >&2
        exit 1
    fi
    awk -v k="$kind" '{ print (k == "wall") ? $1 : $2 + $3 }' "$work/time" >>"$work/$name"
    if [ -n "$watcher" ]; then
        kill "$watcher" 2>/dev/null || true
        wait "$watcher" 2>/dev/null || true
    fi
    # what is over between two looks is in the peak of the largest process
    { awk '{ print $4 }' "$work/time"; cat "$watched"; } | sort -n | tail -1 >>"$work/$name.kb"
}

wall() { # wall NAME: adds the wall seconds of what was just timed to $work/NAME.wall
    awk '{ print $1 }' "$work/time" >>"$work/$1.wall"
}

memory_of_all() { # memory_of_all FILE: adds KiB of everything that runs our program, again and again
    local pid
    while sleep 0.1; do
        for pid in $(pgrep -x 'darkslide|exe'); do
            [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" != "$darkslide" ] ||
                cat "/proc/$pid/smaps_rollup" 2>/dev/null
        done | awk '/^Pss:/ { kb += $2 } END { if (kb) print kb }' >>"$1" || true
    done
}

fresh_home() { # fresh_home [--mirror DIR]
    rm -rf "${work:?}/home" "$work/library" "$work/mirror"
    "$darkslide" --home "$work/home" --quiet init --library "$work/library" "$@"
}

failed=0
report() { # report WHAT OURS THEIRS RATIO GATE
    local verdict=ok
    awk -v r="$4" -v g="$5" 'BEGIN { exit !(r <= g) }' || { verdict="MISSED"; failed=1; }
    printf '%-44s %9s %9s %6s   gate %s  %s\n' "$1" "$2" "$3" "$4" "$5" "$verdict"
}
memory() { # memory WHAT NAME
    local mb
    mb=$(sort -n "$work/$2.kb" | tail -1 | awk '{ printf "%.0f", $1 / 1024 }')
    local verdict=ok
    [ "$mb" -le 300 ] || { verdict="MISSED"; failed=1; }
    printf '%-44s %6s MB %28s gate 300 MB  %s\n' "$1, peak memory" "$mb" "" "$verdict"
}

# 24 megapixel pictures with structure and grain, and a card of 25 MB files: such a picture, smaller,
# with random bytes behind its end, as raw files are to whoever copies them.
picture() { # picture SEED WIDTH HEIGHT FILE
    local band
    for band in 1 2 3; do
        vips perlin "$work/p$band.v" "$2" "$3" --cell-size $((120 * band)) --seed $(($1 * 10 + band))
    done
    vips bandjoin "$work/p1.v $work/p2.v $work/p3.v" "$work/p.v"
    vips gaussnoise "$work/g.v" "$2" "$3" --mean 0 --sigma 0.05 --seed "$1"
    vips add "$work/p.v" "$work/g.v" "$work/s.v"
    vips linear "$work/s.v" "$work/t.v" 100 128
    vips cast "$work/t.v" "$work/u.v" uchar
    vips copy "$work/u.v" "$work/r.v" --interpretation srgb
    vips jpegsave "$work/r.v" "$4" --Q 90
    rm -f "$work"/*.v
}

echo "making $FILES files of 25 MB and $PICTURES pictures of 24 megapixels in $work"
card=$work/card/DCIM/100BENCH
mkdir -p "$card" "$work/pictures"
if wanted import || wanted backup; then
    for n in $(seq -w 1 "$FILES"); do
        picture "$((10#$n))" 1600 1067 "$card/IMG_$n.JPG"
        head -c $((25000000 - $(stat -c %s "$card/IMG_$n.JPG"))) /dev/urandom >>"$card/IMG_$n.JPG"
    done
fi
if wanted previews || wanted worker; then
    for n in $(seq -w 1 "$PICTURES"); do picture "$((10#$n + 500))" 6000 4000 "$work/pictures/P$n.JPG"; done
fi

printf '\n%-44s %9s %9s %6s\n' "seconds, median of $RUNS" darkslide other ratio

if wanted import; then
    cat >"$work/cp.sh" <<'CP'
set -e
cp -r "$1" "$2"
sync
CP
    cat >"$work/sums.sh" <<'SUMS'
set -e
(cd "$1" && find . -type f -exec sha256sum {} + | sort) >"$3.a"
(cd "$2" && find . -type f -exec sha256sum {} + | sort) >"$3.b"
cmp "$3.a" "$3.b"
SUMS
    for _ in $(seq "$RUNS"); do
        fresh_home
        uncache "$work/card"
        timed wall import "$darkslide" --home "$work/home" --json import "$work/card" --shoot Bench
        fresh_home
        uncache "$work/card"
        timed wall copied "$darkslide" --home "$work/home" --json import "$work/card" --shoot Bench --no-previews
        fresh_home --mirror "$work/mirror"
        uncache "$work/card"
        timed wall mirrored "$darkslide" --home "$work/home" --json import "$work/card" --shoot Bench --no-previews
        rm -rf "$work/library" "$work/mirror" "$work/copy"
        uncache "$work/card"
        timed wall cp.1 bash "$work/cp.sh" "$work/card" "$work/copy"
        uncache "$work/card" "$work/copy"
        timed wall cp.2 bash "$work/sums.sh" "$work/card" "$work/copy" "$work/sums"
        rm -rf "$work/copy"
    done
    paste "$work/cp.1" "$work/cp.2" | awk '{ print $1 + $2 }' >"$work/cp"
    ours=$(median <"$work/import") theirs=$(median <"$work/cp")
    report "verified import / cp, sync, sha256sum twice" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" 0.50
    bare=$(median <"$work/cp.1")
    printf '%-44s %9s %9s %6s\n' "verified import with previews / bare cp, sync" "$ours" "$bare" "$(ratio "$ours" "$bare")"
    ours=$(median <"$work/copied")
    report "verified import / bare cp, sync" "$ours" "$bare" "$(ratio "$ours" "$bare")" 1.60
    ours=$(median <"$work/mirrored")
    report "the same with a mirror / bare cp, sync" "$ours" "$bare" "$(ratio "$ours" "$bare")" 2.60
    memory "import" import
fi

if wanted many; then
    # Small files that are all different: a card of many, not of much.
    for folder in $(seq 100 $((99 + (MANY + 999) / 1000))); do
        mkdir -p "$work/many/DCIM/${folder}BENCH"
        (cd "$work/many/DCIM/${folder}BENCH" &&
            head -c $((1000 * 40000)) /dev/urandom | split -b 40000 -d -a 4 --additional-suffix .CR2 - IMG_)
    done
    fresh_home
    timed wall first "$darkslide" --home "$work/home" --json import "$work/many" --shoot Bench
    memory "import of $MANY files ($(cat "$work/first") s)" first
    for _ in $(seq "$RUNS"); do
        uncache "$work/many"
        timed wall again "$darkslide" --home "$work/home" --json import "$work/many" --dry-run
    done
    ours=$(median <"$work/again")
    report "the same card planned again, seconds" "$ours" 1 "$ours" 3.00
fi

if wanted cards; then
    # Two cards in readers of their own, a library disk beside them: loop devices in memory, held to
    # what a good reader gives. As root only: who may not mount cannot have distinct disks here.
    rate=$((160 * 1000 * 1000))
    throttle=/sys/fs/cgroup/blkio/blkio.throttle.read_bps_device
    disk() { # disk NAME MEGABYTES: a mounted disk of its own
        local device
        truncate -s "$2M" "/dev/shm/darkslide-bench-$$-$1"
        device=$(losetup -f --show "/dev/shm/darkslide-bench-$$-$1")
        loops+=("$device")
        rm "/dev/shm/darkslide-bench-$$-$1"
        mkfs.ext4 -q -m 0 "$device"
        mkdir -p "$work/disk/$1"
        mount "$device" "$work/disk/$1"
        printf '%d:%d' "$((16#$(stat -c %t "$device")))" "$((16#$(stat -c %T "$device")))" >"$work/disk.$1"
    }
    if [ "$(id -u)" != 0 ] || ! [ -w "$throttle" ] || ! disk a 900; then
        echo "cards: left out, distinct disks cannot be made here"
    else
        disk b 900
        disk library 1800
        for card in a b; do
            mkdir -p "$work/disk/$card/DCIM/100BENCH"
            for n in $(seq -w 30); do
                head -c 25000000 /dev/urandom >"$work/disk/$card/DCIM/100BENCH/${card}_$n.CR2"
            done
            echo "$(cat "$work/disk.$card") $rate" >"$throttle"
        done
        cards_home() {
            rm -rf "${work:?}/home" "$work"/disk/library/*
            "$darkslide" --home "$work/home" --quiet init --library "$work/disk/library/photos"
            uncache "$work/disk"
        }
        for _ in $(seq "$RUNS"); do
            for which in a b; do
                cards_home
                timed wall "card.$which" "$darkslide" --home "$work/home" --json import "$work/disk/$which" --shoot Bench
            done
            cards_home
            timed wall card.both "$darkslide" --home "$work/home" --json import "$work/disk/a" "$work/disk/b" --shoot Bench
        done
        for card in a b; do echo "$(cat "$work/disk.$card") 0" >"$throttle"; done
        ours=$(median <"$work/card.both")
        theirs=$(printf '%s\n%s\n' "$(median <"$work/card.a")" "$(median <"$work/card.b")" | sort -n | tail -1)
        report "two cards at once / the slower one alone" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" 1.20
    fi
fi

if wanted backup; then
    hex() { head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'; }
    port=$((20000 + RANDOM % 20000))
    key=GK$(hex 12) secret=$(hex 32)
    mkdir -p "$work/garage"
    cat >"$work/garage/garage.toml" <<TOML
metadata_dir = "$work/garage/meta"
data_dir = "$work/garage/data"
db_engine = "sqlite"
replication_factor = 1
rpc_bind_addr = "127.0.0.1:$((port + 1))"
rpc_secret = "$(hex 32)"
[s3_api]
s3_region = "garage"
api_bind_addr = "127.0.0.1:$port"
TOML
    chmod 600 "$work/garage/garage.toml"
    GARAGE_DEFAULT_ACCESS_KEY=$key GARAGE_DEFAULT_SECRET_KEY=$secret GARAGE_DEFAULT_BUCKET=bench \
        "$garage" -c "$work/garage/garage.toml" server --single-node --default-bucket >"$work/garage/log" 2>&1 &
    garage_pid=$!
    for _ in $(seq 100); do
        (: >/dev/tcp/127.0.0.1/$port) 2>/dev/null && break
        sleep 0.1
    done
    sleep 1
    endpoint=http://127.0.0.1:$port
    export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_G_TYPE=s3 RCLONE_CONFIG_G_PROVIDER=Other \
        RCLONE_CONFIG_G_ENDPOINT=$endpoint RCLONE_CONFIG_G_REGION=garage \
        RCLONE_CONFIG_G_ACCESS_KEY_ID=$key RCLONE_CONFIG_G_SECRET_ACCESS_KEY=$secret \
        RCLONE_CONFIG_G_FORCE_PATH_STYLE=true RCLONE_CONFIG_C_TYPE=crypt \
        RCLONE_CONFIG_C_PASSWORD="$(rclone obscure bench-passphrase)"
    export AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret
    for n in $(seq "$RUNS"); do
        fresh_home
        "$darkslide" --home "$work/home" --quiet import "$work/card" --shoot Bench
        "$darkslide" --home "$work/home" --json vault create --endpoint "$endpoint" --region garage \
            --bucket bench --root "run$n/" >/dev/null
        uncache "$work/library"
        timed wall backup "$darkslide" --home "$work/home" --json backup
        export RCLONE_CONFIG_C_REMOTE=g:bench/rclone$n
        uncache "$work/library"
        timed wall rclone rclone copy "$work/library/Originals" c:
        rclone purge "g:bench/run$n" && rclone purge "g:bench/rclone$n"
    done
    ours=$(median <"$work/backup") theirs=$(median <"$work/rclone")
    report "backup / rclone copy through crypt" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" 1.00
    memory "backup" backup
fi

if wanted previews; then
    for _ in $(seq "$RUNS"); do
        # The whole import's CPU, copying and hashing included: an upper bound for its previews.
        fresh_home
        timed cpu previews "$darkslide" --home "$work/home" --json import "$work/pictures" --shoot Bench
        wall previews
        rm -rf "$work/thumbs" && mkdir "$work/thumbs"
        timed cpu vips.512 vipsthumbnail -s 512x512 -o "$work/thumbs/%s_512.jpg[Q=80]" "$work"/pictures/*.JPG
        wall vips.512
        timed cpu vips.2048 vipsthumbnail -s 2048x2048 -o "$work/thumbs/%s_2048.jpg[Q=85]" "$work"/pictures/*.JPG
        wall vips.2048
    done
    paste "$work/vips.512" "$work/vips.2048" | awk '{ print $1 + $2 }' >"$work/vips"
    paste "$work/vips.512.wall" "$work/vips.2048.wall" | awk '{ print $1 + $2 }' >"$work/vips.wall"
    per() { awk -v t="$1" -v n="$PICTURES" 'BEGIN { printf "%.3f", t / n }'; }
    ours=$(per "$(median <"$work/previews")") theirs=$(per "$(median <"$work/vips")")
    report "import with previews / vipsthumbnail (CPU)" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" 0.80
    ours=$(per "$(median <"$work/previews.wall")") theirs=$(per "$(median <"$work/vips.wall")")
    report "import with previews / vipsthumbnail (wall)" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" 1.00
fi

if wanted card; then
    # As a camera fills it: raw files of five makers with the pictures they hold, no two the same.
    fixtures=tests/fixtures
    kinds=($fixtures/card/{rp.cr3,d90.nef,5d3.cr2} $fixtures/camera/{a57.arw,lc33.rw2})
    for n in $(seq "$CARD"); do
        kind=${kinds[n % ${#kinds[@]}]}
        folder=$work/raws/DCIM/$((100 + n / 1000))BENCH
        [ -d "$folder" ] || mkdir -p "$folder"
        file=$folder/$(printf 'IMG_%04d.%s' "$n" "${kind##*.}")
        { cat "$kind"; echo "$n"; } >"$file"
    done
    for _ in $(seq "$RUNS"); do
        fresh_home
        uncache "$work/raws"
        timed wall raws.in "$darkslide" --home "$work/home" --json import "$work/raws" --shoot Bench
        made=$(find "$work/home" -name '*-view.jpg' | wc -l)
        [ "$made" -eq "$CARD" ] || { echo "card: $made previews of $CARD" >&2; failed=1; }
    done
    rate=$(awk -v n="$CARD" -v t="$(median <"$work/raws.in")" 'BEGIN { printf "%.0f", n / t }')
    report "$CARD raws imported, previews ready, a second" "$rate" 60 "$(ratio 60 "$rate")" 1.00
fi

if wanted worker; then
    more=$(cargo bench --quiet -p darkslide-core --bench worker -- "$darkslide" "$work"/pictures/*.JPG \
        "$PWD"/tests/fixtures/card/*.{jpg,cr2,cr3,nef} | tee /dev/stderr | sed -n 's/^more: \(.*\) ms$/\1/p')
    report "a file in a worker, more than in process (ms)" "$more" "3" "$more" 3.00
fi

if wanted raws; then
    bench=$(cargo bench -q -p darkslide-core --bench previews --no-run --message-format=json |
        grep -o '"executable":"[^"]*"' | tail -1 | cut -d'"' -f4)
    fixtures=tests/fixtures
    raws=()
    for _ in $(seq 20); do
        raws+=($fixtures/card/{5d3.cr2,d90.nef,rp.cr3} $fixtures/camera/{a57.arw,lc33.rw2,4900zoom.raf})
    done
    for _ in $(seq "$RUNS"); do
        rm -rf "$work/thumbs" && mkdir "$work/thumbs"
        timed cpu raws "$bench" --embedded "$work/thumbs" "${raws[@]}"
        timed cpu exiv2 exiv2 -f -ep -l "$work/thumbs" ex "${raws[@]}"
        timed cpu thumbs.cpu "$bench" --thumbs "$work/thumbs" "${raws[@]}"
    done
    ours=$(median <"$work/raws") theirs=$(median <"$work/exiv2")
    report "pictures in ${#raws[@]} raws copied out / exiv2 -ep (CPU)" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" 1.50
    # exiv2 makes no smaller picture of what it copies: this has no counterpart
    printf '%-44s %9s\n' "the same made into thumbnails of 512 px, ms each" \
        "$(awk -v t="$(median <"$work/thumbs.cpu")" -v n=${#raws[@]} 'BEGIN { printf "%.1f", 1000 * t / n }')"
fi

if wanted window; then
    cargo build --quiet --release --workspace
    rm -f test-output/{window-figures.json,import-figures.json,card-first-picture.txt}
    DARKSLIDE_PHOTOS=$PHOTOS DARKSLIDE_MINUTES=$MINUTES \
        cargo test --quiet --release --test main -- --test-threads=1 \
        looking_measures import_measures window_card >"$work/out" 2>&1 ||
        { cat "$work/out" >&2; failed=1; }
    python3 - test-output/window-figures.json >"$work/window" <<'FIGURES'
import json, sys
for name, told in json.load(open(sys.argv[1])).items():
    if isinstance(told, dict):
        print(name, told["figure"], told.get("limit", ""), sep="\t")
FIGURES
    while IFS=$'\t' read -r name figure limit; do
        if [ -n "$limit" ]; then
            report "$name" "$figure" "$limit" "$(ratio "$figure" "$limit")" 1.00
        else
            printf '%-44s %9s\n' "$name" "$figure"
        fi
    done <"$work/window"
    cat test-output/import-figures.json test-output/card-first-picture.txt
fi

printf '\n%s, %s cores, %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" "$(date -u +%F)"
exit $failed

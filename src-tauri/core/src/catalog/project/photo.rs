//! Photos: the wide row, its files, its keywords.
//!
//! An exposure without a usable file (its rows have not all come yet) is not in the tables.

use std::str::FromStr as _;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::civil::DateTime;
use rusqlite::{OptionalExtension as _, named_params, params};
use serde_json::Value;

use crate::media::{FileId, MediaKind, Role, SubjectId};

use super::super::error::Result;
use super::super::fold::fold;
use super::super::state::State;
use super::super::subjects::Writing;
use super::{Changed, subject, text, yes};

/// A `file/<id>` field of the expected form.
struct File<'s> {
    id: FileId,
    role: Role,
    name: Vec<u8>,
    bytes: i64,
    sha256: [u8; 32],
    mime: &'s str,
    path: Option<&'s str>,
    lead: bool,
    replaces: Option<FileId>,
    place: Option<String>,
}

pub(super) fn project(
    writing: &mut Writing<'_>,
    id: SubjectId,
    state: &State,
    changed: &Changed,
) -> Result<()> {
    let db = writing.tx;
    let known: Option<i64> = db
        .prepare_cached("SELECT n FROM photos WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let files = files(state);
    let Some(lead) = lead(&files) else {
        if let Some(n) = known {
            db.execute("DELETE FROM photos WHERE n = ?1", [n])?;
            writing.reindex.insert(n);
        }
        return Ok(());
    };
    let n = put_photo(writing, id, state, lead)?;
    let anew = known.is_none() || changed.all;
    if anew || changed.touches("file/") || changed.touches("at/") {
        put_files(writing, n, &files, lead.id)?;
    }
    if anew || changed.touches("kw/") {
        put_keywords(writing, n, state)?;
    }
    const WORDS: [&str; 7] = ["file/", "kw/", "iptc/", "title", "caption", "meta", "shoot"];
    if anew || WORDS.iter().any(|field| changed.touches(field)) {
        writing.reindex.insert(n);
    }
    Ok(())
}

/// Writes the wide row and returns its number.
fn put_photo(writing: &Writing<'_>, id: SubjectId, state: &State, lead: &File<'_>) -> Result<i64> {
    let taken = taken(state);
    let meta = Meta(state.get("meta").unwrap_or(&Value::Null));
    let month = taken.map_or(0, |at| i64::from(at.year()) * 12 + i64::from(at.month()) - 1);
    let label = text(state, "label").filter(|label| !label.is_empty());
    let (make, model, lens) = (meta.text("make"), meta.text("model"), meta.text("lens"));
    let (lat, lon) = meta.gps().unzip();
    let preview = preview(state);
    let rating =
        state.get("rating").and_then(Value::as_i64).filter(|stars| (0..=5).contains(stars));
    // When it came into the catalogue: its import field is set once, whichever computer looks.
    let imported = state.stamp("import").or(state.first_stamp()).map_or(0, |stamp| stamp.ms);
    let mut put = writing.tx.prepare_cached(
        "INSERT INTO photos (id, taken, month, name, trash, rating, label, label_folded, flag, kind,
             format, shoot, import, imported, lead, bytes, offset_min, make, model, camera, lens,
             lens_folded, iso, aperture, shutter, focal_length, width, height, orientation, lat, lon,
             preview, preview_width, preview_height, title, caption)
         VALUES (:id, :taken, :month, :name, :trash, :rating, :label, :label_folded, :flag, :kind,
             :format, :shoot, :import, :imported, :lead, :bytes, :offset_min, :make, :model, :camera,
             :lens, :lens_folded, :iso, :aperture, :shutter, :focal_length, :width, :height,
             :orientation, :lat, :lon, :preview, :preview_width, :preview_height, :title, :caption)
         ON CONFLICT (id) DO UPDATE SET
             taken = excluded.taken, month = excluded.month, name = excluded.name,
             trash = excluded.trash, rating = excluded.rating, label = excluded.label,
             label_folded = excluded.label_folded, flag = excluded.flag, kind = excluded.kind,
             format = excluded.format, shoot = excluded.shoot, import = excluded.import,
             imported = excluded.imported, lead = excluded.lead, bytes = excluded.bytes,
             offset_min = excluded.offset_min, make = excluded.make, model = excluded.model,
             camera = excluded.camera, lens = excluded.lens, lens_folded = excluded.lens_folded,
             iso = excluded.iso, aperture = excluded.aperture, shutter = excluded.shutter,
             focal_length = excluded.focal_length, width = excluded.width, height = excluded.height,
             orientation = excluded.orientation, lat = excluded.lat, lon = excluded.lon,
             preview = excluded.preview, preview_width = excluded.preview_width,
             preview_height = excluded.preview_height, title = excluded.title,
             caption = excluded.caption
         RETURNING n",
    )?;
    Ok(put.query_row(
        named_params! {
            ":id": id.0,
            ":taken": taken.map_or_else(String::new, |at| at.to_string()),
            ":month": month,
            ":name": String::from_utf8_lossy(&lead.name),
            ":trash": yes(state, "trash"),
            ":rating": rating.unwrap_or(0),
            ":label": label,
            ":label_folded": label.map(fold),
            ":flag": text(state, "flag").filter(|flag| matches!(*flag, "pick" | "reject")),
            ":kind": kind(state, lead),
            ":format": meta.text("format"),
            ":shoot": subject(state, "shoot"),
            ":import": subject(state, "import"),
            ":imported": i64::try_from(imported).unwrap_or(i64::MAX),
            ":lead": lead.id.0,
            ":bytes": lead.bytes,
            ":offset_min": state.get("offset").and_then(Value::as_i64).filter(|min| min.abs() < 24 * 60),
            ":make": make,
            ":model": model,
            ":camera": fold(&format!("{} {}", make.unwrap_or(""), model.unwrap_or(""))),
            ":lens": lens,
            ":lens_folded": fold(lens.unwrap_or("")),
            ":iso": meta.whole("iso"),
            ":aperture": meta.number("aperture"),
            ":shutter": meta.text("shutter"),
            ":focal_length": meta.number("focal_length"),
            ":width": meta.whole("width"),
            ":height": meta.whole("height"),
            ":orientation": meta.whole("orientation").filter(|turn| (1..=8).contains(turn)),
            ":lat": lat,
            ":lon": lon,
            ":preview": preview.0,
            ":preview_width": preview.1,
            ":preview_height": preview.2,
            ":title": text(state, "title"),
            ":caption": text(state, "caption"),
        },
        |row| row.get(0),
    )?)
}

fn put_files(writing: &Writing<'_>, n: i64, files: &[File<'_>], lead: FileId) -> Result<()> {
    writing.tx.prepare_cached("DELETE FROM files WHERE photo = ?1")?.execute([n])?;
    let mut insert = writing.tx.prepare_cached(
        "INSERT INTO files (photo, id, role, name, bytes, sha256, mime, path, lead, replaces, place)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    for file in files {
        insert.execute(params![
            n,
            file.id.0,
            file.role.to_string(),
            file.name,
            file.bytes,
            file.sha256,
            file.mime,
            file.path,
            file.id == lead,
            file.replaces.map(|id| id.0),
            file.place,
        ])?;
    }
    Ok(())
}

fn put_keywords(writing: &Writing<'_>, n: i64, state: &State) -> Result<()> {
    writing.tx.prepare_cached("DELETE FROM keywords WHERE photo = ?1")?.execute([n])?;
    let mut insert = writing.tx.prepare_cached(
        "INSERT OR IGNORE INTO keywords (photo, folded, word) VALUES (?1, ?2, ?3)",
    )?;
    for (word, set) in state.under("kw/") {
        let folded = fold(word);
        if set == &Value::Bool(true) && !folded.is_empty() {
            insert.execute(params![n, folded, word])?;
        }
    }
    Ok(())
}

fn files(state: &State) -> Vec<File<'_>> {
    state.under("file/").filter_map(|(id, value)| file(state, id, value)).collect()
}

fn file<'s>(state: &'s State, id: &str, value: &'s Value) -> Option<File<'s>> {
    let part = |name: &str| value.get(name).and_then(Value::as_str);
    let id: FileId = id.parse().ok()?;
    Some(File {
        id,
        role: value
            .get("role")
            .and_then(|r| serde_json::from_value(r.clone()).ok())
            .unwrap_or(Role::Other),
        name: BASE64URL_NOPAD.decode(part("name")?.as_bytes()).ok()?,
        bytes: value.get("length")?.as_i64().filter(|length| *length >= 0)?,
        sha256: hash(part("sha256")?)?,
        mime: part("type").unwrap_or("application/octet-stream"),
        path: part("path").filter(|path| stays_inside(path)),
        lead: value.get("lead").and_then(Value::as_bool) == Some(true),
        replaces: part("replaces").and_then(|id| id.parse().ok()),
        place: state.get(&format!("at/{id}")).filter(|at| at.is_array()).map(Value::to_string),
    })
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let bytes = match text.len() {
        64 => HEXLOWER.decode(text.as_bytes()),
        _ => BASE64URL_NOPAD.decode(text.as_bytes()),
    };
    bytes.ok()?.try_into().ok()
}

/// Whether a path that may come from the bucket is relative and never leaves the library.
fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', '\0', ':'])
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// The file the exposure is shown by: the one that says so, else the most picture-like.
fn lead<'f, 's>(files: &'f [File<'s>]) -> Option<&'f File<'s>> {
    let rank = |role: Role| match role {
        Role::Raw => 0,
        Role::Image => 1,
        Role::Video => 2,
        Role::Audio => 3,
        Role::Other => 4,
        Role::Sidecar | Role::Thumb | Role::View => 5,
    };
    files.iter().min_by_key(|file| (!file.lead, rank(file.role), file.id))
}

fn kind(state: &State, lead: &File<'_>) -> &'static str {
    let said = state.get("kind").and_then(|kind| serde_json::from_value(kind.clone()).ok());
    media_word(said.unwrap_or(match lead.role {
        Role::Raw => MediaKind::Raw,
        Role::Image | Role::Thumb | Role::View => MediaKind::Photo,
        Role::Video => MediaKind::Video,
        Role::Audio => MediaKind::Audio,
        Role::Sidecar => MediaKind::Sidecar,
        Role::Other => MediaKind::Other,
    }))
}

const fn media_word(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Photo => "photo",
        MediaKind::Raw => "raw",
        MediaKind::Video => "video",
        MediaKind::Audio => "audio",
        MediaKind::Sidecar => "sidecar",
        MediaKind::Other => "other",
    }
}

/// The local time, if it is one; years outside 1..9999 would not sort as text.
fn taken(state: &State) -> Option<DateTime> {
    let taken = DateTime::from_str(text(state, "taken")?).ok()?;
    (1..=9999).contains(&taken.year()).then_some(taken)
}

/// State, width and height; a photo whose previews came from the bucket is ready.
fn preview(state: &State) -> (Option<&'static str>, Option<i64>, Option<i64>) {
    let side = |of: &Value, name: &str| of.get(name).and_then(Value::as_i64).filter(|px| *px > 0);
    let said = state.get("preview").unwrap_or(&Value::Null);
    let word = match said.get("state").and_then(Value::as_str) {
        Some("ready") => "ready",
        Some("damaged") => "damaged",
        Some("none") => "none",
        _ => {
            let Some(view) = state.get("view").or(state.get("thumb")) else {
                return (None, None, None);
            };
            return (Some("ready"), side(view, "width"), side(view, "height"));
        }
    };
    (Some(word), side(said, "width"), side(said, "height"))
}

/// The `meta` field, read with suspicion.
struct Meta<'s>(&'s Value);

impl<'s> Meta<'s> {
    fn text(&self, name: &str) -> Option<&'s str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    fn whole(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64().filter(|number| (0..1 << 32).contains(number))
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64().filter(|number| number.is_finite() && *number >= 0.0)
    }

    fn gps(&self) -> Option<(f64, f64)> {
        let gps = self.0.get("gps")?;
        let (lat, lon) = (gps.get("lat")?.as_f64()?, gps.get("lon")?.as_f64()?);
        ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon)).then_some((lat, lon))
    }
}

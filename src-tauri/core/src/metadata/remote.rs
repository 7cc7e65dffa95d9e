//! Has a worker read what a file says, where workers were chosen.
//!
//! What comes back is data of this program's own types and nothing else; a worker that died of a file
//! or says what is none leaves a record with no more than the format its first bytes tell.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::HEAD;
use super::format::format_named;
use super::record::{Metadata, file_time, read_here};
use crate::sandbox::{self, Answer, Ask, Kind, Pool};

/// What is asked.
#[derive(Serialize, Deserialize)]
struct Question {
    name: String,
}

/// What is answered. The record's format goes by its name alone.
#[derive(Serialize, Deserialize)]
struct Said {
    format: String,
    record: Metadata,
}

/// Reads what the file at `path` says; `name_hint` is its original name, for the extension.
#[must_use]
pub fn read(path: &Path, name_hint: &str) -> Metadata {
    match sandbox::pool() {
        Some(pool) => read_by(pool, path, name_hint),
        None => read_here(path, name_hint),
    }
}

fn read_by(pool: &Pool, path: &Path, name: &str) -> Metadata {
    let Ok(file) = File::open(path) else { return Metadata::empty(name, &[]) };
    let said = ask(pool, &file, name).unwrap_or_else(|why| {
        tracing::warn!(path = %path.display(), why, "nothing it says about itself could be read");
        let mut head = [0; HEAD];
        let len = file.read_at(&mut head, 0).unwrap_or(0);
        Metadata::empty(name, &head[..len])
    });
    Metadata { file_time: file_time(path), ..said }
}

fn ask(pool: &Pool, file: &File, name: &str) -> Result<Metadata, String> {
    let question = Question { name: name.to_owned() };
    let head = serde_json::to_vec(&question).expect("a name is plain data");
    let ask = Ask { kind: Kind::Metadata, head: &head, body: &[], file: Some(file) };
    let answer = pool.ask(ask).map_err(|fault| fault.to_string())?;
    told(&answer.head).ok_or_else(|| "it is not understood".to_owned())
}

/// What an answer says, if it says anything.
fn told(head: &[u8]) -> Option<Metadata> {
    let Said { format, record } = serde_json::from_slice(head).ok()?;
    let format = format_named(&format);
    Some(Metadata { format: format.name, mime: format.mime, ..record })
}

/// In a worker: answers what the file that was handed in says.
pub(crate) fn answer(head: &[u8]) -> Answer {
    let name = serde_json::from_slice(head).map(|Question { name }| name).unwrap_or_default();
    let record = read_here(Path::new(""), &name);
    let said = Said { format: record.format.to_owned(), record };
    Answer { head: serde_json::to_vec(&said).unwrap_or_default(), body: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::format_of;
    use super::*;

    #[test]
    fn a_record_survives_the_way() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
        for name in ["card/squirrel.jpg", "card/rp.cr3", "card/clip.mp4", "card/squirrel.jpg.xmp"] {
            let record = Metadata { file_time: None, ..read_here(&dir.join(name), name) };
            let said = Said { format: record.format.to_owned(), record: record.clone() };
            assert_eq!(told(&serde_json::to_vec(&said).unwrap()), Some(record), "{name}");
        }
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for head in [&b""[..], b"{}", b"[]", b"\xff", b"{\"format\":\"JPEG\"}"] {
            assert_eq!(told(head), None);
        }
        assert_eq!(format_of("a.jpg", b"").name, format_named("JPEG").name);
    }
}

//! Full text: which words belong to a photo, and how words are looked for.
//!
//! The index holds the words of a photo's file names, keywords, title, caption (and creator, places
//! and what else is said of it), shoot and job, client, camera and lens. What a person types is always quoted, so nothing in it is FTS5 syntax.

use rusqlite::{Connection, params};

use super::error::Result;

/// Indexes a photo anew, or takes it out of the index where it is gone.
pub(super) fn index(db: &Connection, photo: i64) -> Result<()> {
    db.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([photo])?;
    db.prepare_cached(
        "INSERT INTO search (rowid, name, keywords, title, caption, shoot, client, camera, lens)
         SELECT p.n,
             (SELECT group_concat(CAST(f.name AS TEXT), ' ') FROM files f WHERE f.photo = p.n),
             (SELECT group_concat(k.word, ' ') FROM keywords k WHERE k.photo = p.n),
             p.title,
             (SELECT group_concat(word, ' ') FROM (
                 SELECT p.caption AS word
                 UNION ALL SELECT f.value ->> '$[0]' FROM subjects u, json_each(u.state) f
                 WHERE u.id = p.id AND u.kind = 'photo' AND f.key GLOB 'iptc/*')),
             (SELECT concat_ws(' ', s.name, u.state ->> '$.job[0]') FROM subjects u
              WHERE u.id = s.id AND u.kind = 'shoot'),
             c.name, p.camera, p.lens
         FROM photos p
         LEFT JOIN shoots s ON s.id = p.shoot
         LEFT JOIN clients c ON c.id = s.client
         WHERE p.n = ?1",
    )?
    .execute(params![photo])?;
    Ok(())
}

/// The FTS5 expression for words typed by a person: together in this order, the last may go on.
pub(super) fn expression(words: &str) -> String {
    let plain: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("\"{}\" *", plain.replace('"', "\"\""))
}

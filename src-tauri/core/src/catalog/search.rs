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
             (SELECT group_concat(words(f.name), ' ') FROM files f WHERE f.photo = p.n),
             (SELECT group_concat(words(k.word), ' ') FROM keywords k WHERE k.photo = p.n),
             words(p.title),
             (SELECT group_concat(words(word), ' ') FROM (
                 SELECT p.caption AS word
                 UNION ALL SELECT f.value ->> '$[0]' FROM subjects u, json_each(u.state) f
                 WHERE u.id = p.id AND u.kind = 'photo' AND f.key GLOB 'iptc/*')),
             (SELECT words(concat_ws(' ', s.name, u.state ->> '$.job[0]')) FROM subjects u
              WHERE u.id = s.id AND u.kind = 'shoot'),
             words(c.name), words(p.camera), words(p.lens)
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
    format!("\"{}\" *", seen(words).replace('"', "\"\""))
}

/// Text without what turns, joins or hides characters; control characters part words.
pub(super) fn seen(text: &str) -> String {
    let unseen = |c: &char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}')
    };
    let parted = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().filter(|c| !unseen(c)).map(parted).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{catalog, exposure, photo_id};
    use super::super::{Edit, Query};

    #[test]
    fn characters_that_are_not_seen_do_not_hide_a_word() {
        let catalog = catalog();
        let mut one = exposure(1);
        one.files[0].name = "\u{2066}bridal\u{2069}\u{1b}[31mdance\u{ff}.jpg".into();
        one.files[0].name.push(0xff);
        let edit = Edit { title: Some(Some("First\u{202e} kiss".into())), ..Edit::default() };
        catalog.record_import(&[one], &[]).unwrap();
        catalog.edit(&Query::all(), &edit).unwrap();
        for words in ["bridal", "First kiss", "\u{200b}bridal\u{feff}", "31mdance"] {
            let query = Query::parse(&format!("\"{words}\"")).unwrap();
            assert_eq!(catalog.find(&query).unwrap(), [photo_id(1)], "{words:?}");
        }
    }
}

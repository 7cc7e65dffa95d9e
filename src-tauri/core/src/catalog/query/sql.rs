//! Turns conditions into a WHERE clause over `photos p`. Every value is a bound parameter.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::super::error::Result;
use super::super::search;
use super::{Name, NameField, NumberField, PartField, Query, QueryError, Range, Status, Term};

/// A WHERE clause over `photos p` and its parameters, in order.
#[derive(Debug, Default)]
pub(in super::super) struct Where {
    pub sql: String,
    pub params: Vec<Value>,
}

impl Query {
    /// The clause for this query, after a look at what only the database knows.
    ///
    /// # Errors
    /// A prefix of an id fits several photos.
    pub(in super::super) fn clause(&self, db: &Connection) -> Result<Where> {
        let mut clause = Where::default();
        let mut trash = false;
        for condition in &self.conditions {
            if let Term::Id { first, last, prefix: Some(prefix) } = &condition.term {
                only_one(db, first, last, prefix)?;
            }
            let named = matches!(
                condition.term,
                Term::Status(Status::Trash) | Term::Id { .. } | Term::Ids(_)
            );
            trash |= named && !condition.negated;
        }
        clause.sql.push_str(if trash { "TRUE" } else { "p.trash = 0" });
        for condition in &self.conditions {
            clause.sql.push_str(" AND (");
            clause.term(&condition.term);
            // A photo without an ISO value is not "iso>=1600", so it is "-iso>=1600".
            clause.sql.push_str(if condition.negated { ") IS NOT TRUE" } else { ")" });
        }
        Ok(clause)
    }
}

fn only_one(db: &Connection, first: &[u8; 16], last: &[u8; 16], prefix: &str) -> Result<()> {
    let fits: u32 = db.query_row(
        "SELECT count(*) FROM (SELECT 1 FROM photos WHERE id BETWEEN ?1 AND ?2 LIMIT 2)",
        params![first, last],
        |row| row.get(0),
    )?;
    if fits < 2 {
        return Ok(());
    }
    Err(QueryError(format!("`id:{prefix}` fits several photos: write more of the id")).into())
}

impl Where {
    fn put(&mut self, sql: &str, params: impl IntoIterator<Item = Value>) {
        self.sql.push_str(sql);
        self.params.extend(params);
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Text(words) => self.put(
                "p.n IN (SELECT rowid FROM search WHERE search MATCH ?)",
                [search::expression(words).into()],
            ),
            Term::Number { field, range } => self.number(*field, *range),
            Term::Name { field, name } => self.name(*field, name),
            Term::Part { field, part } => {
                let column = match field {
                    PartField::Camera => "instr(p.camera, ?) > 0",
                    PartField::Lens => "instr(p.lens_folded, ?) > 0",
                };
                self.put(column, [part.clone().into()]);
            }
            Term::Taken { from, before } => {
                self.put("p.taken <> ''", []);
                if let Some(from) = from {
                    self.put(" AND p.taken >= ?", [from.clone().into()]);
                }
                if let Some(before) = before {
                    self.put(" AND p.taken < ?", [before.clone().into()]);
                }
            }
            Term::Undated => self.put("p.taken = ''", []),
            Term::Kind(kind) => self.put("p.kind = ?", [(*kind).to_owned().into()]),
            Term::Format(format) => self.put("p.format = ?", [format.clone().into()]),
            Term::Flag(Some(flag)) => self.put("p.flag = ?", [(*flag).to_owned().into()]),
            Term::Flag(None) => self.put("p.flag IS NULL", []),
            Term::Status(status) => self.put(status_sql(*status), []),
            Term::Id { first, last, .. } => {
                self.put("p.id BETWEEN ? AND ?", [first.to_vec().into(), last.to_vec().into()]);
            }
            Term::Ids(ids) => {
                let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let json = serde_json::Value::from(list).to_string();
                self.put("p.id IN (SELECT unhex(value) FROM json_each(?))", [json.into()]);
            }
            Term::Import(id) => self.put("p.import = ?", [id.to_vec().into()]),
        }
    }

    fn number(&mut self, field: NumberField, Range { least, most }: Range) {
        let column = match field {
            NumberField::Rating => "p.rating",
            NumberField::Iso => "p.iso",
            NumberField::Aperture => "p.aperture",
            NumberField::Focal => "p.focal_length",
            NumberField::Width => "p.width",
            NumberField::Height => "p.height",
            NumberField::Size => "p.bytes",
        };
        // The constant lets SQLite use the index of photos that have stars.
        if field == NumberField::Rating && least > 0.0 {
            self.put("p.rating > 0 AND ", []);
        }
        self.put(column, []);
        self.put(" BETWEEN ? AND ?", [least.into(), most.into()]);
    }

    fn name(&mut self, field: NameField, name: &Name) {
        let (compare, value) = match name {
            Name::None => return self.put(none_sql(field), []),
            Name::Exactly(folded) => ("folded = ?", Value::from(folded.clone())),
            Name::Like(pattern) => ("folded GLOB ?", Value::from(pattern.clone())),
            Name::Id(id) => ("id = ?", Value::from(id.to_vec())),
        };
        let (before, after) = match field {
            NameField::Shoot => ("p.shoot IN (SELECT id FROM shoots WHERE ", ")"),
            NameField::Client => (
                "p.shoot IN (SELECT s.id FROM shoots s WHERE s.client IN (SELECT id FROM clients WHERE ",
                "))",
            ),
            NameField::Album => (
                "p.id IN (SELECT i.photo FROM album_items i WHERE i.album IN (SELECT id FROM albums WHERE trash = 0 AND ",
                "))",
            ),
            NameField::Job => (
                "p.shoot IN (SELECT id FROM (SELECT s.id AS id, fold(u.state ->> '$.job[0]') AS folded
                    FROM shoots s JOIN subjects u ON u.id = s.id AND u.kind = 'shoot') WHERE ",
                ")",
            ),
            NameField::Keyword => ("p.n IN (SELECT k.photo FROM keywords k WHERE k.", ")"),
            NameField::Label => ("p.label_", ""),
        };
        self.put(before, []);
        self.put(compare, [value]);
        self.put(after, []);
    }
}

const fn status_sql(status: Status) -> &'static str {
    match status {
        Status::Missing => "p.missing = 1",
        Status::Local => "p.missing = 0",
        Status::NotBackedUp => "p.not_in_cloud = 1",
        Status::BackedUp => "p.not_in_cloud = 0",
        Status::Mirrored => {
            "NOT EXISTS (SELECT 1 FROM files f WHERE f.photo = p.n
                AND NOT EXISTS (SELECT 1 FROM mirror_copies m WHERE m.file = f.id))"
        }
        Status::Damaged => "p.preview = 'damaged'",
        Status::Trash => "p.trash = 1",
        Status::Gps => "p.lat IS NOT NULL",
    }
}

const fn none_sql(field: NameField) -> &'static str {
    match field {
        NameField::Shoot => "p.shoot IS NULL",
        NameField::Client => {
            "p.shoot IS NULL OR p.shoot NOT IN (SELECT id FROM shoots WHERE client IS NOT NULL)"
        }
        NameField::Album => {
            "p.id NOT IN (SELECT photo FROM album_items WHERE album IN (SELECT id FROM albums WHERE trash = 0))"
        }
        NameField::Job => {
            "p.shoot IS NULL OR p.shoot NOT IN (SELECT u.id FROM shoots s JOIN subjects u
                ON u.id = s.id AND u.kind = 'shoot' WHERE u.state ->> '$.job[0]' IS NOT NULL)"
        }
        NameField::Keyword => "p.n NOT IN (SELECT photo FROM keywords)",
        NameField::Label => "p.label_folded IS NULL",
    }
}

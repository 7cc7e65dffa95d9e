//! Shoots: the photos taken for one occasion.

use rusqlite::{OptionalExtension as _, Row};
use serde::Serialize;

use crate::media::{ClientId, ShootId, SubjectKind};

use super::database::{Catalog, random};
use super::error::{CatalogError, Result};
use super::fold::{fold, tidy};
use super::photos::count;
use super::row::Change;
use super::subjects::Writing;

/// One shoot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShootRow {
    pub id: ShootId,
    pub name: String,
    pub client: Option<ClientId>,
    pub client_name: Option<String>,
    /// The job's code.
    pub job: Option<String>,
    pub trash: bool,
    /// Photos outside the trash.
    pub photos: u64,
    /// Local time of the first and the last photo.
    pub first: Option<String>,
    pub last: Option<String>,
}

const SELECT: &str = "SELECT s.id, s.name, s.client, c.name, s.trash,
        (SELECT count(*) FROM photos p WHERE p.shoot = s.id AND p.trash = 0),
        (SELECT min(p.taken) FROM photos p WHERE p.shoot = s.id AND p.trash = 0 AND p.taken > ''),
        (SELECT max(p.taken) FROM photos p WHERE p.shoot = s.id AND p.trash = 0 AND p.taken > '') AS last,
        (SELECT u.state ->> '$.job[0]' FROM subjects u WHERE u.id = s.id AND u.kind = 'shoot')
    FROM shoots s LEFT JOIN clients c ON c.id = s.client";

fn shoot_row(row: &Row<'_>) -> rusqlite::Result<ShootRow> {
    Ok(ShootRow {
        id: ShootId(row.get(0)?),
        name: row.get(1)?,
        client: row.get::<_, Option<_>>(2)?.map(ClientId),
        client_name: row.get(3)?,
        trash: row.get(4)?,
        photos: count(row, 5)?,
        first: row.get(6)?,
        last: row.get(7)?,
        job: row.get(8)?,
    })
}

/// A name fit to be kept.
pub(super) fn usable(what: &'static str, name: &str) -> Result<String> {
    let name = tidy(name);
    if name.is_empty() {
        return Err(CatalogError::BadValue { what, why: "a name is needed".into() });
    }
    if name.len() > 500 {
        return Err(CatalogError::BadValue { what, why: "the name is too long".into() });
    }
    Ok(name)
}

/// What tells shoots of one name apart.
struct Wanted {
    client: Option<ClientId>,
    job: Option<String>,
}

/// The shoot to use, and what it lacks: one of this client and job, else one that has none yet.
/// Smallest id first, so that every computer takes the same one of two.
fn existing(
    writing: &Writing<'_>,
    folded: &str,
    wanted: &Wanted,
) -> Result<Option<(ShootId, bool, bool)>> {
    let mut statement = writing.tx.prepare_cached(
        "SELECT s.id, s.client, u.state ->> '$.job[0]' FROM shoots s
         LEFT JOIN subjects u ON u.id = s.id AND u.kind = 'shoot'
         WHERE s.folded = ?1 AND s.trash = 0 ORDER BY s.id",
    )?;
    let mut rows = statement.query([folded])?;
    let mut best: Option<(ShootId, bool, bool)> = None;
    while let Some(row) = rows.next()? {
        let client = row.get::<_, Option<_>>(1)?.map(ClientId);
        let job: Option<String> = row.get(2)?;
        let other_client = client.is_some() && wanted.client.is_some_and(|w| Some(w) != client);
        let other_job = match (&job, &wanted.job) {
            (Some(job), Some(wanted)) => fold(job) != fold(wanted),
            _ => false,
        };
        if other_client || other_job {
            continue;
        }
        let lacks_client = wanted.client.is_some() && client.is_none();
        let lacks_job = wanted.job.is_some() && job.is_none();
        let found = (ShootId(row.get(0)?), lacks_client, lacks_job);
        if best.is_none_or(|best| (lacks_client, lacks_job) < (best.1, best.2)) {
            best = Some(found);
        }
    }
    Ok(best)
}

impl Catalog {
    /// Finds the shoot of this name (and client, where one is given), or makes it.
    ///
    /// A shoot of that name without a client is given this one.
    ///
    /// # Errors
    /// The name is empty, or the database could not be written.
    pub fn shoot_named(&self, name: &str, client: Option<ClientId>) -> Result<ShootId> {
        self.shoot_for(name, client, None)
    }

    /// As [`Catalog::shoot_named`], for the job of this code: the same occasion under another code
    /// is another shoot.
    ///
    /// # Errors
    /// A name is empty, or the database could not be written.
    pub fn shoot_for(
        &self,
        name: &str,
        client: Option<ClientId>,
        job: Option<&str>,
    ) -> Result<ShootId> {
        let name = usable("shoot", name)?;
        let job = job.map(|job| usable("job", job)).transpose()?;
        let wanted = Wanted { client, job };
        self.transact(|writing| {
            let found = existing(writing, &fold(&name), &wanted)?;
            let (id, client, job) = found.unwrap_or((ShootId(random()), true, true));
            let mut change = Change::new(SubjectKind::Shoot, id);
            if found.is_none() {
                change = change.set("name", name.as_str());
            }
            if let Some(new) = wanted.client.filter(|_| client) {
                change = change.set("client", new.to_string());
            }
            if let Some(new) = wanted.job.filter(|_| job) {
                change = change.set("job", new);
            }
            writing.change(&change)?;
            Ok(id)
        })
    }

    /// One shoot, in the trash or not.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn shoot(&self, id: ShootId) -> Result<Option<ShootRow>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(&format!("{SELECT} WHERE s.id = ?1"))?;
            Ok(statement.query_row([id.0], shoot_row).optional()?)
        })
    }

    /// All shoots outside the trash, the one with the newest photos first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn shoots(&self) -> Result<Vec<ShootRow>> {
        self.read(|db| {
            let sql = format!("{SELECT} WHERE s.trash = 0 ORDER BY last DESC, s.folded, s.id");
            let mut statement = db.prepare_cached(&sql)?;
            Ok(statement.query_map([], shoot_row)?.collect::<Result<_, _>>()?)
        })
    }

    /// Gives a shoot another name.
    ///
    /// # Errors
    /// There is no such shoot, the name is empty, or the database could not be written.
    pub fn rename_shoot(&self, id: ShootId, name: &str) -> Result<()> {
        let name = usable("shoot", name)?;
        self.transact(|writing| {
            if writing.load("shoot", id.into())?.is_none() {
                return Err(CatalogError::NotFound { what: "shoot", name: id.to_string() });
            }
            writing.change(&Change::new(SubjectKind::Shoot, id).set("name", name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{catalog, exposure, found, in_shoot};
    use super::*;

    #[test]
    fn a_name_finds_its_shoot_in_any_case_or_makes_it() {
        let catalog = catalog();
        let wedding = catalog.shoot_named("Smith wedding", None).unwrap();
        assert_eq!(catalog.shoot_named(" smith  WEDDING", None).unwrap(), wedding);
        assert_ne!(catalog.shoot_named("Smith portraits", None).unwrap(), wedding);
        assert_eq!(catalog.shoots().unwrap().len(), 2);
        assert!(matches!(catalog.shoot_named(" ", None), Err(CatalogError::BadValue { .. })));
    }

    #[test]
    fn the_same_occasion_of_two_clients_is_two_shoots() {
        let catalog = catalog();
        let (smith, jones) =
            (catalog.client_named("Smith").unwrap(), catalog.client_named("Jones").unwrap());
        let plain = catalog.shoot_named("Wedding", None).unwrap();
        let smiths = catalog.shoot_named("Wedding", Some(smith)).unwrap();
        assert_eq!(smiths, plain, "a shoot without a client is given this one");
        assert_eq!(catalog.shoot(plain).unwrap().unwrap().client_name.as_deref(), Some("Smith"));
        let joneses = catalog.shoot_named("Wedding", Some(jones)).unwrap();
        assert_ne!(joneses, smiths);
        assert_eq!(catalog.shoot_named("Wedding", Some(jones)).unwrap(), joneses);
    }

    #[test]
    fn a_job_code_is_found_by_and_tells_shoots_apart() {
        let catalog = catalog();
        let spring = catalog.shoot_for("Portraits", None, Some("P-26-1")).unwrap();
        assert_eq!(catalog.shoot_for("portraits", None, Some("p-26-1")).unwrap(), spring);
        assert_eq!(catalog.shoot_named("Portraits", None).unwrap(), spring);
        let autumn = catalog.shoot_for("Portraits", None, Some("P-26-2")).unwrap();
        assert_ne!(autumn, spring);
        assert_eq!(catalog.shoot(autumn).unwrap().unwrap().job.as_deref(), Some("P-26-2"));
        let plain = catalog.shoot_named("Wedding", None).unwrap();
        assert_eq!(catalog.shoot_for("Wedding", None, Some("W-1")).unwrap(), plain, "it gets one");

        let shots = [in_shoot(exposure(1), spring), in_shoot(exposure(2), autumn), exposure(3)];
        catalog.record_import(&shots, &[]).unwrap();
        assert_eq!(found(&catalog, "job:p-26-2"), [2]);
        assert_eq!(found(&catalog, "job:P-26-*"), [1, 2]);
        assert_eq!(found(&catalog, "job:none"), [3]);
        assert_eq!(found(&catalog, "-job:P-26-1"), [2, 3]);
        assert_eq!(found(&catalog, "\"P-26-1\""), [1], "its words are searched as well");
    }

    #[test]
    fn a_shoot_knows_its_photos_and_its_days() {
        let catalog = catalog();
        let wedding = catalog.shoot_named("Wedding", None).unwrap();
        let later = catalog.shoot_named("Later", None).unwrap();
        let mut undated = in_shoot(exposure(9), wedding);
        undated.taken = None;
        let shots = [
            in_shoot(exposure(2), wedding),
            in_shoot(exposure(1), wedding),
            undated,
            in_shoot(exposure(5), later),
        ];
        catalog.record_import(&shots, &[]).unwrap();
        let shoots = catalog.shoots().unwrap();
        assert_eq!(shoots.iter().map(|shoot| shoot.id).collect::<Vec<_>>(), [later, wedding]);
        assert_eq!(shoots[1].photos, 3);
        assert_eq!(shoots[1].first.as_deref(), Some("2025-06-01T10:00:00.5"));
        assert_eq!(shoots[1].last.as_deref(), Some("2025-06-02T10:00:00.5"));
    }

    #[test]
    fn an_unknown_shoot_cannot_be_renamed() {
        let refused = catalog().rename_shoot(ShootId([1; 16]), "x").unwrap_err();
        assert!(matches!(refused, CatalogError::NotFound { what: "shoot", .. }));
    }
}

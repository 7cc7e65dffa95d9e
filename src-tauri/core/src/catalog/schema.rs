//! Migrations: numbered SQL, appended to, never edited once released.
//!
//! All that are missing run in one transaction with the new version number, so a killed program
//! leaves the old catalogue or the new one. A catalogue from a newer program is not touched.

use rusqlite::{Connection, TransactionBehavior};

use super::error::{CatalogError, Result};

/// `DSLD`: says that an SQLite file is a Darkslide catalogue.
const APPLICATION_ID: i64 = 0x4453_4c44;

/// Number n stands at place n - 1.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_backup.sql"),
    include_str!("migrations/0003_roots.sql"),
    include_str!("migrations/0004_last_change.sql"),
];

/// What this program knows.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the database up to date.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (tables > 0 || found != 0) {
        return Err(CatalogError::Damaged {
            detail: "it is the database of another program".into(),
        });
    }
    if found > VERSION {
        return Err(CatalogError::Newer { found, known: VERSION });
    }
    let Some(missing) = usize::try_from(found).ok().and_then(|done| MIGRATIONS.get(done..)) else {
        return Err(CatalogError::Damaged { detail: format!("it says its version is {found}") });
    };
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for sql in missing {
        transaction.execute_batch(sql)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_run_once_and_set_the_version() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).expect("an up-to-date catalogue is left alone");
        let version: i64 =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, VERSION);
    }

    #[test]
    fn a_newer_catalogue_is_refused_and_left_as_it_is() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", VERSION + 3).unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(
            matches!(refused, CatalogError::Newer { found, known } if found == VERSION + 3 && known == VERSION)
        );
        assert!(refused.to_string().contains("install the newer version"), "it says what to do");
        let version: i64 =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, VERSION + 3, "nothing may be written into a newer catalogue");
    }

    #[test]
    fn the_database_of_another_program_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
        assert!(matches!(migrate(&mut connection), Err(CatalogError::Damaged { .. })));
    }

    #[test]
    fn a_failing_migration_leaves_the_old_version() {
        let mut connection = Connection::open_in_memory().unwrap();
        // A table in the way makes the first statement that creates it fail.
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.execute_batch("CREATE TABLE files (x)").unwrap();
        assert!(migrate(&mut connection).is_err());
        let left: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(left, 1, "half a migration must not stay");
    }
}

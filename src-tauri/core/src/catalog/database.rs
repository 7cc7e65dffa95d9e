//! Opens the database and hands out its connections.
//!
//! One connection writes, behind a mutex; readers each take their own from a small pool, so a long
//! list does not hold up an import. What must not be lost is written with `synchronous = FULL`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rand::Rng as _;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::{At as _, PathError};
use crate::media::DeviceId;

use super::error::{CatalogError, Result};
use super::fold::fold;
use super::lock::Lock;
use super::numbers::Promised;
use super::photos::count;
use super::schema;
use super::search;
use super::stamp::Hlc;
use super::subjects::Writing;

/// The time, as `vault::Settings` brings it in.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Idle reading connections kept for the next reader.
const IDLE_READERS: usize = 4;

/// KiB of pages each connection keeps. A reader keeps few: the system has the file in its own
/// cache, once for all of them, and a scan of a large table is longer than any of these anyway.
const WRITER_CACHE: i64 = 32 << 10;
const READER_CACHE: i64 = 8 << 10;

/// An open catalogue. Dropping it closes the database and frees the lock.
pub struct Catalog {
    // Fields are dropped in this order: readers first, so that closing the writer, the last
    // connection, folds the write-ahead log back into the file; the lock last.
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
    /// `None` in memory, where the writer reads too.
    path: Option<PathBuf>,
    device: Mutex<DeviceId>,
    now: Clock,
    promised: Promised,
    _lock: Option<Lock>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Catalog {
    /// Makes the catalogue of a new home, or opens the one that is there.
    ///
    /// `device` names the device of a new catalogue; without it one is minted.
    ///
    /// # Errors
    /// As [`Catalog::open`], but for a missing catalogue.
    pub fn create(home: &Path, device: Option<DeviceId>, now: Clock) -> Result<Self> {
        std::fs::create_dir_all(home).at(home)?;
        let lock = Lock::take(home)?;
        Self::start(home.join("catalog.db"), device, now, lock)
    }

    /// Opens the catalogue of `home` and takes its lock.
    ///
    /// # Errors
    /// There is none, another program has it open, it is damaged, or a newer program wrote it.
    pub fn open(home: &Path, now: Clock) -> Result<Self> {
        let path = home.join("catalog.db");
        match std::fs::metadata(&path) {
            Ok(found) if found.len() == 0 => {
                return Err(CatalogError::Damaged { detail: "the file is empty".into() });
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(CatalogError::Missing { home: home.to_owned() });
            }
            Err(source) => return Err(PathError { path, source }.into()),
        }
        let lock = Lock::take(home)?;
        Self::start(path, None, now, lock)
    }

    fn start(path: PathBuf, device: Option<DeviceId>, now: Clock, lock: Lock) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut writer = Connection::open_with_flags(&path, flags)?;
        configure(&writer)?;
        let mode: String = writer.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(CatalogError::BadValue {
                what: "the folder of the catalogue",
                why: "its file system cannot keep a write-ahead log; choose a local disk".into(),
            });
        }
        writer.pragma_update(None, "synchronous", "FULL")?;
        // Copied back every 16 MB: an import touches pages all over the indexes of random ids.
        writer.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        let device = prepare(&mut writer, device)?;
        Ok(Self {
            readers: Mutex::default(),
            writer: Mutex::new(writer),
            path: Some(path),
            device: Mutex::new(device),
            now,
            promised: Promised::default(),
            _lock: Some(lock),
        })
    }

    /// A catalogue that is gone when it is dropped.
    ///
    /// # Errors
    /// SQLite has no memory left.
    pub fn in_memory(device: DeviceId, now: Clock) -> Result<Self> {
        let mut writer = Connection::open_in_memory()?;
        configure(&writer)?;
        let device = prepare(&mut writer, Some(device))?;
        Ok(Self {
            readers: Mutex::default(),
            writer: Mutex::new(writer),
            path: None,
            device: Mutex::new(device),
            now,
            promised: Promised::default(),
            _lock: None,
        })
    }

    /// The id under which this catalogue's edits are known.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        *held(&self.device)
    }

    /// Takes a new device id: this catalogue was copied, restored or moved, or another computer
    /// wrote under the old one.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn renew_device(&self) -> Result<DeviceId> {
        let device = mint_device();
        self.transact(|writing| {
            writing.device = device;
            writing.tx.execute("UPDATE clock SET device = ?1", [device.0])?;
            Ok(())
        })?;
        *held(&self.device) = device;
        Ok(device)
    }

    /// Runs SQLite's own check over the whole file.
    ///
    /// # Errors
    /// The database is damaged; the first findings are in the error.
    pub fn check(&self) -> Result<()> {
        self.read(|db| {
            let mut statement = db.prepare("PRAGMA quick_check(10)")?;
            let found = statement
                .query_map([], |row| row.get::<_, String>(0))?
                .collect::<Result<Vec<_>, _>>()?;
            if found == ["ok"] {
                return Ok(());
            }
            Err(CatalogError::Damaged { detail: found.join("; ") })
        })
    }

    /// Numbers given to plans that are still under way.
    pub(super) fn promised(&self) -> &Promised {
        &self.promised
    }

    /// The time now, in Unix milliseconds.
    pub(super) fn now_ms(&self) -> u64 {
        u64::try_from((self.now)().as_millisecond()).unwrap_or(0)
    }

    /// Reads in one transaction, so that several statements see the same state.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let Some(path) = &self.path else {
            return read(&held(&self.writer));
        };
        let idle = held(&self.readers).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => open_reader(path)?,
        };
        let transaction = reader.unchecked_transaction()?;
        let result = read(&transaction);
        transaction.finish()?;
        let mut readers = held(&self.readers);
        if readers.len() < IDLE_READERS {
            readers.push(reader);
        }
        result
    }

    /// Writes in one transaction: all of it, or nothing where `write` fails.
    pub(super) fn transact<T>(
        &self,
        write: impl FnOnce(&mut Writing<'_>) -> Result<T>,
    ) -> Result<T> {
        let now_ms = self.now_ms();
        let mut writer = held(&self.writer);
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writing = begin(&tx, now_ms)?;
        let result = write(&mut writing)?;
        writing.finish()?;
        tx.commit()?;
        Ok(result)
    }
}

/// A panic inside a transaction rolls it back, so a poisoned connection is as good as new.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn begin<'t>(tx: &'t Transaction<'t>, now_ms: u64) -> Result<Writing<'t>> {
    let (device, hlc, revision) = tx
        .prepare_cached("SELECT device, ms, counter, revision FROM clock")?
        .query_row([], |row| {
            let hlc = Hlc { ms: count(row, 1)?, counter: row.get(2)? };
            Ok((DeviceId(row.get(0)?), hlc, count(row, 3)?))
        })?;
    Ok(Writing::new(tx, device, hlc, revision, now_ms))
}

fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags)?;
    configure(&reader)?;
    reader.pragma_update(None, "cache_size", -READER_CACHE)?;
    Ok(reader)
}

/// What every connection wants: nothing in the file is trusted to run code, waits are bounded.
fn configure(connection: &Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "recursive_triggers", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("fold", 1, flags, |call| {
        Ok(call.get::<Option<String>>(0)?.map(|text| fold(&text)))
    })?;
    // a name's bytes need not be text
    connection.create_scalar_function("words", 1, flags, |call| {
        Ok(match call.get_raw(0) {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                Some(search::seen(&String::from_utf8_lossy(bytes)))
            }
            _ => None,
        })
    })?;
    Ok(())
}

fn prepare(writer: &mut Connection, device: Option<DeviceId>) -> Result<DeviceId> {
    schema::migrate(writer)?;
    let device = device.unwrap_or_else(mint_device);
    writer.execute(
        "INSERT OR IGNORE INTO clock (one, device, ms, counter, revision) VALUES (1, ?1, 0, 0, 0)",
        [device.0],
    )?;
    Ok(DeviceId(writer.query_row("SELECT device FROM clock", [], |row| row.get(0))?))
}

fn mint_device() -> DeviceId {
    DeviceId(random())
}

/// Random bytes for a new id.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::{Seek as _, SeekFrom, Write as _};

    use super::super::fixture::{clock, exposure, photo_id};
    use super::super::{Edit, Query};
    use super::*;

    fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(bytes).unwrap();
    }

    #[test]
    fn a_home_without_a_catalogue_is_said_to_have_none() {
        let home = tempfile::tempdir().unwrap();
        let missing = Catalog::open(home.path(), clock()).unwrap_err();
        assert!(matches!(missing, CatalogError::Missing { .. }), "{missing:?}");
        assert!(missing.to_string().contains("darkslide init"), "it says what to do");
        assert!(!home.path().join("catalog.db").exists(), "looking must not make one");
    }

    #[test]
    fn what_was_written_is_there_again_and_the_clock_goes_on() {
        let home = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(home.path(), None, clock()).unwrap();
        let device = catalog.device();
        catalog.record_import(&[exposure(1)], &[]).unwrap();
        drop(catalog);
        assert!(!home.path().join("catalog.db-wal").exists(), "closing folds the log back");

        let set_back: Clock = Arc::new(|| Timestamp::from_second(1_000).unwrap());
        let catalog = Catalog::open(home.path(), set_back).unwrap();
        assert_eq!(catalog.device(), device, "a device id is minted once");
        let stars = Edit { rating: Some(4), ..Edit::default() };
        catalog.edit(&Query::all(), &stars).unwrap();
        let row =
            catalog.row(crate::media::SubjectKind::Photo, photo_id(1).into()).unwrap().unwrap();
        let last = row.set.last().unwrap();
        assert!(last.fields.contains_key("rating"), "an edit is newer than the import it edits");
        assert!(row.set[0].stamp < last.stamp);
    }

    #[test]
    fn create_opens_a_catalogue_that_is_there() {
        let home = tempfile::tempdir().unwrap();
        let first = Catalog::create(home.path(), Some(DeviceId([5; 8])), clock()).unwrap();
        first.record_import(&[exposure(1)], &[]).unwrap();
        drop(first);
        let again = Catalog::create(home.path(), Some(DeviceId([6; 8])), clock()).unwrap();
        assert_eq!(again.device(), DeviceId([5; 8]));
        assert_eq!(again.find(&Query::all()).unwrap(), [photo_id(1)]);
    }

    #[test]
    fn a_second_program_is_refused_while_the_first_has_it_open() {
        let home = tempfile::tempdir().unwrap();
        let first = Catalog::create(home.path(), None, clock()).unwrap();
        assert!(matches!(Catalog::open(home.path(), clock()), Err(CatalogError::Locked { .. })));
        drop(first);
        Catalog::open(home.path(), clock()).expect("the lock ends with its holder");
    }

    #[test]
    fn a_file_that_is_no_database_is_damaged_not_replaced() {
        let home = tempfile::tempdir().unwrap();
        drop(Catalog::create(home.path(), None, clock()).unwrap());
        let path = home.path().join("catalog.db");
        overwrite(&path, 0, b"this is not a database at all");
        for opened in
            [Catalog::open(home.path(), clock()), Catalog::create(home.path(), None, clock())]
        {
            assert!(matches!(opened, Err(CatalogError::Damaged { .. })), "{opened:?}");
        }
        OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
        let emptied = Catalog::open(home.path(), clock());
        assert!(
            matches!(emptied, Err(CatalogError::Damaged { .. })),
            "an emptied catalogue is no new one"
        );
    }

    #[test]
    fn the_check_finds_a_broken_page() {
        let home = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(home.path(), None, clock()).unwrap();
        catalog.record_import(&(1..=200).map(exposure).collect::<Vec<_>>(), &[]).unwrap();
        catalog.check().unwrap();
        drop(catalog);
        let path = home.path().join("catalog.db");
        let pages = std::fs::metadata(&path).unwrap().len() / 4096;
        for page in pages / 2..pages / 2 + 8 {
            overwrite(&path, page * 4096, &[0xa5; 512]);
        }
        let found = Catalog::open(home.path(), clock()).and_then(|catalog| catalog.check());
        assert!(matches!(found, Err(CatalogError::Damaged { .. })), "{found:?}");
    }

    #[test]
    fn readers_see_whole_transactions_while_another_thread_writes() {
        let home = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(home.path(), None, clock()).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for n in 1..=20 {
                    catalog.record_import(&[exposure(2 * n - 1), exposure(2 * n)], &[]).unwrap();
                }
            });
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..30 {
                        let seen = catalog.find(&Query::all()).unwrap().len();
                        assert_eq!(seen % 2, 0, "half a batch must never be seen");
                    }
                });
            }
        });
        assert_eq!(catalog.find(&Query::all()).unwrap().len(), 40);
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(home.path(), None, clock()).unwrap();
        let failed = catalog.transact(|writing| {
            writing.change(
                &super::super::Change::new(
                    crate::media::SubjectKind::Shoot,
                    crate::media::ShootId([1; 16]),
                )
                .set("name", "x"),
            )?;
            Err::<(), _>(CatalogError::BadValue { what: "test", why: "fails".into() })
        });
        assert!(failed.is_err());
        assert!(catalog.shoots().unwrap().is_empty());
        assert_eq!(catalog.unsent_count().unwrap(), 0);
    }

    #[test]
    fn what_must_not_be_lost_is_synced_and_the_schema_is_not_trusted() {
        let home = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(home.path(), None, clock()).unwrap();
        let writer = held(&catalog.writer);
        let pragma = |name: &str| -> String {
            let value = writer.query_row(&format!("PRAGMA {name}"), [], |row| {
                row.get::<_, rusqlite::types::Value>(0)
            });
            match value.unwrap() {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(pragma("journal_mode"), "wal");
        assert_eq!(pragma("synchronous"), "2", "FULL: a power cut must not take back an import");
        assert_eq!(pragma("foreign_keys"), "1");
        assert_eq!(pragma("trusted_schema"), "0");
        assert_eq!(pragma("application_id"), 0x4453_4c44.to_string());
    }

    #[test]
    fn a_copied_catalogue_can_take_a_new_name() {
        let home = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(home.path(), None, clock()).unwrap();
        let old = catalog.device();
        let new = catalog.renew_device().unwrap();
        assert_ne!(old, new);
        assert_eq!(catalog.device(), new);
        let shoot = catalog.shoot_named("x", None).unwrap();
        let row = catalog.row(crate::media::SubjectKind::Shoot, shoot.into()).unwrap().unwrap();
        assert_eq!(row.set[0].stamp.device, new, "two machines must not write as one");
        drop(catalog);
        assert_eq!(Catalog::open(home.path(), clock()).unwrap().device(), new);
    }
}

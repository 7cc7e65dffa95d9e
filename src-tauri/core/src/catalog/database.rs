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
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::At as _;
use crate::media::DeviceId;

use super::error::{CatalogError, Result};
use super::lock::Lock;
use super::photos::count;
use super::schema;
use super::stamp::Hlc;
use super::subjects::Writing;

/// The time, as `vault::Settings` brings it in.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Idle reading connections kept for the next reader.
const IDLE_READERS: usize = 4;

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
            Err(error) => return Err(Err::<(), _>(error).at(&path).unwrap_err().into()),
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
        let device = prepare(&mut writer, device)?;
        Ok(Self {
            readers: Mutex::default(),
            writer: Mutex::new(writer),
            path: Some(path),
            device: Mutex::new(device),
            now,
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
    Ok(reader)
}

/// What every connection wants: nothing in the file is trusted to run code, waits are bounded.
fn configure(connection: &Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "cache_size", -32 << 10)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
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

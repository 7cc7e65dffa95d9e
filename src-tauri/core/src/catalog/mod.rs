//! The catalogue: what is known about every photo, in one SQLite file.
//!
//! The one source of truth is the table `subjects`: photos, shoots, albums, clients, shares,
//! devices and settings as maps of fields, each field with the moment it was set. The larger
//! moment wins, so rows of several computers may be merged in any order, any number of times
//! (vault format 1, "Heads and merging"). Everything that is listed or searched stands in typed
//! tables which are *projections* of those maps, written in the same transaction by the same
//! function for a local edit and for rows read back from the bucket: a restored catalogue is equal
//! to the lost one by construction. Tables that only concern this computer (where the local copies
//! lie, imports, what was seen on cards) are no subjects and never leave it.
//!
//! The catalogue knows neither the layout of the library nor the network. Paths are relative to
//! the library's root, with `/`. It takes `&self` everywhere and may be shared between threads:
//! one connection writes, others read.

mod albums;
mod backup_state;
mod clients;
mod copies;
mod database;
mod devices;
mod edit;
mod error;
mod facets;
mod files;
#[cfg(test)]
mod fixture;
mod fold;
mod grid;
mod imports;
mod keywords;
mod list;
mod lock;
mod numbers;
mod photos;
mod places;
mod project;
mod query;
mod row;
mod schema;
mod search;
mod settings;
mod shares;
mod shoots;
mod sidecars;
mod stamp;
mod state;
mod subjects;
mod undo;
mod upload_journal;
mod verdicts;
mod versions;

pub use albums::{AlbumItem, AlbumRow};
pub use backup_state::{Committed, SubjectName, VaultPage};
pub use clients::ClientRow;
pub use copies::{CloudCount, LocalFile, MirrorCopy, Mirrored, Unmirrored};
pub use database::{Catalog, Clock};
pub use devices::{DeviceRow, device_subject};
pub use edit::{Edit, Edited, Flag};
pub use error::{CatalogError, Result};
pub use facets::{Facet, Facets};
pub use files::FileRow;
pub use fold::{fold, tidy};
pub use grid::{GridKey, GridRow, MonthCount, Start};
pub use imports::{
    CardSeen, ImportFileRow, ImportRow, ImportState, ImportedExposure, ImportedFile, Outcome,
};
pub use keywords::KeywordRow;
pub use list::{Copies, Gps, ListFile, ListRow, Order, PreviewInfo, Sort};
pub use numbers::{LastNumbers, Promise, Series};
pub use photos::{Counts, PhotoRow, Preview, PreviewCounts, PreviewState};
pub use places::{Place, PlaceKind, ShootSafety};
pub use query::{Query, QueryError};
pub use row::{Change, FieldSet, Fields, Row, kind_word};
pub use shares::ShareRow;
pub use shoots::ShootRow;
pub use sidecars::SidecarDone;
pub use stamp::{MAX_MS, Stamp};
pub use undo::{Act, Acted, photos_in};
pub use upload_journal::{Upload, UploadBody, UploadItem};
pub use verdicts::{CopyAt, ImportCopies, KnownCopy};

//! Cards: found, walked, and sorted into exposures. Strictly read-only.
//!
//! A card is any folder. Only regular files below it are looked at, never through a link and never
//! beyond the device the folder lies on. What the system or the camera keeps for itself is skipped
//! with its reason; what is merely unknown is a file like any other, because somebody may format the
//! card afterwards. Contents are not read here, but for the first bytes of what bears the name of a
//! camera's or system's own file: a picture is a picture, wherever it lies.

mod changes;
mod eject;
mod found;
mod group;
mod junk;
mod scan;

pub use changes::Changes;
pub use eject::let_go;
pub use found::{FoundCard, find_cards, is_only_a_path, mounted, volume_of};
pub use group::{Exposure, group};
pub use scan::{CardError, CardFile, Scan, SkipReason, Skipped, Unread, scan};

//! Plain values that every room speaks of: ids, hashes, kinds of file, capture times.
//!
//! Ids are random, never derived from content. They are written as lower-case hex; hashes too.

mod clock;

use std::fmt;
use std::str::FromStr;

pub use clock::{ClockCorrection, ClockError, ClockShift, Zone, working_day};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not an id or hash of the expected length.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not {1} hex digits")]
pub struct BadHex(String, usize);

impl From<BadHex> for crate::error::Error {
    fn from(error: BadHex) -> Self {
        Self::new(crate::error::Code::NotFound, error)
    }
}

macro_rules! hex_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
        impl FromStr for $name {
            type Err = BadHex;
            fn from_str(text: &str) -> Result<Self, BadHex> {
                let bad = || BadHex(text.to_owned(), $len * 2);
                let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| bad())?;
                Ok(Self(bytes.try_into().map_err(|_| bad())?))
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hex_bytes!(
    /// Anything that may have to be erased alone: a photo, shoot, album, client, share, device, setting.
    SubjectId, 16
);
hex_bytes!(
    /// One import run.
    ImportId, 16
);
hex_bytes!(
    /// One vault.
    VaultId, 16
);
hex_bytes!(
    /// One file of an exposure.
    FileId, 8
);
hex_bytes!(
    /// One computer (one catalogue on it).
    DeviceId, 8
);
hex_bytes!(
    /// SHA-256 of a file's bytes.
    ContentHash, 32
);

/// Which file of a file system a file is, and when it was last changed there (`ctime`): nobody can set
/// these. A copy put in its place, or another disk mounted there, has others, whatever name, length and
/// time it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastChange {
    pub inode: u64,
    pub changed_ns: i64,
}

hex_bytes!(
    /// The name of one subject's key in the vault (`kid`).
    KeyId, 16
);

macro_rules! subject_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        hex_bytes!($(#[$doc])* $name, 16);
        impl From<$name> for SubjectId { fn from(id: $name) -> Self { Self(id.0) } }
        impl From<SubjectId> for $name { fn from(id: SubjectId) -> Self { Self(id.0) } }
    )+};
}

subject_id!(
    /// One exposure with all its files.
    PhotoId,
    /// One job: the photos taken for one occasion.
    ShootId,
    /// A chosen set of photos in an order.
    AlbumId,
    /// A person or firm photos are taken for.
    ClientId,
    /// One link given to somebody.
    ShareId,
);

/// What a subject is. The word is the one written into catalogue rows in the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    Photo,
    Shoot,
    Album,
    Client,
    Share,
    Device,
    Setting,
}

/// What part a file plays in its exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Raw,
    Image,
    Video,
    Sidecar,
    Audio,
    Other,
    Thumb,
    View,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "raw",
            Self::Image => "image",
            Self::Video => "video",
            Self::Sidecar => "sidecar",
            Self::Audio => "audio",
            Self::Other => "other",
            Self::Thumb => "thumb",
            Self::View => "view",
        })
    }
}

/// What kind of exposure it is: that of its leading file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    Photo,
    Raw,
    Video,
    Audio,
    Sidecar,
    Other,
}

/// When a picture was taken, as the camera's clock said it.
///
/// `local` is the wall clock, at most nanoseconds; `offset_min` its distance to UTC, where known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureTime {
    pub local: jiff::civil::DateTime,
    pub offset_min: Option<i16>,
    pub source: TimeSource,
}

/// Where a capture time came from; `File` is a last resort and marked as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    Exif,
    Xmp,
    Iptc,
    Quicktime,
    Gps,
    File,
}

/// The two sizes of preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewSize {
    /// 512 px on the longer side.
    Thumb,
    /// 2048 px on the longer side.
    View,
}

impl PreviewSize {
    /// The longer side, in pixels.
    #[must_use]
    pub const fn px(self) -> u32 {
        match self {
            Self::Thumb => 512,
            Self::View => 2048,
        }
    }
}

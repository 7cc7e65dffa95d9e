//! The previews of this home: how many there are, how much room they may take, making them anew.

use serde::Serialize;

use super::Vault;
use super::config::ConfigError;
use super::library::LibraryError;
use super::previewing::{Made, below};
use crate::catalog::{PreviewCounts, Query};
use crate::error::Result;
use crate::import::Left;
use crate::previews::CacheUse;
use crate::progress::Progress;
use crate::sandbox::{self, Cell};

/// What a home without a setting of its own lets its previews take: those of some fifty thousand
/// photos.
const USUAL_LIMIT: u64 = 20_000_000_000;
/// Less would not hold what is on the screen.
const LEAST_LIMIT: u64 = 100_000_000;

/// The previews of a home.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewStatus {
    #[serde(flatten)]
    pub photos: PreviewCounts,
    #[serde(flatten)]
    pub cache: CacheUse,
    /// Bytes at most; without a bound, null.
    pub limit: Option<u64>,
    /// What holds a decoder that a file has taken over; null where decoding is in this process.
    pub worker: Option<Cell>,
}

/// Which previews to make anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebuild {
    Shoot(String),
    Album(String),
    All,
    /// Those that are not there or are not whole.
    Missing,
}

/// How making previews anew went.
#[derive(Debug, Clone, Serialize)]
pub struct Rebuilt {
    #[serde(flatten)]
    pub made: Made,
    /// Photos whose originals are not here now: what was there stays.
    pub away: u64,
    pub missing: Vec<Left>,
}

impl Vault {
    /// # Errors
    /// The catalogue could not be read, or no worker can be started.
    pub fn preview_status(&self) -> Result<PreviewStatus> {
        Ok(PreviewStatus {
            photos: self.catalog.preview_counts()?,
            cache: self.previews.usage(),
            limit: self.config().previews_limit(),
            worker: sandbox::pool().map(sandbox::Pool::ready).transpose()?,
        })
    }

    /// Bounds what previews may take from now on; `None` lets them take what they like.
    ///
    /// # Errors
    /// Too little to be of use, or the home cannot be written.
    pub fn set_previews_limit(&self, bytes: Option<u64>) -> Result<()> {
        if let Some(bytes) = bytes.filter(|bytes| *bytes < LEAST_LIMIT) {
            return Err(ConfigError::TooSmall { bytes, least: LEAST_LIMIT }.into());
        }
        let mut config = self.config();
        config.previews_limit = Some(bytes.unwrap_or(0));
        self.save_config(config)?;
        Ok(self.previews.set_limit(bytes)?)
    }

    /// Makes previews anew from the originals. Stopped or killed midway, every preview is the old or
    /// the new one.
    ///
    /// # Errors
    /// There is no such shoot or album, or the catalogue or the cache cannot be written.
    pub fn rebuild_previews(&self, what: &Rebuild, progress: &Progress) -> Result<Rebuilt> {
        self.find_moved(progress)?;
        let photos = match what {
            Rebuild::Shoot(name) => {
                let shoots = self.catalog.shoots()?;
                let shoot = shoots.iter().find(|shoot| shoot.name == *name);
                let shoot = shoot.ok_or_else(|| LibraryError::NoShoot(name.clone()))?;
                self.catalog.find(&Query::shoot(shoot.id))?
            }
            Rebuild::Album(name) => self.catalog.find(&Query::album(self.album(name)?))?,
            Rebuild::All => self.catalog.find(&Query::all())?,
            Rebuild::Missing => self.without_preview()?,
        };
        let (tally, away) = self.make_anew(&photos, progress)?;
        let missing = below(&self.library(), tally.missing);
        Ok(Rebuilt { made: tally.made, away, missing })
    }

    /// Photos of which nobody has made a preview, or of which it is not there any more.
    fn without_preview(&self) -> Result<Vec<crate::media::PhotoId>> {
        use crate::media::PreviewSize::{Thumb, View};
        let mut photos = self.catalog.find(&Query::all())?;
        let none: std::collections::HashSet<_> =
            self.catalog.without_preview(usize::MAX)?.into_iter().collect();
        let mut lacking = Vec::new();
        for photo in photos.drain(..) {
            let has = |size| self.previews.get(photo, size).is_ok_and(|jpeg| jpeg.is_some());
            let lacks = none.contains(&photo)
                || self.photo(photo)?.preview.width.is_some() && !(has(Thumb) && has(View));
            if lacks {
                lacking.push(photo);
            }
        }
        Ok(lacking)
    }
}

impl super::Config {
    /// What previews may take, of what was set or by itself.
    pub(super) fn previews_limit(&self) -> Option<u64> {
        Some(self.previews_limit.unwrap_or(USUAL_LIMIT)).filter(|bytes| *bytes > 0)
    }
}

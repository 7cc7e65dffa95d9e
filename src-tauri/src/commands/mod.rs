//! What the window may ask, one file a part of the window. Each command is a sentence.

pub mod bucket;
pub mod card;
pub mod films;
pub mod first_run;
pub mod home;
pub mod importing;
pub mod library;
pub mod looking;
pub mod settings;
pub mod sharing;

use darkslide_core::error::Error;
use darkslide_core::media::PhotoId;

use crate::error::Result;

/// The photos an order is about.
fn photo_ids(photos: &[String]) -> Result<Vec<PhotoId>> {
    photos.iter().map(|id| Ok(id.parse().map_err(Error::from)?)).collect()
}

/// The photo a question is about.
fn photo_id(photo: &str) -> Result<PhotoId> {
    Ok(photo.parse().map_err(Error::from)?)
}

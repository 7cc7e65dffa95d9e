//! What a file says about itself: its format, when and with what it was taken, how it is turned.
//!
//! Nothing here fails and nothing is invented: what could not be read is absent. Cards hold broken
//! and hostile files, so every read is bounded and no panic of a parser gets out.
//! Pixels are `previews`' business. Nothing is written here: `xmp::merge` makes bytes, `import` puts
//! them beside the photo.

mod boxes;
mod camera_boxes;
pub(crate) mod containers;
pub(crate) mod crw;
mod dates;
mod exif;
mod fields;
mod flashpix;
mod format;
pub(crate) mod heif;
mod iptc;
pub(crate) mod jpeg;
mod maker;
mod mpeg;
mod record;
mod riff;
pub(crate) mod source;
pub(crate) mod tiff;
mod video;
pub mod xmp;

pub use fields::IptcFields;
pub use format::{Format, HEAD, format_by_name, format_of};
pub use record::{Gps, Metadata, read};
pub use xmp::Xmp;

#[cfg(test)]
mod tests;

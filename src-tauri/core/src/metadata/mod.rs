//! What a file says about itself: its format, when and with what it was taken, how it is turned.
//!
//! Nothing here fails and nothing is invented: what could not be read is absent. Cards hold broken
//! and hostile files, so every read is bounded and no panic of a parser gets out.
//! Where workers were chosen (`sandbox`), the reading is done by one of them.
//! Pixels are `previews`' business. Nothing is written here: `xmp::merge` makes bytes, `import` puts
//! them beside the photo.

pub(crate) mod boxes;
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
mod motion;
mod mpeg;
mod record;
mod remote;
mod riff;
pub(crate) mod source;
pub(crate) mod tiff;
mod video;
pub mod xmp;

pub use fields::IptcFields;
pub use format::{Format, HEAD, format_by_name, format_of};
pub use motion::Span;
pub(crate) use record::read_here;
pub use record::{Gps, Metadata};
pub(crate) use remote::answer;
pub use remote::read;
pub use xmp::Xmp;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing {
    //! Readers of bytes, without files.

    use super::{Metadata, iptc};

    pub fn record(name: &str, bytes: &[u8]) -> Metadata {
        Metadata::of_bytes(name, bytes)
    }

    pub fn iptc(bytes: &[u8]) {
        drop(iptc::in_photoshop(bytes).and_then(iptc::parse));
        drop(iptc::parse(bytes));
    }
}

#[cfg(test)]
mod tests;

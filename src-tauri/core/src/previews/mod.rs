//! Small upright JPEGs of pictures: for the grid, the screen and the client's gallery.
//!
//! A preview is made under limits checked before any memory is taken, and a bad file costs one
//! preview, never the run: no panic of a decoder gets out, and where workers were chosen (`sandbox`)
//! no crash, hang or hunger of one either. Originals are only read. Films alone are shown by a
//! program of their own, outside the workers.

mod cache;
mod colour;
mod decode;
mod develop;
mod embedded;
mod error;
mod film;
mod heif;
mod histogram;
mod jxl;
mod mark;
mod pixels;
mod placeholder;
mod raw;
mod remote;
mod render;
mod rendition;
mod tiff;

pub use cache::{Cache, CacheUse};
pub use embedded::largest as embedded;
pub use error::PreviewError;
pub use histogram::{Histogram, STEPS};
pub use mark::{LONGEST_MARK, undrawable};
pub use placeholder::placeholder;
pub(crate) use remote::{answer_render, answer_rendition};
pub use remote::{histogram, render, rendition};
pub use render::Rendered;
pub(crate) use render::render_here;
pub(crate) use rendition::rendition_here;
pub use rendition::{Jpeg, Source};

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing {
    //! Readers of bytes, without files.

    use super::embedded::find;
    use crate::metadata::source::Source;

    pub fn embedded(bytes: &[u8], format: &str) {
        drop(find(Source::memory(bytes).all(), format, 2048));
    }
}

#[cfg(test)]
mod tests;

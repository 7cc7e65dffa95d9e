//! Small upright JPEGs of pictures: for the grid, the screen and the client's gallery.
//!
//! A preview is made under limits checked before any memory is taken, and a bad file costs one
//! preview, never the run: no panic of a decoder gets out. Originals are only read.

mod cache;
mod colour;
mod decode;
mod develop;
mod embedded;
mod error;
mod film;
mod heif;
mod jxl;
mod mark;
mod pixels;
mod placeholder;
mod raw;
mod render;
mod rendition;
mod tiff;

pub use cache::Cache;
pub use error::PreviewError;
pub use mark::{LONGEST_MARK, undrawable};
pub use placeholder::placeholder;
pub use render::{Rendered, render};
pub use rendition::{Jpeg, Source, rendition};

#[cfg(test)]
mod tests;

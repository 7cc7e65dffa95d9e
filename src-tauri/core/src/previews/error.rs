//! Why there is no preview.

use super::Rendered;
use crate::error::{Code, Error, PathError};

/// Why a picture has no preview, or only part of one.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The file is broken; `partial` is what still decoded of it.
    #[error("the picture is damaged: {reason}")]
    Damaged { reason: &'static str, partial: Option<Box<Rendered>> },
    /// Nothing here decodes this format, or it is beyond the limits.
    #[error("no preview for this kind of picture: {reason}")]
    Unsupported { reason: &'static str },
    #[error(transparent)]
    Io(#[from] PathError),
}

impl From<PreviewError> for Error {
    fn from(error: PreviewError) -> Self {
        match error {
            PreviewError::Io(error) => error.into(),
            PreviewError::Damaged { .. } => Self::new(Code::Damaged, error),
            PreviewError::Unsupported { .. } => Self::new(Code::NotFound, error),
        }
    }
}

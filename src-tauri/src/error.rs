//! Errors as the window gets them: a code it has words for, the cause in one line, and the chain
//! of causes below it for whoever wants to write to us about it.

use darkslide_core::error::{Code, Error};
use serde::Serialize;

/// `{ code, message, detail }`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WireError {
    #[cfg_attr(test, ts(type = "Code"))]
    pub code: Code,
    pub message: String,
    pub detail: Option<String>,
}

pub type Result<T> = std::result::Result<T, WireError>;

impl From<Error> for WireError {
    fn from(error: Error) -> Self {
        let message = error.source.to_string();
        let mut causes = Vec::new();
        let mut cause = error.source.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            // Most messages end with their cause already.
            if !message.contains(&text) {
                causes.push(text);
            }
            cause = inner.source();
        }
        Self { code: error.code, message, detail: (!causes.is_empty()).then(|| causes.join("\n")) }
    }
}

impl WireError {
    /// The work ended without a word: a panic on its thread.
    pub fn internal(error: &tokio::task::JoinError) -> Self {
        Self { code: Code::Internal, message: error.to_string(), detail: None }
    }

    /// The system did not do something to the window.
    pub fn of_the_window(error: &tauri::Error) -> Self {
        Self { code: Code::Internal, message: error.to_string(), detail: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the bucket does not answer")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("connection refused")]
    struct Inner;

    #[test]
    fn an_error_crosses_with_its_code_and_its_causes() {
        let wire = WireError::from(Error::new(Code::Offline, Outer(Inner)));
        let json = serde_json::to_value(&wire).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "code": "offline",
                "message": "the bucket does not answer",
                "detail": "connection refused",
            })
        );
    }
}

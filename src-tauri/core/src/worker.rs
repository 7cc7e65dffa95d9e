//! The program as a worker: reads and decodes the files it is handed, in a cell.
//!
//! What runs here sees nothing of the library, the catalogue, the keys or the network. A `main`
//! whose first argument is `ARGUMENT` calls `serve` before anything else; whoever asks is `sandbox::Pool`.

use crate::sandbox::{self, Answer, FrameError, Kind};
use crate::{metadata, previews};

/// The first argument of a program that is to be a worker.
pub const ARGUMENT: &str = sandbox::ARGUMENT;

/// Answers requests until the program that asks is gone.
///
/// # Errors
/// Nobody is there to ask: it was started by hand.
pub fn serve() -> Result<(), FrameError> {
    sandbox::serve(answer)
}

fn answer(kind: Kind, head: &[u8], body: &[u8]) -> Answer {
    match kind {
        Kind::Hello => Answer::default(),
        Kind::Metadata => metadata::answer(head),
        Kind::Render => previews::answer_render(head, body),
        Kind::Rendition => previews::answer_rendition(head, body),
    }
}

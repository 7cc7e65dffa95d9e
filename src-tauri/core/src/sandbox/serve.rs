//! A worker's loop: take a request and its file, answer, until the program is gone.

use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;

use super::cell;
use super::frame::{FrameError, Kind};
use super::{handed, link};

/// What a worker answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// JSON.
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

/// Makes this process a worker: takes the socket it has for a standard input, locks itself in, and
/// answers requests by `answer` (what is asked, head, body) until nobody is there to ask.
///
/// # Errors
/// The socket is none, or what comes over it are no requests.
pub fn serve(mut answer: impl FnMut(Kind, &[u8], &[u8]) -> Answer) -> Result<(), FrameError> {
    let socket = std::io::stdin().as_fd().try_clone_to_owned()?;
    let stream = UnixStream::from(socket);
    handed::hand(None);
    let cell = cell::lock_in();
    let hello = serde_json::to_vec(&cell).unwrap_or_default();
    link::send(&stream, Kind::Hello, &hello, &[], None)?;
    while let Some((request, file)) = link::receive(&stream)? {
        handed::hand(file);
        let Answer { head, body } = answer(request.kind, &request.head, &request.body);
        handed::hand(None);
        link::send(&stream, request.kind, &head, &body, None)?;
    }
    Ok(())
}

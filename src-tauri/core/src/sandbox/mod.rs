//! Hostile bytes are read in a process of their own, in a cell.
//!
//! The program starts itself again as a *worker*: a process that is handed one open file at a time
//! over a socket and answers with bytes. It has no network, no files but the one handed in, no
//! secrets in its environment, and bounds on memory, processor and time. What breaks a decoder
//! costs one answer: the worker is ended, and the next request gets another one.
//!
//! This room moves bytes and knows no pictures: what is asked for is `metadata`'s and `previews`'
//! business, who answers is `worker`'s.
//!
//! - `frame` what goes over the socket · `link` the socket, and the file that goes with a request
//! - `start` starts one worker · `pool` keeps some alive, ends those that hang
//! - `cell` what a worker locks itself into · `serve` its loop · `handed` the file it has
//!
//! The choice is made once for the whole process, so that no caller can forget it: from `decode_in`
//! on, everything goes through workers.

mod cell;
mod frame;
mod handed;
mod link;
mod pool;
mod serve;
mod start;

use std::path::PathBuf;
use std::sync::OnceLock;

pub use cell::Cell;
pub use frame::{Frame, FrameError, Kind};
pub(crate) use handed::{len, open, read};
pub use pool::{Ask, Fault, Pool, TIME};
pub use serve::{Answer, serve};
pub(crate) use start::ARGUMENT;

/// Where files of other people's making are read and decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoding {
    /// In workers: this program, started again with `worker::ARGUMENT`.
    Worker(PathBuf),
    /// In this very process: for tests, and for tools over files they made themselves.
    Here,
}

static POOL: OnceLock<Pool> = OnceLock::new();

/// Makes the choice for this process. Workers once chosen stay chosen.
pub fn decode_in(decoding: &Decoding) {
    if let Decoding::Worker(program) = decoding {
        POOL.get_or_init(|| Pool::new(program.clone()));
    }
}

/// The workers, where they were chosen.
#[must_use]
pub fn pool() -> Option<&'static Pool> {
    POOL.get()
}

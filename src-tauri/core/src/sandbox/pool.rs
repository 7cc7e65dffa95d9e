//! Workers kept alive, and ended when they hang.
//!
//! Two lanes, so that what a file says is not waited for behind pictures: whoever copies a card asks
//! for the one, whoever makes previews for the other.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::cell::Cell;
use super::frame::{FrameError, Kind};
use super::serve::Answer;
use super::start::Worker;
use crate::error::{Code, Error};

/// No file takes longer, or it costs its answer.
pub const TIME: Duration = Duration::from_secs(20);
/// A worker is replaced after so many answers: what leaked is given back.
const ANSWERS: u32 = 1_000;
/// Readers of metadata wait for cards more than they work.
const READERS: usize = 4;
/// Decoders: each may hold a large picture.
const DECODERS: usize = 2;

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub kind: Kind,
    /// JSON.
    pub head: &'a [u8],
    pub body: &'a [u8],
    pub file: Option<&'a File>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Two workers in a row died of it.
    #[error("it ends the program that decodes it")]
    Crashed,
    #[error("it takes longer than {} s", TIME.as_secs())]
    Hung,
    /// The file's disk did not bring it in time; nothing is wrong with the file.
    #[error("its disk is too slow or away")]
    Stalled,
    /// Nothing was tried.
    #[error("no worker could be started: {0}")]
    NotStarted(#[source] FrameError),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::new(Code::Internal, fault)
    }
}

/// The workers of this process.
#[derive(Debug)]
pub struct Pool {
    readers: Lane,
    decoders: Lane,
    starter: Mutex<Sender<Order>>,
}

/// A worker that is wanted, and where to bring it.
type Order = (bool, Sender<Result<Worker, FrameError>>);

#[derive(Debug)]
struct Lane {
    most: usize,
    patient: bool,
    workers: Mutex<Workers>,
    free: Condvar,
}

#[derive(Debug, Default)]
struct Workers {
    idle: Vec<Worker>,
    alive: usize,
}

impl Lane {
    fn new(most: usize, patient: bool) -> Self {
        Self { most, patient, workers: Mutex::default(), free: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Workers> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    pub(super) fn new(program: PathBuf) -> Self {
        // Workers end with the thread that started them (`PR_SET_PDEATHSIG`): one that never ends.
        let (starter, orders) = channel::<Order>();
        thread::spawn(move || {
            for (patient, to) in orders {
                let _ = to.send(Worker::start(&program, patient));
            }
        });
        Self {
            readers: Lane::new(READERS, false),
            decoders: Lane::new(DECODERS, true),
            starter: Mutex::new(starter),
        }
    }

    /// Starts a worker if none is there: so that long work does not begin where none can be had.
    ///
    /// # Errors
    /// None can be started.
    pub fn ready(&self) -> Result<Cell, Fault> {
        let worker = self.take(&self.readers)?;
        let cell = worker.cell.clone();
        self.give_back(&self.readers, worker);
        Ok(cell)
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// There is none: see `Fault`.
    pub fn ask(&self, ask: Ask<'_>) -> Result<Answer, Fault> {
        let lane = match ask.kind {
            Kind::Metadata | Kind::Hello => &self.readers,
            Kind::Render | Kind::Rendition => &self.decoders,
        };
        // A worker may be ended for what is not this file's fault, such as the system being out of
        // memory: only what ends a fresh one too is to blame.
        match self.try_once(lane, ask) {
            Err(Fault::Crashed) => self.try_once(lane, ask),
            outcome => outcome,
        }
    }

    fn try_once(&self, lane: &Lane, ask: Ask<'_>) -> Result<Answer, Fault> {
        let mut worker = self.take(lane)?;
        let deadline = Instant::now() + TIME;
        let Ask { kind, head, body, file } = ask;
        let answer =
            worker.send(kind, head, body, file, deadline).and_then(|()| worker.receive(deadline));
        match answer {
            Ok(frame) if frame.kind == kind => {
                worker.answered += 1;
                self.give_back(lane, worker);
                Ok(Answer { head: frame.head, body: frame.body })
            }
            outcome => {
                let fault = match outcome {
                    Err(FrameError::Io(error)) if is_late(&error) => match worker.is_busy() {
                        Some(false) => Fault::Stalled,
                        _ => Fault::Hung,
                    },
                    _ => Fault::Crashed,
                };
                self.end(lane, worker);
                Err(fault)
            }
        }
    }

    fn take(&self, lane: &Lane) -> Result<Worker, Fault> {
        let mut workers = lane.lock();
        loop {
            if let Some(worker) = workers.idle.pop() {
                return Ok(worker);
            }
            if workers.alive < lane.most {
                workers.alive += 1;
                drop(workers);
                return self.start(lane.patient).map_err(|error| {
                    self.one_less(lane);
                    Fault::NotStarted(error)
                });
            }
            workers = lane.free.wait(workers).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn start(&self, patient: bool) -> Result<Worker, FrameError> {
        let (to, worker) = channel();
        let gone = || FrameError::Io(io::ErrorKind::BrokenPipe.into());
        self.starter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .send((patient, to))
            .map_err(|_| gone())?;
        worker.recv().map_err(|_| gone())?
    }

    fn give_back(&self, lane: &Lane, worker: Worker) {
        if worker.answered >= ANSWERS {
            return self.end(lane, worker);
        }
        lane.lock().idle.push(worker);
        lane.free.notify_one();
    }

    fn end(&self, lane: &Lane, worker: Worker) {
        drop(worker);
        self.one_less(lane);
    }

    fn one_less(&self, lane: &Lane) {
        lane.lock().alive -= 1;
        lane.free.notify_one();
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

//! Starts one worker. The only place in the core that starts this program again.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::cell::Cell;
use super::frame::{Frame, FrameError, Kind};
use super::link;

/// A worker, and the socket to it. Dropped, it is ended.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    stream: UnixStream,
    pub cell: Cell,
    /// How many requests it has answered.
    pub answered: u32,
}

/// No worker takes longer to say hello.
const HELLO: Duration = Duration::from_secs(20);

/// The first argument that makes a program a worker.
pub(crate) const ARGUMENT: &str = "--darkslide-worker";

impl Worker {
    /// Starts `program`; a `patient` one lets everything else go first.
    pub fn start(program: &Path, patient: bool) -> Result<Self, FrameError> {
        let (ours, theirs) = UnixStream::pair()?;
        let child = Command::new(program)
            .arg0("darkslide")
            .arg(ARGUMENT)
            // No key or passphrase of this program's environment is any of its business. One arena
            // and one thread: memory is bounded, and there are other workers for other processors.
            .env_clear()
            .env("MALLOC_ARENA_MAX", "1")
            .env("RAYON_NUM_THREADS", "1")
            .current_dir("/")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut worker = Self { child, stream: ours, cell: Cell::default(), answered: 0 };
        if patient {
            worker.be_patient();
        }
        let hello = worker.receive(Instant::now() + HELLO)?;
        if hello.kind != Kind::Hello {
            return Err(FrameError::Magic);
        }
        worker.cell = serde_json::from_slice(&hello.head).unwrap_or_default();
        if cfg!(target_os = "linux") && !worker.cell.closed {
            tracing::warn!(cell = ?worker.cell, "this system does not lock decoders in");
        }
        Ok(worker)
    }

    /// Where the system has no such thing, nothing is lost.
    fn be_patient(&self) {
        #[cfg(target_os = "linux")]
        {
            let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
            let _ = rustix::process::setpriority_process(pid, 10);
        }
    }

    pub fn send(
        &self,
        kind: Kind,
        head: &[u8],
        body: &[u8],
        file: Option<&File>,
        deadline: Instant,
    ) -> Result<(), FrameError> {
        self.stream.set_write_timeout(Some(left(deadline)?))?;
        link::send(&self.stream, kind, head, body, file)
    }

    pub fn receive(&self, deadline: Instant) -> Result<Frame, FrameError> {
        Frame::read(&mut Timed { stream: &self.stream, deadline })
    }

    /// Whether it computes, or waits for a disk; where the system tells.
    pub fn is_busy(&self) -> Option<bool> {
        const LOOK: Duration = Duration::from_millis(300);
        let before = self.processor_time()?;
        std::thread::sleep(LOOK);
        Some(self.processor_time()? - before > LOOK / 10)
    }

    fn processor_time(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The name in brackets may hold anything; user and system ticks are the 12th and 13th after it.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let ticks: u64 =
            fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
        Some(Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second()))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads until the deadline, however slowly bytes drip in.
struct Timed<'a> {
    stream: &'a UnixStream,
    deadline: Instant,
}

impl io::Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.deadline)?))?;
        let mut stream = self.stream;
        stream.read(buffer)
    }
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

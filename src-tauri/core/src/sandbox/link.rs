//! The socket between the program and a worker. A file goes along with a request as an open
//! descriptor (`SCM_RIGHTS`), so a worker needs no names of files.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read as _, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use super::frame::{FIXED, Frame, FrameError, Kind};

/// A worker starts nothing that could inherit what it was handed; where the system can, it is sealed
/// off all the same.
#[cfg(target_os = "linux")]
const HANDED: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(not(target_os = "linux"))]
const HANDED: RecvFlags = RecvFlags::empty();

/// Sends a frame, and `file` with it.
pub(super) fn send(
    stream: &UnixStream,
    kind: Kind,
    head: &[u8],
    body: &[u8],
    file: Option<&File>,
) -> Result<(), FrameError> {
    let fixed = Frame::fixed(kind, head, body)?;
    let fds = [file.map_or(stream.as_fd(), |file| file.as_fd())];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if file.is_some() {
        control.push(SendAncillaryMessage::ScmRights(&fds));
    }
    let sent = sendmsg(stream, &[IoSlice::new(&fixed)], &mut control, SendFlags::empty())
        .map_err(io::Error::from)?;
    let mut stream = stream;
    stream.write_all(&fixed[sent..])?;
    stream.write_all(head)?;
    Ok(stream.write_all(body)?)
}

/// Waits for a frame and the file that comes with it; `None` when the other side is gone.
pub(super) fn receive(stream: &UnixStream) -> Result<Option<(Frame, Option<File>)>, FrameError> {
    let mut fixed = [0; FIXED];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        let mut parts = [IoSliceMut::new(&mut fixed)];
        match recvmsg(stream, &mut parts, &mut control, HANDED) {
            Err(rustix::io::Errno::INTR) => {}
            outcome => break outcome.map_err(io::Error::from)?.bytes,
        }
    };
    if received == 0 {
        return Ok(None);
    }
    let mut file = None;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(fds) = message {
            file = fds.last().map(File::from);
        }
    }
    let mut stream = stream;
    stream.read_exact(&mut fixed[received..])?;
    Ok(Some((Frame::rest(fixed, &mut stream)?, file)))
}

#[cfg(test)]
mod tests {
    use std::io::Seek as _;

    use super::*;

    #[test]
    fn a_file_goes_along_with_its_request() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"the bytes").unwrap();
        send(&ours, Kind::Metadata, b"{}", b"", Some(&file)).unwrap();
        send(&ours, Kind::Render, b"", b"body", None).unwrap();
        drop(ours);
        let (frame, handed) = receive(&theirs).unwrap().unwrap();
        let (mut handed, mut text) = (handed.unwrap(), String::new());
        handed.rewind().unwrap();
        handed.read_to_string(&mut text).unwrap();
        assert_eq!((frame.kind, text.as_str()), (Kind::Metadata, "the bytes"));
        let (frame, handed) = receive(&theirs).unwrap().unwrap();
        assert_eq!((frame.body.as_slice(), handed.is_none()), (b"body".as_slice(), true));
        assert!(receive(&theirs).unwrap().is_none(), "the other side is gone");
    }
}

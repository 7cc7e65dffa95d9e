//! What tests may ask of the server beside the truth: to fail at a request of their choice.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use hyper::StatusCode;
use s3s::dto::StreamingBlob;
use s3s::{Body, HttpError, HttpResponse};

/// One request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Bucket and name: `/bucket/s/abc/view`.
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
}

impl Request {
    pub(super) fn of<B>(request: &hyper::Request<B>) -> Self {
        let text = |v: &hyper::header::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into();
        Self {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            headers: request.headers().iter().map(|(n, v)| (n.to_string(), text(v))).collect(),
        }
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not carried out, and answered with this status.
    Status(u16),
    /// It is not carried out, and the connection breaks.
    Refuse,
    /// It is carried out, and the connection breaks instead of the answer.
    LoseAnswer,
    /// It is carried out after this time.
    Late(Duration),
    /// A GET breaks off after so many bytes of the body.
    CutBody(u64),
}

type Applies = Box<dyn Fn(&Request) -> bool + Send + Sync>;

struct Planned {
    left: usize,
    fault: Fault,
    applies: Applies,
}

/// Faults to come and requests that were.
#[derive(Default)]
pub(super) struct Plan {
    planned: Mutex<Vec<Planned>>,
    requests: Mutex<Vec<Request>>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plan({} requests so far)", lock(&self.requests).len())
    }
}

impl Plan {
    pub fn add(&self, left: usize, fault: Fault, applies: Applies) {
        lock(&self.planned).push(Planned { left, fault, applies });
    }

    pub fn requests(&self) -> Vec<Request> {
        lock(&self.requests).clone()
    }

    /// Notes a request and says what is to go wrong with it.
    pub fn arrived(&self, request: Request) -> Option<Fault> {
        let mut planned = lock(&self.planned);
        let strikes = planned.iter_mut().find(|p| p.left > 0 && (p.applies)(&request));
        let fault = strikes.map(|plan| {
            plan.left -= 1;
            plan.fault
        });
        drop(planned);
        lock(&self.requests).push(request);
        fault
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Travels with a request to where the body is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Injected {
    pub cut_after: u64,
}

impl Injected {
    pub fn cut(self, body: StreamingBlob) -> StreamingBlob {
        let body: std::pin::Pin<Box<dyn Stream<Item = _> + Send + Sync>> = Box::pin(body);
        let cut = stream::unfold((body, self.cut_after), |(mut body, left)| async move {
            if left == 0 {
                return Some((Err(io::Error::other("cut on request")), (body, 0)));
            }
            let chunk: Bytes = body.next().await?.ok()?;
            let keep = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            Some((Ok(chunk.slice(..keep)), (body, left - keep as u64)))
        });
        StreamingBlob::wrap(SyncStream(Mutex::new(Box::pin(cut))))
    }
}

/// `s3s` wants bodies that are `Sync`, which the future inside `unfold` need not be.
struct SyncStream(Mutex<stream::BoxStream<'static, io::Result<Bytes>>>);

impl Stream for SyncStream {
    type Item = io::Result<Bytes>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        lock(&self.0).poll_next_unpin(context)
    }
}

pub(super) fn answer(status: u16) -> Result<HttpResponse, HttpError> {
    let code = match status {
        503 => "SlowDown",
        500 => "InternalError",
        403 => "AccessDenied",
        501 => "NotImplemented",
        _ => "Planned",
    };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Error><Code>{code}</Code><Message>planned by a test</Message></Error>"
    );
    let mut response = HttpResponse::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).map_err(|e| HttpError::new(e.into()))?;
    Ok(response)
}

/// Handing this to hyper breaks the connection.
pub(super) fn broken() -> HttpError {
    HttpError::new("broken on request".into())
}

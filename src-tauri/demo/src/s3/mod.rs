//! An S3 server inside this process, keeping objects in a folder.
//!
//! `s3s` enforces signatures, their age and the end of presigned addresses; `disk` keeps the bytes.
//! It listens on this computer only, under keys made anew at each start. It is no place for
//! photos one cannot lose: nothing is synced to disk.

mod disk;
mod faults;
mod keys;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{HttpError, HttpResponse};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use faults::{Fault, Request};

use disk::Disk;
use faults::{Injected, Plan};
use keys::Keys;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the folder for objects cannot be used")]
    Folder(#[source] io::Error),
    #[error("the folder for objects cannot be used: {0:?}")]
    Disk(s3s_fs::Error),
    #[error("nothing can listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
}

/// A running server. Dropping it stops it; what is being answered is answered first.
#[derive(Debug)]
pub struct EmbeddedS3 {
    /// Such as `http://127.0.0.1:34567`, for path-style requests.
    pub endpoint: String,
    pub access_key: String,
    pub secret_key: String,
    pub region: String,
    keys: Keys,
    plan: Arc<Plan>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl EmbeddedS3 {
    /// Serves the buckets in `dir` on a port of the system's choice, making those of `buckets` that
    /// are not there yet.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub async fn start(dir: &Path, buckets: &[&str]) -> Result<Self, StartError> {
        Self::start_on(dir, buckets, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Like `start`, on this address.
    ///
    /// # Errors
    /// The folder cannot be written to, or the address is taken.
    pub async fn start_on(
        dir: &Path,
        buckets: &[&str],
        address: SocketAddr,
    ) -> Result<Self, StartError> {
        for bucket in buckets {
            tokio::fs::create_dir_all(dir.join(bucket)).await.map_err(StartError::Folder)?;
        }
        tokio::fs::create_dir_all(dir).await.map_err(StartError::Folder)?;
        let (keys, access_key, secret_key) = Keys::new();
        let mut builder = S3ServiceBuilder::new(Disk::new(dir).map_err(StartError::Disk)?);
        builder.set_auth(keys.clone());
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| StartError::Listen { address, source })?;
        let address =
            listener.local_addr().map_err(|source| StartError::Listen { address, source })?;
        let plan = Arc::new(Plan::default());
        let (stop, stopped) = watch::channel(false);
        let front = Front { inner: builder.build(), plan: plan.clone() };
        Ok(Self {
            endpoint: format!("http://{address}"),
            access_key,
            secret_key,
            region: "us-east-1".to_owned(),
            keys,
            plan,
            stop,
            server: tokio::spawn(serve(listener, front, stopped)),
        })
    }

    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.plan.requests()
    }

    /// Lets the next `times` requests that `applies` to fail. Plans made earlier go first.
    pub fn inject(
        &self,
        times: usize,
        fault: Fault,
        applies: impl Fn(&Request) -> bool + Send + Sync + 'static,
    ) {
        self.plan.add(times, fault, Box::new(applies));
    }

    /// Ends the keys: whoever has `access_key` is refused from now on. The new ones.
    #[must_use]
    pub fn renew_keys(&self) -> (String, String) {
        self.keys.renew()
    }

    /// Stops and waits until the last request is answered, or for two seconds.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // The task cannot fail but by a panic, which the test that caused it shows.
        let _ended = (&mut self.server).await;
    }
}

impl Drop for EmbeddedS3 {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

async fn serve(listener: TcpListener, front: Front, mut stopped: watch::Receiver<bool>) {
    let http = Builder::new(TokioExecutor::new());
    let open = GracefulShutdown::new();
    loop {
        let (socket, _) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = stopped.changed() => break,
        };
        let _unbuffered = socket.set_nodelay(true);
        let connection = http.serve_connection(TokioIo::new(socket), front.clone());
        let connection = open.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = open.shutdown() => {}
        () = tokio::time::sleep(Duration::from_secs(2)) => {}
    }
}

/// Stands before the S3 service: notes requests and does what tests planned.
#[derive(Clone)]
struct Front {
    inner: S3Service,
    plan: Arc<Plan>,
}

impl Service<hyper::Request<Incoming>> for Front {
    type Response = HttpResponse;
    type Error = HttpError;
    type Future = BoxFuture<'static, Result<HttpResponse, HttpError>>;

    fn call(&self, mut request: hyper::Request<Incoming>) -> Self::Future {
        let fault = self.plan.arrived(Request::of(&request));
        let inner = self.inner.clone();
        Box::pin(async move {
            match fault {
                None => inner.call(request.map(s3s::Body::from)).await,
                Some(Fault::Status(status)) => faults::answer(status),
                Some(Fault::Refuse) => Err(faults::broken()),
                Some(Fault::Late(by)) => {
                    tokio::time::sleep(by).await;
                    inner.call(request.map(s3s::Body::from)).await
                }
                Some(Fault::LoseAnswer) => {
                    inner.call(request.map(s3s::Body::from)).await?;
                    Err(faults::broken())
                }
                Some(Fault::CutBody(after)) => {
                    request.extensions_mut().insert(Injected { cut_after: after });
                    inner.call(request.map(s3s::Body::from)).await
                }
            }
        })
    }
}

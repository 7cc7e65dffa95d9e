//! A server that answers what a test tells it to, for services that cannot be had here: those that
//! keep versions, and those that say things in their own way.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One request, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub body: String,
}

/// Status, headers beside the length, body.
pub struct Canned(pub u16, pub Vec<(&'static str, String)>, pub String);

impl Canned {
    pub fn xml(status: u16, body: &str) -> Self {
        Self(status, Vec::new(), format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{body}"))
    }

    pub fn error(status: u16, code: &str) -> Self {
        let message = "as the test says";
        Self::xml(
            status,
            &format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
        )
    }
}

type Answers = Arc<dyn Fn(&Asked) -> Canned + Send + Sync>;

/// Stops when dropped.
pub struct CannedServer {
    pub endpoint: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    server: JoinHandle<()>,
}

impl CannedServer {
    pub async fn start(answers: impl Fn(&Asked) -> Canned + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let answers: Answers = Arc::new(answers);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = asked.clone();
        let server = tokio::spawn(async move {
            loop {
                let (line, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(line, answers.clone(), record.clone()));
            }
        });
        Self { endpoint, asked, server }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for CannedServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(mut line: TcpStream, answers: Answers, record: Arc<Mutex<Vec<Asked>>>) {
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if line.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    while read.len() < end + 4 + length.unwrap_or(0) {
        if line.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let mut words = head.split(' ');
    let asked = Asked {
        method: words.next().unwrap_or_default().to_owned(),
        target: words.next().unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&read[end + 4..]).into_owned(),
    };
    let Canned(status, headers, body) = answers(&asked);
    let method = asked.method.clone();
    record.lock().unwrap().push(asked);
    let mut text = format!("HTTP/1.1 {status} Canned\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if status != 204 {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    if method != "HEAD" {
        text.push_str(&body);
    }
    // Whoever asked may be gone: the test sees that on the other end.
    let _gone = line.write_all(text.as_bytes()).await;
}

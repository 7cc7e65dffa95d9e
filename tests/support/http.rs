//! One HTTP request over a plain connection, exactly as written: what a browser, a mail scanner or
//! an attacker may send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Sends a request to a server on this computer. `Content-Length` is added for a body.
pub async fn send(method: &str, url: &Url, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let exchange = async {
        let port = url.port().expect("a server on this computer has a port");
        let host = url.host_str().expect("an address has a host");
        let mut line = TcpStream::connect((host, port)).await.unwrap();
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}:{port}\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if method == "PUT" {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        head.push_str("connection: close\r\n\r\n");
        line.write_all(head.as_bytes()).await.unwrap();
        // A server may answer and hang up before it has read a body it refuses.
        let _refused_early = line.write_all(body).await;
        let mut answer = Vec::new();
        // Some servers keep the line open all the same: the announced length ends it too.
        while !is_whole(&answer) && line.read_buf(&mut answer).await.is_ok_and(|read| read > 0) {}
        answer
    };
    let answer = tokio::time::timeout(Duration::from_secs(20), exchange).await.expect("an answer");
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a whole answer");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|l| l.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers.iter().any(|(n, v)| n == "transfer-encoding" && v == "chunked");
    let body = &answer[end + 4..];
    Response { status, headers, body: if chunked { unchunk(body) } else { body.to_vec() } }
}

/// Whether a head with a `Content-Length` and that much body are there.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length
        .and_then(|text| text.trim().parse().ok())
        .is_some_and(|bytes: usize| answer.len() >= end + 4 + bytes)
}

fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|w| w == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            break;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + length]);
        body = &body[end + 2 + length + 2..];
    }
    whole
}

//! `preview://localhost/<photo>/film`: what of a photo moves, in pieces.
//!
//! A web view that plays from here asks for ranges; one that cannot (WebKitGTK plays from blobs only)
//! has the window fetch piece after piece, `?from=<bytes>`. No answer is longer than a piece.

use darkslide_core::error::Code;
use darkslide_core::media::PhotoId;
use tauri::http::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ORIGIN,
    RANGE, X_CONTENT_TYPE_OPTIONS,
};
use tauri::http::{HeaderValue, Request, Response, StatusCode};

use crate::preview_scheme::empty;
use crate::state::App;

const PIECE: usize = 8 << 20;

/// Where the wanted piece begins, and where it ends if that was said.
fn wanted(request: &Request<Vec<u8>>) -> Option<(u64, Option<u64>)> {
    if let Some(from) = request.uri().query().and_then(|query| query.strip_prefix("from=")) {
        return Some((from.parse().ok()?, None));
    }
    let Some(range) = request.headers().get(RANGE) else { return Some((0, None)) };
    // one range that says where it begins is all that players ask for
    let (from, to) = range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let to = if to.is_empty() { None } else { Some(to.parse().ok()?) };
    Some((from.parse().ok()?, to))
}

/// Answers a request for a film or a piece of one.
pub async fn answer(app: App, photo: PhotoId, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let Some((from, to)) = wanted(request) else { return empty(StatusCode::BAD_REQUEST) };
    let most = to.map_or(PIECE as u64, |to| to.saturating_add(1).saturating_sub(from));
    let most = usize::try_from(most).unwrap_or(PIECE).min(PIECE);
    let read = move |vault: &darkslide_core::vault::Vault| {
        let Some(film) = vault.film(photo)? else { return Ok(None) };
        let bytes = film.read(from, most)?;
        Ok(Some((film.mime.clone(), film.len(), bytes)))
    };
    let mut response = match app.with_vault(read).await {
        Ok(Some((mime, len, bytes))) => piece(&mime, from, len, bytes),
        Ok(None) => empty(StatusCode::NOT_FOUND),
        Err(error) if error.code == Code::NotFound => empty(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::warn!(%photo, error = error.message, "no film");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    };
    // Only the window is ever answered, and its page has an origin of its own.
    if let Some(origin) = request.headers().get(ORIGIN) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    response
}

fn piece(mime: &str, from: u64, len: u64, bytes: Vec<u8>) -> Response<Vec<u8>> {
    let header = |text: String| HeaderValue::from_str(&text).ok();
    let end = from + bytes.len() as u64;
    let (status, range) = match bytes.is_empty() {
        true => (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{len}")),
        false => (StatusCode::PARTIAL_CONTENT, format!("bytes {from}-{}/{len}", end - 1)),
    };
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    let octets = HeaderValue::from_static("application/octet-stream");
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, header(mime.to_owned()).unwrap_or(octets));
    headers.extend(header(range).map(|range| (CONTENT_RANGE, range)));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, range: Option<&str>) -> Option<(u64, Option<u64>)> {
        let request = Request::builder().uri(format!("preview://localhost/0/film{query}"));
        let request =
            range.into_iter().fold(request, |request, range| request.header(RANGE, range));
        wanted(&request.body(Vec::new()).unwrap())
    }

    #[test]
    fn ranges_and_pieces_are_understood_and_nonsense_is_not() {
        assert_eq!(asked("", None), Some((0, None)));
        assert_eq!(asked("", Some("bytes=0-1")), Some((0, Some(1))));
        assert_eq!(asked("", Some("bytes=500-")), Some((500, None)));
        assert_eq!(asked("?from=8388608", None), Some((8_388_608, None)));
        for bad in [
            "bytes=-5",
            "bytes=a-b",
            "bytes=1-2,5-6",
            "5",
            "bytes=-",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(asked("", Some(bad)), None, "{bad}");
        }
        assert_eq!(asked("?from=-1", None), None);
    }

    #[test]
    fn a_piece_says_where_it_lies_and_behind_the_end_is_none() {
        let there = piece("video/mp4", 10, 100, vec![0; 20]);
        assert_eq!(
            (there.status(), &there.headers()[CONTENT_RANGE]),
            (StatusCode::PARTIAL_CONTENT, &HeaderValue::from_static("bytes 10-29/100"))
        );
        let behind = piece("video/mp4", 100, 100, Vec::new());
        assert_eq!(
            (behind.status(), &behind.headers()[CONTENT_RANGE]),
            (StatusCode::RANGE_NOT_SATISFIABLE, &HeaderValue::from_static("bytes */100"))
        );
    }
}

//! `preview://localhost/<photo>/<thumb|view|full>`: pictures for the window, and nothing else.
//!
//! A preview never changes once it is there, so the web view may keep it for good; a miss is never
//! kept. Only the window itself is answered, only ids are understood, and no path can be named.

use darkslide_core::error::{Code, Error};
use darkslide_core::media::{PhotoId, PreviewSize};
use darkslide_core::vault::Vault;
use tauri::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use tauri::http::{Method, Request, Response, StatusCode};

use crate::state::App;

pub const SCHEME: &str = "preview";
const FOREVER: &str = "private, max-age=31536000, immutable";

/// Which picture of a photo is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Picture {
    Preview(PreviewSize),
    /// Every pixel there is: of the original, or the largest picture in a raw file.
    Full,
}

impl Picture {
    fn of(self, vault: &Vault, photo: PhotoId) -> Result<Vec<u8>, Error> {
        match self {
            Self::Preview(size) => vault.preview(photo, size),
            Self::Full => vault.full_picture(photo),
        }
    }
}

/// The picture an address names, if it names one.
fn asked(path: &str) -> Option<(PhotoId, Picture)> {
    let (photo, size) = path.strip_prefix('/')?.split_once('/')?;
    let size = match size {
        "thumb" => Picture::Preview(PreviewSize::Thumb),
        "view" => Picture::Preview(PreviewSize::View),
        "full" => Picture::Full,
        _ => return None,
    };
    Some((photo.parse().ok()?, size))
}

/// Answers one request of the web view.
pub async fn answer(app: App, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let asked = match request.method() {
        &Method::GET => asked(request.uri().path()),
        _ => None,
    };
    let Some((photo, size)) = asked else { return empty(StatusCode::BAD_REQUEST) };
    let Ok(_turn) = app.desk().previews.acquire().await else {
        return empty(StatusCode::SERVICE_UNAVAILABLE);
    };
    match app.with_vault(move |vault| size.of(vault, photo)).await {
        Ok(jpeg) => picture(jpeg),
        Err(error) if error.code == Code::NotFound => empty(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::warn!(%photo, error = error.message, "no preview");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

fn picture(jpeg: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(jpeg);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, "image/jpeg".parse().expect("a plain header"));
    headers.insert(CACHE_CONTROL, FOREVER.parse().expect("a plain header"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, "nosniff".parse().expect("a plain header"));
    response
}

pub fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, "no-store".parse().expect("a plain header"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_photo_and_a_size_and_never_a_path() {
        let id = "000102030405060708090a0b0c0d0e0f";
        let (photo, size) = asked(&format!("/{id}/thumb")).unwrap();
        assert_eq!((photo.to_string().as_str(), size), (id, Picture::Preview(PreviewSize::Thumb)));
        assert_eq!(asked(&format!("/{id}/view")).unwrap().1, Picture::Preview(PreviewSize::View));
        assert_eq!(asked(&format!("/{id}/full")).unwrap().1, Picture::Full);
        for bad in [
            "",
            "/",
            "/thumb",
            &format!("/{id}"),
            &format!("/{id}/"),
            &format!("/{id}/original"),
            &format!("/{id}/thumb/x"),
            &format!("/{}/thumb", &id[2..]),
            "/../../etc/passwd",
            "/%2e%2e/thumb",
        ] {
            assert!(asked(bad).is_none(), "{bad} names no preview");
        }
    }

    #[test]
    fn a_picture_may_be_kept_and_a_miss_may_not() {
        let kept = picture(vec![0xff, 0xd8]);
        assert_eq!(kept.headers()[CACHE_CONTROL], FOREVER);
        assert_eq!(kept.headers()[CONTENT_TYPE], "image/jpeg");
        let missed = empty(StatusCode::NOT_FOUND);
        assert_eq!(missed.status(), 404);
        assert_eq!(missed.headers()[CACHE_CONTROL], "no-store");
    }
}

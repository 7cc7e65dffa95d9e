//! `preview://localhost/<photo>/<thumb|view|full|film>`: pictures for the window, and nothing else;
//! of a card that is looked at, `preview://localhost/card/<id>/<number>`.
//!
//! A preview never changes once it is there, so the web view may keep it for good; a miss is never
//! kept. Only the window itself is answered, only ids are understood, and no path can be named.

use darkslide_core::error::{Code, Error};
use darkslide_core::media::{PhotoId, PreviewSize};
use darkslide_core::vault::Vault;
use tauri::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use tauri::http::{Method, Request, Response, StatusCode};

use crate::film_scheme;
use crate::state::App;

pub const SCHEME: &str = "preview";
const FOREVER: &str = "private, max-age=31536000, immutable";

/// What of a photo is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Preview(PreviewSize),
    /// Every pixel there is: of the original, or the largest picture in a raw file.
    Full,
    Film,
}

/// What an address names, if it names anything.
fn asked(path: &str) -> Option<(PhotoId, Asked)> {
    let (photo, what) = path.strip_prefix('/')?.split_once('/')?;
    let what = match what {
        "thumb" => Asked::Preview(PreviewSize::Thumb),
        "view" => Asked::Preview(PreviewSize::View),
        "full" => Asked::Full,
        "film" => Asked::Film,
        _ => return None,
    };
    Some((photo.parse().ok()?, what))
}

/// The exposure of a card an address names, if it names one.
fn asked_of_card(path: &str) -> Option<(&str, usize)> {
    let (card, number) = path.strip_prefix("/card/")?.split_once('/')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits(card) && digits(number) { Some((card, number.parse().ok()?)) } else { None }
}

/// A picture of a card: made when it is asked for, from the card itself.
async fn of_card(app: App, card: &str, number: usize) -> Response<Vec<u8>> {
    let Some(frames) = app.desk().card(card) else { return empty(StatusCode::NOT_FOUND) };
    let Ok(_turn) = app.desk().previews.acquire().await else {
        return empty(StatusCode::SERVICE_UNAVAILABLE);
    };
    let made = app.with_vault(move |vault| Ok(vault.card_picture(&frames, number)?)).await;
    match made {
        Ok(jpeg) => {
            // As long as somebody looks at the card, and no longer.
            let mut response = picture(jpeg);
            let while_looking = "private, max-age=900".parse().expect("a plain header");
            response.headers_mut().insert(CACHE_CONTROL, while_looking);
            response
        }
        Err(_) => empty(StatusCode::NOT_FOUND),
    }
}

/// Answers one request of the web view.
pub async fn answer(app: App, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let path = match request.method() {
        &Method::GET => request.uri().path(),
        _ => "",
    };
    if let Some((card, number)) = asked_of_card(path) {
        return of_card(app, card, number).await;
    }
    let (photo, size) = match asked(path) {
        Some((photo, Asked::Preview(size))) => (photo, Some(size)),
        Some((photo, Asked::Full)) => (photo, None),
        Some((photo, Asked::Film)) => return film_scheme::answer(app, photo, &request).await,
        None => return empty(StatusCode::BAD_REQUEST),
    };
    let Ok(_turn) = app.desk().previews.acquire().await else {
        return empty(StatusCode::SERVICE_UNAVAILABLE);
    };
    match app.with_vault(move |vault| picture_of(vault, photo, size)).await {
        Ok(jpeg) => picture(jpeg),
        Err(error) if error.code == Code::NotFound => empty(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::warn!(%photo, error = error.message, "no preview");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// A preview, or where no size is named every pixel there is.
fn picture_of(vault: &Vault, photo: PhotoId, size: Option<PreviewSize>) -> Result<Vec<u8>, Error> {
    match size {
        Some(size) => vault.preview(photo, size),
        None => vault.full_picture(photo),
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
        let (photo, what) = asked(&format!("/{id}/thumb")).unwrap();
        assert_eq!((photo.to_string().as_str(), what), (id, Asked::Preview(PreviewSize::Thumb)));
        assert_eq!(asked(&format!("/{id}/view")).unwrap().1, Asked::Preview(PreviewSize::View));
        assert_eq!(asked(&format!("/{id}/full")).unwrap().1, Asked::Full);
        assert_eq!(asked(&format!("/{id}/film")).unwrap().1, Asked::Film);
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
    fn an_address_of_a_card_names_two_numbers_and_never_a_path() {
        assert_eq!(asked_of_card("/card/3/17"), Some(("3", 17)));
        for bad in ["/card/3", "/card//1", "/card/3/x", "/card/3/1/2", "/card/../1", "/cards/3/1"] {
            assert!(asked_of_card(bad).is_none(), "{bad}");
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

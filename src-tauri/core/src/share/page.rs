//! The gallery page as it is put into one share: the built file with one address filled in.
//!
//! The page is the same for every share and holds nothing private. Its Content-Security-Policy
//! lets it fetch from one folder only, and which folder that is is known only here.

use bytes::Bytes;
use url::Url;

use super::error::ShareError;

/// What stands in the built page where the share's folder belongs.
const PLACEHOLDER: &str = "https://darkslide.invalid/share/";

/// Fills the folder that the presigned address `view` lies in into the page.
pub(super) fn page_for(page: &[u8], view: &Url) -> Result<Bytes, ShareError> {
    let page = std::str::from_utf8(page).map_err(|_| ShareError::Page("it is not UTF-8"))?;
    if page.matches(PLACEHOLDER).count() != 1 {
        return Err(ShareError::Page("it has no place for the share's address"));
    }
    Ok(Bytes::from(page.replace(PLACEHOLDER, &folder(view)?)))
}

/// The folder as a CSP source: no query, and none of the letters that end a source or an attribute.
fn folder(view: &Url) -> Result<String, ShareError> {
    let mut folder = view.clone();
    folder.set_query(None);
    folder.set_fragment(None);
    let text = folder.as_str();
    let text = text.strip_suffix("view").ok_or(ShareError::Page("its address is not `view`"))?;
    let text: String = text
        .chars()
        .map(|letter| match letter {
            ';' => "%3B".to_owned(),
            ',' => "%2C".to_owned(),
            '\'' => "%27".to_owned(),
            '"' => "%22".to_owned(),
            '&' => "%26".to_owned(),
            other => other.to_string(),
        })
        .collect();
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> Url {
        Url::parse("https://host:9000/b/s/abc/view?X-Amz-Signature=00").unwrap()
    }

    #[test]
    fn the_page_may_fetch_from_its_own_folder_only() {
        let page = b"<meta content=\"connect-src https://darkslide.invalid/share/;\">";
        let filled = page_for(page, &view()).unwrap();
        assert_eq!(&filled[..], b"<meta content=\"connect-src https://host:9000/b/s/abc/;\">");
    }

    #[test]
    fn a_page_without_the_place_is_refused() {
        assert!(page_for(b"<title>Photos</title>", &view()).is_err());
        let twice = format!("{PLACEHOLDER} {PLACEHOLDER}");
        assert!(page_for(twice.as_bytes(), &view()).is_err());
    }

    #[test]
    fn no_letter_of_the_address_can_end_the_source() {
        let view = Url::parse("https://host/a;b,c'd/s/abc/view?x=1").unwrap();
        assert_eq!(folder(&view).unwrap(), "https://host/a%3Bb%2Cc%27d/s/abc/");
    }
}

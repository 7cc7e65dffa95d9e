//! The link: all a client needs, and the only thing a client gets.
//!
//! ```text
//! <address of view>#v1.<secret, base64url>.<n>.<the index's signature, base64url>
//! ```
//!
//! What stands behind `#` never reaches a server. The index's address is that of `view` with three
//! things changed: its name, its signature (from the fragment) and its lifetime, which `view`
//! carries in its own signed query as `x-ds-end`. So the page knows the end before it asks anybody.

use std::fmt;
use std::time::Duration;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use jiff::civil::DateTime;
use url::Url;

use crate::encryption::Key;
use crate::media::ShareId;

/// The longest link that every mail and chat program was found to keep whole.
pub const LONGEST: usize = 520;
/// The signed parameter of `view`'s address that holds the share's lifetime in seconds.
pub const END_PARAMETER: &str = "x-ds-end";

const SIGNATURE: &str = "X-Amz-Signature";
const EXPIRES: &str = "X-Amz-Expires";

/// A text that is no link of ours, or only a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link is incomplete or damaged: {0}")]
pub struct BadLink(pub &'static str);

/// A share's link, whole.
#[derive(Clone)]
pub struct Link {
    /// The presigned address of the page.
    pub view: Url,
    /// What everything in the share is encrypted under.
    pub secret: Key,
    /// Which index this link shows.
    pub n: u32,
    /// The signature of that index's address.
    pub signature: [u8; 32],
}

impl Link {
    /// Reads a link as a client's browser does.
    ///
    /// # Errors
    /// `BadLink`, saying which part is wrong.
    pub fn parse(text: &str) -> Result<Self, BadLink> {
        let mut view = Url::parse(text.trim()).map_err(|_| BadLink("no address"))?;
        let fragment = view.fragment().ok_or(BadLink("nothing behind #"))?.to_owned();
        view.set_fragment(None);
        let parts: Vec<&str> = fragment.split('.').collect();
        let &["v1", secret, n, signature] = parts.as_slice() else {
            return Err(BadLink("what stands behind # has not four parts"));
        };
        let link = Self {
            view,
            secret: Key::from_bytes(bytes32(secret).ok_or(BadLink("the secret"))?),
            n: n.parse().map_err(|_| BadLink("the number"))?,
            signature: bytes32(signature).ok_or(BadLink("the signature"))?,
        };
        link.share()?;
        link.signed_at()?;
        link.lives()?;
        Ok(link)
    }

    /// The share's id, from the address.
    ///
    /// # Errors
    /// `BadLink` when the address does not end in `/<share id>/view`.
    pub fn share(&self) -> Result<ShareId, BadLink> {
        let bad = BadLink("the share's name");
        let mut segments = self.view.path().rsplit('/');
        if segments.next() != Some("view") {
            return Err(bad);
        }
        segments.next().and_then(share_from_name).ok_or(bad)
    }

    /// When the addresses were signed.
    ///
    /// # Errors
    /// `BadLink` when the address has no readable `X-Amz-Date`.
    pub fn signed_at(&self) -> Result<Timestamp, BadLink> {
        let bad = BadLink("the date");
        let date = self.query("X-Amz-Date").ok_or(bad)?;
        DateTime::strptime("%Y%m%dT%H%M%SZ", date)
            .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC))
            .map(|zoned| zoned.timestamp())
            .map_err(|_| bad)
    }

    /// How long the share lives from then on.
    ///
    /// # Errors
    /// `BadLink` when the address does not say it.
    pub fn lives(&self) -> Result<Duration, BadLink> {
        let bad = BadLink("the end");
        let seconds = self.query(END_PARAMETER).and_then(|text| text.parse().ok()).ok_or(bad)?;
        Ok(Duration::from_secs(seconds))
    }

    /// The presigned address of the index.
    ///
    /// # Errors
    /// `BadLink` when the address of the page is not one of ours.
    pub fn index(&self) -> Result<Url, BadLink> {
        let lives = self.lives()?.as_secs().to_string();
        let path = self.view.path();
        let folder = path.strip_suffix("view").ok_or(BadLink("the share's name"))?;
        let query: Vec<String> = self
            .view
            .query()
            .unwrap_or_default()
            .split('&')
            .filter_map(|pair| match pair.split_once('=').unwrap_or((pair, "")) {
                (END_PARAMETER, _) => None,
                (EXPIRES, _) => Some(format!("{EXPIRES}={lives}")),
                (SIGNATURE, _) => Some(format!("{SIGNATURE}={}", HEXLOWER.encode(&self.signature))),
                _ => Some(pair.to_owned()),
            })
            .collect();
        let mut index = self.view.clone();
        index.set_path(&format!("{folder}index/{}", self.n));
        index.set_query(Some(&query.join("&")));
        Ok(index)
    }

    fn query(&self, name: &str) -> Option<&str> {
        self.view
            .query()?
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = BASE64URL_NOPAD.encode(self.secret.expose());
        let signature = BASE64URL_NOPAD.encode(&self.signature);
        write!(f, "{}#v1.{secret}.{}.{signature}", self.view, self.n)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link(n {}, [REDACTED])", self.n)
    }
}

/// The share's name in the bucket: base32, lower case, no padding.
#[must_use]
pub fn share_name(id: ShareId) -> String {
    data_encoding::BASE32_NOPAD.encode(&id.0).to_ascii_lowercase()
}

/// The way back from `share_name`; `None` for anything else.
#[must_use]
pub fn share_from_name(name: &str) -> Option<ShareId> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let bytes = data_encoding::BASE32_NOPAD.decode(name.to_ascii_uppercase().as_bytes()).ok()?;
    bytes.try_into().ok().map(ShareId)
}

/// The signature in a presigned address.
///
/// # Errors
/// `BadLink` when the address has none.
pub(super) fn signature_of(address: &Url) -> Result<[u8; 32], BadLink> {
    address
        .query_pairs()
        .find(|(key, _)| key == SIGNATURE)
        .and_then(|(_, hex)| HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok())
        .ok_or(BadLink("the signature"))
}

fn bytes32(text: &str) -> Option<[u8; 32]> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: &str = "https://bucket.s3.eu-central-1.amazonaws.com/s/aaaqeayeaudaocajbifqydiob4/view\
        ?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261120%2Feu-central-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20261120T190200Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&x-ds-end=259200\
        &X-Amz-Signature=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn link() -> Link {
        Link {
            view: Url::parse(VIEW).unwrap(),
            secret: Key::from_bytes([13; 32]),
            n: 1,
            signature: [0xbc; 32],
        }
    }

    #[test]
    fn a_link_comes_back_as_it_was_written() {
        let text = link().to_string();
        let read = Link::parse(&text).unwrap();
        assert_eq!(read.to_string(), text);
        assert_eq!(
            read.share().unwrap(),
            ShareId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
        );
        assert_eq!(read.signed_at().unwrap().to_string(), "2026-11-20T19:02:00Z");
        assert_eq!(read.lives().unwrap(), Duration::from_secs(259_200));
        assert!(text.len() <= LONGEST, "{} characters", text.len());
    }

    #[test]
    fn the_index_stands_at_the_views_address_with_its_own_signature_and_end() {
        let index = link().index().unwrap();
        assert_eq!(index.path(), "/s/aaaqeayeaudaocajbifqydiob4/index/1");
        let query = index.query().unwrap();
        assert!(query.contains("X-Amz-Expires=259200&"));
        assert!(query.ends_with(&format!("X-Amz-Signature={}", "bc".repeat(32))));
        assert!(!query.contains("x-ds-end"));
    }

    #[test]
    fn half_a_link_says_which_half() {
        let whole = link().to_string();
        for cut in [whole.len() - 1, whole.find('#').unwrap(), whole.find("#v1.").unwrap() + 20] {
            assert!(Link::parse(&whole[..cut]).is_err(), "{}", &whole[..cut]);
        }
        assert!(Link::parse(&whole.replace("#v1.", "#v2.")).is_err());
        assert!(Link::parse(&whole.replace("/view", "/other")).is_err());
        assert!(Link::parse(&whole.replace("&x-ds-end=259200", "")).is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let link = link();
        assert!(!format!("{link:?}").contains(&BASE64URL_NOPAD.encode(link.secret.expose())));
    }
}

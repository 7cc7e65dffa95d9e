//! Reads a link as the gallery page does, without any credential: the way to prove that it works.

use bytes::Bytes;
use url::Url;

use super::error::ShareError;
use super::index::{BadIndex, Index, item_context};
use super::link::{BadLink, Link};
use super::passcode::Passcode;
use super::share_key;
use crate::encryption;
use crate::store::Store;

/// What a client sees.
#[derive(Debug, Clone)]
pub struct Visited {
    pub index: Index,
    /// The first photo's view, decrypted: a JPEG.
    pub first_photo: Vec<u8>,
}

/// Opens `link` and decrypts its first photo. `store` only carries the requests.
///
/// # Errors
/// The link is damaged, ended or revoked (`Dead` with the store's answer), or needs another passcode.
pub async fn visit(
    store: &dyn Store,
    link: &str,
    passcode: Option<&str>,
) -> Result<Visited, ShareError> {
    let link = Link::parse(link)?;
    let share = link.share()?;
    let passcode = passcode.map(Passcode::typed).transpose()?;
    let key = share_key(&link.secret, share, passcode.as_ref());
    get(store, &link.view).await?;
    let index = Index::open(&key, share, link.n, &get(store, &link.index()?).await?)?;
    let shown = index.photos.first().ok_or(BadIndex::Shape("no photos"))?;
    let address = index.address(shown.view).ok_or(BadIndex::Shape("an item"))?;
    let address = Url::parse(&address).map_err(|_| BadLink("an item's address"))?;
    let sealed = get(store, &address).await?;
    let (name, _) = &index.items[shown.view];
    let first_photo =
        encryption::open(&key, &item_context(share, name), &sealed).map_err(BadIndex::Sealed)?;
    Ok(Visited { index, first_photo })
}

async fn get(store: &dyn Store, address: &Url) -> Result<Bytes, ShareError> {
    let visit = store.visit(address).await?;
    if visit.status == 200 { Ok(visit.body) } else { Err(ShareError::Dead(visit.status)) }
}

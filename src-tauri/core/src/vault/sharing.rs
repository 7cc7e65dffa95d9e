//! Links for clients.

use std::sync::Arc;

use super::Vault;
use crate::error::Result;
use crate::media::{AlbumId, PhotoId, PreviewSize};
use crate::progress::Progress;
use crate::share::{self, Created, Revoked, ShareInfo, ShareOptions, Shares, Swept, Visited};

impl Vault {
    /// Shares an album by its name.
    ///
    /// # Errors
    /// No such album or vault, an empty album, or a store that failed; nothing is shared then.
    pub fn share_create(
        &self,
        album: &str,
        options: &ShareOptions,
        progress: &Progress,
    ) -> Result<Created> {
        let album = self.album(album)?;
        let shares = self.share_store()?;
        self.fetch_views(album)?;
        Ok(self.settings.runtime.block_on(shares.create(album, options, progress))?)
    }

    /// Shares chosen photos: they become an album of their own, called as the share is titled.
    ///
    /// # Errors
    /// As `share_create`.
    pub fn share_photos(
        &self,
        photos: &[PhotoId],
        options: &ShareOptions,
        progress: &Progress,
    ) -> Result<Created> {
        let mut name = options.title.clone();
        for n in 2.. {
            if self.catalog.album_named(&name)?.is_none() {
                break;
            }
            name = format!("{} {n}", options.title);
        }
        self.catalog.create_album(&name)?;
        self.album_add_photos(&name, photos)?;
        self.share_create(&name, options, progress)
    }

    /// All links, the one that ends last first.
    ///
    /// # Errors
    /// The catalogue could not be read.
    pub fn shares(&self) -> Result<Vec<ShareInfo>> {
        Ok(share::list(&self.catalog, self.now())?)
    }

    /// The link whose id begins with `prefix`.
    ///
    /// # Errors
    /// None does, or several do.
    pub fn share_show(&self, prefix: &str) -> Result<ShareInfo> {
        Ok(share::show(&self.catalog, prefix, self.now())?)
    }

    /// Takes a link back and proves that it is dead.
    ///
    /// # Errors
    /// No such share, or the store could not be reached: nothing is called revoked then.
    pub fn share_revoke(&self, prefix: &str) -> Result<Revoked> {
        let shares = self.share_store()?;
        Ok(self.settings.runtime.block_on(shares.revoke(prefix))?)
    }

    /// Deletes what lies behind links that have ended.
    ///
    /// # Errors
    /// The store could not be reached; what was swept until then stays swept.
    pub fn share_sweep(&self) -> Result<Swept> {
        let shares = self.share_store()?;
        Ok(self.settings.runtime.block_on(shares.sweep())?)
    }

    /// Opens a link as a client's browser does, with no more than the link.
    ///
    /// # Errors
    /// The link is damaged, has ended or was revoked, or wants another passcode.
    pub fn visit(&self, link: &str, passcode: Option<&str>) -> Result<Visited> {
        let store = self.share_bucket()?;
        Ok(self.settings.runtime.block_on(share::visit(store.as_ref(), link, passcode))?)
    }

    /// Brings the views of photos whose originals are not on this computer: after `vault open` they
    /// are in the bucket only. One that does not come is left out by name when the share is made.
    fn fetch_views(&self, album: AlbumId) -> Result<()> {
        for item in self.catalog.album_items(album)? {
            let files = self.catalog.files_of(item.photo)?;
            let is_here = files.iter().any(|file| file.lead && file.local.is_some());
            if !is_here
                && !self.previews.has(item.photo, PreviewSize::View)
                && let Err(error) = self.preview(item.photo, PreviewSize::View)
            {
                tracing::warn!(photo = %item.photo, %error, "no view for the share");
            }
        }
        Ok(())
    }

    fn share_store(&self) -> Result<Shares> {
        Ok(Shares {
            store: self.share_bucket()?,
            catalog: Arc::clone(&self.catalog),
            previews: self.previews.clone(),
            library: self.library(),
            page: self.settings.gallery_page.clone(),
            now: Arc::clone(&self.settings.now),
        })
    }
}

//! Makes a share: renders on threads, seals and uploads meanwhile, then signs and writes the index.
//!
//! The order keeps every moment safe: the record first (so that nothing in the bucket is unknown),
//! then items, index and page, and the link last. One bad photo is left out and named; a store that
//! fails ends the work, and what was put is taken away again.

use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::error::ShareError;
use super::index::{self, Index, Originals, Rights, Shown, item_context, template};
use super::link::{END_PARAMETER, LONGEST, Link, share_name, signature_of};
use super::page::page_for;
use super::passcode::Passcode;
use super::render::{Job, Ready};
use super::revoke::Keep;
use super::{Created, LeftOut, PAGE_LIVES, ShareOptions, Shares, object, record, share_key};
use crate::encryption::{self, Key, Salt, fill_random};
use crate::media::{AlbumId, PhotoId, ShareId};
use crate::previews::{self, LONGEST_MARK};
use crate::progress::Progress;
use crate::store::{LONGEST_LINK, PutOptions, SHORTEST_LINK, sha256};

/// Pictures decoded at the same time; more only takes more memory.
const RENDERERS: usize = 2;
/// Photos on their way at the same time: rendering, waiting, uploading.
const ON_THE_WAY: usize = 8;
/// What these may hold in memory, in MiB; one photo alone may exceed it.
const BUDGET_MIB: u32 = 160;

/// The index number of a share's first link.
const FIRST: u32 = 1;

/// What a photo became.
enum Made {
    Placed(Placed),
    LeftOut(LeftOut),
}

/// A photo whose items are in the store.
struct Placed {
    photo: PhotoId,
    name: String,
    caption: Option<String>,
    width: u32,
    height: u32,
    thumb: Item,
    view: Item,
    full: Option<Item>,
    without_full: Option<String>,
}

/// An object's name and sealed length.
type Item = (String, u64);

impl Shares {
    /// Shares an album.
    ///
    /// # Errors
    /// The options contradict each other, the album is missing, empty or unshowable, or the store
    /// failed; nothing of the share is left then. Photos that could not be made are no error:
    /// they are in `failed`.
    pub async fn create(
        &self,
        album: AlbumId,
        options: &ShareOptions,
        progress: &Progress,
    ) -> Result<Created, ShareError> {
        check(options)?;
        let jobs = self.jobs(album, options)?;
        if jobs.is_empty() {
            return Err(ShareError::Empty);
        }
        progress.set_total(jobs.len() as u64, 0);
        let mut id = ShareId([0; 16]);
        fill_random(&mut id.0);
        record::begin(&self.catalog, id, album, options, (self.now)())?;
        let made = self.make(id, jobs, options, progress).await;
        if made.is_err() {
            self.clear(id).await;
        }
        made
    }

    async fn make(
        &self,
        id: ShareId,
        jobs: Vec<Job>,
        options: &ShareOptions,
        progress: &Progress,
    ) -> Result<Created, ShareError> {
        let secret = Key::random();
        let passcode = options.passcode.then(Passcode::random);
        let key = Arc::new(share_key(&secret, id, passcode.as_ref()));

        let renderers = Arc::new(Semaphore::new(RENDERERS));
        let budget = Semaphore::new(BUDGET_MIB as usize);
        let made: Vec<Made> = stream::iter(jobs)
            .map(|job| self.one(id, job, &key, options, &renderers, &budget, progress))
            .buffered(ON_THE_WAY)
            .try_collect()
            .await?;
        let mut placed = Vec::with_capacity(made.len());
        let mut failed = Vec::new();
        for made in made {
            match made {
                Made::LeftOut(left) => failed.push(left),
                Made::Placed(photo) => {
                    if let Some(reason) = &photo.without_full {
                        let (photo, path) = (photo.photo, photo.name.clone());
                        failed.push(LeftOut { photo, path, reason: reason.clone() });
                    }
                    placed.push(photo);
                }
            }
        }
        if placed.is_empty() {
            let reason = failed.first().map(|left| left.reason.clone()).unwrap_or_default();
            return Err(ShareError::NothingToShow(reason));
        }
        progress.check()?;
        let mut created = self.publish(id, &key, secret, passcode, &placed, options).await?;
        created.failed = failed;
        Ok(created)
    }

    /// Signs, writes index and page, and records the link.
    async fn publish(
        &self,
        id: ShareId,
        key: &Key,
        secret: Key,
        passcode: Option<Passcode>,
        placed: &[Placed],
        options: &ShareOptions,
    ) -> Result<Created, ShareError> {
        // Signed by the store's own clock: a computer that is a little off still makes good links.
        let at = record::second(self.store.server_date().await?);
        let lives = options.expires_in;
        let end = at.saturating_add(record::lifetime(lives)).unwrap_or(Timestamp::MAX);
        let index = self.index(id, placed, options, at, end).await?;

        let sealed = Bytes::from(index.seal(key, id, FIRST));
        let name = object(id, &format!("index/{FIRST}"));
        let index_address = self.store.presign_get(&name, lives, at, &[]).await?.url;
        self.put(&name, sealed, None).await?;

        let name = object(id, "view");
        let seconds = lives.as_secs().to_string();
        let notes = [(END_PARAMETER, seconds.as_str())];
        let view = self.store.presign_get(&name, PAGE_LIVES, at, &notes).await?.url;
        let page = page_for(&self.page, &view)?;
        self.put(&name, page, Some("text/html; charset=utf-8")).await?;

        let link = Link { view, secret, n: FIRST, signature: signature_of(&index_address)? };
        if link.index()? != index_address {
            return Err(ShareError::Template);
        }
        let url = link.to_string();
        if url.len() > LONGEST {
            // Temporary credentials put their token into every address.
            tracing::warn!(characters = url.len(), "some mail programs may cut this link");
        }
        let created = Created {
            url,
            share_id: share_name(id),
            expires_at: end,
            passcode: passcode.map(|passcode| passcode.expose().to_owned()),
            items: placed.len() as u64,
            bytes: index.items.iter().map(|(_, bytes)| bytes).sum(),
            failed: Vec::new(),
        };
        let photos: Vec<PhotoId> = placed.iter().map(|photo| photo.photo).collect();
        record::finish(&self.catalog, id, &created, &link, options, &photos)?;
        Ok(created)
    }

    async fn index(
        &self,
        id: ShareId,
        placed: &[Placed],
        options: &ShareOptions,
        at: Timestamp,
        end: Timestamp,
    ) -> Result<Index, ShareError> {
        let mut items: Vec<Item> = Vec::with_capacity(placed.len() * 2);
        let mut push = |item: &Item| {
            items.push(item.clone());
            items.len() - 1
        };
        let photos = placed
            .iter()
            .map(|photo| Shown {
                name: photo.name.clone(),
                caption: photo.caption.clone(),
                width: photo.width,
                height: photo.height,
                thumb: push(&photo.thumb),
                view: push(&photo.view),
                full: photo.full.as_ref().map(&mut push),
            })
            .collect();
        let mut signatures = Vec::with_capacity(items.len());
        let mut common: Option<String> = None;
        for (name, _) in &items {
            let address =
                self.store.presign_get(&object(id, name), options.expires_in, at, &[]).await?.url;
            let signature = signature_of(&address)?;
            let template =
                template(address.as_str(), name, &signature).ok_or(ShareError::Template)?;
            if common.as_ref().is_some_and(|common| *common != template) {
                return Err(ShareError::Template);
            }
            common = Some(template);
            signatures.push(signature);
        }
        Ok(Index {
            v: index::VERSION,
            title: options.title.clone(),
            message: options.message.clone(),
            studio: None,
            created: at,
            end,
            rights: Rights {
                save: true,
                originals: options.originals,
                watermark: options.watermark.is_some(),
            },
            template: common.ok_or(ShareError::Template)?,
            items,
            photos,
            signatures,
        })
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one pipeline, each used once")]
    async fn one(
        &self,
        id: ShareId,
        job: Job,
        key: &Arc<Key>,
        options: &ShareOptions,
        renderers: &Arc<Semaphore>,
        budget: &Semaphore,
        progress: &Progress,
    ) -> Result<Made, ShareError> {
        progress.check()?;
        let weight = u32::try_from(job.weight() >> 20).unwrap_or(u32::MAX).clamp(1, BUDGET_MIB);
        let _held = budget.acquire_many(weight).await;
        let (photo, path) = (job.photo, job.name.clone());
        let (cache, asked) = (self.previews.clone(), options.clone());
        let (key, renderers) = (Arc::clone(key), Arc::clone(renderers));
        let turn = renderers.acquire_owned().await;
        progress.check()?;
        let sealed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            job.make(&asked, &cache).map(|ready| Sealed::new(id, job, ready, &key))
        })
        .await;
        let left_out = |reason: String| Made::LeftOut(LeftOut { photo, path, reason });
        let sealed = match sealed {
            Ok(Ok(sealed)) => sealed,
            Ok(Err(reason)) => {
                progress.add_files(1);
                return Ok(left_out(reason.to_string()));
            }
            Err(_) => {
                progress.add_files(1);
                return Ok(left_out("a decoder failed on it".to_owned()));
            }
        };
        let placed = self.upload(id, sealed, progress).await?;
        progress.add_files(1);
        Ok(Made::Placed(placed))
    }

    async fn upload(
        &self,
        id: ShareId,
        sealed: Sealed,
        progress: &Progress,
    ) -> Result<Placed, ShareError> {
        for (name, body) in sealed.bodies {
            progress.check()?;
            let bytes = body.len() as u64;
            self.put(&object(id, &name), body, None).await?;
            progress.add_bytes(bytes);
        }
        Ok(sealed.placed)
    }

    async fn put(&self, name: &str, body: Bytes, kind: Option<&str>) -> Result<(), ShareError> {
        let digest = sha256(&body);
        let options = PutOptions { content_type: kind.map(str::to_owned), ..PutOptions::default() };
        Ok(self.store.put(name, body, digest, &options).await?)
    }

    fn jobs(&self, album: AlbumId, options: &ShareOptions) -> Result<Vec<Job>, ShareError> {
        self.catalog.album(album)?.ok_or(ShareError::NoAlbum)?;
        let mut jobs = Vec::new();
        for item in self.catalog.album_items(album)? {
            let Some(row) = self.catalog.photo(item.photo)? else { continue };
            let files = self.catalog.files_of(row.id)?;
            let wants_full = match options.originals {
                Originals::None => false,
                Originals::Chosen => row.flag.as_deref() == Some("pick"),
                Originals::All => true,
            };
            jobs.push(Job::new(&row, &files, wants_full, &self.library));
        }
        Ok(jobs)
    }

    /// Takes away what an unfinished share left. What fails here is done by a later sweep.
    async fn clear(&self, id: ShareId) {
        let now = (self.now)();
        let cleared = async {
            let record = record::find(&self.catalog, &share_name(id), now)?;
            self.delete(&record, Keep::Nothing).await?;
            record::mark(&self.catalog, id, &["swept", "gone"], now)
        };
        if let Err(error) = cleared.await {
            tracing::warn!(%error, "an unfinished share stays in the bucket until the next sweep");
        }
    }
}

/// A photo's items, sealed and named.
struct Sealed {
    placed: Placed,
    bodies: Vec<(String, Bytes)>,
}

impl Sealed {
    fn new(id: ShareId, job: Job, ready: Ready, key: &Key) -> Self {
        let mut bodies = Vec::with_capacity(3);
        let mut seal = |plain: &[u8]| {
            let name = item_name();
            let body = encryption::seal(key, Salt::random(), &item_context(id, &name), plain);
            let item = (name.clone(), body.len() as u64);
            bodies.push((name, Bytes::from(body)));
            item
        };
        let placed = Placed {
            photo: job.photo,
            name: job.name,
            caption: job.caption,
            width: ready.view.width,
            height: ready.view.height,
            thumb: seal(&ready.thumb),
            view: seal(&ready.view.bytes),
            full: ready.full.as_deref().map(&mut seal),
            without_full: ready.without_full,
        };
        Self { placed, bodies }
    }
}

/// 80 random bits: nothing about the photo, and no two alike within a share.
fn item_name() -> String {
    let mut bytes = [0; 10];
    fill_random(&mut bytes);
    data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

fn check(options: &ShareOptions) -> Result<(), ShareError> {
    let refuse = |why| Err(ShareError::Options(why));
    if !(SHORTEST_LINK..=LONGEST_LINK).contains(&options.expires_in) {
        return refuse("a link lives from 1 second to 7 days");
    }
    if options.expires_in.subsec_nanos() != 0 {
        return refuse("a link lives for whole seconds");
    }
    if !(256..=8192).contains(&options.size_px) {
        return refuse("pictures are 256 to 8192 pixels on the longer side");
    }
    if options.watermark.as_deref().is_some_and(|text| text.trim().is_empty()) {
        return refuse("the watermark has no text");
    }
    if options.watermark.as_deref().is_some_and(|text| text.chars().count() > LONGEST_MARK) {
        return refuse("a watermark has 80 letters at most");
    }
    if let Some(letter) = options.watermark.as_deref().and_then(previews::undrawable) {
        return Err(ShareError::Undrawable(letter));
    }
    if options.watermark.is_some() && options.originals != Originals::None {
        return refuse("originals carry no watermark: share them without one, or not at all");
    }
    Ok(())
}

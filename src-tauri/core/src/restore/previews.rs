//! Pictures back from the bucket: all thumbnails when a vault is opened, a view when it is asked for.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};

use super::fetch::Fetcher;
use super::{Failed, RestoreError};
use crate::backup::format::{ItemKind, Place};
use crate::catalog::{Catalog, PhotoRow, Query};
use crate::media::{PhotoId, PreviewSize};
use crate::previews::Cache;
use crate::progress::Progress;

/// Packs on their way at the same time, 16 MiB each.
const PACKS: usize = 3;

/// Where a photo's preview lies in the bucket.
fn place_of(photo: &PhotoRow, size: PreviewSize) -> Option<Place> {
    let field = match size {
        PreviewSize::Thumb => "thumb",
        PreviewSize::View => "view",
    };
    photo.fields.get(field).and_then(|field| field.get("at")).and_then(Place::read)
}

/// One preview, as JPEG bytes; `None` when the bucket has none of this photo.
///
/// # Errors
/// It is damaged, or the store does not answer.
pub async fn fetch_preview(
    fetcher: &Fetcher,
    photo: &PhotoRow,
    size: PreviewSize,
) -> Result<Option<Vec<u8>>, RestoreError> {
    let kind = match size {
        PreviewSize::Thumb => ItemKind::Thumb,
        PreviewSize::View => ItemKind::View,
    };
    match place_of(photo, size) {
        Some(place) => Ok(Some(fetcher.item(place, kind).await?.1)),
        None => Ok(None),
    }
}

/// Brings every thumbnail that is not in the cache, newest photos first; returns how many came.
pub(super) async fn fetch_thumbs(
    fetcher: &Fetcher,
    catalog: &Catalog,
    cache: &Cache,
    progress: &Progress,
    failed: &mut Vec<Failed>,
) -> Result<u64, RestoreError> {
    let mut packs: BTreeMap<String, Vec<(PhotoId, Place)>> = BTreeMap::new();
    let mut order = Vec::new();
    let mut names = BTreeMap::new();
    for id in catalog.find(&Query::all())?.into_iter().rev() {
        let Some(photo) = catalog.photo(id)? else { continue };
        let Some(place) = place_of(&photo, PreviewSize::Thumb) else { continue };
        if cache.has(id, PreviewSize::Thumb) {
            continue;
        }
        let pack = packs.entry(place.name()).or_insert_with(|| {
            order.push(place.name());
            Vec::new()
        });
        pack.push((id, place));
        names.insert(id, photo.name);
    }
    progress.set_total(names.len() as u64, 0);
    let mut came = 0;
    let mut work = stream::iter(order)
        .map(|name| {
            let wanted = packs.remove(&name).unwrap_or_default();
            async move {
                let places: Vec<Place> = wanted.iter().map(|(_, place)| *place).collect();
                (fetcher.items_of_pack(&name, ItemKind::Thumb, &places).await, wanted)
            }
        })
        .buffer_unordered(PACKS);
    while let Some((items, wanted)) = work.next().await {
        progress.check()?;
        let items = match items {
            Ok(items) => items,
            Err(error) if error.stops_everything() => return Err(error),
            Err(error) => {
                let reason = format!("thumbnail: {error}");
                let lost = |(id, _): &(PhotoId, Place)| Failed {
                    path: names.get(id).cloned().unwrap_or_default(),
                    reason: reason.clone(),
                };
                failed.extend(wanted.iter().map(lost));
                continue;
            }
        };
        for ((id, _), item) in wanted.into_iter().zip(items) {
            match item {
                Ok((_, jpeg)) => {
                    cache.put(id, PreviewSize::Thumb, &jpeg)?;
                    came += 1;
                }
                Err(error) => failed.push(Failed {
                    path: names.get(&id).cloned().unwrap_or_default(),
                    reason: format!("thumbnail: {error}"),
                }),
            }
            progress.add_files(1);
        }
    }
    Ok(came)
}

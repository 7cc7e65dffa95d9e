//! What a run has to send, in which order: thumbnails first, so that a new computer soon shows a
//! grid; then originals, picks and stars before the rest; then screen previews.

use std::collections::BTreeMap;

use crate::catalog::FileRow;
use crate::keys::MAIN_SHOOT;
use crate::media::{PhotoId, PreviewSize, ShootId};

use super::computer::{Computer, OpenVault};
use super::error::Result;
use super::format::{ITEM_LIMIT, ItemKind, PACK_LIMIT};

/// More items than this make an index that is long to repair with.
const MOST_ITEMS: usize = 2000;

/// One object to be made and put.
#[derive(Debug)]
pub(super) enum Job {
    /// Things of one shoot in one pack.
    Pack { shoot: ShootId, items: Vec<Item> },
    /// A file of its own.
    File(Box<FileRow>),
}

/// Something that goes into a pack.
#[derive(Debug)]
pub(super) enum Item {
    Preview(PhotoId, PreviewSize),
    File(Box<FileRow>),
}

impl Item {
    pub fn kind(&self) -> ItemKind {
        match self {
            Self::Preview(_, PreviewSize::Thumb) => ItemKind::Thumb,
            Self::Preview(_, PreviewSize::View) => ItemKind::View,
            Self::File(_) => ItemKind::File,
        }
    }
}

/// Everything a run has to do, and what it may leave.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub jobs: Vec<Job>,
    pub files: u64,
    pub bytes: u64,
}

impl OpenVault {
    /// Looks for what is not in the bucket.
    pub(super) async fn plan(&self) -> Result<Plan> {
        let computer = self.computer.clone();
        tokio::task::spawn_blocking(move || plan(&computer)).await?
    }
}

fn plan(computer: &Computer) -> Result<Plan> {
    let mut plan = Plan::default();
    plan.jobs.extend(previews(computer, PreviewSize::Thumb)?);
    let mut small: BTreeMap<ShootId, Vec<FileRow>> = BTreeMap::new();
    let mut large = Vec::new();
    // A file with a place was put by an earlier run: it only waits for a commit.
    let files = computer.catalog.not_in_cloud(usize::MAX)?;
    for file in files.into_iter().filter(|file| file.place.is_none()) {
        plan.files += 1;
        plan.bytes += file.bytes;
        if file.bytes < ITEM_LIMIT {
            let photo = computer.catalog.photo(file.photo)?;
            let shoot = photo.and_then(|photo| photo.shoot).unwrap_or(MAIN_SHOOT);
            small.entry(shoot).or_default().push(file);
        } else {
            large.push(Job::File(Box::new(file)));
        }
    }
    for (shoot, files) in small {
        let items = files.into_iter().map(|file| (file.bytes, Item::File(Box::new(file))));
        plan.jobs.extend(packs(shoot, items));
    }
    plan.jobs.extend(large);
    plan.jobs.extend(previews(computer, PreviewSize::View)?);
    Ok(plan)
}

fn previews(computer: &Computer, size: PreviewSize) -> Result<Vec<Job>> {
    let field = match size {
        PreviewSize::Thumb => "thumb",
        PreviewSize::View => "view",
    };
    let mut jobs = Vec::new();
    let mut shoots: BTreeMap<ShootId, Vec<(u64, Item)>> = BTreeMap::new();
    for (photo, shoot) in computer.catalog.without_place(field)? {
        // No preview yet, or none possible: nothing to send.
        let Ok(found) = std::fs::metadata(computer.previews.path(photo, size)) else { continue };
        let item = (found.len(), Item::Preview(photo, size));
        shoots.entry(shoot.unwrap_or(MAIN_SHOOT)).or_default().push(item);
    }
    for (shoot, items) in shoots {
        jobs.extend(packs(shoot, items.into_iter()));
    }
    Ok(jobs)
}

/// Fills packs up to their limit.
fn packs(shoot: ShootId, items: impl Iterator<Item = (u64, Item)>) -> Vec<Job> {
    /// Header, tags and prefix of an item, generously.
    const AROUND: u64 = 2048;
    let (mut jobs, mut pack, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (len, item) in items {
        if !pack.is_empty()
            && (bytes + len + AROUND > PACK_LIMIT as u64 || pack.len() == MOST_ITEMS)
        {
            jobs.push(Job::Pack { shoot, items: std::mem::take(&mut pack) });
            bytes = 0;
        }
        bytes += len + AROUND;
        pack.push(item);
    }
    if !pack.is_empty() {
        jobs.push(Job::Pack { shoot, items: pack });
    }
    jobs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_are_closed_at_their_limit() {
        let items =
            (0..100).map(|n| (1_000_000, Item::Preview(PhotoId([n; 16]), PreviewSize::View)));
        let jobs = packs(MAIN_SHOOT, items);
        let sizes: Vec<usize> = jobs
            .iter()
            .map(|job| match job {
                Job::Pack { items, .. } => items.len(),
                Job::File(_) => 0,
            })
            .collect();
        assert_eq!(sizes.iter().sum::<usize>(), 100);
        assert!(sizes.iter().all(|n| *n <= 16), "{sizes:?}");
    }
}

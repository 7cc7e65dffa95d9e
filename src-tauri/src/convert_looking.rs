//! From the core's values to those of looking, rating and safety.

use std::path::Path;

use darkslide_core::catalog::{self, ShootRow};
use darkslide_core::import::MirrorsMadeUp;
use darkslide_core::previews;
use darkslide_core::restore::{self, RestoreReport};
use darkslide_core::vault::{self, BackupWish};

use crate::wire;

impl From<vault::Undone> for wire::Undone {
    fn from(undone: vault::Undone) -> Self {
        Self {
            deed: undone.deed.into(),
            photos: undone.photos.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<vault::Deed> for wire::Deed {
    fn from(deed: vault::Deed) -> Self {
        match deed {
            vault::Deed::Rated => Self::Rated,
            vault::Deed::Labelled => Self::Labelled,
            vault::Deed::Flagged => Self::Flagged,
            vault::Deed::Described => Self::Described,
            vault::Deed::Keyworded => Self::Keyworded,
            vault::Deed::Trashed => Self::Trashed,
            vault::Deed::PutBack => Self::PutBack,
            vault::Deed::Edited => Self::Edited,
            vault::Deed::AlbumMade => Self::AlbumMade,
            vault::Deed::AlbumFilled => Self::AlbumFilled,
            vault::Deed::AlbumTaken => Self::AlbumTaken,
            vault::Deed::AlbumRenamed => Self::AlbumRenamed,
            vault::Deed::AlbumTrashed => Self::AlbumTrashed,
        }
    }
}

impl From<catalog::PlaceKind> for wire::PlaceKind {
    fn from(kind: catalog::PlaceKind) -> Self {
        match kind {
            catalog::PlaceKind::Library => Self::Library,
            catalog::PlaceKind::Mirror => Self::Mirror,
            catalog::PlaceKind::Bucket => Self::Bucket,
        }
    }
}

impl wire::Details {
    pub fn of(details: vault::Details, library: &Path) -> Self {
        let vault::Details { mut row, places, albums, shares } = details;
        let mut said = |name: &str| {
            row.iptc.remove(name).and_then(|value| value.as_str().map(ToOwned::to_owned))
        };
        let (creator, copyright) = (said("creator"), said("copyright"));
        let below =
            |path: &Path| path.strip_prefix(library).unwrap_or(path).to_string_lossy().into_owned();
        Self {
            id: row.id.to_string(),
            name: row.original_name,
            taken: row.captured_at,
            offset: row.offset,
            format: row.format,
            make: row.make,
            model: row.model,
            lens: row.lens,
            iso: row.iso,
            aperture: row.aperture,
            shutter: row.shutter,
            focal_length: row.focal_length,
            width: row.width,
            height: row.height,
            bytes: row.bytes,
            seconds: row.seconds,
            gps: row.gps.map(|gps| (gps.lat, gps.lon)),
            title: row.title,
            caption: row.caption,
            keywords: row.keywords,
            creator,
            copyright,
            shoot: row.shoot,
            client: row.client,
            files: row
                .files
                .into_iter()
                .map(|file| wire::DetailFile {
                    name: file.original_name,
                    path: file.path.as_deref().map(below),
                    bytes: file.bytes,
                })
                .collect(),
            places: places
                .into_iter()
                .map(|place| wire::CopyPlace {
                    kind: place.kind.into(),
                    name: place.mirror,
                    files: place.files,
                    of: place.of,
                    proven: place.proven.map(|at| at.to_string()),
                })
                .collect(),
            albums,
            links: shares.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<previews::Histogram> for wire::Histogram {
    fn from(found: previews::Histogram) -> Self {
        Self { red: found.red, green: found.green, blue: found.blue }
    }
}

impl wire::Facets {
    pub fn of(facets: catalog::Facets, shoots: Vec<ShootRow>) -> Self {
        let choices = |facets: Vec<catalog::Facet>| {
            let choice = |catalog::Facet { word, photos }| wire::Facet { word, photos };
            facets.into_iter().map(choice).collect()
        };
        Self {
            cameras: choices(facets.cameras),
            lenses: choices(facets.lenses),
            keywords: choices(facets.keywords),
            labels: choices(facets.labels),
            years: choices(facets.years),
            shoots: wire::Facet::of_shoots(shoots),
        }
    }
}

impl wire::Facet {
    pub fn of_shoots(shoots: Vec<ShootRow>) -> Vec<Self> {
        let shoot = |row: ShootRow| Self { word: row.name, photos: row.photos };
        shoots.into_iter().filter(|row| row.photos > 0).map(shoot).collect()
    }
}

impl From<vault::Safety> for wire::Safety {
    fn from(safety: vault::Safety) -> Self {
        Self {
            photos: safety.photos,
            places: safety.places,
            nowhere: safety.nowhere,
            alone: safety.alone,
            all: safety
                .all
                .into_iter()
                .map(|place| wire::SafePlace {
                    kind: place.kind.into(),
                    name: place.name,
                    present: place.present,
                    lacking: place.lacking,
                })
                .collect(),
            shoots: safety
                .shoots
                .into_iter()
                .map(|row| wire::ShootSafety {
                    name: row.name,
                    photos: row.photos,
                    nowhere: row.nowhere,
                    alone: row.alone,
                    not_in_library: row.not_in_library,
                    not_in_bucket: row.not_in_bucket,
                    not_mirrored: row.not_mirrored,
                    places: row.places,
                })
                .collect(),
            shoots_safe: safety.shoots_safe,
            last_commit: safety.last_commit.map(|at| at.to_string()),
            backup_paused: match safety.backup {
                Some(BackupWish::Running) => Some(false),
                Some(BackupWish::Paused) => Some(true),
                Some(BackupWish::Done) | None => None,
            },
        }
    }
}

impl From<RestoreReport> for wire::RestoreReport {
    fn from(report: RestoreReport) -> Self {
        let left = |f: restore::Failed| wire::LeftOut { path: f.path, reason: f.reason };
        Self { restored: report.restored, failed: report.failed.into_iter().map(left).collect() }
    }
}

impl From<MirrorsMadeUp> for wire::MirrorReport {
    fn from(made: MirrorsMadeUp) -> Self {
        Self {
            copied: made.files,
            failed: made
                .failed
                .into_iter()
                .map(|f| wire::LeftOut { path: f.path, reason: f.reason })
                .collect(),
        }
    }
}

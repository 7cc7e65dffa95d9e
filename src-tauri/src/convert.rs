//! From the core's values to those that cross, and back.

mod desk;

use std::path::PathBuf;
use std::time::Duration;

use darkslide_core::backup::BackupReport;
use darkslide_core::card::FoundCard;
use darkslide_core::catalog::{self, AlbumRow, GridRow, MonthCount};
use darkslide_core::import::{ImportReport, Left, PlanSummary};
use darkslide_core::media::MediaKind;
use darkslide_core::share::{self, Created, ShareInfo, ShareOptions};
use darkslide_core::vault::{BucketChoice, ImportOptions, Status};

use crate::wire;

impl From<wire::Bucket> for BucketChoice {
    fn from(bucket: wire::Bucket) -> Self {
        Self {
            endpoint: bucket.endpoint,
            region: bucket.region,
            bucket: bucket.bucket,
            share_bucket: bucket.share_bucket,
            root: String::new(),
            profile: None,
        }
    }
}

impl From<FoundCard> for wire::Card {
    fn from(card: FoundCard) -> Self {
        Self { path: card.root.display().to_string(), name: card.name }
    }
}

impl From<wire::ImportOrder> for ImportOptions {
    fn from(order: wire::ImportOrder) -> Self {
        Self {
            source: PathBuf::from(order.source),
            shoot: order.shoot,
            client: order.client,
            preset: order.preset,
            template: order.template,
            ..Self::default()
        }
    }
}

impl From<ImportOptions> for wire::ImportOrder {
    fn from(options: ImportOptions) -> Self {
        Self {
            source: options.source.display().to_string(),
            shoot: options.shoot,
            client: options.client,
            preset: options.preset,
            template: options.template,
        }
    }
}

impl From<Left> for wire::LeftOut {
    fn from(left: Left) -> Self {
        Self { path: left.path, reason: left.reason }
    }
}

fn left_out(files: Vec<Left>) -> Vec<wire::LeftOut> {
    files.into_iter().map(Into::into).collect()
}

impl From<PlanSummary> for wire::ImportPlan {
    fn from(plan: PlanSummary) -> Self {
        Self {
            example: plan.new.first().map(|file| file.to.clone()),
            new_files: plan.new.len() as u64,
            new_paths: plan.new.iter().map(|file| file.path.clone()).collect(),
            already_here: plan.already_here,
            bytes: plan.bytes,
            skipped: left_out(plan.skipped),
            failed: left_out(plan.failed),
            room: plan
                .room
                .into_iter()
                .map(|room| wire::Room {
                    root: room.root.display().to_string(),
                    needed: room.needed,
                    free: room.free,
                })
                .collect(),
            fits: plan.fits,
        }
    }
}

impl From<ImportReport> for wire::ImportReport {
    fn from(report: ImportReport) -> Self {
        Self {
            cancelled: report.cancelled,
            imported: report.imported,
            already_here: report.already_here,
            skipped: left_out(report.skipped),
            failed: left_out(report.failed),
            mirror_failed: report
                .mirror_failed
                .into_iter()
                .map(|f| wire::LeftOut {
                    path: [f.mirror, f.path].join(" ").trim_end().to_owned(),
                    reason: f.reason,
                })
                .collect(),
            bytes: report.bytes,
            seconds: report.seconds,
            read_back: report.read_back,
            safe_to_format: report.safe_to_format,
            missing: report.missing,
            card_gone: report.card_gone,
        }
    }
}

impl From<MonthCount> for wire::Month {
    fn from(row: MonthCount) -> Self {
        let (year, month) = row.month.unzip();
        Self { year, month, count: row.count }
    }
}

impl From<GridRow> for wire::Photo {
    fn from(row: GridRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            taken: row.taken,
            kind: row.kind.into(),
            format: row.format,
            rating: row.rating,
            label: row.label,
            flag: match row.flag.as_deref() {
                Some("pick") => Some(wire::PhotoFlag::Pick),
                Some("reject") => Some(wire::PhotoFlag::Reject),
                _ => None,
            },
            preview: match row.preview.state {
                Some(catalog::PreviewState::Ready) => wire::PreviewState::Ready,
                Some(catalog::PreviewState::Damaged) => wire::PreviewState::Damaged,
                Some(catalog::PreviewState::None) => wire::PreviewState::None,
                None => wire::PreviewState::Waiting,
            },
            width: row.width,
            height: row.height,
            files: row.files,
            in_library: row.library,
            in_bucket: row.cloud,
            pair: row.pair,
            mirrors: row.mirrors,
        }
    }
}

impl From<MediaKind> for wire::PhotoKind {
    fn from(kind: MediaKind) -> Self {
        match kind {
            MediaKind::Photo => Self::Photo,
            MediaKind::Raw => Self::Raw,
            MediaKind::Video => Self::Video,
            MediaKind::Audio => Self::Audio,
            MediaKind::Sidecar => Self::Sidecar,
            MediaKind::Other => Self::Other,
        }
    }
}

impl From<AlbumRow> for wire::Album {
    fn from(row: AlbumRow) -> Self {
        Self { id: row.id.to_string(), name: row.name, photos: row.photos }
    }
}

impl wire::ShareOrder {
    /// The album's name, and how it is shared.
    pub fn into_parts(self) -> (String, ShareOptions) {
        let options = ShareOptions {
            title: self.title,
            message: self.message,
            expires_in: Duration::from_secs(self.ends_in_seconds.into()),
            passcode: self.passcode,
            watermark: self.watermark,
            ..ShareOptions::default()
        };
        (self.album, options)
    }
}

impl wire::Link {
    /// A link that was just made under this title.
    pub fn made(made: Created, title: String) -> Self {
        Self {
            id: made.share_id,
            title,
            url: made.url,
            passcode: made.passcode,
            ends_at: made.expires_at.to_string(),
            items: made.items,
            left_out: made
                .failed
                .into_iter()
                .map(|left| wire::LeftOut { path: left.path, reason: left.reason })
                .collect(),
        }
    }
}

impl From<ShareInfo> for wire::Link {
    fn from(info: ShareInfo) -> Self {
        Self {
            id: info.share_id,
            title: info.title,
            url: info.url,
            passcode: info.passcode,
            ends_at: info.expires_at.to_string(),
            items: info.items,
            left_out: Vec::new(),
        }
    }
}

impl From<ShareInfo> for wire::LinkRow {
    fn from(info: ShareInfo) -> Self {
        Self {
            id: info.share_id,
            title: info.title,
            state: match info.state {
                share::State::Unfinished => wire::LinkState::Unfinished,
                share::State::Live => wire::LinkState::Live,
                share::State::Ended => wire::LinkState::Ended,
                share::State::Revoked => wire::LinkState::Revoked,
            },
            ends_at: info.expires_at.to_string(),
            items: info.items,
            has_passcode: info.passcode.is_some(),
            proven_at: info.proven_at.map(|at| at.to_string()),
        }
    }
}

impl From<share::Revoked> for wire::Revoked {
    fn from(proof: share::Revoked) -> Self {
        Self { dead: proof.dead, checked_at: proof.checked_at.to_string() }
    }
}

impl From<Status> for wire::Status {
    fn from(status: Status) -> Self {
        let (files_in_bucket, last_commit) = match status.vault {
            Some(vault) => (Some(vault.files_committed), vault.last_commit),
            None => (None, None),
        };
        Self { photos: status.photos, files: status.files, files_in_bucket, last_commit }
    }
}

impl From<BackupReport> for wire::BackupReport {
    fn from(report: BackupReport) -> Self {
        Self {
            uploaded: report.uploaded,
            skipped: report.skipped,
            failed: report
                .failed
                .into_iter()
                .map(|left| wire::LeftOut { path: left.path, reason: left.reason })
                .collect(),
            bytes: report.bytes,
            seconds: report.seconds,
        }
    }
}

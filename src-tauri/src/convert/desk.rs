//! The first run and the settings.

use darkslide_core::error::Error;
use darkslide_core::import::Preset;
use darkslide_core::routine::Kind;
use darkslide_core::store;
use darkslide_core::vault::{
    AdoptDone, BucketChoice, Created, Ejected, Frame, MirrorStatus, NamedPreset, Opened,
    PreviewStatus, WatchedFolder,
};

use super::left_out;
use crate::wire;

impl From<&store::Provider> for wire::Provider {
    fn from(provider: &store::Provider) -> Self {
        Self {
            id: provider.id.to_owned(),
            name: provider.name.to_owned(),
            endpoint: provider.endpoint.to_owned(),
            usual_region: provider.usual_region.to_owned(),
            regions: provider
                .regions
                .iter()
                .map(|region| wire::Region {
                    id: region.id.to_owned(),
                    name: region.name.to_owned(),
                })
                .collect(),
            hint: provider.hint.to_owned(),
            price: provider.price.map(|price| wire::Price {
                currency: price.currency.to_owned(),
                per_terabyte: price.per_terabyte,
                least: price.least,
                per_terabyte_back: price.per_terabyte_back,
                note: price.note.to_owned(),
                as_of: price.as_of.to_owned(),
                source: price.source.to_owned(),
            }),
        }
    }
}

impl From<store::BucketCheck> for wire::BucketCheck {
    fn from(check: store::BucketCheck) -> Self {
        let finding = |finding: store::Finding| wire::Finding {
            mark: match finding.mark {
                store::Mark::Good => wire::Mark::Good,
                store::Mark::Note => wire::Mark::Note,
                store::Mark::Bad => wire::Mark::Bad,
                store::Mark::Unknown => wire::Mark::Unknown,
            },
            says: finding.says,
        };
        Self {
            usable: check.usable,
            missing: check.missing,
            can_harden: !check.can_set.is_empty(),
            findings: check.findings.into_iter().map(finding).collect(),
        }
    }
}

impl From<store::Policy> for wire::Policy {
    fn from(policy: store::Policy) -> Self {
        Self { how: policy.how, text: policy.text }
    }
}

impl From<Created> for wire::Recovery {
    fn from(created: Created) -> Self {
        Self {
            vault: created.vault_id.to_string(),
            words: created.words.split_whitespace().map(str::to_owned).collect(),
            endpoint: created.endpoint,
            region: created.region,
            bucket: created.bucket,
            share_bucket: created.share_bucket,
            root: created.root,
        }
    }
}

impl TryFrom<wire::Recovery> for Created {
    type Error = Error;

    fn try_from(recovery: wire::Recovery) -> Result<Self, Error> {
        Ok(Self {
            vault_id: recovery.vault.parse()?,
            words: recovery.words.join(" "),
            endpoint: recovery.endpoint,
            region: recovery.region,
            bucket: recovery.bucket,
            share_bucket: recovery.share_bucket,
            root: recovery.root,
        })
    }
}

impl From<Opened> for wire::VaultOpened {
    fn from(opened: Opened) -> Self {
        let failed = opened.failed.into_iter();
        Self {
            photos: opened.photos,
            thumbs: opened.thumbs,
            enrolled: opened.enrolled,
            failed: failed
                .map(|failed| wire::LeftOut { path: failed.path, reason: failed.reason })
                .collect(),
        }
    }
}

impl From<AdoptDone> for wire::AdoptReport {
    fn from(done: AdoptDone) -> Self {
        let report = done.report;
        Self {
            cancelled: report.cancelled,
            adopted: report.adopted,
            already_here: report.already_here,
            skipped: left_out(report.skipped),
            failed: left_out(report.failed),
            bytes: report.bytes,
        }
    }
}

impl From<&Frame> for wire::CardFrame {
    fn from(frame: &Frame) -> Self {
        Self {
            path: frame.path.clone(),
            kind: frame.kind.into(),
            files: frame.files,
            written: frame.written.to_string(),
            known: frame.known,
        }
    }
}

impl From<Ejected> for wire::Ejected {
    fn from(ejected: Ejected) -> Self {
        Self { ejected: ejected.ejected.display().to_string() }
    }
}

impl From<MirrorStatus> for wire::MirrorRow {
    fn from(mirror: MirrorStatus) -> Self {
        Self {
            path: mirror.path.display().to_string(),
            present: mirror.present,
            files_left: mirror.files_left,
            bytes_left: mirror.bytes_left,
        }
    }
}

impl From<WatchedFolder> for wire::WatchedRow {
    fn from(folder: WatchedFolder) -> Self {
        Self {
            path: folder.watched.dir.display().to_string(),
            kind: match folder.watched.kind {
                Kind::Finished => wire::WatchedKind::Finished,
                Kind::CatalogueBackup => wire::WatchedKind::CatalogueBackup,
            },
            away: folder.away,
        }
    }
}

impl From<wire::WatchedKind> for Kind {
    fn from(kind: wire::WatchedKind) -> Self {
        match kind {
            wire::WatchedKind::Finished => Self::Finished,
            wire::WatchedKind::CatalogueBackup => Self::CatalogueBackup,
        }
    }
}

impl From<NamedPreset> for wire::PresetRow {
    fn from(named: NamedPreset) -> Self {
        let preset = named.preset;
        Self {
            name: named.name,
            template: preset.template,
            creator: preset.iptc.creator,
            copyright: preset.iptc.copyright,
            day_starts_at: preset.day_starts_at_hour,
        }
    }
}

impl wire::PresetRow {
    /// What the window shows, put over a preset it shows a part of.
    pub fn over(&self, mut preset: Preset) -> Preset {
        preset.template.clone_from(&self.template);
        preset.day_starts_at_hour = self.day_starts_at;
        preset.iptc.creator.clone_from(&self.creator);
        preset.iptc.copyright.clone_from(&self.copyright);
        preset
    }
}

impl From<PreviewStatus> for wire::PreviewRoom {
    fn from(status: PreviewStatus) -> Self {
        Self { bytes: status.cache.bytes, limit: status.limit }
    }
}

impl From<BucketChoice> for wire::BucketRow {
    fn from(bucket: BucketChoice) -> Self {
        Self {
            endpoint: bucket.endpoint,
            region: bucket.region,
            bucket: bucket.bucket,
            share_bucket: bucket.share_bucket,
        }
    }
}

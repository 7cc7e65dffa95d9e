//! What a template makes of a real file: for showing it while it is being typed.

use std::path::Path;

use jiff::civil::DateTime;
use serde::Serialize;

use super::error::Result;
use super::numbering::Numbering;
use super::plan::{Request, shown};
use super::survey::{Naming, file_time, naming};
use super::template::Filling;
use crate::card::{self, Exposure, group};
use crate::catalog::{Catalog, LastNumbers};
use crate::media::{CaptureTime, ImportId, TimeSource, working_day};
use crate::progress::Progress;

/// A file and the path it would get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// On the card; a made-up one where there is no card.
    pub path: String,
    /// In the library.
    pub to: String,
}

/// Fills the template for the first photo of the source, or for a made-up one where `source` is
/// empty. Looks at nothing else of the card and takes no number.
///
/// # Errors
/// The card cannot be read.
pub fn sample(request: &Request, catalog: &Catalog, progress: &Progress) -> Result<Sample> {
    let (path, said, naming) = match first(&request.source, progress)? {
        Some((exposure, root)) => {
            let naming = naming(&exposure, &root);
            let said = naming.time.unwrap_or_else(|| file_time(&exposure));
            (shown(&exposure.lead().path), said, naming)
        }
        None => made_up(),
    };
    let time = request.directions.clock.apply(said).local;
    let hour = request.directions.day_starts_at_hour;
    let mut numbering = Numbering::new(&request.template, hour, ImportId([0; 16]));
    let wanted = numbering.wanted(std::iter::once(time));
    numbering.begin(&wanted, &catalog.promise_numbers(&wanted, &LastNumbers::new())?);
    let name = path.rsplit_once('/').map_or(path.as_str(), |(_, name)| name);
    let dot = name.rfind('.').filter(|dot| *dot > 0).unwrap_or(name.len());
    let to = request.template.fill(&Filling {
        time,
        day: working_day(time, hour),
        shoot: request.shoot.as_deref().unwrap_or_default(),
        client: request.client.as_deref().unwrap_or_default(),
        job: request.directions.job.as_deref().unwrap_or_default(),
        camera: &naming.camera,
        serial: &naming.serial,
        lens: &naming.lens,
        creator: request.directions.iptc.creator.as_deref().unwrap_or_default(),
        stem: &name[..dot],
        tail: &name[dot..],
        numbers: numbering.of(time),
        suffix: "",
    });
    Ok(Sample { path, to })
}

fn first(source: &Path, progress: &Progress) -> Result<Option<(Exposure, std::path::PathBuf)>> {
    if source.as_os_str().is_empty() {
        return Ok(None);
    }
    let scan = card::scan(source, progress)?;
    let exposures = group(scan.files, &mut |_, _| false);
    Ok(exposures.into_iter().next().map(|exposure| (exposure, scan.root)))
}

fn made_up() -> (String, CaptureTime, Naming) {
    let local = DateTime::constant(2026, 5, 16, 14, 3, 22, 0);
    let said = CaptureTime { local, offset_min: None, source: TimeSource::Exif };
    let naming = Naming {
        time: Some(said),
        camera: "Canon EOS R6".to_owned(),
        serial: "012345678901".to_owned(),
        lens: "RF85mm F1.2 L USM".to_owned(),
    };
    ("DCIM/100CANON/IMG_0001.CR3".to_owned(), said, naming)
}

//! Makes one object on a thread of its own: reads, seals, opens again, journals. What it returns is
//! safe to send: after a crash the journal knows it.

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::catalog::{FileRow, PhotoRow, Upload, UploadBody, UploadItem};
use crate::error::{At as _, PathError};
use crate::keys::MAIN_SHOOT;
use crate::media::{KeyId, PhotoId, PreviewSize, Role, ShootId, SubjectId};
use crate::store::sha256;

use super::body::{Fault, ToSeal};
use super::computer::OpenVault;
use super::error::{BackupError, Result};
use super::format::{FileHeader, ObjectId, PackWriter, Place, object_name};
use super::mint::shoot_subject;
use super::options::Failed;
use super::plan::Item;

/// An object that is sealed and journalled, ready to be put.
#[derive(Debug)]
pub(super) struct Made {
    pub upload: Upload,
    pub body: Bytes,
    pub sha256: [u8; 32],
}

/// What became of the files of one job.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub files: u64,
    pub bytes: u64,
    pub failed: Vec<Failed>,
}

impl Outcome {
    pub fn fail(&mut self, file: &FileRow, fault: &Fault) {
        self.failed.push(Failed { path: shown_path(file), reason: reason(fault) });
    }

    fn done(&mut self, file: &FileRow) {
        self.files += 1;
        self.bytes += file.bytes;
    }
}

/// Why a file that should be in the library cannot be sent.
pub(crate) const GONE: &str = "the file is no longer in the library";

/// Where the photographer finds the file.
pub(super) fn shown_path(file: &FileRow) -> String {
    let local = file.local.as_ref().map(|local| local.path.clone());
    local.or_else(|| file.path.clone()).unwrap_or_else(|| file.shown_name())
}

fn reason(fault: &Fault) -> String {
    match fault {
        Fault::File(PathError { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            GONE.to_owned()
        }
        other => other.to_string(),
    }
}

impl OpenVault {
    /// Everything an object of this file is made of; its key must have been minted.
    pub(super) fn to_seal(&self, file: &FileRow, object: ObjectId) -> Result<ToSeal> {
        let photo = self.computer.catalog.photo(file.photo)?;
        let (kid, key) = self.photo_key(file.photo)?;
        Ok(ToSeal {
            path: self.path_of(file),
            header: header_of(file, photo.as_ref()),
            kid,
            key,
            context: self.context().object(object),
        })
    }

    fn path_of(&self, file: &FileRow) -> std::path::PathBuf {
        let relative = file.local.as_ref().map_or("", |local| local.path.as_str());
        relative.split('/').fold(self.computer.library.clone(), |path, part| path.join(part))
    }

    fn photo_key(&self, photo: PhotoId) -> Result<(KeyId, crate::encryption::Key)> {
        let subject = ("photo".to_owned(), SubjectId(photo.0));
        self.subject_key(&subject)
    }

    fn subject_key(
        &self,
        subject: &(String, SubjectId),
    ) -> Result<(KeyId, crate::encryption::Key)> {
        let known = self.known();
        let kid = known.kids.get(subject).copied();
        kid.and_then(|kid| Some((kid, known.ring.get(kid)?.clone()))).ok_or_else(|| {
            BackupError::Format {
                name: format!("the key of {} {}", subject.0, subject.1),
                source: super::format::FormatError::Shape("is in no page"),
            }
        })
    }

    /// Seals one file whole.
    pub(super) fn make_file(&self, file: &FileRow, out: &mut Outcome) -> Result<Option<Made>> {
        let object = ObjectId::random();
        let to_seal = self.to_seal(file, object)?;
        let (body, sha) = match to_seal.seal_whole() {
            Ok(made) => made,
            Err(fault) => {
                out.fail(file, &fault);
                return Ok(None);
            }
        };
        out.done(file);
        let place = Place::Object { kid: to_seal.kid, object };
        let items = vec![place_of(file, place)];
        self.journal(object_name('o', object), body, sha, items).map(Some)
    }

    /// Seals a pack; what cannot be read is left out and told.
    pub(super) fn make_pack(
        &self,
        shoot: ShootId,
        items: &[Item],
        out: &mut Outcome,
    ) -> Result<Option<Made>> {
        let Some(first) = items.first() else { return Ok(None) };
        let mut pack = PackWriter::new(self.context(), first.kind());
        let mut named = Vec::new();
        for item in items {
            match item {
                Item::Preview(photo, size) => {
                    named.extend(self.add_preview(&mut pack, *photo, *size)?);
                }
                Item::File(file) => match self.add_file(&mut pack, file)? {
                    Ok(item) => {
                        out.done(file);
                        named.push(item);
                    }
                    Err(fault) => out.fail(file, &fault),
                },
            }
        }
        if pack.is_empty() {
            return Ok(None);
        }
        let (kid, key) = self.subject_key(&shoot_subject(shoot))?;
        let name = object_name('p', pack.id);
        let body = Bytes::from(pack.finish(kid, &key));
        let sha = sha256(&body);
        self.journal(name, body, sha, named).map(Some)
    }

    fn add_file(&self, pack: &mut PackWriter, file: &FileRow) -> Result<Result<UploadItem, Fault>> {
        let path = self.path_of(file);
        let content = match std::fs::read(&path).at(&path) {
            Ok(content) => content,
            Err(error) => return Ok(Err(error.into())),
        };
        let hash: [u8; 32] = Sha256::digest(&content).into();
        if content.len() as u64 != file.bytes || hash != file.sha256.0 {
            return Ok(Err(Fault::Changed));
        }
        let photo = self.computer.catalog.photo(file.photo)?;
        let (kid, key) = self.photo_key(file.photo)?;
        let place = pack.add(kid, &key, &header_of(file, photo.as_ref()), &content);
        Ok(place.map(|place| place_of(file, place)).map_err(|_| Fault::Machine))
    }

    /// A preview that cannot be read is made again some day: no file is lost by leaving it out.
    fn add_preview(
        &self,
        pack: &mut PackWriter,
        photo: PhotoId,
        size: PreviewSize,
    ) -> Result<Option<UploadItem>> {
        let Ok(Some(jpeg)) = self.computer.previews.get(photo, size) else { return Ok(None) };
        let Some(row) = self.computer.catalog.photo(photo)? else { return Ok(None) };
        let Some(lead) = self.computer.catalog.file(row.lead)? else { return Ok(None) };
        let Some((width, height)) = jpeg_size(&jpeg) else { return Ok(None) };
        let (role, field) = match size {
            PreviewSize::Thumb => (Role::Thumb, "thumb"),
            PreviewSize::View => (Role::View, "view"),
        };
        let (kid, key) = self.photo_key(photo)?;
        let hash: [u8; 32] = Sha256::digest(&jpeg).into();
        let mut header = FileHeader::new(
            SubjectId(photo.0),
            row.lead,
            role,
            &lead.name,
            jpeg.len() as u64,
            hash,
            "image/jpeg",
            row.shoot.unwrap_or(MAIN_SHOOT),
        );
        explain(&mut header, &row);
        let place = pack.add(kid, &key, &header, &jpeg);
        let place = place.map_err(BackupError::format("a preview that was just sealed"))?;
        let value = serde_json::json!({
            "at": place.to_json(), "width": width, "height": height, "of": row.lead,
        });
        Ok(Some(UploadItem { photo, field: field.to_owned(), value }))
    }

    fn journal(
        &self,
        name: String,
        body: Bytes,
        sha256: [u8; 32],
        items: Vec<UploadItem>,
    ) -> Result<Made> {
        let bytes = body.len() as u64;
        let whole = UploadBody::Whole { sha256 };
        let upload = Upload { name, bytes, body: whole, items, put_at: None };
        self.computer.catalog.begin_upload(&upload)?;
        Ok(Made { upload, body, sha256 })
    }
}

/// The field of a photo that names a file's place.
pub(super) fn place_of(file: &FileRow, place: Place) -> UploadItem {
    UploadItem { photo: file.photo, field: format!("at/{}", file.file), value: place.to_json() }
}

fn header_of(file: &FileRow, photo: Option<&PhotoRow>) -> FileHeader {
    let mut header = FileHeader::new(
        SubjectId(file.photo.0),
        file.file,
        file.role,
        &file.name,
        file.bytes,
        file.sha256.0,
        &file.mime,
        photo.and_then(|photo| photo.shoot).unwrap_or(MAIN_SHOOT),
    );
    if let Some(photo) = photo {
        explain(&mut header, photo);
    }
    header
}

/// What the photo's row says of its time and origin, word for word.
fn explain(header: &mut FileHeader, photo: &PhotoRow) {
    let text = |name: &str| photo.fields.get(name).and_then(|value| value.as_str());
    header.taken = text("taken").map(str::to_owned);
    header.offset = photo.fields.get("offset").and_then(serde_json::Value::as_i64);
    header.import = photo.import;
}

fn jpeg_size(jpeg: &[u8]) -> Option<(u32, u32)> {
    let reader =
        image::ImageReader::with_format(std::io::Cursor::new(jpeg), image::ImageFormat::Jpeg);
    reader.into_dimensions().ok()
}

/// Runs `make` on a thread that may wait for the disk.
pub(super) async fn on_a_thread<T: Send + 'static>(
    vault: &Arc<OpenVault>,
    make: impl FnOnce(&OpenVault) -> Result<T> + Send + 'static,
) -> Result<T> {
    let vault = Arc::clone(vault);
    tokio::task::spawn_blocking(move || make(&vault)).await?
}

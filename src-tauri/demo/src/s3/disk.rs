//! `s3s-fs`, made to behave where it does not behave like S3.
//!
//! Its `FileSystem` keeps an object as a file, and its content type and checksums in hidden files
//! beside the buckets. What is put right here: a body with a wrong checksum is refused before
//! anything is stored; parts have checksums and are listed with them; a missing bucket is said to
//! be missing and not made by the way; the folder above an object is no object; nothing stays of a
//! deleted object, neither empty folders nor its hidden files; a bucket with something in it is
//! not deleted.

use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use futures::TryStreamExt;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum, Md5, Sha256};
use s3s::dto::*;
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tokio::fs;

use super::faults::Injected;

#[derive(Debug)]
pub(super) struct Disk {
    inner: FileSystem,
    root: PathBuf,
}

impl Disk {
    pub fn new(root: &Path) -> Result<Self, s3s_fs::Error> {
        Ok(Self { inner: FileSystem::new(root)?, root: root.to_owned() })
    }

    fn in_bucket(&self, bucket: &str) -> S3Result<PathBuf> {
        let path = self.root.join(bucket);
        if path.is_dir() { Ok(path) } else { Err(s3_error!(NoSuchBucket)) }
    }

    /// The file of an object that is there.
    fn existing(&self, bucket: &str, key: &str) -> S3Result<PathBuf> {
        let path = self.in_bucket(bucket)?.join(key);
        if path.is_file() { Ok(path) } else { Err(s3_error!(NoSuchKey)) }
    }

    /// A name with `s3s-fs`'s hidden files, by what it calls them.
    fn hidden(&self, bucket: &str, key: &str, what: &str) -> PathBuf {
        let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        self.root.join(format!(".bucket-{}.object-{}.{what}.json", encode(bucket), encode(key)))
    }

    fn check_upload(&self, upload: &str) -> S3Result<()> {
        let known = upload.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
            && self.root.join(format!(".upload-{upload}.json")).is_file();
        if known { Ok(()) } else { Err(s3_error!(NoSuchUpload)) }
    }

    /// The hidden files of a deleted object, and the folders it leaves empty.
    async fn clear(&self, bucket: &str, key: &str) {
        for what in ["metadata", "internal"] {
            // Absent when the object was: then nothing is to be done.
            let _absent = fs::remove_file(self.hidden(bucket, key, what)).await;
        }
        let bucket = self.root.join(bucket);
        let mut folder = bucket.join(key);
        while folder.pop() && folder != bucket && fs::remove_dir(&folder).await.is_ok() {}
    }

    async fn read_parts(&self, upload: &str) -> S3Result<Vec<Part>> {
        let prefix = format!(".upload_id-{upload}.part-");
        let mut parts = Vec::new();
        let mut entries = fs::read_dir(&self.root).await.map_err(S3Error::internal_error)?;
        while let Some(entry) = entries.next_entry().await.map_err(S3Error::internal_error)? {
            let name = entry.file_name();
            let number = name.to_str().and_then(|n| n.strip_prefix(&prefix)?.parse::<i32>().ok());
            let Some(number) = number else { continue };
            let body = fs::read(entry.path()).await.map_err(S3Error::internal_error)?;
            parts.push(Part {
                part_number: Some(number),
                size: i64::try_from(body.len()).ok(),
                e_tag: Some(ETag::Strong(HEXLOWER.encode(&md5(&body)))),
                checksum_sha256: Some(BASE64.encode(&sha256(&body))),
                ..Part::default()
            });
        }
        parts.sort_by_key(|part| part.part_number);
        Ok(parts)
    }
}

fn md5(body: &[u8]) -> [u8; 16] {
    let mut hasher = Md5::new();
    hasher.update(body);
    hasher.finalize()
}

fn sha256(body: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(body);
    hasher.finalize()
}

/// The whole body, if it has the checksum it was sent with.
async fn checked(body: Option<StreamingBlob>, declared: Option<&str>) -> S3Result<StreamingBlob> {
    let body = body.ok_or_else(|| s3_error!(IncompleteBody))?;
    let whole: BytesMut = body.try_collect().await.map_err(|error| {
        error.downcast::<S3Error>().map_or_else(
            |_| s3_error!(BadDigest, "the body is not what was signed"),
            |error| *error,
        )
    })?;
    if let Some(declared) = declared {
        let mut hasher = ChecksumHasher { sha256: Some(Sha256::new()), ..Default::default() };
        hasher.update(&whole);
        if hasher.finalize().checksum_sha256.as_deref() != Some(declared) {
            return Err(s3_error!(BadDigest, "the body does not have its SHA-256"));
        }
    }
    Ok(blob(whole.freeze()))
}

fn blob(body: Bytes) -> StreamingBlob {
    StreamingBlob::wrap(futures::stream::iter([Ok::<_, std::io::Error>(body)]))
}

type Answer<T> = S3Result<S3Response<T>>;

#[async_trait::async_trait]
impl S3 for Disk {
    async fn create_bucket(&self, req: S3Request<CreateBucketInput>) -> Answer<CreateBucketOutput> {
        if self.in_bucket(&req.input.bucket).is_ok() {
            return Err(s3_error!(BucketAlreadyOwnedByYou));
        }
        self.inner.create_bucket(req).await
    }

    async fn delete_bucket(&self, req: S3Request<DeleteBucketInput>) -> Answer<DeleteBucketOutput> {
        let path = self.in_bucket(&req.input.bucket)?;
        let empty = fs::remove_dir(path).await.is_ok();
        if empty {
            Ok(S3Response::new(DeleteBucketOutput::default()))
        } else {
            Err(s3_error!(BucketNotEmpty))
        }
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        self.inner.head_bucket(req).await
    }

    async fn list_buckets(&self, req: S3Request<ListBucketsInput>) -> Answer<ListBucketsOutput> {
        self.inner.list_buckets(req).await
    }

    async fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> Answer<GetBucketLocationOutput> {
        self.inner.get_bucket_location(req).await
    }

    async fn list_objects(&self, req: S3Request<ListObjectsInput>) -> Answer<ListObjectsOutput> {
        self.inner.list_objects(req).await
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> Answer<ListObjectsV2Output> {
        self.inner.list_objects_v2(req).await
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        self.existing(&req.input.bucket, &req.input.key)?;
        let injected = req.extensions.get::<Injected>().copied();
        let mut response = self.inner.get_object(req).await?;
        if let Some(injected) = injected {
            response.output.body = response.output.body.map(|body| injected.cut(body));
        }
        Ok(response)
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        self.existing(&req.input.bucket, &req.input.key)?;
        self.inner.head_object(req).await
    }

    async fn put_object(&self, mut req: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        self.in_bucket(&req.input.bucket)?;
        let body = req.input.body.take();
        req.input.body = Some(checked(body, req.input.checksum_sha256.as_deref()).await?);
        self.inner.put_object(req).await
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
        self.in_bucket(&req.input.bucket)?;
        self.inner.copy_object(req).await
    }

    async fn delete_object(&self, req: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        match self.existing(&bucket, &key) {
            Ok(_) => {}
            Err(error) if *error.code() == s3s::S3ErrorCode::NoSuchKey => {
                return Ok(S3Response::new(DeleteObjectOutput::default()));
            }
            Err(error) => return Err(error),
        }
        let response = self.inner.delete_object(req).await?;
        self.clear(&bucket, &key).await;
        Ok(response)
    }

    async fn delete_objects(
        &self,
        mut req: S3Request<DeleteObjectsInput>,
    ) -> Answer<DeleteObjectsOutput> {
        let bucket = req.input.bucket.clone();
        self.in_bucket(&bucket)?;
        let quiet = req.input.delete.quiet == Some(true);
        req.input.delete.objects.retain(|object| self.existing(&bucket, &object.key).is_ok());
        let keys: Vec<String> = req.input.delete.objects.iter().map(|o| o.key.clone()).collect();
        let mut response = self.inner.delete_objects(req).await?;
        for key in keys {
            self.clear(&bucket, &key).await;
        }
        if quiet {
            response.output.deleted = None;
        }
        Ok(response)
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        self.in_bucket(&req.input.bucket)?;
        self.inner.create_multipart_upload(req).await
    }

    async fn upload_part(&self, mut req: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        self.check_upload(&req.input.upload_id)?;
        let declared = req.input.checksum_sha256.clone();
        let body = req.input.body.take();
        req.input.body = Some(checked(body, declared.as_deref()).await?);
        let mut response = self.inner.upload_part(req).await?;
        response.output.checksum_sha256 = declared;
        Ok(response)
    }

    async fn list_parts(&self, req: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
        let upload = req.input.upload_id.clone();
        self.check_upload(&upload)?;
        let mut response = self.inner.list_parts(req).await?;
        response.output.parts = Some(self.read_parts(&upload).await?);
        Ok(response)
    }

    async fn list_multipart_uploads(
        &self,
        req: S3Request<ListMultipartUploadsInput>,
    ) -> Answer<ListMultipartUploadsOutput> {
        self.in_bucket(&req.input.bucket)?;
        let bucket = format!(".bucket-{}.", BASE64URL_NOPAD.encode(req.input.bucket.as_bytes()));
        let wanted = req.input.prefix.clone().unwrap_or_default();
        let mut uploads = Vec::new();
        let mut entries = fs::read_dir(&self.root).await.map_err(S3Error::internal_error)?;
        while let Some(entry) = entries.next_entry().await.map_err(S3Error::internal_error)? {
            let file = entry.file_name();
            let parse = || {
                let rest = file.to_str()?.strip_prefix(&bucket)?.strip_prefix("object-")?;
                let (key, upload) = rest.split_once(".upload-")?;
                let key = BASE64URL_NOPAD.decode(key.as_bytes()).ok()?;
                Some((String::from_utf8(key).ok()?, upload.strip_suffix(".metadata.json")?))
            };
            let Some((key, upload)) = parse() else { continue };
            if key.starts_with(&wanted) && self.check_upload(upload).is_ok() {
                uploads.push(MultipartUpload {
                    key: Some(key),
                    upload_id: Some(upload.to_owned()),
                    ..MultipartUpload::default()
                });
            }
        }
        uploads.sort_by(|a, b| (&a.key, &a.upload_id).cmp(&(&b.key, &b.upload_id)));
        Ok(S3Response::new(ListMultipartUploadsOutput {
            bucket: Some(req.input.bucket),
            prefix: req.input.prefix,
            is_truncated: Some(false),
            uploads: Some(uploads),
            ..ListMultipartUploadsOutput::default()
        }))
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        self.check_upload(&req.input.upload_id)?;
        let stored = self.read_parts(&req.input.upload_id).await?;
        let named = req.input.multipart_upload.as_ref().and_then(|list| list.parts.as_deref());
        let mut digests = Vec::new();
        for named in named.unwrap_or_default() {
            let part = stored.iter().find(|part| {
                let sha256 = named.checksum_sha256.is_none()
                    || named.checksum_sha256 == part.checksum_sha256;
                part.part_number == named.part_number && part.e_tag == named.e_tag && sha256
            });
            let digest = part.and_then(|part| part.checksum_sha256.as_ref());
            let digest = digest.and_then(|digest| BASE64.decode(digest.as_bytes()).ok());
            digests.push(digest.ok_or_else(|| s3_error!(InvalidPart))?);
        }
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        let response = self.inner.complete_multipart_upload(req).await?;
        // `s3s-fs` keeps no checksum of parts, and may keep that of an object replaced hereby.
        let path = self.hidden(&bucket, &key, "internal");
        let kept = fs::read(&path).await.map_err(S3Error::internal_error)?;
        let kept: serde_json::Value =
            serde_json::from_slice(&kept).map_err(S3Error::internal_error)?;
        let checksum = format!("{}-{}", BASE64.encode(&sha256(&digests.concat())), digests.len());
        let kept = serde_json::json!({"e_tag": kept["e_tag"], "checksum_sha256": checksum});
        fs::write(&path, kept.to_string()).await.map_err(S3Error::internal_error)?;
        Ok(response)
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        self.check_upload(&req.input.upload_id)?;
        self.inner.abort_multipart_upload(req).await
    }
}

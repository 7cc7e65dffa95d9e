//! Objects sent in parts.

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use data_encoding::BASE64;

use super::super::{Part, PutOptions, Result, StoreError, UploadId};
use super::{S3Store, Sha256Of, bare, length, read_checksum};

impl S3Store {
    pub(super) async fn begin_upload(&self, name: &str, options: &PutOptions) -> Result<UploadId> {
        let asked = self.asked("beginning", name);
        let begun = self
            .0
            .client
            .create_multipart_upload()
            .bucket(self.bucket())
            .key(self.key(name)?)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .content_type(options.content_type.as_deref().unwrap_or("application/octet-stream"))
            .send()
            .await
            .map_err(|e| asked.failed(e))?;
        let id = begun.upload_id().ok_or_else(|| asked.unexpected("no upload id", "no id"))?;
        self.saw_bucket();
        Ok(UploadId(id.to_owned()))
    }

    pub(super) async fn upload_part(
        &self,
        name: &str,
        upload: &UploadId,
        number: u32,
        body: Bytes,
        sha256: [u8; 32],
    ) -> Result<Part> {
        let asked = self.asked("sending a part of", name);
        let bytes = body.len();
        let sent = self
            .0
            .client
            .upload_part()
            .bucket(self.bucket())
            .key(self.key(name)?)
            .upload_id(&upload.0)
            .part_number(part_number(number))
            .checksum_sha256(BASE64.encode(&sha256))
            .body(ByteStream::from(body))
            .customize()
            .config_override(self.with_body(bytes))
            .interceptor(Sha256Of(sha256))
            .send()
            .await
            .map_err(|e| asked.failed(e))?;
        let etag = sent.e_tag().ok_or_else(|| asked.unexpected("no ETag", "no ETag"))?;
        Ok(Part { number, bytes: bytes as u64, etag: bare(etag), sha256: Some(sha256) })
    }

    pub(super) async fn uploaded_parts(&self, name: &str, upload: &UploadId) -> Result<Vec<Part>> {
        let asked = self.asked("looking for parts of", name);
        let mut all = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let page = self
                .0
                .client
                .list_parts()
                .bucket(self.bucket())
                .key(self.key(name)?)
                .upload_id(&upload.0)
                .set_part_number_marker(marker.clone())
                .send()
                .await
                .map_err(|e| asked.failed(e))?;
            for part in page.parts() {
                let number = part.part_number().and_then(|n| u32::try_from(n).ok());
                let (Some(number), Some(etag)) = (number, part.e_tag()) else { continue };
                all.push(Part {
                    number,
                    bytes: length(part.size()),
                    etag: bare(etag),
                    sha256: read_checksum(part.checksum_sha256()).0,
                });
            }
            let next = page.next_part_number_marker().map(str::to_owned);
            match (page.is_truncated() == Some(true), next) {
                (false, _) => break,
                (true, Some(next)) if Some(&next) != marker.as_ref() => marker = Some(next),
                (true, _) => {
                    return Err(asked.unexpected("IsTruncated", "a list that never ends"));
                }
            }
        }
        all.sort_unstable_by_key(|part| part.number);
        Ok(all)
    }

    pub(super) async fn finish_upload(
        &self,
        name: &str,
        upload: &UploadId,
        parts: &[Part],
    ) -> Result<()> {
        let list = parts.iter().map(|part| {
            CompletedPart::builder()
                .part_number(part_number(part.number))
                .e_tag(format!("\"{}\"", part.etag))
                .set_checksum_sha256(part.sha256.map(|s| BASE64.encode(&s)))
                .build()
        });
        let list = CompletedMultipartUpload::builder().set_parts(Some(list.collect())).build();
        // A service may take minutes to make one object of many parts.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.0.patience.connect)
            .operation_attempt_timeout(self.0.patience.answer * 10)
            .build();
        let sent = self
            .0
            .client
            .complete_multipart_upload()
            .bucket(self.bucket())
            .key(self.key(name)?)
            .upload_id(&upload.0)
            .multipart_upload(list)
            .customize()
            .config_override(aws_sdk_s3::Config::builder().timeout_config(timeouts))
            .send()
            .await;
        sent.map(drop).map_err(|e| self.asked("finishing", name).failed(e))
    }

    pub(super) async fn abort_upload(&self, name: &str, upload: &UploadId) -> Result<()> {
        let request = self
            .0
            .client
            .abort_multipart_upload()
            .bucket(self.bucket())
            .key(self.key(name)?)
            .upload_id(&upload.0);
        match request.send().await.map_err(|e| self.asked("aborting", name).failed(e)) {
            Ok(_) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn unfinished_uploads(&self, prefix: &str) -> Result<Vec<(String, UploadId)>> {
        let asked = self.asked("listing uploads of", prefix);
        let root = &self.0.connection.root;
        let mut all = Vec::new();
        let mut marker: (Option<String>, Option<String>) = (None, None);
        loop {
            let page = self
                .0
                .client
                .list_multipart_uploads()
                .bucket(self.bucket())
                .prefix(format!("{root}{prefix}"))
                .set_key_marker(marker.0.clone())
                .set_upload_id_marker(marker.1.clone())
                .send()
                .await
                .map_err(|e| asked.failed(e));
            let page = match page {
                Ok(page) => page,
                // The contract: services that cannot list them list none.
                Err(error) if is_not_implemented(&error) => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            for upload in page.uploads() {
                let name = upload.key().and_then(|key| key.strip_prefix(root.as_str()));
                if let (Some(name), Some(id)) = (name, upload.upload_id()) {
                    all.push((name.to_owned(), UploadId(id.to_owned())));
                }
            }
            let next = (
                page.next_key_marker().map(str::to_owned),
                page.next_upload_id_marker().map(str::to_owned),
            );
            match page.is_truncated() == Some(true) {
                false => break,
                true if next != marker => marker = next,
                true => return Err(asked.unexpected("IsTruncated", "a list that never ends")),
            }
        }
        Ok(all)
    }
}

pub(super) fn is_not_implemented(error: &StoreError) -> bool {
    matches!(error, StoreError::Unexpected { answer, .. }
        if matches!(answer.as_str(), "NotImplemented" | "HTTP 501" | "HTTP 405" | "MethodNotAllowed"))
}

fn part_number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

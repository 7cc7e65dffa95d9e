//! An S3 server in this process and a sample memory card: for trying Darkslide out, and for tests.

pub mod card;
pub mod s3;

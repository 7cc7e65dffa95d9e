//! Placeholder until the suite lands with the S3 store.

/// Checks the contract of [`super::Store`].
pub fn check_contract() {}

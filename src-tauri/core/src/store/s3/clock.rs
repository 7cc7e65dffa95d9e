//! Time on both ends of the line: what requests are signed with, and what the store says it is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_async::time::TimeSource;
use jiff::Timestamp;

use super::super::Clock;

/// Remembers the `Date` of the newest answer, good or bad, and when it came.
#[derive(Clone)]
pub(super) struct ServerClock {
    here: Clock,
    last: Arc<Mutex<Option<(Timestamp, Timestamp)>>>,
}

impl std::fmt::Debug for ServerClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ServerClock").field(&self.last()).finish()
    }
}

impl ServerClock {
    pub fn new(here: Clock) -> Self {
        Self { here, last: Arc::default() }
    }

    /// The store's time and this computer's at the same moment.
    pub fn last(&self) -> Option<(Timestamp, Timestamp)> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn forget(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn saw(&self, date: &str) {
        if let Ok(server) = jiff::fmt::rfc2822::parse(date) {
            let both = (server.timestamp(), (self.here)());
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(both);
        }
    }
}

impl TimeSource for ServerClock {
    fn now(&self) -> SystemTime {
        (self.here)().into()
    }
}

impl Intercept for ServerClock {
    fn name(&self) -> &'static str {
        "ServerClock"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            self.saw(date);
        }
        Ok(())
    }
}

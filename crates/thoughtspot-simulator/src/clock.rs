//! The simulator's own time: real time plus what was advanced. Tokens, locks and held names live by it.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::time::Duration;

/// Time that can be moved forward.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    ahead: SignedDuration,
}

impl Clock {
    /// Moves time forward. Times beyond what a calendar holds stop at its end.
    pub(crate) fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.ahead = self.ahead.checked_add(by).unwrap_or(self.ahead);
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::now().checked_add(self.ahead).unwrap_or(Timestamp::MAX)
    }

    /// Now, in milliseconds since 1970.
    pub(crate) fn now(self) -> i64 {
        self.timestamp().as_millisecond()
    }

    /// Now, as an HTTP `Date` header has it.
    pub(crate) fn http_date(self) -> String {
        self.timestamp().to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

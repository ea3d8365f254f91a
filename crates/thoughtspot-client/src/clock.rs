//! The server's clock, as far as its answers show it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Millis;

/// What the last `Date` header said, carried on by our monotonic clock.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    last: Mutex<Option<(Millis, Instant)>>,
}

impl ServerClock {
    /// Takes note of an answer's `Date`. The header is rounded down and some time on its way, so what we show is never ahead of
    /// the server.
    pub(crate) fn heard(&self, date: &str) {
        if let Some(millis) = parse_http_date(date) {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((millis, Instant::now()));
        }
    }

    /// The server's time; our own clock before any answer.
    pub(crate) fn now(&self) -> Millis {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match last {
            Some((millis, at)) => millis.saturating_add(Millis::try_from(at.elapsed().as_millis()).unwrap_or(Millis::MAX)),
            None => jiff::Timestamp::now().as_millisecond(),
        }
    }
}

/// How long `Retry-After` asks to wait: seconds, or a date by the server's clock. `None` for what cannot be read.
pub(crate) fn parse_retry_after(text: &str, clock: &ServerClock) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit is a very long time, which the budget caps.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let left = parse_http_date(text)? - clock.now();
    Some(Duration::from_millis(u64::try_from(left).unwrap_or(0)))
}

fn parse_http_date(text: &str) -> Option<Millis> {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    Some(parser.parse_timestamp(text).ok()?.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_last_date_is_carried_on() {
        let clock = ServerClock::default();
        clock.heard("Sun, 06 Nov 1994 08:49:37 GMT");
        tokio::time::advance(Duration::from_millis(2500)).await;
        assert_eq!(clock.now(), 784_111_777_000 + 2500);
        clock.heard("not a date");
        assert_eq!(clock.now(), 784_111_777_000 + 2500);
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_seconds_or_a_date() {
        let clock = ServerClock::default();
        clock.heard("Sun, 06 Nov 1994 08:49:37 GMT");
        for (text, expected) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("99999999999999999999999", Some(u64::from(u32::MAX))),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
        ] {
            assert_eq!(parse_retry_after(text, &clock), expected.map(Duration::from_secs), "{text:?}");
        }
    }
}

//! Bounded waits: no test sleeps and hopes.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use crate::Error;

/// How long to rest between two looks.
const REST: Duration = Duration::from_millis(50);

/// Looks again and again until `probe` says `Ok`, for at most `within`.
///
/// ```no_run
/// # async fn example(count: impl AsyncFn() -> usize) {
/// # use std::time::Duration;
/// let orgs = thoughtspot_testkit::eventually("three Orgs", Duration::from_secs(10), async || match count().await {
///     3 => Ok(3),
///     n => Err(format!("{n} Orgs")),
/// })
/// .await;
/// # }
/// ```
///
/// # Panics
/// With `what` and the last thing `probe` saw, when the time is over. A probe that hangs is cut off at the same moment.
pub async fn eventually<T>(what: &str, within: Duration, probe: impl AsyncFnMut() -> Result<T, String>) -> T {
    match reached(what, within, probe).await {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// The same for callers that go on after a failure.
///
/// # Errors
/// [`Error::Late`] with what was awaited and what the last look showed.
pub async fn reached<T>(what: &str, within: Duration, mut probe: impl AsyncFnMut() -> Result<T, String>) -> Result<T, Error> {
    let deadline = Instant::now() + within;
    let mut last = "nothing: the first look never ended".to_owned();
    loop {
        match timeout(deadline.saturating_duration_since(Instant::now()), probe()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(seen)) => last = seen,
            Err(_) => last.push_str(" (the look after that never ended)"),
        }
        if Instant::now() + REST >= deadline {
            return Err(Error::Late { what: what.to_owned(), within, last });
        }
        sleep(REST).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wait_ends_with_the_value_as_soon_as_there_is_one() {
        let mut looks = 0;
        let seen = reached("three looks", Duration::from_secs(30), async || {
            looks += 1;
            if looks == 3 { Ok(looks) } else { Err(format!("look {looks}")) }
        });
        assert_eq!(seen.await.unwrap(), 3);
    }

    #[tokio::test]
    #[should_panic(expected = "a fourth Org did not come about within 120ms; last seen: 3 Orgs")]
    async fn a_wait_that_fails_says_what_it_saw() {
        eventually("a fourth Org", Duration::from_millis(120), async || Err::<(), _>("3 Orgs".to_owned())).await;
    }

    #[tokio::test]
    #[should_panic(expected = "the first look never ended")]
    async fn a_look_that_hangs_is_cut_off() {
        eventually("an answer", Duration::from_millis(120), async || std::future::pending::<Result<(), String>>().await).await;
    }
}

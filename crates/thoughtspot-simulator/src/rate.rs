//! The rate limit of the server: a bucket of requests that fills with time.

/// Requests that may still come now.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    tokens: f64,
    /// Milliseconds since 1970; none before the first request.
    filled: Option<i64>,
}

impl Bucket {
    /// Takes one request out, if there is one. `per_second` come back, up to `burst`.
    pub(crate) fn take(&mut self, per_second: u32, burst: u32, now: i64) -> bool {
        let burst = f64::from(burst.max(1));
        self.tokens = match self.filled {
            Some(then) => (self.tokens + (now - then) as f64 / 1000.0 * f64::from(per_second)).min(burst),
            None => burst,
        };
        self.filled = Some(now);
        let taken = self.tokens >= 1.0;
        if taken {
            self.tokens -= 1.0;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;

    #[test]
    fn the_burst_passes_and_then_the_rate() {
        let mut bucket = Bucket::default();
        let passed: Vec<bool> = [0, 0, 0, 100, 100, 300].iter().map(|now| bucket.take(10, 2, *now)).collect();
        assert_eq!(passed, [true, true, false, true, false, true]);
    }
}

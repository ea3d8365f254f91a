//! Trouble that lasts is told at once, then now and then, and so is its end: what comes back every few seconds would bury all else.

use std::time::{Duration, Instant};

/// How often trouble is told again.
const TOLD_AGAIN: Duration = Duration::from_secs(300);

/// What there is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It fails, for the so many-th time in a row.
    Failing { failures: u64 },
    /// It works again, after so many failures.
    Over { failures: u64 },
}

/// Trouble so far.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// In a row.
    failures: u64,
    /// When trouble was told last: of what comes and goes no more is said than of what is gone.
    told: Option<Instant>,
    /// Whether what was told last is that there is trouble.
    known: bool,
}

impl Trouble {
    /// What to say of one more attempt; `None`: nothing.
    pub fn heed(&mut self, fails: bool, now: Instant) -> Option<Said> {
        if !fails {
            let (failures, known) = (std::mem::take(&mut self.failures), std::mem::take(&mut self.known));
            return known.then_some(Said::Over { failures });
        }
        self.failures += 1;
        if self.told.is_some_and(|told| now < told + TOLD_AGAIN) {
            return None;
        }
        (self.told, self.known) = (Some(now), true);
        Some(Said::Failing { failures: self.failures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_at_once_then_now_and_then_and_so_is_its_end() {
        let (mut trouble, began) = (Trouble::default(), Instant::now());
        let failing = |failures| Some(Said::Failing { failures });
        let mut at = |seconds, fails| trouble.heed(fails, began + Duration::from_secs(seconds));
        assert_eq!(at(0, false), None);
        assert_eq!(at(1, true), failing(1));
        assert_eq!(at(300, true), None);
        assert_eq!(at(301, true), failing(3));
        assert_eq!(at(302, false), Some(Said::Over { failures: 3 }));
        assert_eq!(at(303, false), None);
        assert_eq!(at(304, true), None, "it comes and goes");
        assert_eq!(at(305, false), None);
        assert_eq!(at(700, true), failing(1));
    }
}

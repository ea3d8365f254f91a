//! What every host is held to.

use std::time::Duration;

use crate::budget::Pace;

/// What every host is held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub pace: Pace,
    pub connect_timeout: Duration,
    /// From permit to last byte, for a call that only reads.
    pub read_deadline: Duration,
    /// By when a call that writes has ended, also on its way: what was sent last may be sent again by the system for the last fifth of it,
    /// though the call has been given up.
    pub write_deadline: Duration,
    /// The longest answer that is read, in bytes.
    pub answer_max: usize,
    /// As `read_deadline`, for a list that has no pages and is read in the background.
    pub list_deadline: Duration,
    /// As `answer_max`, for a list that has no pages. It is read row by row, so this is not what it takes of memory.
    pub list_max: usize,
    /// How many rows are kept of a list that has no pages. One with more is not read.
    pub list_rows: usize,
    /// What all lists of one connection may take of memory together, in bytes. Those that find no room are not kept.
    pub lists_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            pace: Pace::default(),
            connect_timeout: Duration::from_secs(10),
            read_deadline: Duration::from_secs(30),
            write_deadline: Duration::from_secs(15),
            answer_max: 16 << 20,
            list_deadline: Duration::from_secs(120),
            list_max: 256 << 20,
            list_rows: 200_000,
            lists_max: 128 << 20,
        }
    }
}

impl Limits {
    /// For how long the system may go on sending what nobody acknowledges.
    pub(super) fn resent(&self) -> Duration {
        self.write_deadline / 5
    }
}

//! Lists, read row by row.
//!
//! Of an answer nothing is held but its text, one row, and what the caller keeps of the rows, which takes of the [`Room`](crate::room::Room)
//! of all lists. v1 sends all users or all groups in one answer: of that not even the text is held.

use serde::Deserialize;

use crate::at::At;
use crate::budget::Lane;
use crate::error::{Error, Result};
use crate::room::{Taken, Weigh};
use crate::wire::Call;

/// The longest row, in bytes. What a decoder makes of one may be fifty times as long.
const ROW_MAX: usize = 1 << 20;

/// What was kept of the rows of a list, and what that takes of memory.
pub(crate) struct Kept<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) taken: Taken,
}

/// All rows of a list without pages that `keep` wants, as it has them, read as they arrive. [`Error::Uncertified`] where a row cannot be
/// read, `keep` finds fault with one, or it keeps more of them than are to be held in memory.
pub(crate) async fn streamed<R, T>(
    at: At<'_>,
    call: &Call<'_>,
    scope: &str,
    mut keep: impl FnMut(R) -> Result<Option<T>, String> + Send,
) -> Result<Kept<T>>
where
    R: for<'de> Deserialize<'de>,
    T: Weigh + Send,
{
    let most = at.session.wire.rows_max();
    let mut gathered = Gathered::new(at, call.lane);
    let mut torn = None;
    let mut splitter = Splitter::default();
    let mut take = |row: &[u8]| {
        gathered.take(row, &mut keep)?;
        if gathered.kept.rows.len() > most { Err(format!("there are more than {most} rows")) } else { Ok(()) }
    };
    let mut sink = |chunk: &[u8]| splitter.feed(chunk, &mut take).inspect_err(|why: &String| torn = Some(why.clone()));
    let outcome = at.session.stream(at.org, call, &mut sink).await;
    let torn = torn.or_else(|| outcome.is_ok().then(|| splitter.finish().err()).flatten());
    match torn {
        Some(why) => Err(uncertified(at, call, scope.to_owned(), &why)),
        None => outcome.map(|()| gathered.kept),
    }
}

/// All rows of one page, as `make` has them. [`Error::Uncertified`] where a row cannot be read, or they are more than are to be held in
/// memory.
pub(crate) async fn of_page<R, T>(at: At<'_>, call: &Call<'_>, make: impl Fn(R) -> T + Send) -> Result<Kept<T>>
where
    R: for<'de> Deserialize<'de>,
    T: Weigh,
{
    let body = at.session.ask(at.org, call).await?;
    let mut gathered = Gathered::new(at, call.lane);
    let mut splitter = Splitter::default();
    let split = splitter.feed(&body, &mut |row| gathered.take(row, &mut |row| Ok(Some(make(row)))));
    match split.and_then(|()| splitter.finish()) {
        Ok(()) => Ok(gathered.kept),
        Err(why) => Err(uncertified(at, call, format!("{} in Org {}", call.what, at.org), &why)),
    }
}

fn uncertified(at: At<'_>, call: &Call<'_>, scope: String, why: &str) -> Error {
    Error::Uncertified { scope, why: at.session.wire.said(why, &call.secrets) }
}

/// What has been kept so far.
struct Gathered<T> {
    kept: Kept<T>,
    /// How many rows there were.
    number: usize,
}

impl<T: Weigh> Gathered<T> {
    fn new(at: At<'_>, lane: Lane) -> Self {
        let room = &at.session.wire.room;
        let taken = match lane {
            Lane::Background => Taken::none_of(room),
            // Somebody waits for one object, which has to be found also where lists have taken all there is.
            Lane::Urgent => Taken::none_of(&room.another()),
        };
        Gathered { kept: Kept { rows: Vec::new(), taken }, number: 0 }
    }

    fn take<R: for<'de> Deserialize<'de>>(
        &mut self,
        row: &[u8],
        keep: &mut impl FnMut(R) -> Result<Option<T>, String>,
    ) -> Result<(), String> {
        self.number += 1;
        // Only which: the reasons quote values, and the row may be another tenant's.
        let row = serde_json::from_slice::<R>(row).map_err(|_| format!("row {} cannot be read", self.number))?;
        if let Some(row) = keep(row)? {
            self.kept.taken.take(row.weight()).map_err(|full| full.to_string())?;
            self.kept.rows.push(row);
        }
        Ok(())
    }
}

/// Cuts a JSON list into its rows, wherever the pieces it comes in begin and end.
#[derive(Default)]
pub(crate) struct Splitter {
    state: State,
    /// What has come of the row.
    row: Vec<u8>,
    /// How many brackets and braces of the row are open.
    depth: usize,
    in_string: bool,
    escaped: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Before,
    Between,
    Within,
    After,
}

impl Splitter {
    /// Takes the next piece; `each` is given every row that ends in it.
    pub(crate) fn feed(&mut self, piece: &[u8], each: &mut impl FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
        for byte in piece {
            match (self.state, byte) {
                (State::Before | State::Between | State::After, b' ' | b'\t' | b'\r' | b'\n') | (State::Between, b',') => {}
                (State::Before, b'[') => self.state = State::Between,
                (State::Between, b']') => self.state = State::After,
                (State::Between, _) => {
                    self.state = State::Within;
                    self.within(*byte, each)?;
                }
                (State::Within, _) => self.within(*byte, each)?,
                (State::Before, _) => return Err("the answer is not a list".to_owned()),
                (State::After, _) => return Err("something follows the list".to_owned()),
            }
        }
        Ok(())
    }

    fn within(&mut self, byte: u8, each: &mut impl FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
        if self.in_string {
            let closes = byte == b'"' && !self.escaped;
            (self.in_string, self.escaped) = (!closes, byte == b'\\' && !self.escaped);
            return self.push(byte);
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            // The end of the list ends a row that has no brackets of its own.
            b']' if self.depth == 0 => return self.end(State::After, each),
            b',' if self.depth == 0 => return self.end(State::Between, each),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.push(byte)?;
                return if self.depth == 0 { self.end(State::Between, each) } else { Ok(()) };
            }
            _ => {}
        }
        self.push(byte)
    }

    fn push(&mut self, byte: u8) -> Result<(), String> {
        if self.row.len() >= ROW_MAX {
            return Err(format!("a row is longer than {ROW_MAX} bytes"));
        }
        self.row.push(byte);
        Ok(())
    }

    fn end(&mut self, next: State, each: &mut impl FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
        self.state = next;
        let outcome = each(&self.row);
        self.row.clear();
        outcome
    }

    /// Whether the list came to its end.
    pub(crate) fn finish(&self) -> Result<(), String> {
        if self.state == State::After { Ok(()) } else { Err("the list is cut short".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn split(pieces: &[&[u8]]) -> Result<Vec<Value>, String> {
        let mut rows = Vec::new();
        let mut splitter = Splitter::default();
        let mut each = |row: &[u8]| {
            rows.push(serde_json::from_slice(row).map_err(|e| e.to_string())?);
            Ok(())
        };
        for piece in pieces {
            splitter.feed(piece, &mut each)?;
        }
        splitter.finish()?;
        Ok(rows)
    }

    #[test]
    fn rows_are_found_wherever_the_pieces_end() {
        let rows = json!([{"a": "]},{\"[\\", "b": [1, {"c": []}]}, {}, [], "x,]\\\"", 17, -1.5e3, null, true, {"ü": "\u{2028}"}]);
        for text in [serde_json::to_vec(&rows).unwrap(), serde_json::to_vec_pretty(&rows).unwrap()] {
            assert_eq!(split(&[&text]).map(Value::from), Ok(rows.clone()));
            let bytes: Vec<&[u8]> = text.chunks(1).collect();
            assert_eq!(split(&bytes).map(Value::from), Ok(rows.clone()));
            for cut in 0..text.len() {
                let (first, second) = text.split_at(cut);
                assert_eq!(split(&[first, second]).map(Value::from), Ok(rows.clone()), "cut at {cut}");
                assert!(split(&[first]).is_err(), "cut short at {cut}");
            }
        }
        assert_eq!(split(&[b" [ ] \n"]), Ok(Vec::new()));
    }

    #[test]
    fn anything_but_a_list_is_refused() {
        for text in ["", "{}", "null", "<html>", "[1}", "[{]", "[{}}]", "[1]]", "[1] x", "[\"a]", "[nul]"] {
            assert!(split(&[text.as_bytes()]).is_err(), "{text}");
        }
    }

    #[test]
    fn a_row_without_end_is_not_kept_without_end() {
        let mut splitter = Splitter::default();
        let piece = vec![b'x'; ROW_MAX];
        assert!(splitter.feed(b"[\"", &mut |_| Ok(())).is_ok());
        assert!(splitter.feed(&piece, &mut |_| Ok(())).is_err());
    }
}

//! Every decoder by number, for the fuzzer (`fuzz/` of the repository) and for the tests below. No part of the API.
//!
//! An answer is whatever some bytes on the network say. A decoder may refuse them; it may not panic, nor take more memory than in
//! proportion to them, which the caps of [`crate::transport`] bound. A new answer type gets a line in the table of its dialect.

pub(crate) mod common;

/// Makes what it can of some bytes; whether it could.
pub(crate) type Decoder = fn(&[u8]) -> bool;

const TABLES: [&[Decoder]; 3] = [common::DECODERS, crate::v1::fuzzing::DECODERS, crate::v2::fuzzing::DECODERS];

/// How many decoders there are.
pub fn count() -> u8 {
    let count: usize = TABLES.iter().map(|table| table.len()).sum();
    u8::try_from(count).expect("the tables have some dozens of lines")
}

/// Gives bytes to one decoder, modulo [`count`]: as the body of an answer, or as its headers. Whether it could make sense of them.
///
/// Panics where a decoder does, or where what it made of the bytes is not as it must be.
pub fn decode(which: u8, bytes: &[u8]) -> bool {
    let decoder = TABLES.iter().flat_map(|table| table.iter()).cycle().nth(which.into());
    decoder.is_some_and(|decode| decode(bytes))
}
#[cfg(test)]
mod tests;

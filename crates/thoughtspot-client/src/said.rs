//! What the far side says, as it may be shown: it is hostile text. Pure.

/// The longest text of the far side that is kept.
const SAID_MAX: usize = 300;

/// What the far side said, as it may be shown: without control characters, in one line, at most 300 characters.
pub fn said(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(SAID_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The same words, without control characters and with one space between them.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

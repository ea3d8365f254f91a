//! A panic is a line of the log like any other: within its pass, and in the form of the log.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

/// Instead of a text that was put together while running: such as the end of a text that was cut in the wrong place may be a password.
const WITHHELD: &str = "(withheld: it may quote anything)";

/// From now on panics are told in the log, and nowhere else.
pub(super) fn tell() {
    std::panic::set_hook(Box::new(|panic| {
        let (message, place) = (message(panic.payload()), place(panic));
        let backtrace = Backtrace::capture();
        let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| tracing::field::display(backtrace));
        tracing::error!(place, message, backtrace, "a panic: this is a defect of the operator, please report it");
    }));
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map(ToString::to_string).unwrap_or_default()
}

/// The text, if it stands in the source like this.
fn message(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or(WITHHELD)
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn of_a_panic_only_what_stands_in_the_source_is_told() {
        let secret = format!("{}ä", "canary".repeat(2));
        let literal = catch_unwind(|| panic!("this cannot be")).unwrap_err();
        assert_eq!(message(&*literal), "this cannot be");
        let quoting = catch_unwind(|| secret[..secret.len() - 1].len()).unwrap_err();
        assert!(
            quoting.downcast_ref::<String>().is_some_and(|text| text.contains("canary")),
            "or there would be nothing to hide"
        );
        assert_eq!(message(&*quoting), WITHHELD);
    }
}

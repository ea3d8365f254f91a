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
    use std::process::Command;

    use super::*;
    use crate::cli::log;

    /// Panics as a name with an accent does that is cut in the wrong place: the text quotes it.
    fn panic_quoting(secret: &str) -> usize {
        secret[..secret.len() - 1].len()
    }

    #[test]
    #[ignore = "run in a process of its own by the test below: the hook and the log are the whole process's"]
    fn panics_in_a_pass() {
        log::start("trace", log::Format::Text, None).unwrap();
        let _pass = tracing::info_span!("pass", object = "team-a/ana").entered();
        assert!(catch_unwind(|| panic_quoting("canary-of-ana-é")).is_err());
    }

    #[test]
    fn a_panic_is_a_line_of_its_pass_and_quotes_no_secret() {
        let own = std::env::current_exe().unwrap();
        let args = ["--exact", "--ignored", "--nocapture", "cli::panics::tests::panics_in_a_pass"];
        let output = Command::new(own).args(args).env("RUST_BACKTRACE", "1").output().unwrap();
        let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        let line = printed.lines().find(|line| line.contains("ERROR")).unwrap_or_else(|| panic!("no line: {printed}"));
        assert!(line.contains("pass{object=\"team-a/ana\"}") && line.contains("src/cli/panics.rs"), "{line}");
        assert!(output.status.success() && printed.contains("withheld"), "{printed}");
        assert!(!printed.contains("canary"), "{printed}");
    }

    #[test]
    fn of_a_panic_only_what_stands_in_the_source_is_told() {
        let literal = catch_unwind(|| panic!("this cannot be")).unwrap_err();
        assert_eq!(message(&*literal), "this cannot be");
        let quoting = catch_unwind(|| panic_quoting("canary-of-ana-é")).unwrap_err();
        assert!(
            quoting.downcast_ref::<String>().is_some_and(|text| text.contains("canary")),
            "or there would be nothing to hide"
        );
        assert_eq!(message(&*quoting), WITHHELD);
    }
}

//! The log: what is in it and what never is, and in what form.

use std::error::Error;
use std::io::IsTerminal;

use thoughtspot_client::span::CALLS;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterExt, ParseError, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::panics;
use crate::traces::Traces;

/// What is logged unless somebody decides otherwise. kube has a line of its own, an error, for each answer of 500 and more, and one for
/// each list that is refused: what is to be known of either is in a line of ours.
pub(super) const FILTER: &str = "info,kube_runtime=error,kube_client::client::builder=off";
/// Where kube puts whole answers into the log that it cannot read, such as one with a Secret that was cut short.
const QUOTES: &str = "kube_client::client";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

/// Starts the log, and traces beside it where there are any. Either has a filter of its own.
pub(super) fn start(filter: &str, format: Format, traces: Option<&Traces>) -> Result<(), Box<dyn Error>> {
    let log = fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    let log = match format {
        Format::Text => log.boxed(),
        // The list of spans has them all, the pass first.
        Format::Json => log.json().with_current_span(false).boxed(),
    };
    let filter = EnvFilter::try_new(filter)?.and(filter_fn(may_be_told));
    tracing_subscriber::registry().with(log.with_filter(filter)).with(traces.map(Traces::layer)).init();
    panics::tell();
    if let Some(traces) = traces {
        tracing::info!(collector = traces.collector, "exporting traces");
    }
    Ok(())
}

/// What a filter of the log can be made of. Asked while arguments are read: later there would be no log yet to say that it cannot.
pub(super) fn filter(text: &str) -> Result<String, ParseError> {
    EnvFilter::try_new(text).map(|_| text.to_owned())
}

/// Whatever the filter says.
fn may_be_told(metadata: &Metadata<'_>) -> bool {
    ![CALLS, QUOTES].contains(&metadata.target())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::Cli;

    #[test]
    fn a_filter_of_the_log_that_is_none_is_refused_by_the_name_of_its_flag() {
        let refusal = Cli::try_parse_from(["thoughtspot-operator", "run", "--log", "a=b=c"]).unwrap_err().to_string();
        assert!(refusal.contains("--log"), "{refusal}");
    }
}

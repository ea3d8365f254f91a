//! What went wrong with Kubernetes, in a line, for the log and for whoever asks how things stand.
//!
//! kube's own words are no good for that: they hold the answer of the server twice, or a part of an object that could not be read, which
//! may be a Secret, and of a connection that failed they name the layer and not the reason.

use kube::core::Status;
use kube::runtime::watcher;

/// How much is kept of what Kubernetes says, or an admission webhook in its name: characters.
const SAID_MAX: usize = 300;
/// What kube says the reason is of an answer that is not the API server's own, such as a page of the load balancer before it.
const NOT_ITS_OWN: &str = "Failed to parse error data";

/// The answer of the API server.
pub fn said(status: &Status) -> String {
    if status.reason == NOT_ITS_OWN {
        return format!("the Kubernetes API answered {}", status.code);
    }
    format!("the Kubernetes API says: {}", status.message.chars().take(SAID_MAX).collect::<String>())
}

/// Why a request failed.
pub fn shown(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        return said(status);
    }
    if let kube::Error::SerdeError(error) = error {
        // Not its words: they quote what cannot be read.
        return format!("the answer of the Kubernetes API cannot be read, near line {} column {}", error.line(), error.column());
    }
    format!("the Kubernetes API gave no answer: {}", innermost(error))
}

/// Why a watch failed.
pub fn of_watch(error: &watcher::Error) -> String {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => shown(error),
        watcher::Error::WatchError(status) => said(status),
        watcher::Error::NoResourceVersion => error.to_string(),
    }
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(message: &str, reason: &str) -> kube::Error {
        kube::Error::Api(Status::failure(message, reason).with_code(503).boxed())
    }

    #[test]
    fn what_helps_is_shown_and_what_may_be_secret_is_not() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let unreadable = serde_json::from_str::<u8>("\n\"canary\"").unwrap_err();
        assert!(unreadable.to_string().contains("canary"), "or there would be nothing to hide: {unreadable}");
        for (error, expected) in [
            (status("too busy", "ServiceUnavailable"), "the Kubernetes API says: too busy"),
            (status("<html>canary</html>", NOT_ITS_OWN), "the Kubernetes API answered 503"),
            (kube::Error::Service(refused.into()), "the Kubernetes API gave no answer: connection refused"),
            (kube::Error::SerdeError(unreadable), "the answer of the Kubernetes API cannot be read, near line 2 column 8"),
        ] {
            assert_eq!(shown(&error), expected);
        }
    }
}

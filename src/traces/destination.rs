//! Where traces go, as the variables say that OpenTelemetry has specified for every program. Pure.

use std::time::Duration;

use url::Url;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const TRACES_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
const TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";
const TRACES_TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const TRACES_HEADERS: &str = "OTEL_EXPORTER_OTLP_TRACES_HEADERS";
/// How long one export may take where no variable says.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// A variable that cannot be followed. Its value is not told: it may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("{0} is not the URL of a collector, such as http://collector.example:4318: {1}")]
    Url(&'static str, String),
    #[error("{0} holds a user name or a password: write a header into {HEADERS} instead")]
    Credentials(&'static str),
    #[error(
        "{0} asks for a protocol that is not spoken here: traces are sent by http/protobuf, which collectors expect at port 4318"
    )]
    Protocol(&'static str),
    #[error("{0} is not a number of milliseconds")]
    Timeout(&'static str),
    #[error("entry {1} of {0} is not of the form name=value")]
    Header(&'static str, usize),
}

/// A collector. It has no `Debug`: the query of its URL may be secret.
pub(super) struct Destination {
    pub(super) url: Url,
    /// How long one export may take.
    pub(super) timeout: Duration,
}

impl Destination {
    /// What the variables name; those that are empty are to be as if unset. `None`: traces are not wanted.
    pub(super) fn find(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Destination>, Malformed> {
        let unwanted = variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
            || variable("OTEL_TRACES_EXPORTER").is_some_and(|value| value == "none");
        let either = |own, common| first_of(&variable, own, common);
        let Some((name, text)) = either(TRACES_ENDPOINT, ENDPOINT).filter(|_| !unwanted) else { return Ok(None) };
        if let Some((name, _)) = either(TRACES_PROTOCOL, PROTOCOL).filter(|(_, protocol)| protocol != "http/protobuf") {
            return Err(Malformed::Protocol(name));
        }
        if let Some((name, headers)) = either(TRACES_HEADERS, HEADERS) {
            check_headers(name, &headers)?;
        }
        let timeout = match either(TRACES_TIMEOUT, TIMEOUT) {
            Some((name, text)) => Duration::from_millis(text.parse().map_err(|_| Malformed::Timeout(name))?),
            None => TIMEOUT_DEFAULT,
        };
        let url = url(name, &text)?;
        Ok(Some(Destination { url: if name == ENDPOINT { for_traces(url) } else { url }, timeout }))
    }

    /// Host and port.
    pub(super) fn address(&self) -> String {
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}:{port}", self.url.host_str().unwrap_or_default())
    }
}

/// The variable for traces goes before the one for everything.
fn first_of(
    variable: impl Fn(&str) -> Option<String>,
    own: &'static str,
    common: &'static str,
) -> Option<(&'static str, String)> {
    [own, common].into_iter().find_map(|name| Some((name, variable(name)?)))
}

fn url(name: &'static str, text: &str) -> Result<Url, Malformed> {
    let malformed = |why: &str| Malformed::Url(name, why.to_owned());
    let url = Url::parse(text).map_err(|error| malformed(&error.to_string()))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(malformed("it has to begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Malformed::Credentials(name));
    }
    Ok(url)
}

/// Below the common base.
fn for_traces(mut url: Url) -> Url {
    let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

fn check_headers(name: &'static str, headers: &str) -> Result<(), Malformed> {
    let is_pair = |entry: &str| entry.trim().is_empty() || entry.split_once('=').is_some_and(|(name, _)| !name.trim().is_empty());
    match headers.split(',').position(|entry| !is_pair(entry)) {
        Some(place) => Err(Malformed::Header(name, place + 1)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Result<Option<(String, u128)>, Malformed> {
        let variable = |name: &str| Some(variables.iter().find(|(given, _)| *given == name)?.1.to_owned());
        Ok(Destination::find(variable)?.map(|to| (to.url.to_string(), to.timeout.as_millis())))
    }

    #[test]
    fn a_collector_is_found_where_the_variables_name_one() {
        let base = (ENDPOINT, "http://collector:4318");
        for (variables, expected) in [
            (vec![], None),
            (vec![(PROTOCOL, "grpc"), (HEADERS, "nonsense")], None),
            (vec![base, ("OTEL_SDK_DISABLED", "TRUE")], None),
            (vec![base, ("OTEL_TRACES_EXPORTER", "none")], None),
            (vec![base], Some("http://collector:4318/v1/traces")),
            (vec![(ENDPOINT, "https://example.com/otlp/?tenant=1")], Some("https://example.com/otlp/v1/traces?tenant=1")),
            (vec![base, (TRACES_ENDPOINT, "http://elsewhere:4318/own")], Some("http://elsewhere:4318/own")),
            (vec![base, (HEADERS, "authorization=Bearer%20x, a=b,")], Some("http://collector:4318/v1/traces")),
            (vec![base, (PROTOCOL, "grpc"), (TRACES_PROTOCOL, "http/protobuf")], Some("http://collector:4318/v1/traces")),
        ] {
            assert_eq!(found(&variables), Ok(expected.map(|url| (url.to_owned(), 10_000))), "{variables:?}");
        }
        assert_eq!(found(&[base, (TIMEOUT, "1"), (TRACES_TIMEOUT, "250")]).unwrap().unwrap().1, 250);
    }

    #[test]
    fn a_variable_that_cannot_be_followed_is_named_and_its_value_is_not() {
        let secret = "canary-of-a-collector";
        let good = (ENDPOINT, "http://collector:4318");
        for (variables, name) in [
            (vec![(ENDPOINT, secret.to_owned())], ENDPOINT),
            (vec![(TRACES_ENDPOINT, format!("{secret}:4318"))], TRACES_ENDPOINT),
            (vec![(ENDPOINT, format!("http://{secret}:port"))], ENDPOINT),
            (vec![(ENDPOINT, format!("http://me:{secret}@collector"))], ENDPOINT),
            (vec![(good.0, good.1.to_owned()), (PROTOCOL, secret.to_owned())], PROTOCOL),
            (vec![(good.0, good.1.to_owned()), (TRACES_TIMEOUT, secret.to_owned())], TRACES_TIMEOUT),
            (vec![(good.0, good.1.to_owned()), (HEADERS, format!("a=b,{secret}"))], HEADERS),
        ] {
            let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let message = found(&variables).unwrap_err().to_string();
            assert!(message.contains(name) && !message.contains(secret), "{message}");
        }
    }
}

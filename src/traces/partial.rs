//! What a collector says of traces that it took, but not all of them. Pure.

use http::HeaderMap;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use thoughtspot_client::scrub::scrubbed;
use thoughtspot_client::secret::Secret;

/// Some spans were not taken, or the collector has something to say of those that were.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Partial {
    /// How many were not taken.
    pub(super) spans: i64,
    /// Why, in the collector's words; without what we showed it in headers.
    pub(super) said: String,
}

/// What an answer says; `None` if everything was taken, or the answer is in no form that we know.
pub(super) fn of(answer: &[u8], headers: &HeaderMap) -> Option<Partial> {
    let partial = ExportTraceServiceResponse::decode(answer).ok()?.partial_success?;
    let says_something = partial.rejected_spans > 0 || !partial.error_message.is_empty();
    says_something.then(|| Partial { spans: partial.rejected_spans, said: scrubbed(&partial.error_message, &secrets(headers)) })
}

/// The values of headers, and the credentials in such as `Bearer …`.
fn secrets(headers: &HeaderMap) -> Vec<Secret> {
    let values = headers.values().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| [Some(value), value.split_once(' ').map(|(_, rest)| rest)]).flatten().map(Secret::new).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::AUTHORIZATION;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTracePartialSuccess;

    use super::*;

    fn said(rejected_spans: i64, error_message: &str) -> Option<Partial> {
        let partial_success = Some(ExportTracePartialSuccess { rejected_spans, error_message: error_message.to_owned() });
        let answer = ExportTraceServiceResponse { partial_success }.encode_to_vec();
        of(&answer, &HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer canary-42"))]))
    }

    #[test]
    fn what_was_not_taken_is_told_without_what_was_shown_to_the_collector() {
        let partial = |spans, said: &str| Some(Partial { spans, said: said.to_owned() });
        assert_eq!(said(0, ""), None);
        assert_eq!(said(3, "too\nlong"), partial(3, "too long"));
        assert_eq!(said(0, "slow down"), partial(0, "slow down"));
        assert_eq!(said(1, "not for canary-42"), partial(1, "not for ***"));
        assert_eq!(of(b"", &HeaderMap::new()), None);
        assert_eq!(of(b"{\"partialSuccess\":{}}", &HeaderMap::new()), None);
    }
}

//! How an Instance's ThoughtSpot is reached: with which CA, how fast, how patiently.

use std::time::Duration;

use thoughtspot_client::Error;
use thoughtspot_client::inventory::InventorySettings;
use thoughtspot_client::settings::{Credentials, Settings};
use thoughtspot_client::tls::{Authorities, Flaw};
use thoughtspot_crds::link::Limits;
use thoughtspot_crds::{Reason, ThoughtSpotInstance};
use thoughtspot_engine::Fault;

use crate::faults::stalled;

/// What an Instance says of its connection besides where and as whom.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Link {
    authorities: Option<Authorities>,
    requests_per_second: Option<u32>,
    deadline: Option<Duration>,
    page_size: Option<usize>,
}

impl Link {
    /// The API server has seen to the bounds of the limits.
    pub(super) fn new(authorities: Option<Authorities>, limits: Option<&Limits>) -> Link {
        let timeout = |text: &str| text.parse::<jiff::SignedDuration>().ok().and_then(|timeout| timeout.try_into().ok());
        Link {
            authorities,
            requests_per_second: limits.and_then(|limits| limits.requests_per_second?.try_into().ok()),
            deadline: limits.and_then(|limits| timeout(limits.request_timeout.as_ref()?)),
            page_size: limits.and_then(|limits| limits.page_size?.try_into().ok()),
        }
    }

    pub(super) fn settings(&self, url: url::Url, credentials: Credentials) -> Settings {
        let Link { authorities, requests_per_second, deadline, page_size: _ } = self.clone();
        Settings { authorities, requests_per_second, deadline, ..Settings::new(url, credentials) }
    }

    /// How lists are read that are compared so often.
    pub(super) fn inventory(&self, interval: Duration) -> InventorySettings {
        let usual = InventorySettings::new(interval);
        InventorySettings { page_size: self.page_size.map_or(usual.page_size, |size| size.min(usual.page_size)), ..usual }
    }
}

/// A connection that is not trusted, with the next step.
pub(super) fn untrusted(error: &Error, flaw: &Flaw, instance: &ThoughtSpotInstance) -> Fault {
    let step = match flaw {
        Flaw::Expired => "have it renewed",
        Flaw::NotYetValid => "have it replaced, or see to the clocks",
        Flaw::OtherHost => "correct spec.url, or have it issued for this host",
        Flaw::UnknownAuthority if instance.spec.tls.is_some() => "correct what spec.tls.ca names",
        Flaw::UnknownAuthority => "name its CA in spec.tls.ca",
        Flaw::OldTls => "have that switched on there",
        Flaw::NoAuthorities => "whoever installed it mends that (SSL_CERT_FILE), or name the CA of this host in spec.tls.ca",
        Flaw::Other(_) => "have it replaced",
    };
    stalled(Reason::Untrusted, format!("{error}: {step}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_only_lower() {
        let limits = Limits { requests_per_second: Some(5), request_timeout: Some("1s500ms".to_owned()), page_size: Some(50) };
        let link = Link::new(None, Some(&limits));
        assert_eq!((link.requests_per_second, link.deadline), (Some(5), Some(Duration::from_millis(1500))));
        let interval = Duration::from_secs(600);
        assert_eq!(link.inventory(interval).page_size, 50);
        let usual = Link::new(None, None);
        assert_eq!((usual.requests_per_second, usual.deadline), (None, None));
        assert_eq!(usual.inventory(interval), InventorySettings::new(interval));
        let more = Limits { page_size: Some(1000), ..Limits::default() };
        assert_eq!(Link::new(None, Some(&more)).inventory(interval).page_size, usual.inventory(interval).page_size);
    }
}

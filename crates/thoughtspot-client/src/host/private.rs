//! The hosts that may be at private addresses.

use url::Host;

use super::{BadPattern, HostPattern, HostPolicy};

impl HostPolicy {
    /// Also lets these hosts be at private addresses, this machine included: names, or `*.` and a name. Without scheme and port, since
    /// whether a host may be reached at all is for the other patterns to say.
    pub fn with_private<'a>(self, hosts: impl IntoIterator<Item = &'a str>) -> Result<HostPolicy, BadPattern> {
        let read = |text: &str| match HostPattern::parse(text.trim()) {
            Ok(HostPattern::Address(_)) => Err("name a host: an address is allowed by listing it among the allowed hosts"),
            other => other,
        };
        let private = hosts
            .into_iter()
            .map(|text| read(text).map_err(|why| BadPattern { pattern: text.to_owned(), why }))
            .collect::<Result<_, _>>()?;
        Ok(HostPolicy { private, ..self })
    }

    /// Whether a host of this name may be at a private address.
    pub(crate) fn may_be_private(&self, name: &str) -> bool {
        self.private.iter().any(|pattern| pattern.matches(&Host::Domain(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_be_private_only_where_it_is_named() {
        let policy = HostPolicy::default().with_private(["ts.corp.example", " *.internal.example"]).unwrap();
        for name in ["ts.corp.example", "ts.corp.example.", "a.internal.example", "a.b.internal.example"] {
            assert!(policy.may_be_private(name), "{name}");
        }
        for name in ["corp.example", "a.ts.corp.example", "internal.example", "ainternal.example", "acme.thoughtspot.cloud"] {
            assert!(!policy.may_be_private(name), "{name}");
        }
        assert!(!HostPolicy::default().may_be_private("localhost"));
    }

    #[test]
    fn what_names_no_host_is_no_pattern() {
        for bad in ["", "*", "10.0.0.1", "[::1]", "https://ts.corp.example", "ts.corp.example:8443", "10.0.0.0/8"] {
            let error = HostPolicy::default().with_private([bad]).expect_err(bad);
            assert_eq!(error.pattern, bad, "{error}");
        }
    }
}

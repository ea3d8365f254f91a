//! Which hosts may be reached, checked before any connection is opened, and at which addresses, checked for each connection.
//!
//! Invariants: what is compared is the parsed URL, the same value the connection is made from: there is no second reading of the text that
//! could come to another host. A host that is allowed by its name is reached at public addresses only, unless it is named once more.

pub(crate) mod address;
mod private;
pub(crate) mod resolver;

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::error::{Error, Result};

/// The hosts the operator may reach, as whoever installed it said. Empty means none.
#[derive(Clone, Debug, Default)]
pub struct HostPolicy {
    patterns: Vec<Pattern>,
    private: Vec<HostPattern>,
}

/// A pattern that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("host pattern {pattern:?}: {why}")]
pub struct BadPattern {
    pub pattern: String,
    pub why: &'static str,
}

#[derive(Clone, Debug)]
struct Pattern {
    scheme: Scheme,
    host: HostPattern,
    port: PortPattern,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Name(String),
    Address(IpAddr),
    /// Any name with one or more labels before this one.
    Under(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PortPattern {
    Any,
    Only(u16),
}

impl HostPolicy {
    /// Reads patterns of the form `[scheme://]host[:port]`.
    ///
    /// The scheme is `https` unless it says `http`. The host is a name, an address as it is usually written, or `*.` and a name,
    /// which stands for every name below that one, but not for the name itself. The port is the scheme's own unless given;
    /// `*` is any.
    pub fn parse<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<HostPolicy, BadPattern> {
        let patterns = patterns
            .into_iter()
            .map(|text| Pattern::parse(text.trim()).map_err(|why| BadPattern { pattern: text.to_owned(), why }))
            .collect::<Result<_, _>>()?;
        Ok(HostPolicy { patterns, private: Vec::new() })
    }

    /// Whether an instance may live at `url`, which is nothing but scheme, host and port.
    ///
    /// Fails with [`Error::HostNotAllowed`], which says what is wrong and never repeats user info.
    pub fn check(&self, url: &Url) -> Result<()> {
        let denied = |why: &str| {
            let host = url.host_str().unwrap_or("(none)").to_owned();
            Err(Error::HostNotAllowed { host, why: why.to_owned() })
        };
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return denied("only https, and http where it is allowed, can be spoken"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return denied("the URL carries user info; credentials belong in the Secret");
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return denied("the URL must be scheme, host and port only");
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return denied("the URL names no host");
        };
        let here: Vec<&Pattern> = self.patterns.iter().filter(|p| p.host.matches(&host)).collect();
        if here.iter().any(|p| p.scheme == scheme && p.port.matches(port)) {
            return Ok(());
        }
        match (here.is_empty(), here.iter().any(|p| p.scheme == scheme)) {
            (true, _) => denied("it is not among the hosts this operator may reach (--allowed-hosts)"),
            (false, false) => denied("it may not be reached with this scheme (--allowed-hosts)"),
            (false, true) => denied("it may not be reached at this port (--allowed-hosts)"),
        }
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Pattern, &'static str> {
        let (scheme, rest) = match text.split_once("://") {
            None => (Scheme::Https, text),
            Some(("https", rest)) => (Scheme::Https, rest),
            Some(("http", rest)) => (Scheme::Http, rest),
            Some(_) => return Err("the scheme must be https or http"),
        };
        if rest.contains(['/', '@', '?', '#', '%']) || rest.contains(char::is_whitespace) {
            return Err("write scheme, host and port only");
        }
        let (host, port) = split_port(rest);
        let host = HostPattern::parse(host)?;
        let port = match port {
            None => PortPattern::Only(scheme.default_port()),
            Some("*") => PortPattern::Any,
            Some(digits) => PortPattern::Only(digits.parse().map_err(|_| "the port must be a number up to 65535, or *")?),
        };
        Ok(Pattern { scheme, host, port })
    }
}

/// Splits off what follows the last colon, which is no port when it stands inside the brackets of an IPv6 address.
fn split_port(rest: &str) -> (&str, Option<&str>) {
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (rest, None),
    }
}

impl HostPattern {
    fn parse(text: &str) -> Result<HostPattern, &'static str> {
        if let Some(suffix) = text.strip_prefix("*.") {
            return match parse_host(suffix)? {
                Host::Domain(name) => Ok(HostPattern::Under(without_dot(&name).to_owned())),
                Host::Ipv4(_) | Host::Ipv6(_) => Err("an address has nothing below it"),
            };
        }
        let address = match parse_host(text)? {
            Host::Domain(name) => return Ok(HostPattern::Name(without_dot(&name).to_owned())),
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
        };
        // `127.1` and `2130706433` are addresses too; whoever lists one shall see which.
        match text.trim_matches(['[', ']']).parse() == Ok(address) {
            true => Ok(HostPattern::Address(address)),
            false => Err("write the address in its usual form"),
        }
    }

    fn matches(&self, host: &Host<&str>) -> bool {
        match (self, host) {
            (HostPattern::Name(name), Host::Domain(host)) => without_dot(host) == name,
            (HostPattern::Under(suffix), Host::Domain(host)) => without_dot(host)
                .strip_suffix(suffix.as_str())
                .and_then(|before| before.strip_suffix('.'))
                .is_some_and(|labels| labels.split('.').all(|label| !label.is_empty())),
            // Exactly the address that is listed: `::ffff:127.0.0.1` is another one than `127.0.0.1`.
            (HostPattern::Address(listed), Host::Ipv4(address)) => *listed == IpAddr::V4(*address),
            (HostPattern::Address(listed), Host::Ipv6(address)) => *listed == IpAddr::V6(*address),
            (HostPattern::Address(_), Host::Domain(_)) => false,
            (HostPattern::Name(_) | HostPattern::Under(_), Host::Ipv4(_) | Host::Ipv6(_)) => false,
        }
    }
}

fn parse_host(text: &str) -> Result<Host, &'static str> {
    if text.contains('*') {
        return Err("a * stands for the labels before a name, as in *.example.com");
    }
    match Host::parse(text) {
        Ok(Host::Domain(name)) if without_dot(&name).split('.').any(str::is_empty) => Err("the host is not a name"),
        Ok(host) => Ok(host),
        Err(_) => Err("the host is not a name"),
    }
}

/// A name with the root's dot is the same name.
fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl PortPattern {
    fn matches(self, port: u16) -> bool {
        match self {
            PortPattern::Any => true,
            PortPattern::Only(only) => only == port,
        }
    }
}

/// The patterns as they are understood, with every default spelled out.
impl fmt::Display for HostPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, Pattern { scheme, host, port }) in self.patterns.iter().enumerate() {
            f.write_str(if n == 0 { "" } else { ", " })?;
            f.write_str(match scheme {
                Scheme::Http => "http://",
                Scheme::Https => "https://",
            })?;
            match host {
                HostPattern::Name(name) => f.write_str(name)?,
                HostPattern::Address(IpAddr::V4(address)) => write!(f, "{address}")?,
                HostPattern::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
                HostPattern::Under(suffix) => write!(f, "*.{suffix}")?,
            }
            match port {
                PortPattern::Any => f.write_str(":*")?,
                PortPattern::Only(port) => write!(f, ":{port}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod spellings;
#[cfg(test)]
mod tests;

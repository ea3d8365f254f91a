//! Whose certificates are believed, and what is wrong with one that is not.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use reqwest::Certificate;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{AlertDescription, CertificateError, RootCertStore};

/// The longest bundle that is read, in bytes: that of a whole browser is half of it.
const LONGEST: usize = 512 << 10;

/// Authorities of one's own. With them no others are believed.
#[derive(Clone)]
pub struct Authorities {
    pem: Arc<[u8]>,
    certificates: Vec<Certificate>,
}

/// Why a text is no bundle of authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBundle {
    #[error("it is longer than 512 KiB")]
    TooLong,
    #[error("there is no certificate in PEM form in it")]
    Empty,
    #[error("there is a certificate in it that cannot be read")]
    Unreadable,
}

/// What is wrong with the certificate of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    Expired,
    NotYetValid,
    OtherHost,
    /// Self-signed, or signed by an authority that is not among those believed.
    UnknownAuthority,
    /// TLS older than 1.2.
    OldTls,
    /// None at all: no authorities are found on this system, and the host has none of its own.
    NoAuthorities,
    /// In the words of the TLS library.
    Other(String),
}

impl Authorities {
    /// Reads certificates in PEM form; what else is in the text is passed over.
    pub fn parse(pem: &[u8]) -> Result<Authorities, BadBundle> {
        if pem.len() > LONGEST {
            return Err(BadBundle::TooLong);
        }
        let mut store = RootCertStore::empty();
        let mut certificates = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| BadBundle::Unreadable)?;
            certificates.push(Certificate::from_der(&certificate).map_err(|_| BadBundle::Unreadable)?);
            store.add(certificate).map_err(|_| BadBundle::Unreadable)?;
        }
        if certificates.is_empty() {
            return Err(BadBundle::Empty);
        }
        Ok(Authorities { pem: pem.into(), certificates })
    }

    /// Nobody is believed.
    pub(crate) fn none() -> Authorities {
        Authorities { pem: Arc::default(), certificates: Vec::new() }
    }

    pub(crate) fn certificates(&self) -> impl Iterator<Item = Certificate> {
        self.certificates.iter().cloned()
    }
}

impl PartialEq for Authorities {
    fn eq(&self, other: &Authorities) -> bool {
        self.pem == other.pem
    }
}

impl Eq for Authorities {}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.certificates.len())
    }
}

impl Flaw {
    /// What an error of TLS says of the other end; `None` if it says nothing, as when the connection broke.
    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Option<Flaw> {
        let tls = unwrapped(error).downcast_ref::<rustls::Error>()?;
        if let rustls::Error::InvalidCertificate(why) = tls {
            return Some(Flaw::of_certificate(why));
        }
        let old =
            matches!(tls, rustls::Error::PeerIncompatible(_) | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion));
        old.then_some(Flaw::OldTls)
    }

    fn of_certificate(why: &CertificateError) -> Flaw {
        use CertificateError as Error;
        if matches!(why, Error::Expired | Error::ExpiredContext { .. }) {
            Flaw::Expired
        } else if matches!(why, Error::NotValidYet | Error::NotValidYetContext { .. }) {
            Flaw::NotYetValid
        } else if matches!(why, Error::NotValidForName | Error::NotValidForNameContext { .. }) {
            Flaw::OtherHost
        } else if matches!(why, Error::UnknownIssuer) {
            Flaw::UnknownAuthority
        } else {
            Flaw::Other(crate::said::said(&why.to_string()))
        }
    }
}

/// What errors of I/O wrap, which they do not count among their causes.
fn unwrapped<'a>(mut error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    while let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        error = inner;
    }
    error
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Expired => f.write_str("its certificate has expired"),
            Flaw::NotYetValid => f.write_str("its certificate is not valid yet"),
            Flaw::OtherHost => f.write_str("its certificate is for another host"),
            Flaw::UnknownAuthority => f.write_str("its certificate is signed by no authority that is believed here"),
            Flaw::OldTls => f.write_str("it does not speak TLS 1.2 or newer"),
            Flaw::NoAuthorities => f.write_str("there are no certificate authorities where the operator runs"),
            Flaw::Other(said) => write!(f, "its certificate is refused ({said})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaw_is_found_however_deep_it_is_wrapped() {
        let found = |error: rustls::Error| Flaw::of(&std::io::Error::other(std::io::Error::other(error)));
        assert_eq!(found(CertificateError::Expired.into()), Some(Flaw::Expired));
        assert_eq!(found(rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)), Some(Flaw::OldTls));
        assert_eq!(found(rustls::Error::DecryptError), None);
        assert_eq!(Flaw::of(&std::io::Error::from(std::io::ErrorKind::ConnectionReset)), None);
    }

    #[test]
    fn what_is_no_certificate_is_no_authority() {
        let check = |text: &str, expected: BadBundle| assert_eq!(Authorities::parse(text.as_bytes()), Err(expected), "{text}");
        check("", BadBundle::Empty);
        check("not PEM", BadBundle::Empty);
        check("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", BadBundle::Empty);
        check("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", BadBundle::Unreadable);
        check("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", BadBundle::Unreadable);
        check("-----BEGIN CERTIFICATE-----\nAAAA\n", BadBundle::Unreadable);
        check(&"x".repeat(LONGEST + 1), BadBundle::TooLong);
    }
}

//! TLS in front of a server that speaks plainly, with certificates made on the spot.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A certificate authority of one's own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate with its key, as a server shows it.
#[derive(Clone)]
pub struct Identity(Arc<rustls::ServerConfig>);

/// The years in which a certificate is valid.
#[derive(Clone, Copy, Debug)]
pub struct Years(pub i32, pub i32);

/// Years that the present is among for a while.
pub const VALID: Years = Years(2020, 2100);

impl Authority {
    /// One of this name.
    pub fn new(name: &str) -> Authority {
        let key = key();
        let mut params = params(&[], VALID);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap_or_else(|error| panic!("an authority can be made: {error}"));
        Authority { pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }

    /// Its own certificate.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a host, a name or an address.
    pub fn certify(&self, host: &str, years: Years) -> Identity {
        let key = key();
        let certificate = params(&[host], years).signed_by(&key, &self.issuer);
        identity(&certificate.unwrap_or_else(|error| panic!("a certificate can be made: {error}")), &key)
    }
}

impl Identity {
    /// One that nobody vouches for.
    pub fn self_signed(host: &str) -> Identity {
        let key = key();
        let certificate = params(&[host], VALID).self_signed(&key);
        identity(&certificate.unwrap_or_else(|error| panic!("a certificate can be made: {error}")), &key)
    }
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap_or_else(|error| panic!("a key can be made: {error}"))
}

fn params(hosts: &[&str], Years(from, to): Years) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).unwrap_or_else(|error| panic!("these are hosts: {error}"));
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    params
}

fn identity(certificate: &rcgen::Certificate, key: &KeyPair) -> Identity {
    let chain = vec![CertificateDer::clone(certificate.der())];
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    Identity(Arc::new(config.unwrap_or_else(|error| panic!("the certificate fits its key: {error}"))))
}

/// Listens on this machine, speaks TLS, and hands on what it hears.
pub struct TlsFront {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: AbortHandle,
}

struct Shared {
    behind: String,
    identity: Mutex<Identity>,
    open: Mutex<JoinSet<()>>,
}

impl TlsFront {
    /// In front of `behind`, which is a host with its port.
    pub async fn start(behind: &str, identity: Identity) -> std::io::Result<TlsFront> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Shared { behind: behind.to_owned(), identity: Mutex::new(identity), open: Mutex::default() };
        let shared = Arc::new(shared);
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared))).abort_handle();
        Ok(TlsFront { address, shared, listening })
    }

    /// Host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Shows another certificate from now on, and ends what is open.
    pub async fn present(&self, identity: Identity) {
        *self.shared.identity.lock().unwrap_or_else(PoisonError::into_inner) = identity;
        let mut open = std::mem::take(&mut *self.shared.open.lock().unwrap_or_else(PoisonError::into_inner));
        open.shutdown().await;
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let identity = shared.identity.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let behind = shared.behind.clone();
        shared.open.lock().unwrap_or_else(PoisonError::into_inner).spawn(hand_on(stream, identity, behind));
    }
}

/// Whoever does not get through the handshake learns why from it.
async fn hand_on(stream: TcpStream, Identity(config): Identity, behind: String) {
    let Ok(mut outside) = TlsAcceptor::from(config).accept(stream).await else { return };
    let Ok(mut inside) = TcpStream::connect(behind).await else { return };
    // Either side may end it at any time.
    let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
}

//! The one listener of the process: it serves a router, whatever that is for, until it is dropped.
//!
//! Whoever reaches the port may open connections. They are few, short, and for one request each, so that nobody keeps the others out.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// What connections are held to.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// How many there are at once.
    connections: usize,
    /// How long a request may take to arrive.
    request: Duration,
    /// How long all of it may take.
    whole: Duration,
}

const BOUNDS: Bounds = Bounds { connections: 128, request: Duration::from_secs(5), whole: Duration::from_secs(30) };
/// How long nobody is let in after that failed: most often for want of descriptors, of which the next that ends gives one back.
const PAUSE: Duration = Duration::from_millis(100);

/// Something that listens; it stops when this is dropped.
pub struct Server(JoinHandle<()>);

impl Server {
    /// Listens on this address and serves `router` there. The address of all interfaces is that of IPv4, too, and of IPv4 only where
    /// the machine knows no IPv6.
    ///
    /// # Errors
    ///
    /// If the address cannot be had.
    pub async fn start(address: SocketAddr, router: Router) -> std::io::Result<Server> {
        let listener = match TcpListener::bind(address).await {
            Err(_) if address.is_ipv6() && address.ip().is_unspecified() => {
                TcpListener::bind((IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port())).await?
            }
            result => result?,
        };
        tracing::info!(address = %listener.local_addr()?, "listening");
        Ok(Server(tokio::spawn(serve(listener, router, BOUNDS))))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// It serves until it is aborted, and its connections with it.
// `axum::serve` has none of these bounds.
async fn serve(listener: TcpListener, router: Router, bounds: Bounds) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < bounds.connections => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, router.clone(), bounds))),
                Err(_) => sleep(PAUSE).await,
            },
        }
    }
}

async fn connection(stream: TcpStream, router: Router, bounds: Bounds) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.request).keep_alive(false);
    // What fails is the other side's matter.
    let _ = timeout(bounds.whole, http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))).await;
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn whoever_says_nothing_keeps_nobody_out() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let bounds = Bounds { connections: 2, request: Duration::from_millis(100), whole: Duration::from_secs(60) };
        let router = Router::new().route("/", get(async || "here"));
        let server = tokio::spawn(serve(listener, router, bounds));
        let mut silent = Vec::new();
        for _ in 0..5 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let mut asks = TcpStream::connect(address).await.unwrap();
        asks.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        timeout(Duration::from_secs(60), asks.read_to_string(&mut answer)).await.expect("it has its turn").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("here"), "{answer}");
        server.abort();
    }
}

//! The one listener of the process: it serves a router, whatever that is for, until it is dropped.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

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
        Ok(Server(tokio::spawn(async move {
            // It serves until it is aborted.
            let _ = axum::serve(listener, router).await;
        })))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//! What the operator's tests, the demo and the development environment stand on: a real Kubernetes API server, processes that
//! never outlive whoever started them, bounded waits that say what they saw.
//!
//! Invariants: nothing here is part of the operator; nothing started here survives the process that started it, not even when
//! that one is killed; no wait is unbounded.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`build`] | what is built on first use: the control plane's binaries, helm |
//! | [`control_plane`] | [`ControlPlane`]: etcd, kube-apiserver and kube-controller-manager, started and stopped |
//! | [`crds`] | installing CRDs and waiting until they are served |
//! | [`lifeline`] | processes and a folder that end with their owner |
//! | [`operator`] | [`OperatorProcess`]: the real binary, to be started, killed and read |
//! | [`proxy`] | [`Proxy`]: between the operator and a server: counts, stops, holds back |
//! | [`tls`] | TLS in front of a server, with certificates made on the spot |
//! | [`wait`] | [`eventually`] |
//! | [`canaries`] | [`leaks`]: does a text hold a secret, in any spelling |

pub mod build;
pub mod canaries;
pub mod control_plane;
pub mod crds;
mod error;
pub mod lifeline;
pub mod operator;
pub mod proxy;
pub mod tls;
pub mod wait;

pub use canaries::leaks;
pub use control_plane::ControlPlane;
pub use error::Error;
pub use lifeline::{Lifeline, Process};
pub use operator::OperatorProcess;
pub use proxy::Proxy;
pub use wait::eventually;

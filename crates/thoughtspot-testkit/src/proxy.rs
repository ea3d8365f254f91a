//! What stands between the operator and a server, so that a test can count its requests, stop it at any of them, and choose what
//! its watches show. The operator is the shipped one: it is only told another address.

mod gate;
mod server;
mod trouble;
mod views;

pub use gate::{Catch, Gate, Moment, Passed, Which};
pub use server::Proxy;
pub use trouble::{Trouble, Troubles};
pub use views::Views;

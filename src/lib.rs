//! The operator: what is about ThoughtSpot *and* Kubernetes.
//!
//! The process, from the command line to the port it listens on:
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`cli`] | the command line: a file a command |
//! | [`app`] | wiring: clients, caches, controllers, shutdown; decides nothing |
//! | [`replica`] | this replica among others: whether it may write, and when it is its turn |
//! | [`health`] | what the probes of Kubernetes are told |
//! | [`serve`] | the one listener of the process |
//! | [`metrics`] | what the operator tells Prometheus |
//! | [`traces`] | what the operator tells a collector of traces |
//!
//! What there is, in Kubernetes and in ThoughtSpot:
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`world`] | the resources as watched, and whom a change of one wakes |
//! | [`managed`] | what a resource says of itself: what it stands for, what its end comes to, whether it is held; pure |
//! | [`secrets`] | the Secrets that resources name: read by name, watched by name, held while in use |
//! | [`trust`] | the CAs that Instances name: read by name, watched by name |
//! | [`named`] | a watch of one object by its name |
//! | [`connection`] | a signed-in ThoughtSpot per Instance, and what its inventory wakes |
//! | [`identity`] | whether an address is the ThoughtSpot it was, and whether two Instances are one; pure |
//! | [`rights`] | what members of a group end up with |
//! | [`faults`] | a failed call to ThoughtSpot, as the engine's fault |
//!
//! Who may do what, and what is never done:
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`access`] | from a reference to something that exists, is ready and may be used |
//! | [`grants`] | who may use what, and hand out which privileges; pure |
//! | [`claims`] | which of two resources has the better claim to one object; pure |
//! | [`edges`] | who is in a group, as the resources of both ends have it; pure |
//! | [`seal`] | proof that an announcement is the operator's own; pure |
//! | [`protected`] | what is never touched; pure |
//! | [`administrators`] | no Org is left without an administrator |
//! | [`brake`] | many endings at once are held until a person says so |
//! | [`until`] | annotations of an Instance that allow something until a time; pure |
//!
//! And [`kinds`], which asks all of these: a file per kind, and beside it a folder of what it decides.

pub mod access;
pub mod administrators;
pub mod app;
pub mod brake;
pub mod claims;
pub mod cli;
pub mod connection;
pub mod edges;
pub mod faults;
pub mod grants;
pub mod health;
pub mod identity;
pub mod kinds;
pub mod managed;
pub mod metrics;
pub mod named;
pub mod protected;
pub mod replica;
pub mod rights;
pub mod seal;
pub mod secrets;
pub mod serve;
pub mod traces;
pub mod trust;
pub mod until;
pub mod world;

//! The reconcile engine: any kind, any far side.
//!
//! Invariants: knows Kubernetes, never ThoughtSpot. Adoption, deletion policy, finalizers, conditions and retries are decided here,
//! once, for every kind. Every await has a deadline. A panic in one pass is caught.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`kind`] | what a kind supplies: resolve, observe, plan, act |
//! | [`pass`] | one pass over one object: resolve → observe → plan → act → report; or its removal |
//! | [`intent`] | the note that a create is about to happen, and for whom |
//! | [`shown`] | what went wrong with Kubernetes, in a line |
//! | [`trouble`] | trouble that lasts is told now and then |
//! | [`fight`] | fields that somebody keeps changing back |
//! | [`fault`] | what can go wrong with a pass, by who can help |
//! | [`conditions`] | what is said in status, computed whole and compared |
//! | [`controller`] | the engine over one kind: a pass when it is due, and the report of how it ended |
//! | [`unreadable`] | an object whose stored form does not fit its kind |
//! | [`cache`] | the objects of one kind as watched, with an index, and whom a change wakes |
//! | [`feed`] | one settled stream of events out of one watch per namespace |
//! | [`written`] | what we wrote, until the watch shows it |
//! | [`wake`] | how a change of one object brings about a pass of another, or of itself |
//! | [`scheduler`] | runs passes when they are due: one at a time per object, with back-off |
//! | `fair` | whose pass is next; pure |
//! | [`next`] | when an object is looked at next |
//! | [`running`] | which passes run, and since when |
//! | [`outcome`] | how a pass ended, in the words of metrics and traces |
//! | [`meter`] | what is counted of passes |
//! | [`span`] | what logs and traces tell of a pass |
//! | [`writer`] | every write to Kubernetes: marks, status, events |
//! | `status` | the difference of two statuses, as a patch |
//! | [`client`] | a Kubernetes client that cannot wait for ever, nor write outside of the lease |
//! | [`lease`] | who of several replicas leads, and until when; pure |
//! | [`election`] | takes turns with other replicas by a Lease |
//! | [`fence`] | until when whoever leads may write |

pub mod cache;
pub mod client;
pub mod conditions;
pub mod controller;
pub mod election;
mod fair;
pub mod fault;
pub mod feed;
pub mod fence;
pub mod fight;
pub mod intent;
pub mod kind;
pub mod lease;
pub mod meter;
pub mod next;
pub mod outcome;
pub mod pass;
pub mod running;
pub mod scheduler;
pub mod shown;
pub mod span;
mod status;
pub mod trouble;
pub mod unreadable;
pub mod wake;
pub mod writer;
pub mod written;

pub use cache::{Cache, Live};
pub use fault::Fault;
pub use kind::{Adopt, Change, Claim, Ending, Kind, Look, Mode, Origin, Terms};

//! What a kind supplies. The engine calls it in this order: resolve → observe → plan → act, then reports.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::Resource;
use serde::Serialize;
use tracing::Span;

use crate::cache::{Cached, Key};
use crate::fault::Fault;
use crate::intent::Intent;
use crate::span;

/// One kind of object and its far side.
pub trait Kind: Send + Sync + 'static {
    type Object: Cached + Resource<DynamicType = (), Scope = NamespaceResourceScope> + Serialize;
    type Status: Clone + PartialEq + Serialize + Send + Sync;
    /// Everything the plan needs of our side, nothing optional left to guess.
    type Desired: Send + Sync;
    /// Everything the plan needs of the far side.
    type Observed: Send + Sync;
    /// A closed enum: one variant per remote write.
    type Change: Change;

    // What the object says.

    /// What the object says about how to treat it. Pure.
    fn terms(&self, object: &Self::Object) -> Terms;

    /// Where its passes go, in a word: those that go the same way share places, and if they hang they hold up no other. Pure.
    fn lane(&self, object: &Self::Object) -> String;

    /// The span of a pass over it, with the fields that [`span`] names. Pure.
    fn span(&self, object: &Self::Object) -> Span {
        span::bare::<Self::Object>(&Key::of(object))
    }

    /// When it is compared with the far side again if nothing happens, counted from now; the engine adds up to a twentieth.
    fn interval(&self, object: &Self::Object) -> Duration;

    /// Reads what the object names: references, grants, Secrets. All reading of Kubernetes is here.
    fn resolve(&self, object: &Self::Object) -> impl Future<Output = Result<Self::Desired, Fault>> + Send;

    /// As `resolve`, for an object that is being deleted: asks for no more than finding and deleting needs.
    fn resolve_removal(&self, object: &Self::Object) -> impl Future<Output = Result<Self::Desired, Fault>> + Send;

    /// Why what the object names is not resolved, where `resolve` let the pass go on for the sake of what does not wait for it: its plan then
    /// only takes away from the object of the id on record, and the pass ends with this fault. Pure.
    fn resolved(&self, _want: &Self::Desired) -> Result<(), Fault> {
        Ok(())
    }

    // What there is, and what has to change.

    /// Looks at the far side; writes nothing. With an id on record: the object of this id; otherwise the one of this name.
    fn observe(&self, want: &Self::Desired, look: Look) -> impl Future<Output = Result<Option<Self::Observed>, Fault>> + Send;

    /// From here on look by name, not by the id on record: by `name` if given, else by the declared one.
    fn look_by_name(&self, want: &mut Self::Desired, name: Option<&str>);

    /// What has to change. Pure: no await, no clock, no randomness. Of nothing, a plan of exactly one create.
    fn plan(&self, want: &Self::Desired, have: Option<&Self::Observed>) -> Vec<Self::Change>;

    // Whether it may.

    /// Whether another object of ours has the better claim to what this one wants or holds.
    fn contest(&self, object: &Self::Object, want: &Self::Desired, have: Option<&Self::Observed>) -> Result<(), Fault>;

    /// Whether what was found is what `intent` announced.
    fn is_ours(
        &self,
        want: &Self::Desired,
        have: &Self::Observed,
        intent: &Intent,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Whether what exists under the name of an object that has no id on record is taken back, as what it created before the record was
    /// lost. Judged on a fresh read; `plan` is what would be changed.
    fn takes_back(
        &self,
        object: &Self::Object,
        want: &Self::Desired,
        have: &Self::Observed,
        plan: &[Self::Change],
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Whether this namespace may take over what exists, which `plan` would then change, and as what. Judged on a fresh read.
    fn may_adopt(
        &self,
        want: &Self::Desired,
        have: &Self::Observed,
        adopt: Adopt,
        plan: &[Self::Change],
    ) -> impl Future<Output = Result<Claim, Fault>> + Send;

    /// Whether this namespace may make these changes. Judged on a fresh read.
    fn authorize(
        &self,
        want: &Self::Desired,
        have: Option<&Self::Observed>,
        changes: &[Self::Change],
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Whether what had an id and is gone may be created again.
    fn may_recreate(&self, object: &Self::Object) -> Result<(), Fault>;

    /// Whether the far side may be changed as the policy for a deleted object says.
    fn may_remove(
        &self,
        object: &Self::Object,
        want: &Self::Desired,
        have: &Self::Observed,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Whether what is about to end may end now, or waits for a moment or for a person because much else would end with it. Asked before
    /// the closer look, and again right before anything is done; whoever asked is counted. Costs no call.
    fn brake(&self, object: &Self::Object, want: &Self::Desired, ending: Ending<'_, Self::Change>) -> Result<(), Fault>;

    // The doing.

    /// The name that a create now would give. Pure.
    fn name<'a>(&self, want: &'a Self::Desired) -> &'a str;

    /// What has to be known again of a create sent now if its answer is lost: the object may say otherwise by then. It is kept in the intent.
    /// Pure.
    fn sent(&self, _want: &Self::Desired) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// Remembers what was [`Kind::sent`] to make what turned out to be ours. Whether it has to be looked at again for that. Pure.
    fn recall(&self, _want: &mut Self::Desired, _sent: &serde_json::Value) -> bool {
        false
    }

    /// The far side's clock, in milliseconds since 1970: when a create now would be announced.
    fn far_clock(&self, want: &Self::Desired) -> i64;

    /// A proof that the operator wrote these words, which nobody who may write them to an object can make: always the same for the same
    /// words. Pure.
    fn seal(&self, want: &Self::Desired, words: &str) -> String;

    /// Makes one change. Safe to repeat, but for a create, which the engine never repeats without looking.
    fn act(
        &self,
        want: &Self::Desired,
        have: Option<&Self::Observed>,
        change: &Self::Change,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Does to the far side's object what the policy for a deleted one says, and tells what that was. The object may still be there
    /// afterwards. Safe to repeat: where it fails half way, all of it is done again.
    fn remove(
        &self,
        object: &Self::Object,
        want: &Self::Desired,
        have: &Self::Observed,
    ) -> impl Future<Output = Result<Removed, Fault>> + Send;

    /// What keeps an object that is as declared from being Ready, and no change can mend: something that falls short, or a reference to what is not
    /// there yet and holds up nothing else. Pure.
    fn shortcoming(&self, _want: &Self::Desired) -> Result<(), Fault> {
        Ok(())
    }

    /// The last thing before an object that is being deleted is let go, whatever its policy; `lives_on` says whether what it stood for goes
    /// on. Safe to repeat. A fault holds the object: only one that passes by itself may.
    fn before_release(&self, _object: &Self::Object, _lives_on: bool) -> impl Future<Output = Result<(), Fault>> + Send {
        std::future::ready(Ok(()))
    }

    // What is remembered and said.

    /// The status as stored.
    fn status(&self, object: &Self::Object) -> Self::Status;

    /// What the last report left in the status. Pure.
    fn last_report<'a>(&self, status: &'a Self::Status) -> LastReport<'a>;

    /// Keeps what has to be remembered of this step: in status, and in what is wanted where a step fulfils what cannot be read back.
    /// Pure.
    fn record(&self, status: &mut Self::Status, want: &mut Self::Desired, have: &Self::Observed, step: Step<'_, Self::Change>);

    /// Puts the engine's part of the report into the status. Pure.
    fn report(&self, status: &mut Self::Status, object: &Self::Object, report: Report);
}

/// What may end something.
pub enum Ending<'a, C> {
    /// What the policy for a deleted object says.
    Removal,
    /// Those of these changes that take something away.
    Changes(&'a [C]),
}

/// One remote write, as a value: what `act` does, what the log, the event and `Observe` say.
pub trait Change: Display + Send + Sync {
    /// The fields of `spec` that it is about.
    fn differences(&self) -> Vec<Difference>;
}

/// One field that is not as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub field: String,
    pub declared: String,
    pub observed: String,
}

/// How to treat an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub mode: Mode,
    /// Whether everything was as declared before, as status has it.
    pub initialized: bool,
    /// Whether the object asks to take over what exists.
    pub adopt: Adopt,
    /// Whether the far side is changed when the object goes: see [`Kind::remove`].
    pub ends: bool,
    pub suspended: bool,
    /// The id of the far side's object that this one manages, as status has it.
    pub id: Option<String>,
}

impl Terms {
    /// Whether nothing is changed any more, whatever differs.
    pub(crate) fn is_finished(&self) -> bool {
        self.mode == Mode::CreateOnce && self.initialized
    }
}

/// What is done about the far side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is looked at, and never written to.
    Observe,
    /// It is made as declared, and once it was, nothing is changed any more.
    CreateOnce,
    /// It is made as declared whenever it differs.
    Manage,
}

impl Mode {
    pub fn writes(self) -> bool {
        match self {
            Mode::Observe => false,
            Mode::CreateOnce | Mode::Manage => true,
        }
    }
}

/// Whether an object asks to take over what exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopt {
    No,
    /// If nothing would have to change.
    IfMatching,
    Yes,
}

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// What the inventory knows will do.
    Known,
    /// A read of its own, now.
    Fresh,
}

/// How the operator came to manage the far side's object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Created,
    Adopted,
}

/// How an object came to be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// By a create in this very pass: everything it sent is as declared now.
    Created,
    /// By a create of an earlier pass whose answer was lost.
    Recovered,
    /// It was ours before, and nobody's since.
    Returned,
    /// Because it was before the record of it was lost, with everything that is as declared.
    TakenBack,
    Adopted,
}

impl Claim {
    /// The event that tells of it: reason, action and note. What was created is told by its change.
    pub(crate) fn event(self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Claim::Created | Claim::Recovered => None,
            Claim::Returned => Some(("Returned", "Adopt", "took back what was ours")),
            Claim::TakenBack => Some(("TakenBack", "TakeBack", "took back what it managed before its status was lost")),
            Claim::Adopted => Some(("Adopted", "Adopt", "took over what existed")),
        }
    }

    pub fn origin(self) -> Origin {
        match self {
            Claim::Created | Claim::Recovered | Claim::Returned | Claim::TakenBack => Origin::Created,
            Claim::Adopted => Origin::Adopted,
        }
    }
}

/// What became of the far side's object, as the event says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Such as `Deleted`.
    pub reason: &'static str,
    pub note: String,
    /// Whether it goes on as it was, but for what was ours of it.
    pub lives_on: bool,
}

impl Removed {
    /// We deleted it.
    pub fn deleted() -> Removed {
        Removed { reason: "Deleted", note: "deleted, as deletionPolicy says".to_owned(), lives_on: false }
    }

    /// It is gone, whether by a call of ours that was not answered or by somebody else.
    pub fn gone() -> Removed {
        Removed { reason: "Deleted", note: "it does not exist any more".to_owned(), lives_on: false }
    }
}

/// A moment of a pass at which something has to be remembered.
pub enum Step<'a, C> {
    /// The object was found and is what we think it is.
    Seen,
    /// The object is ours from now on.
    Claimed(Claim),
    /// These changes are about to be made.
    Before(&'a [C]),
    /// These changes were made.
    After(&'a [C]),
}

/// The engine's part of status.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub generation: i64,
    pub conditions: Vec<Condition>,
    /// Whether everything was as declared, now or before: see [`Terms::initialized`].
    pub initialized: bool,
    /// What differs and was not changed, or what somebody keeps changing back.
    pub differences: Vec<Difference>,
    /// The reconcile request that was answered.
    pub handled: Option<String>,
}

/// What the last [`Report`] left in status.
pub struct LastReport<'a> {
    pub conditions: &'a [Condition],
    pub differences: Vec<Difference>,
    /// The reconcile request that was answered.
    pub handled: Option<&'a str>,
}

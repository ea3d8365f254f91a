//! The steps that are swept, each from what is declared before to what is declared after, by what a person does.

use super::stage::Stage;
use super::{leavers, tenant};

/// A kind and a name.
pub(super) type Declared = (&'static str, &'static str);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lifecycle {
    /// A tenant from nothing, by an operator that has just been started.
    Create,
    /// Names, privileges, memberships from either end, nesting, access and more of a tenant that is Ready.
    Change,
    /// Everything, the connection too.
    End,
    /// A tenant that exists is taken over, and people join it. Its groups have roles.
    Arrive,
    /// People leave, each in another way, and what they own goes to others.
    Leave,
    /// Some of them come back.
    Return,
}

impl Lifecycle {
    /// What is declared before it, in the order in which it is looked at.
    fn before(self) -> &'static [Declared] {
        match self {
            Self::Create | Self::Arrive => &[],
            Self::Change | Self::End => &tenant::ALL,
            Self::Leave => &leavers::ARRIVED,
            Self::Return => &leavers::LEFT,
        }
    }

    /// What is declared when all has come about.
    pub(super) fn after(self) -> &'static [Declared] {
        match self {
            Self::Create | Self::Change => &tenant::ALL,
            Self::End => &[],
            Self::Arrive => &leavers::ARRIVED,
            Self::Leave => &leavers::LEFT,
            Self::Return => &leavers::RETURNED,
        }
    }

    /// What is not declared any more then.
    fn gone(self) -> impl Iterator<Item = &'static Declared> {
        self.before().iter().filter(move |declared| !self.after().contains(declared))
    }

    /// All that is declared before or after.
    pub(super) fn all(self) -> impl Iterator<Item = &'static Declared> {
        self.after().iter().chain(self.gone())
    }

    /// What others do in ThoughtSpot before it.
    pub(super) fn prepare(self, stage: &Stage) {
        match self {
            Self::Create => tenant::others(stage),
            Self::Change => tenant::a_guest_joins(stage),
            Self::End | Self::Return => {}
            Self::Arrive => leavers::before_anybody_arrives(stage),
            Self::Leave => leavers::work(stage),
        }
    }

    /// What a person does.
    pub(super) async fn act(self, stage: &mut Stage) {
        match self {
            Self::Create => {
                tenant::declare(stage).await;
                stage.start();
            }
            Self::Change => tenant::change(stage).await,
            Self::End => tenant::allow_deletion(stage).await,
            Self::Arrive => {
                leavers::arrive(stage).await;
                stage.start();
            }
            Self::Leave => leavers::leave(stage).await,
            Self::Return => leavers::come_back(stage).await,
        }
        for (kind, name) in self.gone() {
            stage.bench.delete(kind, name).await;
        }
    }

    /// What is true at any moment, also when nothing runs.
    pub(super) fn holds(self, stage: &Stage) {
        match self {
            Self::Create | Self::Change | Self::End => {}
            Self::Arrive | Self::Leave | Self::Return => leavers::nothing_orphaned(stage),
        }
    }

    /// Waits until all of it has come about.
    pub(super) async fn settled(self, stage: &Stage) {
        stage.ready(self.after()).await;
        for declared in self.gone() {
            stage.gone(*declared).await;
        }
        match self {
            Self::Create | Self::Change => tenant::passwords_set(stage).await,
            Self::End => stage.bench.gone("Secret", "bob-login").await,
            Self::Arrive | Self::Leave | Self::Return => {}
        }
    }
}

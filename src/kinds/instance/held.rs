//! What an Instance says of endings that are held.

use std::time::Duration;

use kube::runtime::events::EventType;
use thoughtspot_engine::conditions::Saying;
use thoughtspot_engine::next::Next;

use super::{Instances, Visit};
use crate::brake::due::{self, Held};
use crate::managed::DELETIONS_HELD;

impl Instances {
    /// Adds to what is said; when to look again because of it.
    pub(super) fn say_held(&self, visit: &Visit, sayings: &mut Vec<Saying>) -> Option<Duration> {
        let held = self.access.brakes.held(&self.access.world, &visit.key, &visit.object);
        sayings.extend(due::saying(&held));
        match held {
            Held::No | Held::Yes { .. } => None,
            Held::Perhaps { after, .. } => Some(after),
        }
    }

    /// An event, once, when endings are held from now on.
    pub(super) async fn tell_held(&self, visit: &Visit, before: &[String]) {
        let held = visit.status.conditions.iter().find(|condition| condition.type_ == DELETIONS_HELD);
        if let Some(held) = held.filter(|_| !before.iter().any(|type_| type_ == DELETIONS_HELD)) {
            tracing::warn!(reason = held.reason, note = held.message, "endings are held: a person has to let them go");
            self.writer.tell(&visit.object, EventType::Warning, &held.reason, "Hold", held.message.clone()).await;
        }
    }
}

/// The sooner of the two.
pub(super) fn no_later_than(next: Next, after: Option<Duration>) -> Next {
    match (next, after) {
        (Next::After(next), Some(after)) => Next::After(next.min(after)),
        (Next::OnWake, Some(after)) => Next::After(after),
        (Next::Backoff, _) | (_, None) => next,
    }
}

//! What an Instance says of how its pass ended.

use kube::runtime::events::EventType;
use kube::{Resource, ResourceExt};
use thoughtspot_crds::{Reason, ThoughtSpotInstance, annotations};
use thoughtspot_engine::Fault;
use thoughtspot_engine::conditions::{self, Progress, Saying, Status};
use thoughtspot_engine::next::{Next, is_blip, jittered, next_after};

use super::secret::GRACE;
use super::{Ended, Instances, Visit, held};
use crate::access::sync_interval;
use crate::faults::stalled;
use crate::until;

impl Instances {
    /// Writes down how the pass ended; when to look again.
    pub(super) async fn report(&self, visit: &mut Visit, result: Result<Ended, Fault>, failures: u32) -> Next {
        let interval = sync_interval(&visit.object);
        let resync = Next::After(jittered(interval));
        let was_ready = conditions::was_ready(&visit.status.conditions, visit.object.meta().generation);
        let (sayings, next) = match &result {
            Ok(Ended::Released) => return Next::OnWake,
            Ok(Ended::Connected { one_by_one }) => (connected(&visit.object, one_by_one), resync),
            Ok(Ended::FromMemory(fault, what)) => (from_memory(fault, what), resync),
            Err(fault) => {
                let next = next_after(fault, interval);
                match of_fault(fault, visit.resolved) {
                    Some(sayings) if !is_blip(fault, was_ready, failures) => (sayings, next),
                    Some(_) | None => return next,
                }
            }
        };
        let mut sayings = sayings;
        let next = held::no_later_than(next, self.say_held(visit, &mut sayings));
        let said: Vec<String> = visit.status.conditions.iter().map(|condition| condition.type_.clone()).collect();
        let before = visit.object.resource_version();
        if let Err(fault) = self.save(visit, &sayings).await {
            tracing::warn!(%fault, "the status could not be written");
            return Next::Backoff;
        }
        self.tell_held(visit, &said).await;
        if let Err(fault @ Fault::Stalled { .. }) = &result
            && before != visit.object.resource_version()
        {
            let reason = fault.reason().unwrap_or_default();
            let note = fault.message().to_owned();
            tracing::info!(reason, note, "needs a person");
            self.writer.tell(&visit.object, EventType::Warning, reason, "Reconcile", note).await;
        }
        if self.is_in_grace(visit) { Next::After(GRACE) } else { next }
    }

    async fn save(&self, visit: &mut Visit, sayings: &[Saying]) -> Result<(), Fault> {
        let generation = visit.object.meta().generation;
        visit.status.conditions = conditions::compose(&visit.status.conditions, sayings, generation);
        visit.status.observed_generation = generation.unwrap_or_default();
        visit.status.last_handled_reconcile_at = visit.object.annotations().get(annotations::RECONCILE_REQUESTED_AT).cloned();
        if visit.object.status.as_ref() != Some(&visit.status) {
            visit.object = self.writer.put_status(&visit.object, &visit.status).await?;
        }
        Ok(())
    }
}

fn accepted() -> Saying {
    Saying { type_: "Authenticated", status: Status::True, reason: Reason::Accepted.as_str(), message: String::new() }
}

fn connected(instance: &ThoughtSpotInstance, one_by_one: &[String]) -> Vec<Saying> {
    let now = jiff::Timestamp::now();
    let allowing = [annotations::ALLOW_DELETIONS_UNTIL, annotations::READOPT_UNTIL];
    let refused = allowing.iter().find_map(|annotation| until::allows(instance, annotation, now).err());
    // The connection stands: only what the annotation was to allow is refused.
    let refused = refused.and_then(|message| conditions::of_fault(&stalled(Reason::Invalid, message), Progress::Resolved));
    let mut all = match one_by_one {
        _ if refused.is_some() => refused.unwrap_or_default(),
        [] => conditions::ready(Reason::Ready.as_str(), ""),
        scopes => conditions::ready(
            Reason::ReadOneByOne.as_str(),
            &format!("these lists cannot be read whole and are read object by object: {}", scopes.join(", ")),
        ),
    };
    all.push(accepted());
    all
}

/// Works, but not for long.
fn from_memory(fault: &Fault, what: &str) -> Vec<Saying> {
    let message = format!("{}; the last {what} is used from memory", fault.message());
    let fault = Fault::Waiting { reason: Reason::NotReady.as_str(), message };
    let mut all = conditions::of_fault(&fault, Progress::Resolving).unwrap_or_default();
    all.push(accepted());
    all
}

fn of_fault(fault: &Fault, resolved: Progress) -> Option<Vec<Saying>> {
    let mut all = conditions::of_fault(fault, resolved)?;
    if fault.reason() == Some(Reason::BadCredentials.as_str()) {
        let message = fault.message().to_owned();
        all.push(Saying { type_: "Authenticated", status: Status::False, reason: Reason::BadCredentials.as_str(), message });
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use thoughtspot_client::Error;

    use super::*;
    use crate::faults;

    #[test]
    fn refused_credentials_show_as_not_authenticated() {
        let error = Error::BadCredentials { login: "svc".into(), said: "no".into() };
        let sayings = of_fault(&faults::of(&error), Progress::Resolved).unwrap();
        assert!(sayings.iter().any(|s| s.type_ == "Authenticated" && s.status == Status::False), "{sayings:?}");
        assert!(sayings.iter().any(|s| s.type_ == "Stalled" && s.status == Status::True), "{sayings:?}");
    }
}

//! Administrators who were let go a moment ago: what is read of their Org may not show it yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use thoughtspot_client::domain::{Guid, OrgId};
use tokio::sync::OwnedMutexGuard;

use crate::identity::FarSide;

/// How long somebody who was let go may still show as an administrator: longer than any pass takes.
const SHOWN: Duration = Duration::from_secs(120);

/// Those who were let go, and when.
pub type LetGo = HashMap<Guid, Instant>;

/// Those who were let go in the last minutes, Org by Org. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Leaving(Arc<Mutex<Vec<OfOrg>>>);

struct OfOrg {
    far_side: FarSide,
    org: OrgId,
    let_go: Arc<tokio::sync::Mutex<LetGo>>,
}

impl OfOrg {
    /// Whether somebody judges, or somebody would be missed.
    fn is_needed(&self) -> bool {
        Arc::strong_count(&self.let_go) > 1 || self.let_go.try_lock().is_ok_and(|let_go| let_go.values().any(is_recent))
    }
}

fn is_recent(since: &Instant) -> bool {
    since.elapsed() < SHOWN
}

impl Leaving {
    /// Those of this Org. Whoever has them judges alone until they are dropped, also where that takes a ThoughtSpot that hangs: what is
    /// done to other Orgs does not wait for it.
    pub async fn of(&self, far_side: FarSide, org: OrgId) -> OwnedMutexGuard<LetGo> {
        let mut let_go = self.entry(far_side, org).lock_owned().await;
        let_go.retain(|_, since| is_recent(since));
        let_go
    }

    fn entry(&self, far_side: FarSide, org: OrgId) -> Arc<tokio::sync::Mutex<LetGo>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.iter().find(|known| known.org == org && known.far_side.is(&far_side)) {
            return known.let_go.clone();
        }
        all.retain(OfOrg::is_needed);
        let let_go = Arc::default();
        all.push(OfOrg { far_side, org, let_go: Arc::clone(&let_go) });
        let_go
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use serde_json::json;

    use super::*;

    fn far_side(url: &str) -> FarSide {
        let instance = json!({
            "apiVersion": "thoughtspot.dev/v1alpha1", "kind": "ThoughtSpotInstance", "metadata": { "name": "ts" },
            "spec": { "url": url, "auth": {} },
        });
        FarSide::of(&serde_json::from_value(instance).unwrap())
    }

    #[tokio::test]
    async fn one_org_is_judged_by_one_at_a_time_and_holds_up_no_other() {
        let (leaving, a, b) = (Leaving::default(), "https://a.example.com", "https://b.example.com");
        let judging = leaving.of(far_side(a), OrgId(7)).await;
        assert!(leaving.of(far_side(a), OrgId(7)).now_or_never().is_none());
        assert!(leaving.of(far_side(a), OrgId(8)).now_or_never().is_some(), "another Org");
        assert!(leaving.of(far_side(b), OrgId(7)).now_or_never().is_some(), "another ThoughtSpot");
        drop(judging);
        assert!(leaving.of(far_side(a), OrgId(7)).now_or_never().is_some());
    }

    #[tokio::test]
    async fn whoever_was_let_go_is_remembered_and_nothing_else() {
        let (leaving, url) = (Leaving::default(), "https://a.example.com");
        leaving.of(far_side(url), OrgId(7)).await.insert("ana".to_owned(), Instant::now());
        drop(leaving.of(far_side(url), OrgId(8)).await);
        assert!(leaving.of(far_side(url), OrgId(9)).await.is_empty());
        assert!(leaving.of(far_side(url), OrgId(7)).await.contains_key("ana"));
        let orgs: Vec<i64> = leaving.0.lock().unwrap().iter().map(|known| known.org.0).collect();
        assert_eq!(orgs, [7, 9]);
    }
}

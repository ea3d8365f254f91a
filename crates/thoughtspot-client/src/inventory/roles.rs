//! The roles of one Org: one list, read when somebody asks and it is too old.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Look;
use crate::domain::{OrgId, Role};
use crate::error::{Error, Result};
use crate::port::Handle;
use crate::room::{Taken, Weigh};

/// How long a call that did not come through answers for all who ask, so that a crowd does not repeat it one by one.
const FAILURE_MEMORY: Duration = Duration::from_secs(1);

pub(super) struct RolesOf {
    org: OrgId,
    far: Handle,
    max_age: Duration,
    /// Held while the list is read.
    answer: Mutex<Option<Answer>>,
}

struct Answer {
    /// Until when it is good.
    due: Instant,
    /// A refusal, too: without role-based access control there is no other answer.
    roles: Result<Arc<[Role]>>,
    /// What they take of the room of all lists.
    _taken: Taken,
}

impl RolesOf {
    pub(super) fn new(org: OrgId, far: Handle, max_age: Duration) -> Arc<Self> {
        Arc::new(RolesOf { org, far, max_age, answer: Mutex::default() })
    }

    pub(super) async fn all(&self, look: Look) -> Result<Arc<[Role]>> {
        let asked = Instant::now();
        let mut answer = self.answer.lock().await;
        if let Some(held) = answer.as_ref().filter(|held| look == Look::Known && asked < held.due) {
            return held.roles.clone();
        }
        let roles: Result<Arc<[Role]>> = self.far.roles(self.org).await.map(Into::into);
        let mut taken = Taken::none_of(self.far.room());
        if taken.take(roles.iter().flat_map(|roles| roles.iter()).map(Weigh::weight).sum()).is_err() {
            // Whoever asks next has them read again.
            *answer = None;
            return roles;
        }
        let good_for = match &roles {
            Ok(_) | Err(Error::Refused { .. } | Error::Forbidden { .. }) => self.max_age,
            Err(_) => FAILURE_MEMORY,
        };
        *answer = Some(Answer { due: asked + good_for, roles: roles.clone(), _taken: taken });
        roles
    }
}

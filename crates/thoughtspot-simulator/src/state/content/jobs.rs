//! Imports of TML that run in the background. The import itself happens at once; its job says so after a while.

use super::super::{Actor, World};
use super::tml::{Outcome, Policy};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// More jobs than these in the queue fail.
const LONGEST_QUEUE: usize = 100;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum JobStatus {
    InQueue,
    InProgress,
    /// It says nothing about the single objects.
    Completed,
    Failed,
}

/// An import in the background.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) id: Uuid,
    pub(crate) org: i32,
    pub(crate) author: Uuid,
    pub(crate) policy: Policy,
    pub(crate) created: i64,
    /// When it is done.
    pub(crate) completes: i64,
    pub(crate) total: usize,
    /// None when the queue was full.
    pub(crate) outcomes: Option<Vec<Outcome>>,
}

/// Which jobs are asked for.
pub(crate) struct JobFilter {
    pub(crate) ids: Option<Vec<Uuid>>,
    pub(crate) statuses: Option<Vec<JobStatus>>,
    pub(crate) author: Option<Uuid>,
}

impl Job {
    pub(crate) fn status(&self, now: i64) -> JobStatus {
        if self.outcomes.is_none() {
            return JobStatus::Failed;
        }
        match now {
            now if now >= self.completes => JobStatus::Completed,
            now if now > self.created => JobStatus::InProgress,
            _ => JobStatus::InQueue,
        }
    }
}

impl World {
    /// Starts an import and returns its job.
    pub(crate) fn start_import(&mut self, actor: &Actor<'_>, texts: &[String], policy: Policy, create_new: bool) -> Job {
        let waiting = self.imports.iter().filter(|job| job.status(actor.now) < JobStatus::Completed).count();
        let outcomes = (waiting < LONGEST_QUEUE).then(|| self.import_tml(actor, texts, policy, create_new));
        let completes = actor.now + i64::from(actor.settings.async_import_seconds) * 1000;
        let (org, author, created, total) = (actor.org, actor.user, actor.now, texts.len());
        let job = Job { id: Uuid::new_v4(), org, author, policy, created, completes, total, outcomes };
        self.imports.push(job.clone());
        job
    }

    /// The jobs of the actor's Org, newest first.
    pub(crate) fn jobs(&self, actor: &Actor<'_>, filter: &JobFilter) -> Vec<&Job> {
        let ids: Option<BTreeSet<Uuid>> = filter.ids.as_ref().map(|ids| ids.iter().copied().collect());
        let statuses = filter.statuses.as_ref().filter(|statuses| !statuses.is_empty());
        let wanted = |job: &&Job| {
            job.org == actor.org
                && ids.as_ref().is_none_or(|ids| ids.is_empty() || ids.contains(&job.id))
                && statuses.is_none_or(|statuses| statuses.contains(&job.status(actor.now)))
                && filter.author.is_none_or(|author| author == job.author)
        };
        self.imports.iter().rev().filter(wanted).collect()
    }
}

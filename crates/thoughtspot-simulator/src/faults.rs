//! What goes wrong on purpose: rules by route or request number, and requests that are held.

use crate::journal::Entry;
use crate::state::World;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use wildmatch::WildMatch;

/// The body of a refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// An error body of the API.
    #[default]
    Json,
    /// A page, as gateways send.
    Html,
    /// Nothing.
    Empty,
}

/// What a rule does to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do", deny_unknown_fields)]
pub enum Action {
    /// The request is answered with an error.
    Refuse {
        /// Status of the answer.
        status: u16,
        /// `Retry-After` in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
        /// Body of the answer.
        #[serde(default)]
        body: Body,
        /// The request is served first: its change is made, and the error is a lie.
        #[serde(default)]
        after_commit: bool,
    },
    /// The request is served, and the connection ends without an answer.
    CommitThenDrop,
    /// The connection ends without the request being served.
    DropBeforeCommit,
    /// The request waits this long, in milliseconds, before it is served.
    Delay {
        /// How long.
        millis: u64,
    },
    /// The request is not served; the answer is 200 and a maintenance page.
    Html,
    /// The request is served; the answer is cut in the middle of its JSON.
    MalformedJson,
    /// A read is answered from the world as it was when the rule was installed.
    StaleRead,
    /// The rows of a paged search move by this many: above 0 the page after the first skips rows, below 0 it repeats some.
    PageShift {
        /// How many rows.
        rows: i64,
    },
    /// The request is refused with 400 and a text that repeats it: its query, its body, and the headers that say who asks.
    Echo,
    /// The request is not served; the answer is 502 and a page that repeats it.
    EchoPage,
    /// The request is not served; the answer is a 302 to an address that repeats it.
    EchoRedirect,
    /// The request is answered with a 302.
    Redirect {
        /// Where to.
        location: String,
    },
}

impl Action {
    /// A JSON error with this status instead of serving the request.
    pub fn refuse(status: u16) -> Self {
        Self::Refuse { status, retry_after: None, body: Body::Json, after_commit: false }
    }
}

/// Which requests, how often, and what happens to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Glob over method and path without base, as `POST users/*/update`, or over the path alone. Default `*`.
    #[serde(default = "any_route")]
    pub route: String,
    /// Number of the one request it is for, counted from 1 over all API requests.
    #[serde(default)]
    pub request: Option<u64>,
    /// How many requests it is for. Default: all, until the rules are cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens.
    pub action: Action,
}

fn any_route() -> String {
    "*".to_owned()
}

impl Rule {
    /// A rule for every request whose route matches.
    pub fn route(glob: impl Into<String>, action: Action) -> Self {
        Self { route: glob.into(), request: None, times: None, action }
    }

    /// A rule for the request of this number.
    pub fn request(number: u64, action: Action) -> Self {
        Self { route: any_route(), request: Some(number), times: None, action }
    }

    /// The rule ends after this many requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    fn matches(&self, entry: &Entry) -> bool {
        let glob = WildMatch::new(&self.route);
        let route = glob.matches(&format!("{} {}", entry.method, entry.path)) || glob.matches(&entry.path);
        route && self.request.is_none_or(|number| number == entry.seq)
    }
}

/// A rule at work.
struct Installed {
    rule: Rule,
    left: Option<u32>,
    /// The world when the rule came, for stale reads.
    then: Option<Arc<World>>,
}

/// When a request is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before it is served: nothing has changed.
    BeforeServed,
    /// After it was served and before it is answered: its change is in the world.
    AfterCommit,
}

/// The rules and holds there are.
#[derive(Default)]
pub(crate) struct Faults {
    installed: Vec<Installed>,
    holds: Vec<(u64, Moment, Hold)>,
}

/// What happens to one request, decided once.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) delay: Duration,
    pub(crate) stale: Option<Arc<World>>,
    pub(crate) page_shift: i64,
    /// The first action that decides the answer.
    pub(crate) ending: Option<Action>,
    hold: Option<(Moment, Hold)>,
}

impl Faults {
    pub(crate) fn install(&mut self, rule: Rule, world: &World) {
        let then = (rule.action == Action::StaleRead).then(|| Arc::new(world.clone()));
        self.installed.push(Installed { left: rule.times, rule, then });
    }

    pub(crate) fn clear(&mut self) {
        self.installed.clear();
    }

    pub(crate) fn rules(&self) -> Vec<Rule> {
        self.installed.iter().map(|installed| Rule { times: installed.left, ..installed.rule.clone() }).collect()
    }

    pub(crate) fn hold(&mut self, number: u64, moment: Moment) -> Hold {
        let hold = Hold::new();
        self.holds.push((number, moment, hold.clone()));
        hold
    }

    /// What the rules say of this request. Rules that end with it are gone afterwards.
    pub(crate) fn decide(&mut self, entry: &Entry) -> Verdict {
        let mut verdict = Verdict::default();
        for installed in self.installed.iter_mut().filter(|installed| installed.rule.matches(entry)) {
            if verdict.take(installed) {
                installed.left = installed.left.map(|left| left.saturating_sub(1));
            }
        }
        self.installed.retain(|installed| installed.left != Some(0));
        let held = self.holds.iter().position(|(number, _, _)| *number == entry.seq);
        verdict.hold = held.map(|index| self.holds.swap_remove(index)).map(|(_, moment, hold)| (moment, hold));
        verdict
    }
}

impl Verdict {
    /// Takes what the rule adds. Whether it added anything: of two that decide the answer only the first counts.
    fn take(&mut self, installed: &Installed) -> bool {
        match &installed.rule.action {
            Action::Delay { millis } => self.delay += Duration::from_millis(*millis),
            Action::StaleRead => self.stale = installed.then.clone(),
            Action::PageShift { rows } => self.page_shift += rows,
            Action::Refuse { .. }
            | Action::CommitThenDrop
            | Action::DropBeforeCommit
            | Action::Html
            | Action::MalformedJson
            | Action::Echo
            | Action::EchoPage
            | Action::EchoRedirect
            | Action::Redirect { .. } => {
                if self.ending.is_some() {
                    return false;
                }
                self.ending = Some(installed.rule.action.clone());
            }
        }
        true
    }

    /// Waits where the request is held, if it is held at this moment.
    pub(crate) async fn wait(&self, moment: Moment, entry: Entry) {
        if let Some((at, hold)) = &self.hold
            && *at == moment
        {
            hold.keep(entry).await;
        }
    }
}

/// A request that is held, or will be. Dropping this does not let it go.
#[derive(Clone)]
pub struct Hold {
    held: Arc<watch::Sender<Option<Entry>>>,
    released: Arc<watch::Sender<bool>>,
}

impl Hold {
    fn new() -> Self {
        Self { held: Arc::new(watch::Sender::new(None)), released: Arc::new(watch::Sender::new(false)) }
    }

    /// Resolves when the request has come and is held, with what is known of it.
    pub async fn held(&self) -> Entry {
        let mut held = self.held.subscribe();
        loop {
            if let Some(entry) = held.borrow_and_update().clone() {
                return entry;
            }
            // `self` keeps the sender alive, so this can only end with a change.
            if held.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Lets the request go on. Without it the client never gets an answer.
    pub fn release(&self) {
        self.released.send_replace(true);
    }

    async fn keep(&self, entry: Entry) {
        self.held.send_replace(Some(entry));
        let mut released = self.released.subscribe();
        if released.wait_for(|released| *released).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

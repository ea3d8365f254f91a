//! The toy kind: a name and a text.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kube::ResourceExt;
use thoughtspot_engine::intent::Intent;
use thoughtspot_engine::kind::{Difference, LastReport, Removed, Report, Step};
use thoughtspot_engine::{Adopt, Change, Claim, Ending, Fault, Kind, Look, Mode, Origin, Terms};

use crate::far::{By, Far, Row};
use crate::thing::{Thing, ThingStatus};

pub const INTERVAL: Duration = Duration::from_secs(600);

/// What a test can do to the kind itself. Cheap to clone.
#[derive(Clone, Default)]
pub struct Knobs {
    /// What resolving ends with, by the object's name.
    pub faults: Arc<Mutex<HashMap<String, Fault>>>,
    pub panics: Arc<AtomicBool>,
    /// What our login made is taken back by whoever lost the record of it.
    pub takes_back: Arc<AtomicBool>,
    /// Nothing of the far side may be called.
    pub sealed: Arc<AtomicBool>,
    /// What holds endings back, and changes like endings.
    pub brake: Arc<Mutex<Option<Fault>>>,
    /// How often it was asked whether something may be created again.
    pub recreations: Arc<Mutex<Vec<String>>>,
}

pub struct Toy {
    far: Far,
    knobs: Knobs,
}

impl Toy {
    pub fn new(far: Far, knobs: Knobs) -> Toy {
        Toy { far, knobs }
    }

    fn far(&self) -> &Far {
        assert!(!self.knobs.sealed.load(Ordering::SeqCst), "the far side is not to be called");
        &self.far
    }

    fn desired(&self, thing: &Thing) -> Desired {
        let held = self.terms(thing).id.is_some();
        let by = self.status(thing).id.filter(|_| held).map_or(By::Name(thing.spec.name.clone()), By::Id);
        Desired { by, name: thing.spec.name.clone(), text: thing.spec.text.clone() }
    }
}

pub struct Desired {
    by: By,
    name: String,
    text: String,
}

pub enum Edit {
    Create { name: String, text: String },
    Update { from: Row, name: String, text: String },
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edit::Create { name, .. } => write!(f, "created {name}"),
            Edit::Update { from, name, text } => {
                write!(f, "changed {} from {}: {} to {name}: {text}", from.id, from.name, from.text)
            }
        }
    }
}

impl Change for Edit {
    fn differences(&self) -> Vec<Difference> {
        let differs = |field: &str, declared: &str, observed: &str| {
            let difference = Difference { field: field.to_owned(), declared: declared.to_owned(), observed: observed.to_owned() };
            (declared != observed).then_some(difference)
        };
        match self {
            Edit::Create { name, .. } => differs("name", name, "").into_iter().collect(),
            Edit::Update { from, name, text } => {
                [differs("name", name, &from.name), differs("text", text, &from.text)].into_iter().flatten().collect()
            }
        }
    }
}

impl Kind for Toy {
    type Object = Thing;
    type Status = ThingStatus;
    type Desired = Desired;
    type Observed = Row;
    type Change = Edit;

    fn terms(&self, thing: &Thing) -> Terms {
        let spec = &thing.spec;
        let status = self.status(thing);
        let id = status.id.filter(|_| status.origin.is_some()).map(|id| id.to_string());
        let adopt = if spec.adopt { Adopt::Yes } else { Adopt::No };
        let mode = match (spec.observe, spec.once) {
            (true, _) => Mode::Observe,
            (false, true) => Mode::CreateOnce,
            (false, false) => Mode::Manage,
        };
        Terms { mode, initialized: status.initialized, adopt, ends: spec.delete, suspended: spec.suspend, id }
    }

    fn lane(&self, _thing: &Thing) -> String {
        String::new()
    }

    fn interval(&self, _thing: &Thing) -> Duration {
        INTERVAL
    }

    async fn resolve(&self, thing: &Thing) -> Result<Desired, Fault> {
        let fault = self.knobs.faults.lock().unwrap().get(&thing.name_any()).cloned();
        fault.map_or_else(|| Ok(self.desired(thing)), Err)
    }

    async fn resolve_removal(&self, thing: &Thing) -> Result<Desired, Fault> {
        self.far(); // where it is, as a real kind has to find out
        Ok(self.desired(thing))
    }

    async fn observe(&self, want: &Desired, look: Look) -> Result<Option<Row>, Fault> {
        self.far().find(&want.by, look).await
    }

    fn plan(&self, want: &Desired, have: Option<&Row>) -> Vec<Edit> {
        assert!(!self.knobs.panics.load(Ordering::SeqCst), "a plan that panics, as the test wants it");
        let (name, text) = (want.name.clone(), want.text.clone());
        match have {
            None => vec![Edit::Create { name, text }],
            Some(have) if have.name == name && have.text == text => Vec::new(),
            Some(have) => vec![Edit::Update { from: have.clone(), name, text }],
        }
    }

    fn contest(&self, _thing: &Thing, _want: &Desired, _have: Option<&Row>) -> Result<(), Fault> {
        Ok(())
    }

    async fn takes_back(&self, thing: &Thing, _want: &Desired, have: &Row, _plan: &[Edit]) -> Result<bool, Fault> {
        Ok(self.knobs.takes_back.load(Ordering::SeqCst) && self.status(thing).id.is_none() && have.by_us)
    }

    async fn may_adopt(&self, _want: &Desired, have: &Row, adopt: Adopt, _plan: &[Edit]) -> Result<Claim, Fault> {
        if adopt == Adopt::Yes {
            return Ok(Claim::Adopted);
        }
        Err(Fault::Stalled { reason: "AlreadyExists", message: format!("{} exists already", have.name) })
    }

    async fn authorize(&self, _want: &Desired, _have: Option<&Row>, _changes: &[Edit]) -> Result<(), Fault> {
        Ok(())
    }

    fn brake(&self, _thing: &Thing, _want: &Desired, _ending: Ending<'_, Edit>) -> Result<(), Fault> {
        self.knobs.brake.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    async fn act(&self, _want: &Desired, _have: Option<&Row>, change: &Edit) -> Result<(), Fault> {
        match change {
            Edit::Create { name, text } => self.far().create(name, text).await,
            Edit::Update { from, name, text } => self.far().update(from.id, name, text).await,
        }
    }

    async fn is_ours(&self, _want: &Desired, have: &Row, intent: &Intent) -> Result<bool, Fault> {
        Ok(have.by_us && have.made >= intent.at)
    }

    fn may_recreate(&self, thing: &Thing) -> Result<(), Fault> {
        self.knobs.recreations.lock().unwrap().push(thing.name_any());
        if thing.spec.recreate {
            return Ok(());
        }
        Err(Fault::Stalled { reason: "DeletedExternally", message: "it was deleted".to_owned() })
    }

    fn look_by_name(&self, want: &mut Desired, name: Option<&str>) {
        want.by = By::Name(name.unwrap_or(&want.name).to_owned());
    }

    fn name<'a>(&self, want: &'a Desired) -> &'a str {
        &want.name
    }

    fn far_clock(&self, _want: &Desired) -> i64 {
        self.far().clock()
    }

    fn seal(&self, _want: &Desired, words: &str) -> String {
        format!("sealed: {words}")
    }

    async fn may_remove(&self, _thing: &Thing, _want: &Desired, _have: &Row) -> Result<(), Fault> {
        Ok(())
    }

    async fn remove(&self, _thing: &Thing, _want: &Desired, have: &Row) -> Result<Removed, Fault> {
        self.far().remove(have.id).await.map(|()| Removed::deleted())
    }

    fn status(&self, thing: &Thing) -> ThingStatus {
        thing.status.clone().unwrap_or_default()
    }

    fn record(&self, status: &mut ThingStatus, want: &mut Desired, have: &Row, step: Step<'_, Edit>) {
        status.id = Some(have.id);
        if let Step::Claimed(claim) = step {
            status.origin = Some(origin(claim).to_owned());
            want.by = By::Id(have.id);
        }
    }

    fn report(&self, status: &mut ThingStatus, _thing: &Thing, report: Report) {
        status.observed_generation = report.generation;
        status.conditions = report.conditions;
        status.handled = report.handled;
        status.initialized = report.initialized;
        status.differences = report.differences.into_iter().map(|difference| difference.field).collect();
    }

    fn last_report<'a>(&self, status: &'a ThingStatus) -> LastReport<'a> {
        let of = |field: &String| Difference { field: field.clone(), declared: String::new(), observed: String::new() };
        LastReport {
            conditions: &status.conditions,
            differences: status.differences.iter().map(of).collect(),
            handled: status.handled.as_deref(),
        }
    }
}

fn origin(claim: Claim) -> &'static str {
    match claim.origin() {
        Origin::Created => "Created",
        Origin::Adopted => "Adopted",
    }
}

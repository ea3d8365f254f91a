//! An Org: created, described, renamed by id, adopted, retained or deleted.

mod ending;
mod guard;
mod held;
mod plan;
mod unmanaged;

use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use thoughtspot_client::domain::{Lookup, Org, OrgId};
use thoughtspot_client::inventory;
use thoughtspot_crds::org::Unmanaged;
use thoughtspot_crds::{ManagementPolicy, Reason, ThoughtSpotOrg, ThoughtSpotOrgStatus, annotations};
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::intent::Intent;
use thoughtspot_engine::kind::{Adopt, Claim, Ending, Kind, LastReport, Look, Removed, Report, Step, Terms};
use thoughtspot_engine::{Fault, Live};
use tracing::Span;

use crate::access::Access;
use crate::claims::{self, Claimant};
use crate::connection::Connection;
use crate::faults::stalled;
use crate::grants::Allowed;
use crate::kinds;
use crate::kinds::span;
use crate::kinds::takeover::{self, Takeover};
use crate::managed::ManagedResource;
use crate::protected;
use crate::world::words;
use held::HeldNames;
pub use plan::OrgChange;

/// Orgs.
pub struct Orgs {
    access: Access,
    held: HeldNames,
}

/// What one resource wants of an Org.
pub struct Desired {
    connection: Arc<Connection>,
    instance: Key,
    namespace: String,
    policy: ManagementPolicy,
    allowed: Allowed,
    id: Option<OrgId>,
    /// The name to look for where there is no id.
    look_for: String,
    /// The name to create.
    name: String,
    /// The name it is to have from now on; unset where the resource only names itself.
    rename: Option<String>,
    description: Option<String>,
    /// Whether a person asks for a pass now.
    asked: bool,
    /// What is in the Org beside what resources declare, as status is to have it.
    unmanaged: Option<Unmanaged>,
}

impl Orgs {
    pub fn new(access: Access) -> Orgs {
        Orgs { access, held: HeldNames::default() }
    }

    fn desired(&self, org: &ThoughtSpotOrg, instance: Key, connection: Arc<Connection>, allowed: Allowed) -> Desired {
        let name = org.wanted_name();
        let handled = org.status.as_ref().and_then(|status| status.object.last_handled_reconcile_at.as_ref());
        let unmanaged = self.unmanaged(org, &instance, &connection);
        Desired {
            connection,
            unmanaged,
            instance,
            namespace: org.namespace().unwrap_or_default(),
            policy: org.spec.management_policy,
            allowed,
            id: org.held_id().copied().map(OrgId),
            look_for: name.clone(),
            name,
            rename: org.spec.name.clone(),
            description: org.spec.description.clone(),
            asked: org.annotations().get(annotations::RECONCILE_REQUESTED_AT) != handled,
        }
    }

    fn claimant(&self, org: &ThoughtSpotOrg) -> Claimant {
        let status = org.status.as_ref();
        let instance = words::target(&org.spec.instance_ref, org);
        Claimant {
            key: Key::of(org),
            uid: org.uid().unwrap_or_default(),
            created: claims::created(org),
            policy: org.spec.management_policy,
            able: !org.spec.suspend && self.access.could_act(&instance, &org.namespace().unwrap_or_default()),
            id: org.held_id().map(|id| id.to_string()),
            wants: org.wanted_name(),
            holds: status.and_then(|s| s.object.name.clone()),
        }
    }

    /// Every other resource for an Org of this name or id in the same ThoughtSpot.
    fn rivals(&self, org: &ThoughtSpotOrg, want: &Desired, have: Option<&Org>) -> Vec<Claimant> {
        let orgs = &self.access.world.orgs;
        let mut found: Vec<Live<ThoughtSpotOrg>> = orgs.under(&words::name(&org.wanted_name()));
        found.extend(have.into_iter().flat_map(|have| orgs.under(&words::id(have.id))));
        let same = |other: &Live<ThoughtSpotOrg>| self.access.leads_to(&other.spec.instance_ref, &**other, &want.instance);
        found.iter().filter(|other| same(other)).map(|other| self.claimant(other)).collect()
    }
}

impl Kind for Orgs {
    type Object = ThoughtSpotOrg;
    type Status = ThoughtSpotOrgStatus;
    type Desired = Desired;
    type Observed = Org;
    type Change = OrgChange;

    fn terms(&self, org: &ThoughtSpotOrg) -> Terms {
        kinds::terms(org)
    }

    fn lane(&self, org: &ThoughtSpotOrg) -> String {
        words::target(&org.spec.instance_ref, org).to_string()
    }

    fn span(&self, org: &ThoughtSpotOrg) -> Span {
        span::of_org(org)
    }

    fn interval(&self, org: &ThoughtSpotOrg) -> Duration {
        self.access.next_look(&words::target(&org.spec.instance_ref, org), [inventory::Scope::Orgs])
    }

    async fn resolve(&self, org: &ThoughtSpotOrg) -> Result<Desired, Fault> {
        let reached = self.access.instance(&org.spec.instance_ref, org)?;
        Ok(self.desired(org, reached.key, reached.connection, reached.allowed))
    }

    async fn resolve_removal(&self, org: &ThoughtSpotOrg) -> Result<Desired, Fault> {
        let instance = words::target(&org.spec.instance_ref, org);
        let connection = self.access.connection(&instance)?;
        Ok(self.desired(org, instance, connection, Allowed::default()))
    }

    async fn observe(&self, want: &Desired, look: Look) -> Result<Option<Org>, Fault> {
        let lookup = match &want.id {
            Some(id) => Lookup::Id(id),
            None => Lookup::Name(&want.look_for),
        };
        let org =
            want.connection.inventory.org(lookup, kinds::to_inventory(look)).await.map_err(|e| want.connection.fault(&e))?;
        // Orgs are tenants: whoever only observes is shown none but those that let it in.
        let Desired { instance, namespace, allowed, .. } = want;
        Ok(org.filter(|org| want.policy.writes() || self.access.may_see(org.id, instance, namespace, allowed)))
    }

    fn plan(&self, want: &Desired, have: Option<&Org>) -> Vec<OrgChange> {
        plan::plan(want.rename.as_deref(), &want.name, want.description.as_deref(), have)
    }

    fn contest(&self, org: &ThoughtSpotOrg, want: &Desired, have: Option<&Org>) -> Result<(), Fault> {
        let found = have.map(|have| have.id.to_string());
        claims::judge(&self.claimant(org), &self.rivals(org, want, have), found.as_deref())
    }

    async fn takes_back(&self, org: &ThoughtSpotOrg, want: &Desired, have: &Org, plan: &[OrgChange]) -> Result<bool, Fault> {
        let has_id = org.status.as_ref().is_some_and(|status| status.id.is_some());
        if has_id || !self.access.may_take_back(&want.instance) {
            return Ok(false);
        }
        // Not told by every server.
        let provenance = want.connection.far.org_provenance(have.id).await.map_err(|e| want.connection.fault(&e))?;
        let author = provenance.and_then(|provenance| provenance.author);
        Ok(takeover::was_ours(author.as_ref(), &want.connection.login, &want.allowed, &declared(want), plan))
    }

    async fn may_adopt(&self, want: &Desired, have: &Org, adopt: Adopt, plan: &[OrgChange]) -> Result<Claim, Fault> {
        protected::org(have.id)?;
        let Desired { allowed, instance, .. } = want;
        let (name, declared) = (&have.name, &declared(want));
        let takeover = Takeover { what: "an Org", name, adopt, allowed, instance: &instance.name, declared };
        takeover.asked_and_allowed()?;
        takeover.as_declared(plan)
    }

    async fn authorize(&self, want: &Desired, have: Option<&Org>, changes: &[OrgChange]) -> Result<(), Fault> {
        have.map_or(Ok(()), |have| protected::org(have.id))?;
        self.held.may_try(want, changes)
    }

    async fn act(&self, want: &Desired, have: Option<&Org>, change: &OrgChange) -> Result<(), Fault> {
        let connection = &want.connection;
        let done = match (change, have) {
            (OrgChange::Create(new), _) => connection.far.create_org(new).await.map(|org| connection.inventory.put_org(org)),
            (OrgChange::Update { patch, from }, _) => connection.far.update_org(from.id, patch).await,
        };
        match done {
            Ok(()) => Ok(()),
            Err(error) => Err(self.held.judge(want, change, &error).await),
        }
    }

    async fn is_ours(&self, want: &Desired, have: &Org, intent: &Intent) -> Result<bool, Fault> {
        let provenance = want.connection.far.org_provenance(have.id).await.map_err(|e| want.connection.fault(&e))?;
        Ok(match provenance {
            Some(provenance) => kinds::made_by_us(&provenance, &want.connection.login, intent),
            // Not told by this server: what appears under an announced name within minutes of the announcement is ours.
            None => (0..=ANNOUNCED_FOR_MS).contains(&(want.connection.far.server_now() - intent.at)),
        })
    }

    fn may_recreate(&self, org: &ThoughtSpotOrg) -> Result<(), Fault> {
        let id = org.status.as_ref().and_then(|status| status.id).unwrap_or_default().to_string();
        if org.annotations().get(annotations::RECREATE) == Some(&id) {
            return Ok(());
        }
        let message = format!(
            "Org {id} was deleted in ThoughtSpot, with everything in it: delete this resource, or set the annotation {}: {id:?} to have it \
             created again, empty",
            annotations::RECREATE
        );
        Err(stalled(Reason::DeletedExternally, message))
    }

    fn look_by_name(&self, want: &mut Desired, name: Option<&str>) {
        want.id = None;
        want.look_for = name.unwrap_or(&want.name).to_owned();
    }

    fn name<'a>(&self, want: &'a Desired) -> &'a str {
        &want.name
    }

    fn far_clock(&self, want: &Desired) -> i64 {
        want.connection.far.server_now()
    }

    fn seal(&self, want: &Desired, words: &str) -> String {
        want.connection.seal.of(words)
    }

    async fn may_remove(&self, org: &ThoughtSpotOrg, want: &Desired, have: &Org) -> Result<(), Fault> {
        self.may_end(org, want, have).await
    }

    async fn remove(&self, _org: &ThoughtSpotOrg, want: &Desired, have: &Org) -> Result<Removed, Fault> {
        self.held.deleting(want, &have.name);
        want.connection.far.delete_org(have.id).await.map_err(|e| want.connection.fault(&e))?;
        want.connection.inventory.forget_org(have.id);
        Ok(Removed::deleted())
    }

    fn brake(&self, org: &ThoughtSpotOrg, _want: &Desired, ending: Ending<'_, OrgChange>) -> Result<(), Fault> {
        guard::brake(self, org, &ending)
    }

    fn status(&self, org: &ThoughtSpotOrg) -> ThoughtSpotOrgStatus {
        org.status.clone().unwrap_or_default()
    }

    fn record(&self, status: &mut ThoughtSpotOrgStatus, want: &mut Desired, have: &Org, step: Step<'_, OrgChange>) {
        status.id = Some(have.id.0);
        status.object.name = Some(have.name.clone());
        status.unmanaged = want.unmanaged;
        if let Step::Claimed(claim) = step {
            status.object.origin = Some(kinds::origin(claim.origin()));
            want.id = Some(have.id);
        }
    }

    fn report(&self, status: &mut ThoughtSpotOrgStatus, org: &ThoughtSpotOrg, report: Report) {
        kinds::put_report(&mut status.object, org, report);
    }

    fn last_report<'a>(&self, status: &'a ThoughtSpotOrgStatus) -> LastReport<'a> {
        kinds::last_report(&status.object)
    }
}

/// What has to be declared before an Org can be said to be as declared.
fn declared(want: &Desired) -> [(&'static str, bool); 1] {
    [("description", want.description.is_some())]
}

/// How long after its announcement an Org counts as ours where the server tells neither author nor time.
const ANNOUNCED_FOR_MS: i64 = 10 * 60 * 1000;

//! A group of one Org, with its privileges or roles and the groups nested in it.
//!
//! The plan is in [`plan`], what may be handed out in [`judge`], sub-groups in [`nesting`], roles in [`roles`].

mod guard;
mod home;
mod judge;
mod members;
mod nesting;
mod plan;
mod roles;

use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use thoughtspot_client::Error;
use thoughtspot_client::domain::{Group, Lookup, OrgId};
use thoughtspot_client::inventory::Scope;
use thoughtspot_crds::{Reason, Reference, ThoughtSpotGroup, ThoughtSpotGroupStatus};
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::intent::Intent;
use thoughtspot_engine::kind::{Adopt, Claim, Ending, Kind, LastReport, Look, Removed, Report, Step, Terms};
use thoughtspot_engine::{Fault, Live};
use tracing::Span;

use crate::access::{Access, Place};
use crate::claims::{self, Claimant};
use crate::connection::Connection;
use crate::faults::stalled;
use crate::kinds;
use crate::kinds::span;
use crate::kinds::standing::Asker;
use crate::kinds::takeover::{self, Takeover, or_retain};
use crate::managed::ManagedResource;
use crate::protected;
use crate::world::words::{self, GroupHome};

pub use members::Members;
pub use plan::GroupChange;
use plan::Wish;

/// Groups.
pub struct Groups {
    pub access: Access,
}

/// What one resource wants of a group.
pub struct Desired {
    connection: Arc<Connection>,
    place: Place,
    id: Option<String>,
    look_for: String,
    /// When the resource was made, and its uid: of two that exclude each other the older one wins.
    age: (i64, String),
    wish: Wish,
    namespace: String,
    members: members::Wanted,
}

/// A group as seen.
pub struct Observed {
    group: Group,
    members: Members,
}

impl Desired {
    fn asker<'a>(&'a self, access: &'a Access) -> Asker<'a> {
        Asker { access, connection: &self.connection, place: &self.place, namespace: &self.namespace }
    }
}

impl Groups {
    fn desired(&self, group: &ThoughtSpotGroup, connection: Arc<Connection>, place: Place) -> Desired {
        let spec = &group.spec;
        let name = group.wanted_name();
        let wish = Wish {
            name: name.clone(),
            rename: spec.name.clone(),
            display_name: spec.display_name.clone(),
            description: spec.description.clone(),
            visibility: spec.visibility,
            kind: spec.kind.clone(),
            privileges: spec.privileges.clone(),
            roles: None,
            sub_groups: None,
            default_liveboards: spec.default_liveboards.as_ref().map(|all| all.iter().map(|one| one.id.clone()).collect()),
        };
        let (created, uid) = nesting::age(group);
        let age = (created, uid.to_owned());
        let (id, namespace) = (group.held_id().cloned(), group.namespace().unwrap_or_default());
        Desired { connection, place, id, look_for: name, age, wish, namespace, members: members::Wanted::default() }
    }

    fn claimant(&self, group: &ThoughtSpotGroup) -> Claimant {
        let status = group.status.as_ref();
        let org = words::target(&group.spec.org_ref, group);
        Claimant {
            key: Key::of(group),
            uid: group.uid().unwrap_or_default(),
            created: claims::created(group),
            policy: group.spec.management_policy,
            able: !group.spec.suspend && self.access.org(&org, &group.namespace().unwrap_or_default()).is_ok(),
            id: group.held_id().cloned(),
            wants: group.wanted_name(),
            holds: status.and_then(|s| s.object.name.clone()),
        }
    }

    /// Every other resource for a group of this name or id in the same Org of the same ThoughtSpot.
    fn rivals(&self, group: &ThoughtSpotGroup, want: &Desired, have: Option<&Group>) -> Vec<Claimant> {
        let groups = &self.access.world.groups;
        let mut found: Vec<Live<ThoughtSpotGroup>> = groups.under(&words::name(&group.wanted_name()));
        found.extend(have.into_iter().flat_map(|have| groups.under(&words::id(&have.id))));
        found.iter().filter(|other| self.is_in(other, &want.place)).map(|other| self.claimant(other)).collect()
    }

    /// Whether a resource means a group of this Org, whichever Instance and ThoughtSpotOrg it names.
    fn is_in(&self, group: &ThoughtSpotGroup, place: &Place) -> bool {
        let org = self.access.world.orgs.get(&words::target(&group.spec.org_ref, group));
        org.is_some_and(|org| {
            let instance = words::target(&org.spec.instance_ref, &*org);
            org.status.as_ref().and_then(|s| s.id) == Some(place.id.0) && self.access.one_far_side(&instance, &place.instance)
        })
    }
}

impl Kind for Groups {
    type Object = ThoughtSpotGroup;
    type Status = ThoughtSpotGroupStatus;
    type Desired = Desired;
    type Observed = Observed;
    type Change = GroupChange;

    fn terms(&self, group: &ThoughtSpotGroup) -> Terms {
        kinds::terms(group)
    }

    fn lane(&self, group: &ThoughtSpotGroup) -> String {
        self.access.world.instance_of(group).map(|instance| instance.to_string()).unwrap_or_default()
    }

    fn span(&self, group: &ThoughtSpotGroup) -> Span {
        span::of_group(group, self.access.world.instance_of(group))
    }

    fn interval(&self, group: &ThoughtSpotGroup) -> Duration {
        let Some(org) = self.access.world.orgs.get(&words::target(&group.spec.org_ref, group)) else { return NO_ORG };
        let id = org.status.as_ref().and_then(|status| status.id).map(OrgId);
        let members = words::has_members(group).then_some(id.map(Scope::Users)).flatten();
        self.access.next_look(&words::target(&org.spec.instance_ref, &*org), id.map(Scope::Groups).into_iter().chain(members))
    }

    async fn resolve(&self, group: &ThoughtSpotGroup) -> Result<Desired, Fault> {
        let place = self.access.org(&words::target(&group.spec.org_ref, group), &group.namespace().unwrap_or_default())?;
        let connection = self.access.connection(&place.instance)?;
        if group.spec.management_policy.writes() {
            judge::may_hand_out(group.spec.privileges.as_ref(), &place.allowed, &place.key)?;
        }
        stays_in_its_org(group, &connection, &place).await?;
        self.access.enter(&connection, &place, group.spec.management_policy).await?;
        let roles = roles::resolve(&group.spec, &connection, &place).await?;
        let sub_groups = self.sub_groups(group, &connection, &place).await?;
        let members = members::wanted(&self.access, group, &connection, &place).await?;
        let mut want = Desired { members, ..self.desired(group, connection, place) };
        (want.wish.roles, want.wish.sub_groups) = (roles, sub_groups);
        Ok(want)
    }

    async fn resolve_removal(&self, group: &ThoughtSpotGroup) -> Result<Desired, Fault> {
        let place = home::of_removal(&self.access, group)?;
        Ok(self.desired(group, self.access.connection(&place.instance)?, place))
    }

    async fn observe(&self, want: &Desired, look: Look) -> Result<Option<Observed>, Fault> {
        let Some(group) = found(want, look).await? else { return Ok(None) };
        let members = members::observe(want.asker(&self.access), &want.members, &group.id, look).await?;
        Ok(Some(Observed { group, members }))
    }

    fn plan(&self, want: &Desired, have: Option<&Observed>) -> Vec<GroupChange> {
        let mut plan = plan::plan(&want.wish, have.map(|have| &have.group));
        plan.extend(have.into_iter().flat_map(|have| want.members.plan(&have.members)));
        plan
    }

    fn shortcoming(&self, want: &Desired) -> Result<(), Fault> {
        want.members.lacking.clone().map_or(Ok(()), Err)
    }

    fn contest(&self, group: &ThoughtSpotGroup, want: &Desired, have: Option<&Observed>) -> Result<(), Fault> {
        let have = have.map(|have| &have.group);
        claims::judge(&self.claimant(group), &self.rivals(group, want, have), have.map(|have| have.id.as_str()))
    }

    async fn takes_back(
        &self,
        group: &ThoughtSpotGroup,
        want: &Desired,
        have: &Observed,
        plan: &[GroupChange],
    ) -> Result<bool, Fault> {
        let has_id = group.status.as_ref().is_some_and(|status| status.id.is_some());
        if has_id || !self.access.may_take_back(&want.place.instance) {
            return Ok(false);
        }
        let (author, login) = (have.group.provenance.author.as_ref(), &want.connection.login);
        let was_ours = takeover::was_ours(author, login, &want.place.allowed, &declared(&want.wish), plan);
        if was_ours {
            judge::may_hold(want, &have.group).await?;
        }
        Ok(was_ours)
    }

    async fn may_adopt(&self, want: &Desired, have: &Observed, adopt: Adopt, plan: &[GroupChange]) -> Result<Claim, Fault> {
        let have = &have.group;
        protected::group(have, &want.connection.keeps())?;
        let Place { allowed, instance, .. } = &want.place;
        let (name, declared) = (&have.name, &declared(&want.wish));
        let takeover = Takeover { what: "a group", name, adopt, allowed, instance: &instance.name, declared };
        takeover.asked_and_allowed()?;
        judge::may_hold(want, have).await?;
        takeover.as_declared(plan)
    }

    async fn authorize(&self, want: &Desired, have: Option<&Observed>, changes: &[GroupChange]) -> Result<(), Fault> {
        match have {
            Some(have) => {
                guard::permits(want, &have.group, changes)?;
                guard::keeps_administrators(self, want, &have.group, &Ending::Changes(changes)).await?;
            }
            None => protected::group_name(&want.wish.name, &want.connection.keeps())?,
        }
        for change in changes {
            judge::takes(want, change)?;
            match (change, have) {
                (GroupChange::Create(new), _) => {
                    roles::may_still_hand_out(&new.roles, &want.connection, &want.place).await?;
                }
                (GroupChange::Update { patch, from, .. }, _) => {
                    let roles = patch.roles.iter().flatten().cloned().collect();
                    roles::may_still_hand_out(&roles, &want.connection, &want.place).await?;
                    self.may_nest(want, from, patch).await?;
                }
                (GroupChange::AddMembers(_), Some(have)) => judge::members_may_have(want, &have.group).await?,
                (GroupChange::AddMembers(_) | GroupChange::RemoveMembers(_), _) => {}
            }
        }
        Ok(())
    }

    async fn act(&self, want: &Desired, have: Option<&Observed>, change: &GroupChange) -> Result<(), Fault> {
        let (connection, org) = (&want.connection, want.place.id);
        let (asker, id) = (want.asker(&self.access), have.map(|have| have.group.id.as_str()).unwrap_or_default());
        let done = match change {
            GroupChange::AddMembers(users) => return members::add(asker, id, users).await,
            GroupChange::RemoveMembers(users) => return members::remove(asker, id, users).await,
            GroupChange::Create(new) => {
                connection.far.create_group(org, new).await.map(|group| connection.inventory.put_group(org, group))
            }
            GroupChange::Update { patch, from, .. } => connection.far.update_group(org, &from.id, patch).await,
        };
        done.map_err(|e| want.connection.fault(&e))
    }

    async fn is_ours(&self, want: &Desired, have: &Observed, intent: &Intent) -> Result<bool, Fault> {
        Ok(kinds::made_by_us(&have.group.provenance, &want.connection.login, intent))
    }

    fn may_recreate(&self, _group: &ThoughtSpotGroup) -> Result<(), Fault> {
        Ok(())
    }

    fn look_by_name(&self, want: &mut Desired, name: Option<&str>) {
        want.id = None;
        want.look_for = name.unwrap_or(&want.wish.name).to_owned();
    }

    fn name<'a>(&self, want: &'a Desired) -> &'a str {
        &want.wish.name
    }

    fn sent(&self, want: &Desired) -> serde_json::Value {
        serde_json::json!(GroupHome::new(want.place.id.0, &want.place.instance))
    }

    fn far_clock(&self, want: &Desired) -> i64 {
        want.connection.far.server_now()
    }

    fn seal(&self, want: &Desired, words: &str) -> String {
        want.connection.seal.of(words)
    }

    async fn may_remove(&self, group: &ThoughtSpotGroup, want: &Desired, have: &Observed) -> Result<(), Fault> {
        protected::group(&have.group, &want.connection.keeps()).map_err(or_retain)?;
        let origin = group.status.as_ref().and_then(|status| status.object.origin);
        let granted = self.access.granted(&want.place.instance, &group.namespace().unwrap_or_default());
        takeover::may_delete(origin, granted.as_ref())?;
        guard::keeps_administrators(self, want, &have.group, &Ending::Removal).await.map_err(or_retain)
    }

    async fn remove(&self, _group: &ThoughtSpotGroup, want: &Desired, have: &Observed) -> Result<Removed, Fault> {
        let have = &have.group;
        want.connection.far.delete_group(want.place.id, &have.id).await.map_err(|e| want.connection.fault(&e))?;
        want.connection.inventory.forget_group(want.place.id, &have.id);
        Ok(Removed::deleted())
    }

    fn brake(&self, group: &ThoughtSpotGroup, want: &Desired, ending: Ending<'_, GroupChange>) -> Result<(), Fault> {
        guard::brake(self, group, want, &ending)
    }

    fn status(&self, group: &ThoughtSpotGroup) -> ThoughtSpotGroupStatus {
        group.status.clone().unwrap_or_default()
    }

    fn record(&self, status: &mut ThoughtSpotGroupStatus, want: &mut Desired, have: &Observed, step: Step<'_, GroupChange>) {
        let Observed { group: have, members } = have;
        status.id = Some(have.id.clone());
        status.org_id = Some(want.place.id.0);
        let Key { namespace, name } = want.place.instance.clone();
        status.instance = Some(Reference { name, namespace: Some(namespace) });
        status.object.name = Some(have.name.clone());
        if let Step::Claimed(claim) = step {
            status.object.origin = Some(kinds::origin(claim.origin()));
            want.id = Some(have.id.clone());
        }
        want.members.step(members, step);
        status.members.clone_from(&want.members.marked);
        status.left_alone.clone_from(&members.off_limits);
    }

    fn report(&self, status: &mut ThoughtSpotGroupStatus, group: &ThoughtSpotGroup, report: Report) {
        kinds::put_report(&mut status.object, group, report);
    }

    fn last_report<'a>(&self, status: &'a ThoughtSpotGroupStatus) -> LastReport<'a> {
        kinds::last_report(&status.object)
    }
}

/// What has to be declared before a group can be said to be as declared.
fn declared(wish: &Wish) -> [(&'static str, bool); 3] {
    [
        ("displayName", wish.display_name.is_some()),
        ("description", wish.description.is_some()),
        ("privileges", wish.privileges.is_some() || wish.roles.is_some()),
    ]
}

async fn found(want: &Desired, look: Look) -> Result<Option<Group>, Fault> {
    let lookup = want.id.as_deref().map_or(Lookup::Name(&want.look_for), Lookup::Id);
    let (connection, org) = (&want.connection, want.place.id);
    match connection.inventory.group(org, lookup, kinds::to_inventory(look)).await {
        Ok(group) => Ok(group),
        // An Org that is gone lets nobody in, and has taken its groups with it.
        Err(error @ (Error::NoOrgAccess { .. } | Error::Refused { .. })) => match org_exists(connection, org).await? {
            true => Err(connection.fault(&error)),
            false => Ok(None),
        },
        Err(error) => Err(connection.fault(&error)),
    }
}

async fn org_exists(connection: &Connection, org: OrgId) -> Result<bool, Fault> {
    let found = connection.far.find_org(Lookup::Id(&org)).await.map_err(|e| connection.fault(&e))?;
    Ok(found.is_some())
}

/// A group lives in one Org for good. One whose ThoughtSpotOrg has come to mean another Org must not be taken for gone.
async fn stays_in_its_org(group: &ThoughtSpotGroup, connection: &Connection, place: &Place) -> Result<(), Fault> {
    let before = group.status.as_ref().filter(|status| status.object.origin.is_some()).and_then(|status| status.org_id);
    let Some(before) = before.map(OrgId).filter(|before| *before != place.id) else { return Ok(()) };
    if !org_exists(connection, before).await? {
        return Ok(());
    }
    let message = format!(
        "ThoughtSpotOrg {} means Org {} now, and this group is in Org {before}: create another resource",
        place.key.name, place.id
    );
    Err(stalled(Reason::Invalid, message))
}

/// When to look again at a group whose Org does not exist: its appearance wakes it before.
const NO_ORG: Duration = Duration::from_secs(600);

//! A user: cluster-wide, with a password, Orgs and, in each Org, groups.
//!
//! Memberships are owned edge by edge: what is declared is added, what this resource added (status says which) is removed when it
//! leaves the spec, and what others assigned is left alone. The plan is in [`plan`].

mod dialect;
mod edges;
mod ending;
mod exclusive;
mod guard;
mod handover;
mod judge;
mod left;
mod lockout;
mod observe;
mod password;
mod plan;
mod preferences;
mod resolve;
mod sign_in;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use thoughtspot_client::domain::{ListChange, OrgId, User, fold_user_name};
use thoughtspot_client::inventory::Scope;
use thoughtspot_crds::user::{AccessDue, OrgMembership, OwnedMembership};
use thoughtspot_crds::{Reason, ThoughtSpotUser, ThoughtSpotUserSpec, ThoughtSpotUserStatus};
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::intent::Intent;
use thoughtspot_engine::kind::{Adopt, Claim, Ending, Kind, LastReport, Look, Removed, Report, Step, Terms};
use thoughtspot_engine::{Fault, Live};
use tracing::Span;

use crate::access::{Access, Place, Said};
use crate::claims::{self, Claimant};
use crate::connection::Connection;
use crate::faults::stalled;
use crate::grants::Allowed;
use crate::kinds;
use crate::kinds::span;
use crate::kinds::takeover::{self, Takeover};
use crate::managed::ManagedResource;
use crate::protected;
use crate::secrets::Secrets;
use crate::world::words;

pub use observe::Observed;
pub use password::Memory;
use password::Password;
pub use plan::UserChange;

/// Users.
pub struct Users {
    pub access: Access,
    pub secrets: Secrets,
    pub passwords: Memory,
}

/// What one resource wants of a user.
pub struct Desired {
    connection: Arc<Connection>,
    instance: Key,
    namespace: String,
    allowed: Allowed,
    id: Option<String>,
    look_for: String,
    name: String,
    spec: ThoughtSpotUserSpec,
    places: Vec<Joined>,
    /// The Orgs it declared before, and what it added there.
    owned: BTreeMap<OrgId, OwnedMembership>,
    /// The Orgs that it was taken out of, with what it owns there.
    left: BTreeSet<OrgId>,
    /// What ThoughtSpotGroups declare of it.
    others: BTreeMap<OrgId, Said>,
    password: Option<Password>,
    access_due: Option<AccessDue>,
    /// Whether it has yet to be given its preferences, as one that is new.
    preferences_due: bool,
    /// Why what the resource names is not resolved, where access is ended all the same: see [`lockout`].
    unresolved: Option<Fault>,
}

/// A declared Org, with the declared groups in it.
struct Joined {
    place: Place,
    /// Ids and names.
    groups: BTreeMap<String, String>,
}

impl Users {
    fn claimant(&self, user: &ThoughtSpotUser) -> Claimant {
        let status = user.status.as_ref();
        let instance = words::target(&user.spec.instance_ref, user);
        let namespace = user.namespace().unwrap_or_default();
        let lets_in = |org: &OrgMembership| self.access.org(&words::joined_org(org, &namespace), &namespace).is_ok();
        Claimant {
            key: Key::of(user),
            uid: user.uid().unwrap_or_default(),
            created: claims::created(user),
            policy: user.spec.management_policy,
            able: !user.spec.suspend && self.access.could_act(&instance, &namespace) && user.spec.orgs.iter().all(lets_in),
            id: user.held_id().cloned(),
            wants: fold_user_name(&user.wanted_name()),
            holds: status.and_then(|s| s.object.name.as_deref()).map(fold_user_name),
        }
    }

    /// Every other resource for a user of this name or id in the same ThoughtSpot.
    fn rivals(&self, want: &Desired, have: Option<&User>) -> Vec<Claimant> {
        let users = &self.access.world.users;
        let mut found: Vec<Live<ThoughtSpotUser>> = users.under(&words::name(&fold_user_name(&want.name)));
        found.extend(have.into_iter().flat_map(|have| users.under(&words::id(&have.id))));
        let same = |other: &Live<ThoughtSpotUser>| self.access.leads_to(&other.spec.instance_ref, &**other, &want.instance);
        found.iter().filter(|other| same(other)).map(|other| self.claimant(other)).collect()
    }

    async fn make(&self, want: &Desired, have: Option<&Observed>, change: &UserChange) -> thoughtspot_client::Result<()> {
        let (far, inventory) = (&want.connection.far, &want.connection.inventory);
        let id = have.map(|have| have.user.id.as_str()).unwrap_or_default();
        match change {
            UserChange::Create { org, new } => far.create_user(*org, new).await.map(|user| inventory.put_user(*org, user)),
            // From Primary: the user may not be a member of any declared Org yet.
            UserChange::Update { patch, .. } => far.update_user(OrgId::PRIMARY, id, patch).await,
            UserChange::JoinOrg { org, .. } => far.change_org_members(*org, id, ListChange::Add).await,
            UserChange::LeaveOrg { org } => {
                far.change_org_members(*org, id, ListChange::Remove).await.map(|()| inventory.forget_user(*org, id))
            }
            UserChange::JoinGroups { org, groups } => {
                far.change_user_groups(*org, id, &groups.keys().cloned().collect(), ListChange::Add).await
            }
            UserChange::LeaveGroups { org, groups } => far.change_user_groups(*org, id, groups, ListChange::Remove).await,
            UserChange::SetPassword => match &want.password {
                Some(password) => far.set_password(id, password.secret()).await,
                None => Ok(()),
            },
            UserChange::DescribeLogin => Ok(()),
            UserChange::EndSessions => far.end_sessions(id).await,
        }
    }
}

impl Kind for Users {
    type Object = ThoughtSpotUser;
    type Status = ThoughtSpotUserStatus;
    type Desired = Desired;
    type Observed = Observed;
    type Change = UserChange;

    fn terms(&self, user: &ThoughtSpotUser) -> Terms {
        kinds::terms(user)
    }

    fn lane(&self, user: &ThoughtSpotUser) -> String {
        words::target(&user.spec.instance_ref, user).to_string()
    }

    fn span(&self, user: &ThoughtSpotUser) -> Span {
        span::of_user(user)
    }

    fn interval(&self, user: &ThoughtSpotUser) -> Duration {
        let namespace = user.namespace().unwrap_or_default();
        let orgs =
            user.spec.orgs.iter().filter_map(|membership| self.access.world.orgs.get(&words::joined_org(membership, &namespace)));
        let scopes = orgs.filter_map(|org| Some(Scope::Users(OrgId(org.status.as_ref()?.id?))));
        self.access.next_look(&words::target(&user.spec.instance_ref, user), scopes)
    }

    async fn resolve(&self, user: &ThoughtSpotUser) -> Result<Desired, Fault> {
        match self.resolve_all(user).await {
            Ok(want) => Ok(want),
            Err(why) => self.only_locked_out(user, why).await,
        }
    }

    async fn resolve_removal(&self, user: &ThoughtSpotUser) -> Result<Desired, Fault> {
        let instance = words::target(&user.spec.instance_ref, user);
        let connection = self.access.connection(&instance)?;
        let namespace = user.namespace().unwrap_or_default();
        let usable = |m: &OrgMembership| self.access.org(&words::joined_org(m, &namespace), &namespace).ok();
        let places = user.spec.orgs.iter().filter_map(usable).map(|place| Joined { place, groups: BTreeMap::new() });
        let places = places.collect();
        let allowed = self.access.granted(&instance, &namespace).unwrap_or_default();
        let others = self.access.said_by_groups(user, &instance);
        Ok(Desired { places, others, ..resolve::desired(user, connection, instance, allowed) })
    }

    async fn observe(&self, want: &Desired, look: Look) -> Result<Option<Observed>, Fault> {
        observe::observe(&self.access, want, look).await
    }

    fn plan(&self, want: &Desired, have: Option<&Observed>) -> Vec<UserChange> {
        plan::plan(want, have)
    }

    fn contest(&self, user: &ThoughtSpotUser, want: &Desired, have: Option<&Observed>) -> Result<(), Fault> {
        let have = have.map(|have| &have.user);
        claims::judge(&self.claimant(user), &self.rivals(want, have), have.map(|have| have.id.as_str()))
    }

    async fn takes_back(
        &self,
        user: &ThoughtSpotUser,
        want: &Desired,
        have: &Observed,
        plan: &[UserChange],
    ) -> Result<bool, Fault> {
        let has_id = user.status.as_ref().is_some_and(|status| status.id.is_some());
        let (author, login) = (have.user.provenance.author.as_ref(), &want.connection.login);
        let was_ours = takeover::was_ours(author, login, &want.allowed, &declared(&want.spec), plan);
        Ok(!has_id && was_ours && self.access.may_take_back(&want.instance))
    }

    async fn may_adopt(&self, want: &Desired, have: &Observed, adopt: Adopt, plan: &[UserChange]) -> Result<Claim, Fault> {
        protected::user(&have.user, &want.connection.keeps())?;
        if self.comes_back(want, &have.user).await? {
            return Ok(Claim::Returned);
        }
        let Desired { allowed, instance, spec, .. } = want;
        let (name, declared) = (&have.user.name, &declared(spec));
        let takeover = Takeover { what: "a user", name, adopt, allowed, instance: &instance.name, declared };
        takeover.asked_and_allowed()?;
        judge::standing(&self.access, want, &have.user, judge::Touch::Takeover).await?;
        takeover.as_declared(plan)
    }

    async fn authorize(&self, want: &Desired, have: Option<&Observed>, changes: &[UserChange]) -> Result<(), Fault> {
        guard::permits(want, have, changes).await?;
        match have {
            None => {
                if want.spec.email.is_none() || want.spec.display_name.is_none() {
                    let message = "write spec.email and spec.displayName: they are needed to create the user";
                    return Err(stalled(Reason::Invalid, message));
                }
            }
            Some(have) => {
                let account = changes.iter().any(|change| !change.is_membership());
                let touch = if account { judge::Touch::Account } else { judge::Touch::Membership };
                let administered = judge::standing(&self.access, want, &have.user, touch).await?;
                guard::keeps_administrators(self, want, &have.user, &administered, &Ending::Changes(changes)).await?;
            }
        }
        judge::groups_joined(want, changes).await
    }

    async fn act(&self, want: &Desired, have: Option<&Observed>, change: &UserChange) -> Result<(), Fault> {
        if let Some(have) = have {
            self.hand_over_before(want, &have.user, change).await?;
        }
        self.before_sending(want, have, change).await?;
        self.make(want, have, change).await.map_err(|e| self.refusal(want, change, &e))?;
        let kept = self.after_sending(want, have, change).await;
        kept.map_err(|fault| if have.is_none() { after_a_create(fault) } else { fault })
    }

    fn resolved(&self, want: &Desired) -> Result<(), Fault> {
        want.unresolved.clone().map_or(Ok(()), Err)
    }

    fn shortcoming(&self, want: &Desired) -> Result<(), Fault> {
        want.password.as_ref().map_or(Ok(()), Password::shortcoming)
    }

    async fn before_release(&self, user: &ThoughtSpotUser, lives_on: bool) -> Result<(), Fault> {
        self.hand_over_secret(user, lives_on).await
    }

    async fn is_ours(&self, want: &Desired, have: &Observed, intent: &Intent) -> Result<bool, Fault> {
        Ok(kinds::made_by_us(&have.user.provenance, &want.connection.login, intent))
    }

    fn may_recreate(&self, _user: &ThoughtSpotUser) -> Result<(), Fault> {
        Ok(())
    }

    fn look_by_name(&self, want: &mut Desired, name: Option<&str>) {
        want.id = None;
        want.look_for = name.unwrap_or(&want.name).to_owned();
    }

    fn name<'a>(&self, want: &'a Desired) -> &'a str {
        &want.name
    }

    fn sent(&self, want: &Desired) -> serde_json::Value {
        serde_json::json!(want.sent())
    }

    fn recall(&self, want: &mut Desired, sent: &serde_json::Value) -> bool {
        serde_json::from_value(sent.clone()).is_ok_and(|sent| want.recall(sent))
    }

    fn far_clock(&self, want: &Desired) -> i64 {
        want.connection.far.server_now()
    }

    fn seal(&self, want: &Desired, words: &str) -> String {
        want.connection.seal.of(words)
    }

    async fn may_remove(&self, user: &ThoughtSpotUser, want: &Desired, have: &Observed) -> Result<(), Fault> {
        self.may_end(user, want, have).await
    }

    async fn remove(&self, user: &ThoughtSpotUser, want: &Desired, have: &Observed) -> Result<Removed, Fault> {
        self.end(user, want, have).await
    }

    fn brake(&self, user: &ThoughtSpotUser, want: &Desired, ending: Ending<'_, UserChange>) -> Result<(), Fault> {
        guard::brake(self, user, want, &ending)
    }

    fn status(&self, user: &ThoughtSpotUser) -> ThoughtSpotUserStatus {
        user.status.clone().unwrap_or_default()
    }

    fn record(&self, status: &mut ThoughtSpotUserStatus, want: &mut Desired, have: &Observed, step: Step<'_, UserChange>) {
        if status.id.as_ref().is_some_and(|before| *before != have.user.id) {
            want.left.clear(); // they were another account's
        }
        status.id = Some(have.user.id.clone());
        status.object.name = Some(have.user.name.clone());
        match step {
            Step::Seen => want.remember(have),
            Step::Claimed(claim) => {
                status.object.origin = Some(kinds::origin(claim.origin()));
                want.id = Some(have.user.id.clone());
                want.claimed(claim, have);
                want.remember(have);
            }
            Step::Before(changes) => {
                changes.iter().for_each(|change| want.about_to(change));
                want.about_to_leave(have, changes, &self.handed_over(want, changes));
            }
            Step::After(changes) => changes.iter().for_each(|change| want.done(change)),
        }
        status.access_due = want.access_due;
        status.preferences_due = want.preferences_due;
        if want.unresolved.is_none() {
            status.orgs = want.owned.values().cloned().collect();
            status.left_orgs = want.left.iter().map(|org| org.0).collect();
            have.besides.remember(want, status);
            status.password = want.password.as_ref().and_then(Password::set_from);
        }
    }

    fn report(&self, status: &mut ThoughtSpotUserStatus, user: &ThoughtSpotUser, report: Report) {
        kinds::put_report(&mut status.object, user, report);
    }

    fn last_report<'a>(&self, status: &'a ThoughtSpotUserStatus) -> LastReport<'a> {
        kinds::last_report(&status.object)
    }
}

/// What has to be declared before a user can be said to be as declared.
fn declared(spec: &ThoughtSpotUserSpec) -> [(&'static str, bool); 2] {
    [("displayName", spec.display_name.is_some()), ("email", spec.email.is_some())]
}

/// The user exists by now: whatever is refused of its Secret is no refusal of the create, and the next look shows what there is left to do.
fn after_a_create(fault: Fault) -> Fault {
    match fault {
        Fault::Stalled { reason, message } => Fault::Transient { reason, message },
        Fault::Waiting { .. }
        | Fault::NotGranted { .. }
        | Fault::Suspended { .. }
        | Fault::Throttled { .. }
        | Fault::Later { .. }
        | Fault::Settling { .. }
        | Fault::Transient { .. }
        | Fault::NotYet
        | Fault::Outdated
        | Fault::NotLeading => fault,
    }
}

//! Who is in a group: what is declared, what there is, and what has to change.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use kube::ResourceExt;
use thoughtspot_client::Error;
use thoughtspot_client::domain::{ListChange, Lookup, OrgId, User, fold_user_name};
use thoughtspot_client::inventory;
use thoughtspot_crds::{Membership, Reason, ThoughtSpotGroup};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;
use thoughtspot_engine::kind::{Claim, Look, Step};

use super::GroupChange;
use crate::access::{Access, Place, Said};
use crate::connection::Connection;
use crate::edges::{Edges, OtherEnd};
use crate::faults::{stalled, waiting};
use crate::kinds::standing::{self, Asker};
use crate::protected;
use crate::world::words;

/// How many users a request names at most.
const BATCH: usize = 100;
/// How many users are judged at a time.
const AT_ONCE: usize = 8;

/// What is wanted of a group's members.
#[derive(Default)]
pub(super) struct Wanted {
    /// The declared users who are in the Org: ids and names.
    pub(super) declared: BTreeMap<String, String>,
    /// Whom else the declarations mean, whether found in the Org or not.
    pub(super) meant: Meant,
    /// The ids of those that this resource added and that a reference to a ThoughtSpotUser which does not exist may mean.
    pub(super) perhaps_meant: BTreeSet<String>,
    /// Why not all of those that are declared can be in it yet.
    pub(super) lacking: Option<Fault>,
    pub(super) exclusive: bool,
    /// The ids of those that this resource added.
    pub(super) marked: BTreeSet<String>,
    /// What ThoughtSpotUsers declare of it.
    pub(super) others: Said,
}

/// Users by what is known of them without ThoughtSpot.
#[derive(Default)]
pub(super) struct Meant {
    /// Folded.
    names: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl Meant {
    fn covers(&self, id: &String, name: &str) -> bool {
        self.ids.contains(id) || self.names.contains(&fold_user_name(name))
    }
}

/// Those who are in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Ids and names.
    pub(super) now: BTreeMap<String, String>,
    /// The ids of those, among whoever would leave, whom the operator leaves alone.
    pub(super) off_limits: BTreeSet<String>,
}

impl Wanted {
    /// Whether anything has to be known of the members. Of a group for which nobody says anything they are not even read.
    pub(super) fn matters(&self) -> bool {
        self.exclusive || !self.declared.is_empty() || !self.marked.is_empty()
    }

    fn edges<T>(&self, members: &Members, of: impl FnOnce(Edges<'_>) -> T) -> T {
        // Who is in it as declared must not leave because it could not be found.
        let meant = members.now.iter().filter(|(id, name)| self.meant.covers(id, name)).map(|(id, _)| id);
        let declared = self.declared.keys().chain(meant).cloned().collect();
        let now: BTreeSet<String> = members.now.keys().cloned().collect();
        let mut others: OtherEnd = self.others.edges.clone();
        let by_name = members.now.iter().filter(|(_, name)| self.others.names.contains(&fold_user_name(name)));
        others.declared.extend(by_name.map(|(id, _)| id.clone()));
        of(Edges { declared: &declared, marked: &self.marked, others: &others, now: &now })
    }

    /// Whoever nobody declares and who is not left alone for another reason.
    pub(super) fn to_leave(&self, members: &Members) -> BTreeSet<String> {
        &self.edges(members, |edges| edges.to_leave(self.exclusive)) - &self.perhaps_meant
    }

    /// What is remembered at each moment of a pass: an edge is ours before it is made, since a crash in between must not leave one that nobody
    /// removes.
    pub(super) fn step(&mut self, members: &Members, step: Step<'_, GroupChange>) {
        if let Step::Claimed(Claim::TakenBack) = step {
            // As of a user that is taken back: what is declared and there counts as added by us.
            self.marked.extend(self.declared.keys().filter(|id| members.now.contains_key(*id)).cloned());
        }
        match step {
            Step::Seen | Step::Claimed(_) if self.matters() => self.marked = self.edges(members, |edges| edges.marks()),
            Step::Seen | Step::Claimed(_) => {}
            Step::Before(changes) => changes.iter().for_each(|change| match change {
                GroupChange::AddMembers(users) => self.marked.extend(users.keys().cloned()),
                GroupChange::Create(_) | GroupChange::Update { .. } | GroupChange::RemoveMembers(_) => {}
            }),
            Step::After(changes) => changes.iter().for_each(|change| match change {
                GroupChange::RemoveMembers(users) => self.marked.retain(|id| !users.contains_key(id)),
                GroupChange::Create(_) | GroupChange::Update { .. } | GroupChange::AddMembers(_) => {}
            }),
        }
    }

    /// What has to change; what takes something away first, since it is refused less often. Pure.
    pub(super) fn plan(&self, members: &Members) -> Vec<GroupChange> {
        let name = |id: &String| members.now.get(id).or_else(|| self.declared.get(id)).cloned().unwrap_or_default();
        let named = |ids: BTreeSet<String>| ids.into_iter().map(|id| (id.clone(), name(&id))).collect::<BTreeMap<_, _>>();
        let join = named(self.edges(members, |edges| edges.to_join()));
        let leave = named(&self.to_leave(members) - &members.off_limits);
        let add = (!join.is_empty()).then_some(GroupChange::AddMembers(join));
        let remove = (!leave.is_empty()).then_some(GroupChange::RemoveMembers(leave));
        remove.into_iter().chain(add).collect()
    }
}

/// What a group declares of its members. Users who are not there yet hold up nobody else.
pub(super) async fn wanted(
    access: &Access,
    group: &ThoughtSpotGroup,
    connection: &Connection,
    place: &Place,
) -> Result<Wanted, Fault> {
    let mut wanted = Wanted {
        exclusive: group.spec.membership.users == Membership::Exclusive && !access.world.is_terminating(&namespace(group)),
        marked: group.status.iter().flat_map(|status| &status.members).cloned().collect(),
        ..Wanted::default()
    };
    for name in group.spec.members.iter().flat_map(|members| &members.users) {
        wanted.meant.names.insert(fold_user_name(name));
        match in_org(connection, place.id, Lookup::Name(name)).await? {
            Some(user) => drop(wanted.declared.insert(user.id, user.name)),
            None => wanted.lack(waiting(format!(
                "spec.members: Org {} has no user named {name:?}: correct the name, or add the user to the Org",
                place.key.name
            ))),
        }
    }
    for reference in group.spec.members.iter().flat_map(|members| &members.user_refs) {
        let key = Key::new(namespace(group), &reference.name);
        wanted.means(access, &key);
        match referred(access, &key, connection, place).await? {
            Ok(user) => drop(wanted.declared.insert(user.id, user.name)),
            Err(fault) => wanted.lack(fault),
        }
    }
    if wanted.matters() {
        wanted.others = access.said_by_users(group, place.id, &place.instance);
    }
    Ok(wanted)
}

impl Wanted {
    /// Whom a reference means. While there is no such resource, it may be anybody for whom no other one stands.
    fn means(&mut self, access: &Access, key: &Key) {
        if let Some(user) = access.world.users.get(key) {
            self.meant.names.extend(words::user_names(&user));
            self.meant.ids.extend(user.status.as_ref().and_then(|status| status.id.clone()));
            return;
        }
        let unclaimed = |id: &&String| access.world.users.keys_under(&words::id(id)).is_empty();
        self.perhaps_meant = self.marked.iter().filter(unclaimed).cloned().collect();
    }

    /// The first that lacks is named; the others follow once it is there.
    fn lack(&mut self, fault: Fault) {
        self.lacking.get_or_insert(fault);
    }
}

fn namespace(group: &ThoughtSpotGroup) -> String {
    group.namespace().unwrap_or_default()
}

/// The user that a reference means, or why there is none.
async fn referred(access: &Access, key: &Key, connection: &Connection, place: &Place) -> Result<Result<User, Fault>, Fault> {
    let name = &key.name;
    let Some(user) = access.world.users.get(key) else {
        let message =
            format!("spec.members: ThoughtSpotUser {name} does not exist in this namespace: correct the name, or create it");
        return Ok(Err(waiting(message)));
    };
    if !access.leads_to(&user.spec.instance_ref, &*user, &place.instance) {
        let message = format!("spec.members: ThoughtSpotUser {name} belongs to another ThoughtSpotInstance");
        return Err(stalled(Reason::Invalid, message));
    }
    let Some(id) = user.status.as_ref().and_then(|status| status.id.clone()) else {
        return Ok(Err(waiting(format!("ThoughtSpotUser {name} is not ready: see its conditions"))));
    };
    let found = in_org(connection, place.id, Lookup::Id(&id)).await?;
    let org = &place.key.name;
    Ok(found.ok_or_else(|| {
        waiting(format!("spec.members: ThoughtSpotUser {name} is not in Org {org}: name the Org in its spec.orgs"))
    }))
}

async fn in_org(connection: &Connection, org: OrgId, which: Lookup<'_, str>) -> Result<Option<User>, Fault> {
    connection.inventory.user(org, which, inventory::Look::Known).await.map_err(|e| connection.fault(&e))
}

/// Those who are in the group; of one for which nobody says anything, nobody.
pub(super) async fn observe(asker: Asker<'_>, wanted: &Wanted, group: &str, look: Look) -> Result<Members, Fault> {
    if !wanted.matters() {
        return Ok(Members::default());
    }
    let rows = rows(asker, group, look).await?;
    let mut members =
        Members { now: rows.iter().map(|user| (user.id.clone(), user.name.clone())).collect(), ..Members::default() };
    members.off_limits = off_limits(asker, &rows, &wanted.to_leave(&members), look).await?;
    Ok(members)
}

/// Those who are in the group: as the list of the Org's users has it, or by a read of their own.
async fn rows(asker: Asker<'_>, id: &str, look: Look) -> Result<Vec<User>, Fault> {
    let (connection, org) = (asker.connection, asker.place.id);
    let known = match look {
        Look::Known => connection.inventory.users(org).await,
        Look::Fresh => return members(connection, org, id).await,
    };
    match known {
        Ok(users) => Ok(users.iter().filter(|user| user.groups.contains(id)).map(|user| User::clone(user)).collect()),
        Err(Error::Uncertified { .. }) => members(connection, org, id).await,
        Err(error) => Err(connection.fault(&error)),
    }
}

async fn members(connection: &Connection, org: OrgId, id: &str) -> Result<Vec<User>, Fault> {
    connection.far.group_members(org, id).await.map_err(|e| connection.fault(&e))
}

/// Whom, among those who would leave, the operator leaves alone. Before anything is changed what the rows show is enough.
async fn off_limits(asker: Asker<'_>, rows: &[User], to_leave: &BTreeSet<String>, look: Look) -> Result<BTreeSet<String>, Fault> {
    let mut off_limits = BTreeSet::new();
    for user in rows.iter().filter(|user| to_leave.contains(&user.id)) {
        let refused = match look {
            Look::Known => {
                let Asker { connection, place, .. } = asker;
                protected::user(user, &connection.keeps()).is_err()
                    || !standing::excess(connection, user, place.id, &place.allowed).await?.is_empty()
            }
            Look::Fresh => match asker.may_move(&user.id).await {
                Err(Fault::Stalled { .. }) => true,
                judged => judged.map(|()| false)?,
            },
        };
        if refused {
            off_limits.insert(user.id.clone());
        }
    }
    Ok(off_limits)
}

/// Puts users into the group. Each is judged just before, so that a group of many makes progress whatever stops it. Whoever may not be moved
/// holds up nobody else; the first of them is the fault.
pub(super) async fn add(asker: Asker<'_>, group: &str, users: &BTreeMap<String, String>) -> Result<(), Fault> {
    let (users, mut refused): (Vec<&String>, _) = (users.keys().collect(), None);
    for batch in users.chunks(BATCH) {
        let mut let_in = Vec::new();
        for some in batch.chunks(AT_ONCE) {
            let judged = join_all(some.iter().map(|id| asker.may_move(id))).await;
            for (id, judged) in some.iter().zip(judged) {
                match judged {
                    Ok(()) => let_in.push(*id),
                    Err(fault @ (Fault::Stalled { .. } | Fault::Waiting { .. })) => drop(refused.get_or_insert(fault)),
                    Err(fault) => return Err(fault),
                }
            }
        }
        if !let_in.is_empty() {
            change(asker, group, &let_in, ListChange::Add).await?;
        }
    }
    refused.map_or(Ok(()), Err)
}

/// Takes users out of the group.
pub(super) async fn remove(asker: Asker<'_>, group: &str, users: &BTreeMap<String, String>) -> Result<(), Fault> {
    let users: Vec<&String> = users.keys().collect();
    for batch in users.chunks(BATCH) {
        change(asker, group, batch, ListChange::Remove).await?;
    }
    Ok(())
}

async fn change(asker: Asker<'_>, group: &str, users: &[&String], change: ListChange) -> Result<(), Fault> {
    let Asker { connection, place, .. } = asker;
    let ids: BTreeSet<String> = users.iter().map(|id| (*id).clone()).collect();
    let done = connection.far.change_group_members(place.id, group, &ids, change).await;
    done.map_err(|e| connection.fault(&e))?;
    for id in &ids {
        note(connection, place.id, group, id, change).await;
    }
    Ok(())
}

/// The list of the Org's users is kept true by our own writes.
async fn note(connection: &Connection, org: OrgId, group: &str, id: &str, change: ListChange) {
    let known = connection.inventory.user(org, Lookup::Id(id), inventory::Look::Known).await;
    let Ok(Some(mut user)) = known else { return };
    match change {
        ListChange::Add => user.groups.insert(group.to_owned()),
        ListChange::Remove => user.groups.remove(group),
    };
    connection.inventory.put_user(org, user);
}

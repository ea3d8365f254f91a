//! How many users and groups of an Org no resource declares: counted in lists that are there anyway, at no call of its own.

use thoughtspot_client::domain::{Group, OrgId, User, fold_user_name};
use thoughtspot_client::inventory::Known;
use thoughtspot_crds::org::Unmanaged;
use thoughtspot_crds::{ThoughtSpotGroup, ThoughtSpotOrg, ThoughtSpotUser};
use thoughtspot_engine::Live;
use thoughtspot_engine::cache::Key;

use super::Orgs;
use crate::connection::Connection;
use crate::protected;
use crate::world::words;

impl Orgs {
    /// What is counted now. Where the list was not read yet since the start, what was counted before; where no resource has it read,
    /// or it cannot be trusted, nothing.
    pub(super) fn unmanaged(&self, org: &ThoughtSpotOrg, instance: &Key, connection: &Connection) -> Option<Unmanaged> {
        let status = org.status.as_ref()?;
        let (id, before) = (OrgId(status.id?), status.unmanaged.unwrap_or_default());
        let used = self.uses(id, instance);
        let users = match connection.inventory.known_users(id) {
            _ if !used.users => None,
            Known::Rows(users) => Some(count(users.iter().filter(|user| self.is_unmanaged(user, instance, connection)))),
            Known::Unread => before.users,
            Known::Torn => None,
        };
        let groups = match connection.inventory.known_groups(id) {
            _ if !used.groups => None,
            Known::Rows(groups) => {
                Some(count(groups.iter().filter(|group| self.is_unmanaged_in(id, group, instance, connection))))
            }
            Known::Unread => before.groups,
            Known::Torn => None,
        };
        (users.is_some() || groups.is_some()).then_some(Unmanaged { users, groups })
    }

    /// Which lists of the Org are read for resources.
    fn uses(&self, id: OrgId, instance: &Key) -> Used {
        let world = &self.access.world;
        let mut used = Used::default();
        for org in world.orgs.under(&words::id(id)).iter().filter(|org| self.reaches(org, instance)) {
            let word = words::org_key(&Key::of(&**org));
            let (users, groups) = (world.users.under(&word), world.groups.under(&word));
            used.users |= !users.is_empty() || groups.iter().any(|group| group.spec.members.is_some());
            used.groups |= !groups.is_empty();
            used.groups |= users.iter().any(|user| user.spec.orgs.iter().any(|joined| !joined.groups.is_empty()));
        }
        used
    }

    fn is_unmanaged(&self, user: &User, instance: &Key, connection: &Connection) -> bool {
        if user.id == connection.login.id || protected::is_of_the_system(user, &connection.system) {
            return false;
        }
        let users = &self.access.world.users;
        let declares = |user: &Live<ThoughtSpotUser>| self.access.leads_to(&user.spec.instance_ref, &**user, instance);
        let by_name = words::name(&fold_user_name(&user.name));
        !users.under(&words::id(&user.id)).iter().chain(&users.under(&by_name)).any(declares)
    }

    fn is_unmanaged_in(&self, id: OrgId, group: &Group, instance: &Key, connection: &Connection) -> bool {
        if protected::is_built_in(group, &connection.system) {
            return false;
        }
        let world = &self.access.world;
        let declares = |group: &Live<ThoughtSpotGroup>| {
            let org = world.orgs.get(&words::target(&group.spec.org_ref, &**group));
            org.is_some_and(|org| org.status.as_ref().and_then(|status| status.id) == Some(id.0) && self.reaches(&org, instance))
        };
        let by_name = words::name(&group.name);
        !world.groups.under(&words::id(&group.id)).iter().chain(&world.groups.under(&by_name)).any(declares)
    }

    fn reaches(&self, org: &Live<ThoughtSpotOrg>, instance: &Key) -> bool {
        self.access.leads_to(&org.spec.instance_ref, &**org, instance)
    }
}

/// Whether any resource has the list read.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    users: bool,
    groups: bool,
}

fn count(found: impl Iterator) -> u32 {
    u32::try_from(found.count()).unwrap_or(u32::MAX)
}

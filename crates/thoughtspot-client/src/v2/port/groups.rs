//! Groups of the port.

use crate::budget::Lane;
use crate::domain::{self, GroupPatch, Lookup, NewGroup, OrgId, Provenance, Role};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::port::{Page, PageOf};
use crate::rows::Kept;
use crate::v2;
use crate::v2::change::Change;
use crate::v2::groups::{CreateGroup, Group, GroupList, Groups, SearchGroups, UpdateGroup};
use crate::v2::refs::{ids, org_ids};
use crate::v2::roles::{Roles, SearchRoles};
use crate::v2::search::{LOOKUP_PAGE, Row, Search, Source};

impl From<Group> for Row<domain::Group> {
    fn from(row: Group) -> Row<domain::Group> {
        let value = domain::Group {
            id: row.id,
            name: row.name,
            display_name: row.display_name,
            description: row.description,
            visibility: super::visibility(row.visibility.as_ref()),
            privileges: row.privileges,
            sub_groups: ids(&row.sub_groups),
            roles: row.roles.as_deref().map(ids),
            default_liveboards: ids(&row.default_liveboards),
            protected: row.system_group,
            provenance: Provenance { author: row.author_id, created: row.creation_time_in_millis },
        };
        Row { value, orgs: org_ids(row.orgs.as_deref()) }
    }
}

struct OnePage<'a> {
    groups: Groups<'a>,
    filters: SearchGroups,
}

impl Source for OnePage<'_> {
    type Item = domain::Group;

    async fn rows(&self, only: Option<OrgId>, lane: Lane) -> Result<Kept<Row<domain::Group>>> {
        let filters = SearchGroups { org_identifiers: only.map(NonEmpty::one), ..self.filters.clone() };
        self.groups.search_for(lane, &filters, Row::from).await
    }
}

fn search(groups: Groups<'_>, org: OrgId, identifier: Option<String>, page: Page) -> Search<OnePage<'_>> {
    let filters = SearchGroups {
        group_identifier: identifier,
        // Members are read from the user rows: embedded in the groups they make pages slow and large.
        include_users: Some(false),
        include_sub_groups: Some(true),
        paging: page.into(),
        ..SearchGroups::default()
    };
    Search { source: OnePage { groups, filters }, scope: format!("groups of Org {org}"), only: Some(org), size: page.size }
}

pub(super) async fn page(groups: Groups<'_>, org: OrgId, page: Page) -> Result<PageOf<domain::Group>> {
    search(groups, org, None, page).page(Lane::Background).await
}

pub(super) async fn find(groups: Groups<'_>, org: OrgId, which: Lookup<'_, str>) -> Result<Option<domain::Group>> {
    let (Lookup::Id(identifier) | Lookup::Name(identifier)) = which;
    let matches = |group: &domain::Group| match which {
        Lookup::Id(id) => group.id == id,
        Lookup::Name(name) => group.name == name,
    };
    search(groups, org, Some(identifier.to_owned()), LOOKUP_PAGE).one(matches).await
}

pub(super) async fn create(groups: Groups<'_>, new: &NewGroup) -> Result<domain::Group> {
    let NewGroup { name, display_name, description, visibility, kind, privileges, roles } = new.clone();
    let request = CreateGroup {
        name,
        display_name,
        description: Some(description).filter(|text| !text.is_empty()),
        visibility: visibility.map(Into::into),
        privileges,
        role_identifiers: roles.into_iter().collect(),
        kind: kind.map(Into::into),
        ..CreateGroup::default()
    };
    groups.create(&request).await.map(|group| Row::from(group).value)
}

/// One request takes one list, so several take several requests: privileges first, since what is nested gets them.
pub(super) async fn update(groups: Groups<'_>, id: &str, patch: &GroupPatch) -> Result<()> {
    let GroupPatch { name, display_name, description, visibility, privileges, roles, sub_groups, default_liveboards } =
        patch.clone();
    let lists = [
        privileges.map(|all| GroupList::Privileges(Change::exactly(all))),
        roles.map(|all| GroupList::Roles(Change::exactly(all))),
        sub_groups.map(|all| GroupList::SubGroups(Change::exactly(all))),
        default_liveboards.map(|all| GroupList::DefaultLiveboards(Change::exactly(all))),
    ];
    let mut lists = lists.into_iter().flatten();
    let visibility = visibility.map(Into::into);
    let first = UpdateGroup { name, display_name, description, visibility, list: lists.next(), ..UpdateGroup::default() };
    groups.update(id, &first).await?;
    for list in lists {
        groups.update(id, &UpdateGroup { list: Some(list), ..UpdateGroup::default() }).await?;
    }
    Ok(())
}

/// The roles of the Org; rows that say they are another's are dropped.
pub(super) async fn roles(roles: Roles<'_>, org: OrgId) -> Result<Vec<Role>> {
    let rows = roles.search(&SearchRoles::default()).await?;
    let here = |row: &v2::roles::Role| org_ids(row.orgs.as_deref()).is_none_or(|orgs| orgs.contains(&org));
    let rows = rows.into_iter().filter(here);
    Ok(rows.map(|row| Role { id: row.id, name: row.name, privileges: row.privileges }).collect())
}

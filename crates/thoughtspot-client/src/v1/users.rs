//! Users (docs/thoughtspot-api-v1.md, "Users").

use std::collections::BTreeSet;
use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::content::{Content, visibility, word};
use super::fields::Fields;
use crate::api::Api;
use crate::at::At;
use crate::budget::Lane;
use crate::decode::{WireOrgId, if_readable, millis, or_default, refused_here, segment};
use crate::domain::{Guid, ListChange, Lookup, Millis, OrgId, Preferences, Provenance, User, Visibility, fold_user_name};
use crate::error::{Error, Result};
use crate::nonempty::NonEmpty;
use crate::refusal::NOT_FOUND;
use crate::room::{self, Weigh};
use crate::rows::{self, Kept};
use crate::secret::Secret;
use crate::session::Session;
use crate::wire::{Call, Failure};

const PATH: &str = "user/";
/// How often something is read to be sent back, when our session ends in between.
pub(super) const TRIES: usize = 2;
pub(super) const REMOVE: &str = "user/remove";

/// The calls about users, made in the session of one Org.
#[derive(Clone, Copy)]
pub struct Users<'a>(pub(super) At<'a>);

/// A user to be created.
#[derive(Clone, Debug)]
pub struct CreateUser {
    pub name: String,
    /// v1 creates nobody without one.
    pub password: Secret,
    pub display_name: String,
    pub email: Option<String>,
    /// Ids of groups of the session's Org.
    pub groups: BTreeSet<Guid>,
    /// `LOCAL_USER` and so on; unset: the server's default.
    pub account_type: Option<String>,
    pub visibility: Option<Visibility>,
    /// Unset: the session's Org. Other Orgs need cluster administration.
    pub orgs: Option<NonEmpty<OrgId>>,
}

/// A user as v1 shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// Its groups are those it was put in; read from Primary they may mix Orgs.
    pub user: User,
    /// The groups it was put in, and those they are nested in.
    pub inherited_groups: BTreeSet<Guid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserRow {
    header: Header,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    user_content: UserContent,
    #[serde(default, deserialize_with = "or_default")]
    state: String,
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    account_type: String,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    assigned_groups: BTreeSet<Guid>,
    #[serde(default, deserialize_with = "or_default")]
    inherited_groups: BTreeSet<Guid>,
    /// A row that does not tell them must not read as one without any.
    privileges: BTreeSet<String>,
    #[serde(default, deserialize_with = "or_default")]
    is_super_user: bool,
    #[serde(default, deserialize_with = "or_default")]
    is_system_principal: bool,
}

/// What users and groups have in common.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub(super) id: Guid,
    pub(super) name: String,
    #[serde(default)]
    pub(super) display_name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) description: String,
    /// Missing where the Orgs feature is off.
    #[serde(default)]
    org_ids: Option<Vec<WireOrgId>>,
    #[serde(default)]
    author: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub(super) modified_by: Option<Guid>,
    #[serde(default, deserialize_with = "millis")]
    created: Option<Millis>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserContent {
    #[serde(default, deserialize_with = "or_default")]
    user_properties: UserProperties,
    #[serde(default, deserialize_with = "if_readable")]
    user_preferences: UserPreferences,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserPreferences {
    /// **Assumption**: missing where none was chosen, and on releases that do not show it.
    #[serde(default, deserialize_with = "if_readable")]
    preferred_locale: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    notify_on_share: Option<bool>,
    #[serde(default, deserialize_with = "if_readable")]
    show_walk_me: Option<bool>,
}

#[derive(Default, Deserialize)]
struct UserProperties {
    #[serde(default, deserialize_with = "or_default")]
    mail: String,
}

impl Header {
    pub(super) fn orgs(&self) -> BTreeSet<OrgId> {
        self.org_ids.iter().flatten().map(|id| id.0).collect()
    }

    /// Whether it belongs to an Org, as far as it says.
    pub(super) fn is_in(&self, org: OrgId) -> bool {
        self.org_ids.as_ref().is_none_or(|ids| ids.is_empty() || ids.contains(&WireOrgId(org)))
    }

    pub(super) fn provenance(&self) -> Provenance {
        Provenance { author: self.author.clone(), created: self.created }
    }
}

impl Weigh for UserRecord {
    fn weight(&self) -> usize {
        let UserRecord { user, inherited_groups } = self;
        user.weight() + room::set(inherited_groups)
    }
}

impl From<UserRow> for UserRecord {
    fn from(row: UserRow) -> UserRecord {
        let shown = row.user_content.user_preferences;
        let user = User {
            orgs: row.header.orgs(),
            provenance: row.header.provenance(),
            modified_by: row.header.modified_by,
            id: row.header.id,
            name: row.header.name,
            display_name: row.display_name.or(row.header.display_name).unwrap_or_default(),
            email: row.user_content.user_properties.mail,
            account_type: row.account_type,
            account_status: row.state,
            visibility: visibility(row.visibility.as_deref()),
            preferences: Preferences {
                locale: shown.preferred_locale,
                use_browser_language: None,
                notify_on_share: shown.notify_on_share,
                show_onboarding: shown.show_walk_me,
            },
            groups: row.assigned_groups,
            privileges: row.privileges,
            protected: row.is_system_principal || row.is_super_user,
        };
        UserRecord { user, inherited_groups: row.inherited_groups }
    }
}

impl<'a> Users<'a> {
    pub(super) fn new(session: &'a Arc<Session>, org: OrgId) -> Self {
        Users(At { session, org })
    }

    /// Creates a user; no mail is sent. A taken name is refused (409).
    pub async fn create(&self, new: &CreateUser) -> Result<UserRecord> {
        let CreateUser { name, password, display_name, email, groups, account_type, visibility, orgs } = new;
        let properties = email.as_ref().map(|mail| json!({ "mail": mail }).to_string());
        let groups = Some(groups).filter(|groups| !groups.is_empty());
        let org_ids = orgs.as_ref().map(|orgs| orgs.iter().map(|org| org.0).collect::<Vec<_>>());
        let fields = Fields::new()
            .text("name", name)
            .secret("password", password)
            .text("displayname", display_name)
            .maybe("properties", properties)
            .maybe_json("groups", groups)
            .maybe("usertype", account_type.as_ref())
            .maybe("visibility", visibility.map(word))
            .maybe_json("orgids", org_ids.as_ref())
            .text("triggeredbyadmin", true);
        let elsewhere = orgs.as_ref().is_some_and(|orgs| orgs.iter().any(|org| *org != self.0.org));
        let query = if elsewhere { Fields::new().all_orgs() } else { Fields::new() };
        let call = self.call("user/create", Method::POST, PATH.to_owned()).query(&query.text("sendEmail", false)).form(&fields);
        let call = call.hiding([password]);
        self.0.one::<UserRow>(&call, "a user").await.map(UserRecord::from)
    }

    /// One user. An unknown one is refused (400 or 500), which proves nothing: see [`Users::list`].
    pub async fn get(&self, which: &Lookup<'_, str>) -> Result<UserRecord> {
        let call = self.get_call(which);
        let row = self.0.one::<UserRow>(&call, "a user").await?;
        self.checked(row).map_err(|why| call.unreadable(&why))
    }

    /// Everything about a user, to be changed and sent back with [`Users::update`].
    pub async fn content(&self, id: &str) -> Result<Content> {
        let call = self.get_call(&Lookup::Id(id));
        let content: Content = self.0.one(&call, "a user").await?;
        if content.is_of(id) { Ok(content) } else { Err(self.uncertified("another one was answered than was asked for")) }
    }

    /// Every user of the Org. There are no pages: the answer is read as it arrives.
    pub async fn list(&self) -> Result<Vec<UserRecord>> {
        Ok(self.kept().await?.rows)
    }

    /// As [`Users::list`], with what the rows take of memory.
    pub(super) async fn kept(&self) -> Result<Kept<UserRecord>> {
        self.rows(Lane::Background, |user| user.orgs.is_empty() || user.orgs.contains(&self.0.org)).await
    }

    /// Replaces everything about a user but groups and password; a password that is given is set, without asking for the old one.
    pub async fn update(&self, id: &str, content: &Content, password: Option<&Secret>) -> Result<()> {
        self.0.done(&self.update_call(id, content, password)?).await
    }

    /// Reads a user, changes what was read and sends it back at once. What others change between the two is undone, but for groups.
    pub(super) async fn rewrite(&self, id: &str, password: Option<&Secret>, change: impl Fn(&mut Content) + Sync) -> Result<()> {
        for _ in 0..TRIES {
            let mut content = self.content(id).await?;
            change(&mut content);
            if self.0.done_unless_stale(&self.update_call(id, &content, password)?).await? {
                return Ok(());
            }
        }
        Err(Error::Unavailable("user/update: our session ends whenever it is used".to_owned()))
    }

    fn update_call<'c>(&self, id: &str, content: &Content, password: Option<&'c Secret>) -> Result<Call<'c>> {
        const UPDATE: &str = "user/update";
        let fields = Fields::new().text("userid", id).json("content", content).text("triggeredbyadmin", true);
        let fields = fields.maybe("password", password.map(Secret::expose));
        // Across Orgs groups are left alone: those that were read may have been taken from the user since.
        let call = self.call(UPDATE, Method::PUT, path(UPDATE, id, "")?).query(&Fields::new().all_orgs());
        // A password that is set again is the same, and one that is too weak is often refused without a word.
        Ok(Call { repeatable: password.is_some(), ..call.form(&fields).hiding(password) })
    }

    /// Makes users members of an Org, from Primary.
    pub async fn add_to_org(&self, ids: &NonEmpty<Guid>, org: OrgId) -> Result<()> {
        let fields = Fields::new().json("userids", ids).org("orgid", org);
        let call = self.post("user/addtoorg").query(&Fields::new().all_orgs()).form(&fields);
        self.0.done(&call).await
    }

    /// Takes a user out of one Org. **A user who has no other Org is deleted**: look first.
    pub async fn remove_from_org(&self, id: &str, org: OrgId) -> Result<()> {
        self.0.done(&self.remove_call(id, org)?).await
    }

    /// As [`Users::remove_from_org`], but sent once: see [`Session::once`].
    pub(super) async fn leave_org(&self, id: &str, org: OrgId) -> Result<(), Failure> {
        let call = self.remove_call(id, org).map_err(Failure::Other)?;
        self.0.session.once(self.0.org, &call).await.map(drop)
    }

    fn remove_call(&self, id: &str, org: OrgId) -> Result<Call<'static>> {
        // `orgScope` would make this a deletion everywhere.
        Ok(self.call(REMOVE, Method::DELETE, path(REMOVE, id, "")?).query(&Fields::new().org("orgid", org)))
    }

    /// Deletes a user everywhere. Content stays, without an author.
    pub async fn delete_everywhere(&self, id: &str) -> Result<()> {
        const DELETE: &str = "user/delete";
        let call = self.call(DELETE, Method::DELETE, path(DELETE, id, "")?).query(&Fields::new().all_orgs());
        self.0.done(&call).await
    }

    /// Puts a user in groups of the session's Org, or takes him out of them.
    pub async fn change_groups(&self, id: &str, groups: &NonEmpty<Guid>, change: ListChange) -> Result<()> {
        const GROUPS: &str = "user/groups";
        let method = match change {
            ListChange::Add => Method::POST,
            ListChange::Remove => Method::DELETE,
        };
        let query = Fields::new().json("groupids", groups);
        let call = self.call(GROUPS, method, path(GROUPS, id, "/groups")?).query(&query);
        self.0.done(&call).await
    }

    /// The one user who is `which`. `None` only where the list says so, or for a name where a refusal says in its code that there
    /// is none: what holds an id knows that there was somebody, and a word of a refusal is not enough to take that back.
    pub(super) async fn find(&self, which: &Lookup<'_, str>) -> Result<Option<User>> {
        match (self.get(which).await, which) {
            (Ok(record), _) if !is(&record.user, which) => Err(self.uncertified("another one was answered than was asked for")),
            (Ok(record), _) => Ok(Some(record.user).filter(|user| self.shows(user))),
            (Err(Error::Refused { status: 400, code: Some(NOT_FOUND), .. }), Lookup::Name(_)) => Ok(None),
            // An unknown one is a 400 or a 500 like any other mistake: only the whole list tells.
            (Err(Error::Refused { .. }), _) => self.look_for(which).await,
            (Err(error), _) => Err(error),
        }
    }

    async fn look_for(&self, which: &Lookup<'_, str>) -> Result<Option<User>> {
        let mut found = self.rows(Lane::Urgent, |user| is(user, which) && self.shows(user)).await?.rows;
        match found.len() {
            0 | 1 => Ok(found.pop().map(|record| record.user)),
            _ => Err(self.uncertified("a search for one found several")),
        }
    }

    /// From Primary the user is looked for in the whole cluster.
    fn shows(&self, user: &User) -> bool {
        self.0.org == OrgId::PRIMARY || user.orgs.is_empty() || user.orgs.contains(&self.0.org)
    }

    /// Those of the whole list that are wanted. Primary shows everybody, so a list there that lacks ourselves is not whole.
    async fn rows(&self, lane: Lane, wanted: impl Fn(&User) -> bool + Send + Sync) -> Result<Kept<UserRecord>> {
        let call = Call { lane, ..self.call("user/list", Method::GET, PATH.to_owned()) };
        let me = self.0.session.enter(self.0.org).await?.holder.id.clone();
        let mut seen_me = self.0.org != OrgId::PRIMARY;
        let keep = |row: UserRow| {
            seen_me |= row.header.id == me;
            Ok(Some(self.checked(row)?).filter(|record| wanted(&record.user)))
        };
        let kept = rows::streamed(self.0, &call, &self.scope(), keep).await?;
        if seen_me { Ok(kept) } else { Err(self.uncertified("our own login is not in it")) }
    }

    /// A row that says where the user belongs. Only with Orgs off there is nothing to say, and then there is only Primary.
    fn checked(&self, row: UserRow) -> Result<UserRecord, String> {
        if row.header.org_ids.is_none() && self.0.org != OrgId::PRIMARY {
            return Err("a user is shown without Orgs".to_owned());
        }
        Ok(row.into())
    }

    fn scope(&self) -> String {
        format!("users of Org {}", self.0.org)
    }

    fn uncertified(&self, why: &str) -> Error {
        Error::Uncertified { scope: self.scope(), why: why.to_owned() }
    }

    fn get_call(&self, which: &Lookup<'_, str>) -> Call<'static> {
        let query = match which {
            Lookup::Id(id) => Fields::new().text("userid", id),
            Lookup::Name(name) => Fields::new().text("name", name),
        };
        self.call("user/get", Method::GET, PATH.to_owned()).query(&query)
    }

    pub(super) fn post(&self, what: &'static str) -> Call<'static> {
        self.call(what, Method::POST, what.to_owned())
    }

    pub(super) fn call(&self, what: &'static str, method: Method, path: String) -> Call<'static> {
        Call::new(Api::V1, what, method, path)
    }
}

fn is(user: &User, which: &Lookup<'_, str>) -> bool {
    match which {
        Lookup::Id(id) => user.id == *id,
        Lookup::Name(name) => fold_user_name(&user.name) == fold_user_name(name),
    }
}

pub(super) fn path(what: &str, id: &str, rest: &str) -> Result<String> {
    Ok(format!("{PATH}{}{rest}", segment(what, id)?))
}

/// A list that must name something.
pub(super) fn named(what: &str, ids: &BTreeSet<Guid>) -> Result<NonEmpty<Guid>> {
    NonEmpty::collect(ids.iter().cloned()).ok_or_else(|| refused_here(what, "nothing is named"))
}

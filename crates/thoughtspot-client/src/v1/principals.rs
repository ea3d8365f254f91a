//! Users and groups in one list, and making them equal to one (docs/thoughtspot-api-v1.md, "Principals").

use std::collections::BTreeSet;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_with_macros::skip_serializing_none;

use super::fields::{Fields, json};
use super::users::Users;
use crate::budget::Lane;
use crate::decode::{millis, or_default};
use crate::domain::Millis;
use crate::error::Result;
use crate::room::{self, Weigh};
use crate::rows;
use crate::secret::Secret;
use crate::transport::{Part, Payload};
use crate::wire::Call;

/// A user or a group, by name.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Principal {
    pub name: String,
    pub display_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub mail: Option<String>,
    /// `LOCAL_USER`, `LOCAL_GROUP` and so on.
    #[serde(rename = "principalTypeEnum")]
    pub kind: String,
    /// Names of the groups a user is in, or a group is nested in. Always sent; `All` may be left out.
    #[serde(default, deserialize_with = "or_default")]
    pub group_names: BTreeSet<String>,
    /// `DEFAULT` or `NON_SHARABLE`.
    #[serde(default, deserialize_with = "or_default")]
    pub visibility: Option<String>,
    #[serde(default, deserialize_with = "millis", skip_serializing)]
    pub created: Option<Millis>,
    #[serde(default, deserialize_with = "millis", skip_serializing)]
    pub modified: Option<Millis>,
    /// Of a new user; the password of one that is there is never changed.
    #[serde(skip_deserializing, serialize_with = "exposed")]
    pub password: Option<Secret>,
}

/// Whether a synchronisation changes anything. Always sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// Only tells what would happen.
    DryRun,
    Apply,
}

/// What becomes of users and groups that a synchronisation does not list. Always sent: left out, they would be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    Keep,
    /// **Deletes every other user and group**, but for those the system cannot do without.
    Delete,
}

/// What a synchronisation did, or would do, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Synced {
    pub users_added: Vec<String>,
    pub users_deleted: Vec<String>,
    pub users_updated: Vec<String>,
    pub groups_added: Vec<String>,
    pub groups_deleted: Vec<String>,
    pub groups_updated: Vec<String>,
}

impl Weigh for Principal {
    fn weight(&self) -> usize {
        let Principal { name, display_name, description, mail, kind, group_names, visibility, .. } = self;
        let texts = [name, display_name, kind].into_iter().chain(description).chain(mail).chain(visibility);
        room::ROW + texts.map(|one| room::text(one)).sum::<usize>() + room::set(group_names)
    }
}

fn exposed<S: serde::Serializer>(secret: &Option<Secret>, to: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(to)
}

impl Users<'_> {
    /// Every user and group of the Org. There are no pages: the answer is read as it arrives.
    pub async fn principals(&self) -> Result<Vec<Principal>> {
        let call = Call { lane: Lane::Background, ..self.call("user/list", Method::GET, "user/list".to_owned()) };
        let scope = format!("principals of Org {}", self.0.org);
        Ok(rows::streamed(self.0, &call, &scope, |row| Ok(Some(row))).await?.rows)
    }

    /// Makes the users and groups of the Org equal to a list: those that are missing are created, those that are there are given
    /// every attribute and membership of the list. `password` is that of new users without one of their own.
    pub async fn synchronise(
        &self,
        principals: &[Principal],
        mode: Sync,
        unlisted: Unlisted,
        password: Option<&Secret>,
    ) -> Result<Synced> {
        let fields = Fields::new()
            .text("applyChanges", mode == Sync::Apply)
            .text("removeDeleted", unlisted == Unlisted::Delete)
            .maybe("password", password.map(Secret::expose));
        let mut parts = vec![Part { name: "principals", text: json(&principals), file: true }];
        parts.extend(fields.into_parts());
        let own = principals.iter().filter_map(|principal| principal.password.as_ref());
        let call = Call { body: Payload::Multipart(parts), ..self.post("user/sync") }.hiding(password).hiding(own);
        self.0.one(&call, "a list of what was done").await
    }
}

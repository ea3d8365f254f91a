//! Users (docs/thoughtspot-api.md, "Users").
//!
//! A user belongs to the whole ThoughtSpot. What a call sees and where its groups are looked up is decided by the Org it is made in
//! ("The token decides the Org").

mod answers;
mod requests;

use serde::Serialize;

pub use self::answers::{Deactivated, Favorite, ImportedUsers, User};
pub use self::requests::{
    ActivateUser, CreateUser, FavoriteKind, FavoriteRef, ImportUser, ImportUsers, SearchUsers, UpdateUser, UserList,
};
use super::V2;
use super::import::{Import, Unlisted};
use crate::at::At;
use crate::budget::Lane;
use crate::decode::segment;
use crate::domain::OrgId;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::room::Weigh;
use crate::rows::{self, Kept};
use crate::secret::Secret;
use crate::wire::Call;

/// Users, as the token of one Org sees them. Writing needs `ADMINISTRATION`, or `USER_ADMINISTRATION` where roles are on.
#[derive(Clone, Copy)]
pub struct Users<'a>(At<'a>);

/// A request with the password that its own `Serialize` leaves out.
#[derive(Serialize)]
struct WithPassword<'a, T> {
    #[serde(flatten)]
    request: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

fn with_password<'a, T>(request: &'a T, password: Option<&'a Secret>) -> WithPassword<'a, T> {
    WithPassword { request, password: password.map(Secret::expose) }
}

#[derive(Serialize)]
struct ImportBody<'a> {
    users: Vec<WithPassword<'a, ImportUser>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_password: Option<&'a str>,
    dry_run: bool,
    delete_unspecified_users: bool,
}

fn import_body(import: &ImportUsers) -> ImportBody<'_> {
    let ImportUsers { users, default_password, mode, unlisted } = import;
    ImportBody {
        users: users.iter().map(|user| with_password(user, user.password.as_ref())).collect(),
        default_password: default_password.as_ref().map(Secret::expose),
        dry_run: *mode == Import::DryRun,
        delete_unspecified_users: *unlisted == Unlisted::Delete,
    }
}

#[derive(Serialize)]
struct ActivateBody<'a> {
    #[serde(flatten)]
    request: &'a ActivateUser,
    auth_token: &'a str,
    password: &'a str,
}

#[derive(Serialize)]
struct DeactivateBody<'a> {
    user_identifier: &'a str,
    base_url: &'a str,
}

#[derive(Serialize)]
struct PasswordBody<'a> {
    user_identifier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_password: Option<&'a str>,
    new_password: &'a str,
}

#[derive(Serialize)]
struct ForceLogoutBody<'a> {
    user_identifiers: &'a NonEmpty<String>,
}

impl V2 {
    /// Users, as the token of `org` sees them.
    pub fn users(&self, org: OrgId) -> Users<'_> {
        Users(At { session: &self.session, org })
    }
}

impl Users<'_> {
    /// One page of the users that match.
    ///
    /// From Primary, a cluster administrator sees users of every Org, and a filter that the release does not know is ignored: compare
    /// the rows with what was asked for.
    ///
    /// # Errors
    ///
    /// 404 fails a whole page if the membership of one row cannot be resolved: ask again without `org_identifiers`.
    pub async fn search(&self, filters: &SearchUsers) -> Result<Vec<User>> {
        self.0.rows(&Call::read("users/search", filters)).await
    }

    /// As [`Users::search`], with each row made into something else as soon as it is read.
    pub(super) async fn search_for<T: Weigh>(&self, lane: Lane, filters: &SearchUsers, make: fn(User) -> T) -> Result<Kept<T>> {
        rows::of_page(self.0, &Call::search("users/search", filters, lane), make).await
    }

    /// Creates a user. No mail is sent unless the request says so.
    ///
    /// # Errors
    ///
    /// A name that is taken anywhere in the ThoughtSpot, a group that is not of this Org, a password that is too weak are refused.
    /// [`crate::Error::Unclear`]: it may exist now; search for it by name before trying again.
    pub async fn create(&self, new: &CreateUser) -> Result<User> {
        let password = new.password.as_ref();
        self.0.one(&Call::post("users/create", &with_password(new, password)).hiding(password), "a user").await
    }

    /// Changes the user `id`. A password is not among it: see [`Users::reset_password`].
    ///
    /// # Errors
    ///
    /// Taking a user out of its last Org is refused, or deletes the user, depending on the release.
    pub async fn update(&self, id: &str, patch: &UpdateUser) -> Result<()> {
        const UPDATE: &str = "users/update";
        let path = format!("users/{}/update", segment(UPDATE, id)?);
        self.0.done(&Call::write(UPDATE, path, patch)).await
    }

    /// Deletes the user `id` **everywhere**, whatever Org this is asked in. Its content stays, without an author.
    pub async fn delete(&self, id: &str) -> Result<()> {
        const DELETE: &str = "users/delete";
        let path = format!("users/{}/delete", segment(DELETE, id)?);
        self.0.done(&Call::bare_write(DELETE, path)).await
    }

    /// Makes the listed users what the list says, creating those that are missing, and deletes or keeps all others as asked.
    ///
    /// Answers whom that touched, or would: see [`Import::DryRun`].
    pub async fn import(&self, import: &ImportUsers) -> Result<ImportedUsers> {
        let secrets = import.users.iter().filter_map(|user| user.password.as_ref()).chain(&import.default_password);
        self.0.one(&Call::post("users/import", &import_body(import)).hiding(secrets), "what was imported").await
    }

    /// Ends the deactivation of a user with the token of its activation link, and sets its password.
    pub async fn activate(&self, request: &ActivateUser) -> Result<User> {
        let ActivateUser { auth_token, password, .. } = request;
        let body = ActivateBody { request, auth_token: auth_token.expose(), password: password.expose() };
        self.0.one(&Call::post("users/activate", &body).hiding([auth_token, password]), "a user").await
    }

    /// Deactivates a user (id or name). `base_url` is what the activation link is to begin with, such as
    /// `https://acme.thoughtspot.cloud`; whoever has the link can activate the user within 14 days.
    ///
    /// To suspend a user without a link, set its `account_status`.
    pub async fn deactivate(&self, user_identifier: &str, base_url: &str) -> Result<Deactivated> {
        let body = DeactivateBody { user_identifier, base_url };
        self.0.one(&Call::post("users/deactivate", &body), "an activation link").await
    }

    /// Changes the password of a user (id or name) who knows the one it has.
    ///
    /// # Errors
    ///
    /// A wrong `current` is refused, and may count as a failed sign-in ("Locking"): do not repeat it.
    pub async fn change_password(&self, user_identifier: &str, current: &Secret, new: &Secret) -> Result<()> {
        let (current_password, new_password) = (Some(current.expose()), new.expose());
        let body = PasswordBody { user_identifier, current_password, new_password };
        let call = Call::post("users/change-password", &body).hiding([current, new]);
        self.0.about_another(&call).await.map(drop).map_err(|failure| failure.into_error(call.what, user_identifier))
    }

    /// Sets the password of a user (id or name), as an administrator.
    ///
    /// # Errors
    ///
    /// A password that is too weak, and a user without a password of its own, are refused.
    pub async fn reset_password(&self, user_identifier: &str, new: &Secret) -> Result<()> {
        let body = PasswordBody { user_identifier, current_password: None, new_password: new.expose() };
        self.0.done(&Call::post("users/reset-password", &body).hiding([new])).await
    }

    /// Ends every session of these users (ids or names). On the wire an empty list would end those of **everybody**; here there is
    /// no empty list.
    pub async fn force_logout(&self, user_identifiers: &NonEmpty<String>) -> Result<()> {
        self.0.done(&Call::post("users/force-logout", &ForceLogoutBody { user_identifiers })).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    fn ana() -> ImportUser {
        let password = Some(Secret::new("first"));
        ImportUser { user_identifier: "ana".to_owned(), display_name: "Ana".to_owned(), password, ..ImportUser::default() }
    }

    #[test]
    fn an_import_says_whether_it_is_meant_and_what_becomes_of_others() {
        let import = |mode, unlisted| {
            let import = ImportUsers { users: NonEmpty::one(ana()), default_password: None, mode, unlisted };
            to_value(import_body(&import)).unwrap()
        };
        let users = json!([{"user_identifier": "ana", "display_name": "Ana", "password": "first"}]);
        let body = import(Import::Apply, Unlisted::Keep);
        assert_eq!(body, json!({"users": users, "dry_run": false, "delete_unspecified_users": false}));
        let body = import(Import::DryRun, Unlisted::Delete);
        assert_eq!(body, json!({"users": users, "dry_run": true, "delete_unspecified_users": true}));
    }

    #[test]
    fn a_request_alone_does_not_hold_its_password() {
        assert_eq!(to_value(ana()).unwrap(), json!({"user_identifier": "ana", "display_name": "Ana"}));
        let new = CreateUser { password: Some(Secret::new("first")), ..CreateUser::default() };
        assert_eq!(to_value(&new).unwrap().get("password"), None);
        assert_eq!(to_value(with_password(&new, new.password.as_ref())).unwrap()["password"], "first");
    }

    #[test]
    fn nobody_is_mailed_unless_that_is_asked() {
        let sent = to_value(CreateUser::default()).unwrap();
        assert_eq!((&sent["trigger_welcome_email"], &sent["trigger_activation_email"]), (&json!(false), &json!(false)));
    }
}

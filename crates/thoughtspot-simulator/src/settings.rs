//! What the simulator does where the real server is not documented, or differs from release to release.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the body of a service error looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorShape {
    /// `{"error":{"message":{"debug":{"code":…,"debug":"[\"text\"]"}}}}`: what current clusters send.
    A,
    /// `{"error":{"message":{"code":…,"debug":"[\"text\"]"}}}`: the vendor's own example.
    B,
    /// The status alone.
    Empty,
    /// Status 502 and a page of the gateway, whatever went wrong.
    Html,
}

/// Which names an Org may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrgNameRule {
    /// `[A-Za-z0-9_-]{1,48}`.
    Strict,
    /// Anything that is not empty.
    Any,
}

/// How ids of new Orgs are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrgIds {
    /// Any free positive int32.
    Random,
    /// One more than the highest there ever was.
    Sequential,
}

/// What happens when a user is taken out of its last Org.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastOrg {
    /// 400, nothing changes.
    Refuse,
    /// The user is deleted.
    DeleteUser,
}

/// What becomes of the content of a user who is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentOfDeletedUser {
    /// It stays, and its author is no more.
    Stays,
    /// tsadmin becomes its author.
    MovesToTsadmin,
}

/// In which order lists inside a row come (privileges, members, groups, Orgs).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListOrder {
    /// By name.
    Name,
    /// In a new order each time: clients must compare them as sets.
    Shuffled,
}

/// What every API request is answered during maintenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maintenance {
    /// There is none.
    Off,
    /// 200 and an HTML page.
    Html200,
    /// 503 and an HTML page.
    Html503,
}

/// Every switch of the simulator, with the default the project takes for the truth.
///
/// Change some at start ([`crate::Options::settings`]), while it runs ([`crate::Simulator::set`], `POST /_simulator/settings` with a
/// partial object), or on the command line (`--set key=value`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `id` in `GET system`; `null` is seen on real clusters. Default: a fresh GUID for each simulator.
    pub system_id: Option<String>,
    /// `configInfo.selfClusterId` in v1's `session/info`; not every release has it. Default: a fresh GUID for each simulator.
    pub cluster_id: Option<String>,
    /// `release_version` in `GET system`; may be `null`. Default `26.8.0.cl`.
    pub release_version: Option<String>,
    /// A cluster administrator gets a token only for the Orgs it is a member of. Default false.
    pub admin_needs_membership: bool,
    /// Every token lands in this Org whatever was asked for, as a server does that ignores the Org of a token request. Default none.
    pub token_lands_in_org: Option<i32>,
    /// The v2 sign-in with cookies ignores its Org, as some releases do. Default false.
    pub login_ignores_org: bool,
    /// Status for a token request of a user without access to the Org: 400 or 403. Default 400.
    pub no_org_access: u16,
    /// Tokens of a user who was deleted, or of an Org the user has left, stay valid until they expire. Default false: 401 at the next
    /// call.
    pub tokens_outlive_membership: bool,
    /// Tokens that were asked for with a secret key stay valid when that key is changed or taken away. Default true.
    pub tokens_outlive_key: bool,
    /// Orgs can have secret keys of their own. Default false.
    pub org_secret_keys: bool,
    /// A token request with `auto_create` takes a user of other Orgs into the one it is for. Default true; otherwise it is refused.
    pub auto_create_joins_org: bool,
    /// Status for a call of a feature that is switched off: 403 or 500. Default 403.
    pub feature_off: u16,
    /// Error code of a 401: 10003 or 10097. Default 10003.
    pub unauthenticated_code: u32,
    /// How long a session with a cookie lives without being used, in seconds of the simulator's clock. Default three hours.
    pub session_idle_seconds: u32,
    /// How long a session lives that asked to be remembered, in seconds of the simulator's clock. Default seven days.
    pub session_remember_seconds: u32,
    /// Failed logins in a row that lock an account; 0 never locks. Default 4.
    pub lock_after: u32,
    /// How long a locked account stays locked, in seconds of the simulator's clock. Default 3600.
    pub lock_seconds: u32,
    /// Multi-factor authentication is on: passwords are refused, the secret key works. Default false.
    pub mfa: bool,
    /// Status for a create or rename to a name that is taken: 400, 409 or 500. Default 400.
    pub duplicate_name: u16,
    /// Status for an update or delete of an object that does not exist: 400, 404 or 500. Default 400.
    pub unknown_id: u16,
    /// Status for a search by an identifier that finds nothing: 200 with `[]`, or 400. Default 200.
    pub search_miss: u16,
    /// Status for deleting something built in: 403 or 400. Default 403.
    pub protected_delete: u16,
    /// The body of service errors. Default A.
    pub error_shape: ErrorShape,
    /// Unknown JSON keys are refused with 400 instead of being ignored. Default false.
    pub strict: bool,
    /// Which names an Org may have. Default strict.
    pub org_name_rule: OrgNameRule,
    /// How ids of new Orgs are chosen. Default random.
    pub org_ids: OrgIds,
    /// How many days the name of a deleted Org cannot be used again. Default 7.
    pub org_name_held_days: u32,
    /// Longest description of an Org or a role, in characters; `null` for no limit. Default 124.
    pub org_description_limit: Option<usize>,
    /// What happens when a user is taken out of its last Org. Default refuse.
    pub last_org: LastOrg,
    /// A user taken out of an Org stays in its groups, and is there again on its return. Default false.
    pub memberships_outlive_org: bool,
    /// Removing a member that is not there is refused with 400. Default false: 204.
    pub refuse_removing_absent: bool,
    /// Sub-groups may form a cycle. Default false: 400.
    pub allow_sub_group_cycles: bool,
    /// The Orgs feature is on. Default true; without it every call about Orgs is refused, and no row lists Orgs.
    pub orgs: bool,
    /// Role-based access control is on: there are roles, and privileges come from them. Real clusters never switch it off again. Default
    /// false.
    pub rbac: bool,
    /// With role-based access control, `privileges` on a group are refused with 400. Default false: they are ignored.
    pub refuse_privileges_with_rbac: bool,
    /// Deleting a role that groups have is refused with 400. Default false: it is taken from them.
    pub refuse_deleting_used_role: bool,
    /// User names are told apart by case. Default false.
    pub user_names_by_case: bool,
    /// A password has at least [`Settings::password_length`] characters and is not the user's name. Default true.
    pub password_rule: bool,
    /// The fewest characters of a password, where there is a rule. Default 8.
    pub password_length: usize,
    /// A user who is made `INACTIVE` or `EXPIRED` reads back `SUSPENDED`, as with IAMv2. Default false.
    pub inactive_becomes_suspended: bool,
    /// A user created without a password is sent an activation mail unless the request says no. Default true.
    pub activation_mail: bool,
    /// Order of the lists inside a row. Default by name.
    pub list_order: ListOrder,
    /// Users' rows list the group All. Default true.
    pub rows_list_all_group: bool,
    /// With a cluster administrator's token of Primary, users' rows list their groups of every Org. Default true; otherwise those of
    /// Primary.
    pub primary_rows_list_all_groups: bool,
    /// With the token of a tenant Org, users' rows list every Org of the user. Default false: that Org only.
    pub rows_list_all_orgs: bool,
    /// `current_org` in rows of `users/search` is the token's Org. Default false: `{}`.
    pub rows_have_current_org: bool,
    /// `record_size` of 0 or below -1 is refused with 400. Default true; otherwise the default of 10 is used.
    pub refuse_bad_record_size: bool,
    /// Rows that are equal in what a search sorts by come in a new order each time. Default false: by id.
    pub unstable_order: bool,
    /// How long searches do not show what an API request wrote, in milliseconds of the simulator's clock. Default 0.
    pub search_delay_millis: u32,
    /// Highest `record_size` that is not refused with 400. Default none.
    pub record_size_limit: Option<i64>,
    /// GUIDs of users or groups whose row cannot be resolved: a search page with one of them is answered 404. Default none.
    pub poison: Vec<String>,
    /// Poison works in every search. Default true; otherwise only in those that send `org_identifiers`.
    pub poison_unfiltered: bool,
    /// The routes of v2 are there, as on every release since 9.0. Default true; otherwise each answers 404.
    pub serves_v2: bool,
    /// Status of v1 for an Org name that is taken: 400, 409 or 500. Default 400.
    pub v1_duplicate_org: u16,
    /// Status of v1 for a user name that is taken: 409, 400 or 500. Default 409.
    pub v1_duplicate_user: u16,
    /// Status of v1 for a group name that is taken: 409, 400 or 500. Default 409.
    pub v1_duplicate_group: u16,
    /// Status of v1 for a write to a user or group that does not exist: 500, 400 or 404. Default 500.
    pub v1_unknown_id: u16,
    /// Status of v1 for the token of an unknown user without `autocreate`: 400, 401 or 500. Default 400.
    pub v1_token_unknown_user: u16,
    /// Writes of v1 that are documented to answer 204 answer 200 and `{}`, which is seen too and which some clients need. Default false.
    pub v1_writes_answer_json: bool,
    /// v1 takes lists that are not strict JSON, as some of the vendor's examples are: `[a,b]`, `['a']`. Default false: 400.
    pub v1_lenient_lists: bool,
    /// The v1 route `GET org/` is there. Default true.
    pub v1_org_route: bool,
    /// API requests per second, with bursts of `rate_burst`, before a 429 with an empty body. Default none.
    pub rate_limit: Option<u32>,
    /// Requests let through at once when `rate_limit` is set. Default 10.
    pub rate_burst: u32,
    /// `Retry-After` of a 429, in seconds. Default none.
    pub rate_retry_after: Option<u32>,
    /// What becomes of the content of a user who is deleted. Default: it stays.
    pub content_of_deleted_user: ContentOfDeletedUser,
    /// Calls that give content to somebody else find an author who has left the Org. Default true; otherwise such an author is unknown there.
    pub former_members_give: bool,
    /// A share of a Liveboard or Answer is dropped silently when its taker does not see the tables behind it. Default false.
    pub strict_object_security: bool,
    /// An empty `home_liveboard_identifier` takes the home Liveboard away. Default true; otherwise it is ignored.
    pub empty_home_clears: bool,
    /// Status for `GET session/homepinboard` of v1 when none is set: 200 with an empty body, 204 or 404. Default 200.
    pub v1_no_home: u16,
    /// Rows of permissions repeat the permission as `shared_permission`. Default false: it says `NO_ACCESS`, as seen on real shares.
    pub shared_permission_is_shown: bool,
    /// Status for an export of TML that names an object which does not exist: 400 or 500. Default 400.
    pub tml_export_miss: u16,
    /// `request_index` of an import of TML counts in steps of 16, beyond the number of documents. Default false.
    pub tml_sparse_indexes: bool,
    /// How long an asynchronous import of TML takes, in seconds of the simulator's clock. Default 0.
    pub async_import_seconds: u32,
    /// How late an event appears in the audit log, in seconds of the simulator's clock. Default 0.
    pub audit_delay_seconds: u32,
    /// A path that does not exist is answered with a page instead of JSON. Default false.
    pub unknown_path_html: bool,
    /// Maintenance pages instead of answers. Default off.
    pub maintenance: Maintenance,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            system_id: Some(uuid::Uuid::new_v4().to_string()),
            cluster_id: Some(uuid::Uuid::new_v4().to_string()),
            release_version: Some("26.8.0.cl".to_owned()),
            admin_needs_membership: false,
            token_lands_in_org: None,
            login_ignores_org: false,
            no_org_access: 400,
            tokens_outlive_membership: false,
            tokens_outlive_key: true,
            org_secret_keys: false,
            auto_create_joins_org: true,
            feature_off: 403,
            unauthenticated_code: 10003,
            session_idle_seconds: 3 * 60 * 60,
            session_remember_seconds: 7 * 24 * 60 * 60,
            lock_after: 4,
            lock_seconds: 3600,
            mfa: false,
            duplicate_name: 400,
            unknown_id: 400,
            search_miss: 200,
            protected_delete: 403,
            error_shape: ErrorShape::A,
            strict: false,
            org_name_rule: OrgNameRule::Strict,
            org_ids: OrgIds::Random,
            org_name_held_days: 7,
            org_description_limit: Some(124),
            last_org: LastOrg::Refuse,
            memberships_outlive_org: false,
            refuse_removing_absent: false,
            allow_sub_group_cycles: false,
            orgs: true,
            rbac: false,
            refuse_privileges_with_rbac: false,
            refuse_deleting_used_role: false,
            user_names_by_case: false,
            password_rule: true,
            password_length: 8,
            inactive_becomes_suspended: false,
            activation_mail: true,
            list_order: ListOrder::Name,
            rows_list_all_group: true,
            primary_rows_list_all_groups: true,
            rows_list_all_orgs: false,
            rows_have_current_org: false,
            refuse_bad_record_size: true,
            unstable_order: false,
            search_delay_millis: 0,
            record_size_limit: None,
            poison: Vec::new(),
            poison_unfiltered: true,
            serves_v2: true,
            v1_duplicate_org: 400,
            v1_duplicate_user: 409,
            v1_duplicate_group: 409,
            v1_unknown_id: 500,
            v1_token_unknown_user: 400,
            v1_writes_answer_json: false,
            v1_lenient_lists: false,
            v1_org_route: true,
            rate_limit: None,
            rate_burst: 10,
            rate_retry_after: None,
            content_of_deleted_user: ContentOfDeletedUser::Stays,
            former_members_give: true,
            strict_object_security: false,
            empty_home_clears: true,
            v1_no_home: 200,
            shared_permission_is_shown: false,
            tml_export_miss: 400,
            tml_sparse_indexes: false,
            async_import_seconds: 0,
            audit_delay_seconds: 0,
            unknown_path_html: false,
            maintenance: Maintenance::Off,
        }
    }
}

/// A setting that does not exist or cannot have the value.
#[derive(Debug, thiserror::Error)]
#[error("settings: {0}")]
pub struct BadSetting(String);

impl Settings {
    /// These settings with those of `patch` (a JSON object) changed.
    ///
    /// # Errors
    /// An unknown key, a value of the wrong type or a status that is not offered.
    pub fn patched(&self, patch: &Value) -> Result<Self, BadSetting> {
        let Value::Object(patch) = patch else {
            return Err(BadSetting("an object of settings is needed".to_owned()));
        };
        let mut all = serde_json::to_value(self).map_err(|error| BadSetting(error.to_string()))?;
        if let Value::Object(all) = &mut all {
            all.extend(patch.clone());
        }
        let settings: Self = serde_json::from_value(all).map_err(|error| BadSetting(error.to_string()))?;
        settings.check_statuses()?;
        Ok(settings)
    }

    /// These settings with one changed, given as on the command line: `key=value`, the value JSON or else plain text.
    ///
    /// # Errors
    /// As for [`Settings::patched`], or when there is no `=`.
    pub fn with_assignment(&self, assignment: &str) -> Result<Self, BadSetting> {
        let (key, value) =
            assignment.split_once('=').ok_or_else(|| BadSetting(format!("`{assignment}` is not of the form key=value")))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        self.patched(&Value::Object([(key.to_owned(), value)].into_iter().collect()))
    }

    fn check_statuses(&self) -> Result<(), BadSetting> {
        let offered: &[(&str, u16, &[u16])] = &[
            ("no_org_access", self.no_org_access, &[400, 403]),
            ("duplicate_name", self.duplicate_name, &[400, 409, 500]),
            ("unknown_id", self.unknown_id, &[400, 404, 500]),
            ("search_miss", self.search_miss, &[200, 400]),
            ("feature_off", self.feature_off, &[403, 500]),
            ("v1_no_home", self.v1_no_home, &[200, 204, 404]),
            ("tml_export_miss", self.tml_export_miss, &[400, 500]),
            ("protected_delete", self.protected_delete, &[403, 400]),
            ("v1_duplicate_org", self.v1_duplicate_org, &[400, 409, 500]),
            ("v1_duplicate_user", self.v1_duplicate_user, &[409, 400, 500]),
            ("v1_duplicate_group", self.v1_duplicate_group, &[409, 400, 500]),
            ("v1_unknown_id", self.v1_unknown_id, &[500, 400, 404]),
            ("v1_token_unknown_user", self.v1_token_unknown_user, &[400, 401, 500]),
        ];
        match offered.iter().find(|(_, value, choices)| !choices.contains(value)) {
            Some((key, value, choices)) => Err(BadSetting(format!("{key}: {value} is not one of {choices:?}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn an_assignment_is_json_or_text() {
        let settings = Settings::default().with_assignment("duplicate_name=409").unwrap();
        let settings = settings.with_assignment("release_version=test").unwrap();
        let settings = settings.with_assignment("system_id=null").unwrap();
        let settings = settings.with_assignment("error_shape=html").unwrap();
        assert_eq!(settings.duplicate_name, 409);
        assert_eq!(settings.release_version.as_deref(), Some("test"));
        assert_eq!(settings.system_id, None);
        assert_eq!(settings.error_shape, super::ErrorShape::Html);
    }

    #[test]
    fn what_is_not_offered_is_refused() {
        for bad in ["duplicate_name=418", "no_such=1", "strict=perhaps", "strict"] {
            assert!(Settings::default().with_assignment(bad).is_err(), "{bad}");
        }
    }
}

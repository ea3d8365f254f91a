//! The system and its settings (docs/thoughtspot-api.md, "System").

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::V2;
use crate::at::At;
use crate::decode::if_readable;
use crate::domain::{Guid, OrgId};
use crate::error::Result;
use crate::wire::Call;

/// The system, asked from Primary. Needs `ADMINISTRATION`.
#[derive(Clone, Copy)]
pub struct System<'a>(At<'a>);

/// Which ThoughtSpot this is. Everything may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SystemInfo {
    /// The cluster's own.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub name: Option<String>,
    /// Such as `26.8.0.cl`; free text.
    #[serde(default)]
    pub release_version: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub time_zone: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub locale: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub date_format: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub date_time_format: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub time_format: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub api_version: Option<String>,
    #[serde(rename = "type", default, deserialize_with = "if_readable")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub environment: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub license: Option<String>,
    #[serde(default)]
    pub system_user_id: Option<Guid>,
    #[serde(default)]
    pub super_user_id: Option<Guid>,
    #[serde(default)]
    pub tsadmin_user_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub hidden_object_id: Option<Guid>,
    #[serde(default)]
    pub system_group_id: Option<Guid>,
    /// The `Administrator` of Primary.
    #[serde(default)]
    pub admin_group_id: Option<Guid>,
    /// The `All` of Primary.
    #[serde(default)]
    pub all_user_group_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub all_user_group_member_user_count: Option<u64>,
    #[serde(default, deserialize_with = "if_readable")]
    pub all_tables_connection_id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub accept_language: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub logical_model_version: Option<i64>,
}

/// How people sign in, and where they are sent to learn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SystemConfig {
    #[serde(default, deserialize_with = "if_readable")]
    pub onboarding_content_url: Option<String>,
    /// Not told before `26.2.0.cl`.
    #[serde(default, deserialize_with = "if_readable")]
    pub saml_enabled: Option<bool>,
    /// As `saml_enabled`.
    #[serde(default, deserialize_with = "if_readable")]
    pub okta_enabled: Option<bool>,
}

/// The answer about overrides, with the wrapper that it has had since `10.11.0.cl` or without.
#[derive(Deserialize)]
pub(super) struct OverridesRow {
    #[serde(default)]
    config_override_info: Option<Map<String, Value>>,
    #[serde(flatten)]
    bare: Map<String, Value>,
}

#[derive(Serialize)]
struct ConfigurationBody<'a> {
    configuration: &'a Map<String, Value>,
}

impl V2 {
    /// The system and its settings, from Primary.
    pub fn system(&self) -> System<'_> {
        System(At { session: &self.session, org: OrgId::PRIMARY })
    }
}

impl System<'_> {
    /// Which ThoughtSpot this is: its id, its release, the built-in principals of Primary.
    pub async fn info(&self) -> Result<SystemInfo> {
        self.0.one(&Call::get("system"), "about a system").await
    }

    /// How people sign in.
    pub async fn config(&self) -> Result<SystemConfig> {
        self.0.one(&Call::get("system/config"), "a configuration").await
    }

    /// Every setting that differs from its default, by name; any JSON.
    pub async fn config_overrides(&self) -> Result<Map<String, Value>> {
        let row: OverridesRow = self.0.one(&Call::get("system/config-overrides"), "a map of settings").await?;
        Ok(row.config_override_info.unwrap_or(row.bare))
    }

    /// Sets settings by name. **Whatever is named is changed for the whole ThoughtSpot, and nothing is checked.**
    pub async fn update_config(&self, configuration: &Map<String, Value>) -> Result<()> {
        self.0.done(&Call::post("system/config-update", &ConfigurationBody { configuration })).await
    }
}

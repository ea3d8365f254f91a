//! Who may embed, call and enter a ThoughtSpot from where (docs/thoughtspot-api.md, "System").

use serde::{Deserialize, Serialize};
use serde_with_macros::skip_serializing_none;

use super::V2;
use super::auth::AuthScope;
use super::change::Whole;
use super::refs::{Named, NamedOrg, org_text};
use super::words::AuthStatus;
use crate::at::At;
use crate::decode::{if_readable, or_default};
use crate::domain::OrgId;
use crate::error::Result;
use crate::wire::Call;

/// The security settings, asked with the token of one Org. Needs `ADMINISTRATION` or `DEVELOPER`.
#[derive(Clone, Copy)]
pub struct Security<'a>(At<'a>);

#[skip_serializing_none]
#[derive(Serialize)]
struct SearchBody {
    scope: Option<AuthScope>,
}

/// What to change; `None` leaves as it is, and a list is always given whole.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConfigureSecurity {
    /// For all Orgs; in Primary only.
    pub cluster_preferences: Option<ClusterSecurity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub org_preferences: Vec<OrgSecurity>,
}

/// Security of all Orgs, to be set.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClusterSecurity {
    /// Cookies that a browser keeps apart for each site that embeds.
    pub enable_partitioned_cookies: Option<bool>,
    /// Who may call the REST API from a browser.
    pub cors_whitelisted_urls: Option<Whole<String>>,
    pub csp_settings: Option<Csp>,
    /// Where a SAML sign-in may lead to.
    pub saml_redirect_urls: Option<Whole<String>>,
    pub non_embed_access: Option<NonEmbedAccess>,
}

/// What pages may load, and who may embed them.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Csp {
    pub connect_src_urls: Option<Whole<String>>,
    pub font_src_urls: Option<Whole<String>>,
    pub visual_embed_hosts: Option<Whole<String>>,
    pub iframe_src_urls: Option<Whole<String>>,
    pub img_src_urls: Option<Whole<String>>,
    pub script_src_urls: Option<Scripts>,
    pub style_src_urls: Option<Whole<String>>,
}

/// From where scripts may be loaded.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scripts {
    pub enabled: Option<bool>,
    pub urls: Option<Whole<String>>,
}

/// Who may use ThoughtSpot itself, and not only what embeds it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NonEmbedAccess {
    pub block_full_app_access: Option<bool>,
    /// Who may nevertheless; ids or names. The key is spelt like this.
    pub groups_identifiers_with_access: Option<Whole<String>>,
}

/// Security of one Org, to be set.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrgSecurity {
    #[serde(rename = "org_identifier", serialize_with = "org_text")]
    pub org: OrgId,
    pub cors_whitelisted_urls: Option<Whole<String>>,
    pub non_embed_access: Option<NonEmbedAccess>,
}

/// Security as it is, as far as we may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SecuritySettings {
    #[serde(default)]
    pub cluster_preferences: Option<ClusterSecurityRow>,
    #[serde(default, deserialize_with = "or_default")]
    pub org_preferences: Vec<OrgSecurityRow>,
}

/// Security of all Orgs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ClusterSecurityRow {
    #[serde(default, deserialize_with = "if_readable")]
    pub enable_partitioned_cookies: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    pub cors_whitelisted_urls: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub csp_settings: CspRow,
    #[serde(default, deserialize_with = "or_default")]
    pub saml_redirect_urls: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub non_embed_access: NonEmbedAccessRow,
    #[serde(default)]
    pub trusted_auth_status: Option<AuthStatus>,
}

/// What pages may load, and who may embed them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct CspRow {
    #[serde(default, deserialize_with = "or_default")]
    pub connect_src_urls: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub font_src_urls: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub visual_embed_hosts: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub iframe_src_urls: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub img_src_urls: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub script_src_urls: ScriptsRow,
    #[serde(default, deserialize_with = "or_default")]
    pub style_src_urls: Vec<String>,
}

/// From where scripts may be loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ScriptsRow {
    #[serde(default, deserialize_with = "if_readable")]
    pub enabled: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    pub urls: Vec<String>,
}

/// Who may use ThoughtSpot itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct NonEmbedAccessRow {
    #[serde(default, deserialize_with = "if_readable")]
    pub block_full_app_access: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    pub groups_with_access: Vec<Named>,
}

/// Security of one Org.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct OrgSecurityRow {
    #[serde(default, deserialize_with = "or_default")]
    pub org: NamedOrg,
    #[serde(default, deserialize_with = "or_default")]
    pub cors_whitelisted_urls: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub non_embed_access: NonEmbedAccessRow,
    #[serde(default)]
    pub trusted_auth_status: Option<AuthStatus>,
}

impl V2 {
    /// The security settings: of all Orgs from Primary, of an Org with its own token.
    pub fn security(&self, org: OrgId) -> Security<'_> {
        Security(At { session: &self.session, org })
    }
}

impl Security<'_> {
    /// Who may embed, call and enter. `None` asks for all that we may see. Since `26.2.0.cl`.
    pub async fn search(&self, scope: Option<AuthScope>) -> Result<SecuritySettings> {
        self.0.one(&Call::read("system/security-settings/search", &SearchBody { scope }), "about security").await
    }

    /// Changes who may embed, call and enter. **A wrong list locks applications out at once.** Since `26.2.0.cl`.
    pub async fn configure(&self, settings: &ConfigureSecurity) -> Result<()> {
        self.0.done(&Call::post("system/security-settings/configure", settings)).await
    }
}

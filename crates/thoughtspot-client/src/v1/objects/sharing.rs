//! Sharing (docs/thoughtspot-api-content.md, "Over v1").

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::MetadataType;
use crate::api::Api;
use crate::at::At;
use crate::content::{PermissionType, ShareMode};
use crate::decode::{or_default, segment};
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v1::fields::Fields;
use crate::wire::Call;

/// How many objects are named in one address: servers refuse long ones with 414.
const IDS_MAX: usize = 25;

/// Who may see and change what, in one Org. From [`crate::v1::V1::sharing`].
#[derive(Clone, Copy)]
pub struct Sharing<'a>(pub(super) At<'a>);

/// Who gets which access to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Of all the objects.
    pub kind: MetadataType,
    pub ids: NonEmpty<Guid>,
    pub grants: NonEmpty<Grant>,
    pub mail: Mail,
}

/// The access of one user or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub principal_id: Guid,
    pub mode: ShareMode,
}

/// A visualisation shared to be looked at. The whole Liveboard is shared with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareVisualization {
    pub liveboard_id: Guid,
    pub visualization_id: Guid,
    pub principal_ids: NonEmpty<Guid>,
    pub mail: Mail,
}

/// Who is written to about a share; by default nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// Always sent.
    pub notify: bool,
    /// Addresses to write to besides the principals'.
    pub addresses: Vec<String>,
    pub message: Option<String>,
    /// Whether the mail links to the address that the administrator set up for embedding.
    pub use_custom_embed_urls: bool,
}

impl Mail {
    fn fields(&self, fields: Fields) -> Fields {
        let Mail { notify, addresses, message, use_custom_embed_urls } = self;
        let fields = fields.json("emailshares", addresses).text("notify", notify).maybe("message", message.as_deref());
        fields.text("useCustomEmbedUrls", use_custom_embed_urls)
    }
}

/// Who may do what with one object, by id of the user or group. Principals without access are absent.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct ObjectPermissions {
    #[serde(default, deserialize_with = "or_default")]
    pub permissions: BTreeMap<Guid, ObjectPermission>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectPermission {
    /// What the principal may do, such as `READ_ONLY`.
    pub share_mode: String,
    /// The object that the permission comes from.
    #[serde(default)]
    pub top_level_object_id: Option<Guid>,
    /// Headers of what depends on the object, each with its `shareMode`, if asked for.
    #[serde(default, deserialize_with = "or_default")]
    pub dependents: Vec<Map<String, Value>>,
}

impl Sharing<'_> {
    /// Shares objects, or takes shares away ([`ShareMode::NoAccess`]). Safe to repeat.
    ///
    /// A yes says nothing of single objects and principals: what counts is what [`Sharing::permissions`] reads afterwards.
    pub async fn share(&self, share: &Share) -> Result<()> {
        let Share { kind, ids, grants, mail } = share;
        let modes: BTreeMap<&str, Value> =
            grants.iter().map(|grant| (grant.principal_id.as_str(), json!({"shareMode": grant.mode}))).collect();
        let fields = Fields::new().text("type", kind.as_str()).json("id", ids);
        let fields = mail.fields(fields.json("permission", &json!({"permissions": modes})));
        let call = Call::new(Api::V1, "security/share", Method::POST, "security/share".to_owned());
        self.0.done(&call.form(&fields)).await
    }

    /// Lets users and groups see a visualisation, and with it its Liveboard. Safe to repeat.
    pub async fn share_visualization(&self, share: &ShareVisualization) -> Result<()> {
        let ShareVisualization { liveboard_id, visualization_id, principal_ids, mail } = share;
        let fields = Fields::new().text("type", MetadataType::Liveboard.as_str()).text("pinboardId", liveboard_id);
        let fields = mail.fields(fields.text("vizid", visualization_id).json("principalids", principal_ids));
        let call = Call::new(Api::V1, "security/shareviz", Method::POST, "security/shareviz".to_owned());
        self.0.done(&call.form(&fields)).await
    }

    /// Who may do what with objects of one type, by id of the object; many are asked for in several requests.
    ///
    /// Objects that the caller may not see are absent; it fails with [`crate::Error::Forbidden`] if that are all of them.
    /// `dependents` also asks for what depends on them.
    pub async fn permissions(
        &self,
        kind: MetadataType,
        ids: &NonEmpty<Guid>,
        permission_type: PermissionType,
        dependents: bool,
    ) -> Result<BTreeMap<Guid, ObjectPermissions>> {
        let mut all = BTreeMap::new();
        for ids in ids.chunks(IDS_MAX) {
            let fields = Fields::new().text("type", kind.as_str()).json("id", &ids);
            let fields = fields.text("dependentshare", dependents).text("permissiontype", permission_type.as_str());
            let path = "security/metadata/permissions";
            let call = Call::new(Api::V1, path, Method::GET, path.to_owned()).query(&fields);
            let some: BTreeMap<Guid, ObjectPermissions> = self.0.one(&call, "a map of permissions").await?;
            all.extend(some);
        }
        Ok(all)
    }

    /// Who may do what with one object, named in the path: a map with that object and, if asked for, with what depends on it.
    ///
    /// Fails with [`crate::Error::Refused`] for an object that is not known.
    pub async fn permissions_of(
        &self,
        kind: MetadataType,
        id: &str,
        permission_type: PermissionType,
        dependents: bool,
    ) -> Result<BTreeMap<Guid, ObjectPermissions>> {
        const WHAT: &str = "security/metadata/permissions";
        let path = format!("security/metadata/{}/permissions", segment(WHAT, id)?);
        let fields = Fields::new().text("type", kind.as_str());
        let fields = fields.text("dependentshare", dependents).text("permissiontype", permission_type.as_str());
        self.0.one(&Call::new(Api::V1, WHAT, Method::GET, path).query(&fields), "a map of permissions").await
    }

    /// What holds for objects of several types, whatever it comes from: by type and by id of the object.
    /// `dependents` also asks for what depends on them.
    pub async fn effective_permissions(
        &self,
        ids: &NonEmpty<(MetadataType, NonEmpty<Guid>)>,
        dependents: bool,
    ) -> Result<BTreeMap<String, BTreeMap<Guid, ObjectPermissions>>> {
        let mut by_type: BTreeMap<MetadataType, Vec<&Guid>> = BTreeMap::new();
        for (kind, ids) in ids {
            by_type.entry(*kind).or_default().extend(ids);
        }
        let fields = Fields::new().json("idsbytype", &by_type).text("dependentshare", dependents);
        let path = "security/effectivepermissionbulk";
        let call = Call::new(Api::V1, path, Method::POST, path.to_owned()).reading().form(&fields);
        self.0.one(&call, "a map of permissions").await
    }
}

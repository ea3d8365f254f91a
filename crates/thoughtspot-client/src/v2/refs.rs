//! How rows and requests name other things.

use std::collections::BTreeSet;

use serde::{Deserialize, Serializer};

use crate::decode::{WireOrgId, if_readable};
use crate::domain::{Guid, OrgId};
use crate::nonempty::NonEmpty;

/// Another object, as a row names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Named {
    #[serde(default)]
    pub id: Option<Guid>,
    #[serde(default, deserialize_with = "if_readable")]
    pub name: Option<String>,
}

/// An Org, as a row names it; `{}` where the server says nothing. Its id comes as a number or as text
/// (docs/thoughtspot-api.md, "Identifiers").
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct NamedOrg {
    #[serde(default, deserialize_with = "org_id")]
    pub id: Option<OrgId>,
    #[serde(default, deserialize_with = "if_readable")]
    pub name: Option<String>,
}

/// The ids of what a row names.
pub(super) fn ids(named: &[Named]) -> BTreeSet<Guid> {
    named.iter().filter_map(|n| n.id.clone()).collect()
}

/// The Orgs of a row; `None` where the server does not say, because the Orgs feature is off.
pub(super) fn org_ids(named: Option<&[NamedOrg]>) -> Option<BTreeSet<OrgId>> {
    Some(named?.iter().filter_map(|n| n.id).collect())
}

pub(super) fn org_id<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<OrgId>, D::Error> {
    Ok(Option::<WireOrgId>::deserialize(from)?.map(|id| id.0))
}

/// For `org_identifier`, which is text also where it is an id.
pub(super) fn org_text<S: Serializer>(org: &OrgId, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(org)
}

/// For `org_identifiers`.
pub(super) fn org_texts<S: Serializer>(orgs: &Option<NonEmpty<OrgId>>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(orgs.iter().flatten().map(OrgId::to_string))
}

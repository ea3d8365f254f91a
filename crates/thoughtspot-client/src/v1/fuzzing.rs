//! The decoders of v1.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Content;
use super::groups::{GroupRecord, GroupRow, with_sub_groups};
use super::objects::data::{Table, VisualizationData};
use super::objects::headers::HeaderBatch;
use super::objects::sharing::ObjectPermissions;
use super::objects::tml::Wrapped as WrappedTml;
use super::orgs::{OrgRecord, OrgRow};
use super::principals::{Principal, Synced};
use super::roles::{RoleRecord, Wrapped};
use super::sessions::{OrgList, OrgListRow, SessionInfo, info_call, token_of};
use super::users::{UserRecord, UserRow};
use crate::content::header::Header;
use crate::content::tml::{ExportedTml, ImportOutcome};
use crate::domain::Guid;
use crate::fuzzing::Decoder;
use crate::fuzzing::common::{made, one, rows};
use crate::rows::Splitter;

pub(crate) const DECODERS: &[Decoder] = &[
    token,
    changed,
    nested,
    list::<GroupRow>,
    list::<Principal>,
    list::<UserRow>,
    made::<GroupRow, GroupRecord>,
    made::<OrgListRow, OrgList>,
    made::<OrgRow, OrgRecord>,
    made::<UserRow, UserRecord>,
    one::<BTreeMap<Guid, ObjectPermissions>>,
    one::<BTreeMap<Guid, VisualizationData>>,
    one::<HeaderBatch>,
    one::<SessionInfo>,
    one::<Synced>,
    one::<Table>,
    one::<Wrapped<RoleRecord>>,
    one::<Wrapped<Vec<RoleRecord>>>,
    one::<WrappedTml<ExportedTml>>,
    one::<WrappedTml<ImportOutcome>>,
    rows::<GroupRow>,
    rows::<Header>,
    rows::<OrgRow>,
    rows::<UserRow>,
];

fn token(body: &[u8]) -> bool {
    token_of(&info_call(), body).is_ok()
}

/// A user or group that is changed, whatever it was.
fn changed(body: &[u8]) -> bool {
    let Ok(mut content) = serde_json::from_slice::<Content>(body) else { return false };
    content.set_mail("ana@example.com");
    let mail = content.get(&["userContent", "userProperties", "mail"]).and_then(Value::as_str);
    assert_eq!(mail, Some("ana@example.com"));
    true
}

/// The groups of an Org, each with those nested in it, however they are nested.
fn nested(body: &[u8]) -> bool {
    let rows = serde_json::from_slice::<Vec<GroupRow>>(body).unwrap_or_default();
    let count = rows.len();
    let groups = with_sub_groups(rows.into_iter().map(GroupRecord::from).collect());
    assert_eq!(groups.len(), count);
    count > 0
}

/// A list without pages, in pieces as the network may cut it. Whatever can be read whole can be read so, too.
fn list<R: DeserializeOwned>(body: &[u8]) -> bool {
    let mut splitter = Splitter::default();
    let mut each = |row: &[u8]| serde_json::from_slice::<R>(row).map(drop).map_err(|e| e.to_string());
    let outcome = body.chunks(7).try_for_each(|piece| splitter.feed(piece, &mut each)).and_then(|()| splitter.finish());
    assert!(outcome.is_ok() || !one::<Vec<R>>(body), "{outcome:?}");
    outcome.is_ok()
}

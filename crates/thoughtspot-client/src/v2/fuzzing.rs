//! The decoders of v2.

use serde_json::Value;

use super::auth::{AccessToken, SessionToken, Token, TrustedAuth, ValidToken};
use super::groups::{Group, ImportedGroups};
use super::logs::LogEntry;
use super::objects::column_rules::TableRules;
use super::objects::connections::Connection;
use super::objects::metadata::{Copied, MetadataRow};
use super::objects::object_privileges::Answer as PrivilegesAnswer;
use super::objects::sharing::{MetadataAnswer, PrincipalAnswer};
use super::objects::tml_tasks::{ImportTask, ImportTasks};
use super::orgs::Org;
use super::port::orgs::ProvenanceRow;
use super::roles::Role;
use super::search::Row;
use super::security::SecuritySettings;
use super::session::{HolderRow, life_of};
use super::system::{OverridesRow, SystemConfig, SystemInfo};
use super::tags::Tag;
use super::users::{Deactivated, ImportedUsers, User};
use crate::content::tml::{ExportedTml, ImportOutcome};
use crate::domain;
use crate::fuzzing::Decoder;
use crate::fuzzing::common::{made, one, rows};

pub(crate) const DECODERS: &[Decoder] = &[
    logs,
    token,
    made::<Group, Row<domain::Group>>,
    made::<Org, domain::Org>,
    made::<SystemInfo, domain::System>,
    made::<User, Row<domain::User>>,
    one::<AccessToken>,
    one::<Copied>,
    one::<Deactivated>,
    one::<HolderRow>,
    one::<ImportTask>,
    one::<ImportTasks>,
    one::<ImportedGroups>,
    one::<ImportedUsers>,
    one::<MetadataAnswer>,
    one::<OverridesRow>,
    one::<PrincipalAnswer>,
    one::<PrivilegesAnswer>,
    one::<ProvenanceRow>,
    one::<Role>,
    one::<SecuritySettings>,
    one::<SessionToken>,
    one::<SystemConfig>,
    one::<Tag>,
    one::<TrustedAuth>,
    one::<ValidToken>,
    one::<Value>,
    one::<Vec<ImportOutcome>>,
    rows::<Connection>,
    rows::<ExportedTml>,
    rows::<Group>,
    rows::<MetadataRow>,
    rows::<Org>,
    rows::<Role>,
    rows::<TableRules>,
    rows::<Tag>,
    rows::<User>,
];

/// A token, and how long it is used.
fn token(body: &[u8]) -> bool {
    let token = serde_json::from_slice::<Token>(body);
    token.is_ok_and(|token| !life_of(&token).is_zero())
}

/// Lines of the audit log, the text of each an event of its own.
fn logs(body: &[u8]) -> bool {
    let lines = serde_json::from_slice::<Vec<LogEntry>>(body).unwrap_or_default();
    lines.iter().any(|line| line.event().is_ok())
}

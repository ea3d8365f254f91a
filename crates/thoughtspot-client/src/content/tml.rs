//! What imports and exports of TML answer, in either dialect (docs/thoughtspot-api-content.md, "Content as text").

use serde::{Deserialize, Deserializer, Serialize};

use crate::decode::or_default;
use crate::domain::Guid;

/// The language of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Format {
    Json,
    Yaml,
}

impl Format {
    /// The word as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Json => "JSON",
            Format::Yaml => "YAML",
        }
    }
}

/// How one document or object fared. Imports and exports answer 200 even if every one of them failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    /// Done, with something to be said about it.
    Warning(Complaint),
    /// Not done. Also for any word that this release of ours does not know, which is not read as a yes.
    Error(Complaint),
}

/// What the server says about a document that is not simply good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaint {
    /// Such as 14502: a table that the document refers to is not there.
    pub code: Option<i64>,
    pub message: String,
}

impl Status {
    /// Whether it was not done.
    pub fn failed(&self) -> bool {
        match self {
            Status::Ok | Status::Warning(_) => false,
            Status::Error(_) => true,
        }
    }
}

/// What became of one document of an import. They are in the order of the request: the server's own `request_index` may be larger
/// than the number of documents and pairs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "OutcomeRow")]
pub struct ImportOutcome {
    pub status: Status,
    /// The object that it made or changed; what it names is missing where it failed.
    pub object: ImportedObject,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ImportedObject {
    #[serde(default, rename = "id_guid")]
    pub id: Option<Guid>,
    #[serde(default)]
    pub name: Option<String>,
    /// Such as `LOGICAL_TABLE`.
    #[serde(default)]
    pub metadata_type: Option<String>,
    /// Such as `WORKSHEET`.
    #[serde(default, rename = "type")]
    pub subtype: Option<String>,
}

#[derive(Deserialize)]
struct OutcomeRow {
    response: OutcomeResponse,
}

#[derive(Deserialize)]
struct OutcomeResponse {
    status: StatusRow,
    #[serde(default, deserialize_with = "or_default")]
    header: ImportedObject,
}

impl From<OutcomeRow> for ImportOutcome {
    fn from(row: OutcomeRow) -> Self {
        ImportOutcome { status: row.response.status.into(), object: row.response.header }
    }
}

#[derive(Deserialize)]
struct StatusRow {
    status_code: String,
    #[serde(default)]
    error_code: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    error_message: String,
}

impl From<StatusRow> for Status {
    fn from(row: StatusRow) -> Self {
        let complaint = Complaint { code: row.error_code, message: row.error_message };
        match row.status_code.as_str() {
            "OK" => Status::Ok,
            "WARNING" => Status::Warning(complaint),
            _ => Status::Error(complaint),
        }
    }
}

/// One object of an export.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ExportedTml {
    pub info: ExportInfo,
    /// The document, in the format that was asked for; `None` for an object that may not be exported.
    #[serde(default)]
    pub edoc: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ExportInfo {
    #[serde(default)]
    pub id: Option<Guid>,
    #[serde(default)]
    pub name: Option<String>,
    /// Such as `liveboard` or `table`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "status")]
    pub status: Status,
    #[serde(default)]
    pub filename: Option<String>,
}

fn status<'de, D: Deserializer<'de>>(from: D) -> Result<Status, D::Error> {
    Ok(StatusRow::deserialize(from)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_document_has_its_own_status() {
        let answer = json!([
            {"response": {"status": {"status_code": "OK"},
                          "header": {"id_guid": "0930", "name": "Sales", "metadata_type": "LOGICAL_TABLE", "type": "WORKSHEET"}},
             "request_index": 0},
            {"response": {"status": {"status_code": "ERROR", "error_code": 14516, "error_message": "no"}, "header": {}},
             "request_index": 16},
            {"response": {"status": {"status_code": "HALF", "error_code": null, "error_message": null}, "header": null}},
        ]);
        let outcomes: Vec<ImportOutcome> = serde_json::from_value(answer).unwrap();
        let failed: Vec<bool> = outcomes.iter().map(|o| o.status.failed()).collect();
        assert_eq!(failed, [false, true, true]);
        assert_eq!(outcomes[0].object.id.as_deref(), Some("0930"));
        assert_eq!(outcomes[1].status, Status::Error(Complaint { code: Some(14516), message: "no".to_owned() }));
    }

    #[test]
    fn an_outcome_without_a_status_is_no_success() {
        assert!(serde_json::from_value::<ImportOutcome>(json!({"response": {"header": {}}})).is_err());
    }
}

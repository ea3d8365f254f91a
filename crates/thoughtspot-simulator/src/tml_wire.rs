//! Imports and exports of TML in answers: the same rows in both API versions.

use crate::settings::Settings;
use crate::state::content::ContentKind;
use crate::state::content::tml::{Imported, Outcome};
use crate::state::content::tml_export::Exported;
use serde_json::{Value, json};

/// A row for each document, in their order. The index in a row is not always that of the document.
pub(crate) fn imported(outcomes: &[Outcome], settings: &Settings) -> Vec<Value> {
    let step = if settings.tml_sparse_indexes { 16 } else { 1 };
    let row = |(place, outcome): (usize, &Outcome)| json!({"response": response(outcome), "request_index": place * step});
    outcomes.iter().enumerate().map(row).collect()
}

fn response(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Imported(Imported { id, name, kind, table_kind, warning }) => {
            let status = match warning {
                Some(warning) => json!({"status_code": "WARNING", "error_message": warning}),
                None => json!({"status_code": "OK"}),
            };
            let kind_name = if *kind == ContentKind::Connection { kind.v1_name() } else { kind.name() };
            let sub_kind = table_kind.map_or(kind.v1_name(), |kind| kind.name());
            json!({"status": status,
                   "header": {"id_guid": id.to_string(), "name": name, "metadata_type": kind_name, "type": sub_kind}})
        }
        Outcome::Failed { code, text } => {
            json!({"status": {"status_code": "ERROR", "error_code": code, "error_message": text}, "header": {}})
        }
    }
}

/// A row for each object. One that the caller may not export has a status and no text.
pub(crate) fn exported(objects: &[Exported]) -> Vec<Value> {
    objects.iter().map(export_row).collect()
}

fn export_row(object: &Exported) -> Value {
    let Exported { id, name, word, text } = object;
    let status = match text {
        Some(_) => json!({"status_code": "OK"}),
        None => json!({"status_code": "ERROR", "error_message": "Access denied: the object may not be exported"}),
    };
    let mut row = json!({
        "info": {"id": id.to_string(), "name": name, "type": word, "status": status, "filename": format!("{name}.{word}.tml")},
    });
    if let Some(text) = text {
        row["edoc"] = text.clone().into();
    }
    row
}

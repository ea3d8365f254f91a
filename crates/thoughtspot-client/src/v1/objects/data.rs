//! Rows of tables and visualisations (docs/thoughtspot-api-content.md, "Rows").

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::Batch;
use crate::api::Api;
use crate::at::At;
use crate::decode::or_default;
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v1::fields::Fields;
use crate::wire::Call;

/// Data of one Org. From [`crate::v1::V1::data`].
#[derive(Clone, Copy)]
pub struct Data<'a>(pub(super) At<'a>);

/// A question to a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchData {
    /// In the words of ThoughtSpot's search, such as `[Revenue] [Region]`.
    pub query: String,
    /// The table or model that is asked.
    pub data_source_id: Guid,
    pub rows: Rows,
}

/// The data of a Liveboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveboardData {
    pub liveboard_id: Guid,
    /// Only of these; of all its visualisations if unset.
    pub visualization_ids: Option<NonEmpty<Guid>>,
    pub rows: Rows,
}

/// Which rows, and in which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub batch: Batch,
    pub format: RowFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RowFormat {
    /// A row is a list of values.
    #[default]
    Compact,
    /// A row is a map from column to value.
    Full,
}

impl Rows {
    fn fields(self, fields: Fields) -> Fields {
        let format = match self.format {
            RowFormat::Compact => "COMPACT",
            RowFormat::Full => "FULL",
        };
        self.batch.fields(fields).text("formattype", format)
    }
}

/// Rows, and how many there are. The server samples large results.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    #[serde(default, deserialize_with = "or_default")]
    pub column_names: Vec<String>,
    /// In the form that was asked for.
    pub data: Vec<Value>,
    /// Which share of the rows the answer was made from, up to 1.
    #[serde(default)]
    pub sampling_ratio: Option<f64>,
    #[serde(default)]
    pub total_row_count: Option<i64>,
    #[serde(default)]
    pub row_count: Option<i64>,
    #[serde(default)]
    pub page_size: Option<i64>,
    #[serde(default)]
    pub offset: Option<i64>,
}

/// The data of one visualisation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct VisualizationData {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(flatten)]
    pub table: Table,
}

impl Data<'_> {
    /// Asks a table.
    pub async fn search(&self, search: &SearchData) -> Result<Table> {
        let fields = Fields::new().text("query_string", &search.query).text("data_source_guid", &search.data_source_id);
        let call = Call::new(Api::V1, "searchdata", Method::POST, "searchdata".to_owned()).reading();
        self.0.one(&call.query(&search.rows.fields(fields)), "a table").await
    }

    /// The data of the visualisations of a Liveboard, by their ids.
    ///
    /// Fails with [`crate::Error::Refused`] (400) if the Liveboard is not known.
    pub async fn of_liveboard(&self, asked: &LiveboardData) -> Result<BTreeMap<Guid, VisualizationData>> {
        let fields = Fields::new().text("id", &asked.liveboard_id).maybe_json("vizid", asked.visualization_ids.as_ref());
        let call = Call::new(Api::V1, "pinboarddata", Method::POST, "pinboarddata".to_owned()).reading();
        self.0.one(&call.query(&asked.rows.fields(fields)), "a map of tables").await
    }
}

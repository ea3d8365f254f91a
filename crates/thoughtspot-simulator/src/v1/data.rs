//! `searchdata`, `pinboarddata`: rows (docs/thoughtspot-api-content.md, "Rows").

use super::content;
use super::route;
use super::wire::{Guids, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::content::rows::Data;
use crate::state::content::{ContentKind, Projection};
use crate::state::refusal::Refusal;
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    route(Method::POST, "/searchdata", Kind::Read, signed!(search_data)),
    route(Method::POST, "/pinboarddata", Kind::Read, signed!(liveboard_data)),
];

#[derive(Deserialize)]
struct SearchData {
    query_string: String,
    data_source_guid: Text<Uuid>,
    batchsize: Option<Text<i64>>,
    pagenumber: Option<Text<i64>>,
    offset: Option<Text<i64>>,
    formattype: Option<Format>,
}

#[derive(Deserialize)]
struct LiveboardData {
    id: Text<Uuid>,
    vizid: Option<Guids>,
    batchsize: Option<Text<i64>>,
    pagenumber: Option<Text<i64>>,
    offset: Option<Text<i64>>,
    formattype: Option<Format>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Format {
    /// Each row a list of values.
    Compact,
    /// Each row a map from column to value.
    Full,
}

/// Which rows, and how they look.
struct Page {
    size: Option<usize>,
    offset: usize,
    format: Format,
}

impl Page {
    /// `-1` is everything, from the first. A page number counts from 1 and needs a size.
    fn of(size: Option<Text<i64>>, number: Option<Text<i64>>, offset: Option<Text<i64>>, format: Option<Format>) -> Self {
        let positive = |text: Option<Text<i64>>| text.and_then(|Text(number)| usize::try_from(number).ok());
        let size = positive(size);
        let before = positive(number).and_then(|number| number.checked_sub(1));
        let offset = positive(offset).or(before.zip(size).map(|(pages, size)| pages.saturating_mul(size)));
        Self { size, offset: offset.unwrap_or(0), format: format.unwrap_or(Format::Compact) }
    }

    fn render(&self, data: Data) -> Map<String, Value> {
        let total = data.rows.len();
        let rows = data.rows.into_iter().skip(self.offset).take(self.size.unwrap_or(usize::MAX));
        let full = |row: Vec<Value>| data.columns.iter().cloned().zip(row).collect::<Map<String, Value>>().into();
        let rows: Vec<Value> = match self.format {
            Format::Compact => rows.map(Value::from).collect(),
            Format::Full => rows.map(full).collect(),
        };
        let size = self.size.and_then(|size| i64::try_from(size).ok()).unwrap_or(-1);
        let fields = [
            ("columnNames", json!(data.columns)),
            ("rowCount", rows.len().into()),
            ("data", rows.into()),
            ("samplingRatio", 1.0.into()),
            ("totalRowCount", total.into()),
            ("pageSize", size.into()),
            ("offset", self.offset.into()),
        ];
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

fn search_data(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: SearchData = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let table = content::find(context.world, &actor, None, request.data_source_guid.0)?;
    if table.kind() != ContentKind::LogicalTable {
        return Err(Refusal::invalid("data_source_guid is not a table"));
    }
    let columns = columns_of(&request.query_string)?;
    let known: Vec<&str> = context.world.columns_of(table.id).map(|column| column.name.as_str()).collect();
    if let Some(missing) = columns.iter().find(|column| !known.contains(&column.as_str())) {
        return Err(Refusal::invalid(format!("The query names no column of the table: {missing}")));
    }
    let data = context.world.data(&actor, &Projection { table: Some(table.id), columns });
    let page = Page::of(request.batchsize, request.pagenumber, request.offset, request.formattype);
    Ok(Answer::Json(page.render(data).into()))
}

/// The columns in square brackets. Other words of the search language are not understood.
fn columns_of(query: &str) -> Result<Vec<String>, Refusal> {
    let mut columns = Vec::new();
    for piece in query.split('[').skip(1) {
        let (column, _) = piece.split_once(']').ok_or_else(|| Refusal::invalid("The query has a bracket that does not end"))?;
        columns.push(column.trim().to_owned());
    }
    if columns.is_empty() {
        return Err(Refusal::invalid("The query names no column in square brackets"));
    }
    Ok(columns)
}

fn liveboard_data(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: LiveboardData = context.call.queried(context.settings)?;
    let actor = context.actor(session);
    let liveboard = content::find(context.world, &actor, None, request.id.0)?;
    let parts = liveboard.visualizations();
    if let Some(missing) = request.vizid.iter().flat_map(|Guids(ids)| ids).find(|id| parts.iter().all(|part| part.id != **id)) {
        return Err(Refusal::unknown_object(&missing.to_string()));
    }
    let wanted = |id: Uuid| request.vizid.as_ref().is_none_or(|Guids(ids)| ids.is_empty() || ids.contains(&id));
    let page = Page::of(request.batchsize, request.pagenumber, request.offset, request.formattype);
    let rows = parts.iter().filter(|part| wanted(part.id)).map(|part| {
        let mut row = page.render(context.world.data(&actor, &part.shows));
        row.insert("name".to_owned(), part.name.clone().into());
        (part.id.to_string(), Value::Object(row))
    });
    Ok(Answer::Json(rows.collect::<Map<String, Value>>().into()))
}

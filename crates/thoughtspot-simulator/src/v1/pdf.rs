//! `export/pinboard/pdf`: a Liveboard on paper, a line for each row (docs/thoughtspot-api-content.md, "Rows").

use super::content::{self, not_found};
use super::route;
use super::wire::{Guids, Text};
use crate::journal::Kind;
use crate::route::{Answer, Context, Route, signed};
use crate::sessions::Session;
use crate::state::refusal::Refusal;
use axum::http::Method;
use pdf_writer::{Content as Drawing, Finish, Name, Pdf, Rect, Ref, Str};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[route(Method::POST, "/export/pinboard/pdf", Kind::Read, signed!(export))];

/// A4, in points.
const SHORT: f32 = 595.0;
const LONG: f32 = 842.0;
const LINE: f32 = 16.0;
const MARGIN: f32 = 40.0;

/// In a multipart body, or else in the query. Logo, cover and filter page are accepted; there is nothing to put there.
#[derive(Deserialize)]
struct Export {
    id: Text<Uuid>,
    visualization_ids: Option<Guids>,
    layout_type: Option<Layout>,
    orientation: Option<Orientation>,
    footer_text: Option<String>,
    #[serde(rename = "truncate_tables")]
    _truncate_tables: Option<Text<bool>>,
    #[serde(rename = "include_logo")]
    _include_logo: Option<Text<bool>>,
    #[serde(rename = "include_page_number")]
    _include_page_number: Option<Text<bool>>,
    #[serde(rename = "include_cover_page")]
    _include_cover_page: Option<Text<bool>>,
    #[serde(rename = "include_filter_page")]
    _include_filter_page: Option<Text<bool>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Layout {
    /// Everything on one page.
    Pinboard,
    /// A page for each visualisation.
    Visualization,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Orientation {
    Landscape,
    Portrait,
}

fn export(context: &mut Context<'_>, session: Session) -> Result<Answer, Refusal> {
    let request: Export = context.call.parts_or_query(context.settings)?;
    let actor = context.actor(session);
    let liveboard = content::find(context.world, &actor, None, request.id.0).map_err(not_found)?;
    let wanted = |id: Uuid| request.visualization_ids.as_ref().is_none_or(|Guids(ids)| ids.is_empty() || ids.contains(&id));
    let parts = liveboard.visualizations().iter().filter(|part| wanted(part.id)).map(|part| {
        let data = context.world.data(&actor, &part.shows);
        let rows = data.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<String>>().join("   "));
        [part.name.clone(), data.columns.join("   ")].into_iter().chain(rows).collect::<Vec<String>>()
    });
    let mut pages: Vec<Vec<String>> = parts.collect();
    if request.layout_type != Some(Layout::Visualization) {
        pages = vec![pages.concat()];
    }
    for page in &mut pages {
        page.insert(0, liveboard.name.clone());
        page.extend(request.footer_text.clone());
    }
    let size = if request.orientation == Some(Orientation::Portrait) { (SHORT, LONG) } else { (LONG, SHORT) };
    Ok(Answer::Bytes("application/octet-stream", document(&pages, size)))
}

fn cell(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A document of these pages, each a list of lines.
fn document(pages: &[Vec<String>], (width, height): (f32, f32)) -> Vec<u8> {
    let mut next = 1;
    let mut id = || {
        next += 1;
        Ref::new(next)
    };
    let (tree, font) = (id(), id());
    let ids: Vec<(Ref, Ref)> = pages.iter().map(|_| (id(), id())).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(Ref::new(1)).pages(tree);
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(ids.iter().map(|(page, _)| *page)).count(count);
    for (lines, (page_id, drawing)) in pages.iter().zip(ids) {
        let mut page = pdf.page(page_id);
        page.media_box(Rect::new(0.0, 0.0, width, height)).parent(tree).contents(drawing);
        page.resources().fonts().pair(Name(b"F1"), font);
        page.finish();
        pdf.stream(drawing, &draw(lines, height));
    }
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    pdf.finish()
}

/// The lines, from the top down. What the font has no letter for becomes a question mark.
fn draw(lines: &[String], height: f32) -> Vec<u8> {
    let mut drawing = Drawing::new();
    drawing.begin_text().set_font(Name(b"F1"), 11.0).next_line(MARGIN, height - MARGIN);
    for line in lines {
        let plain: Vec<u8> = line.chars().map(|letter| u8::try_from(letter).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect();
        drawing.show(Str(&plain)).next_line(0.0, -LINE);
    }
    drawing.end_text();
    drawing.finish().to_vec()
}

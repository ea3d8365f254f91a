//! Liveboards on paper (docs/thoughtspot-api-content.md, "Rows").

use bytes::Bytes;
use reqwest::Method;

use super::data::Data;
use crate::api::Api;
use crate::domain::Guid;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v1::fields::Fields;
use crate::wire::Call;

/// A Liveboard as PDF. What is unset is the server's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveboardPdf {
    pub liveboard_id: Guid,
    /// Only these; all visualisations if unset.
    pub visualization_ids: Option<NonEmpty<Guid>>,
    pub layout: Layout,
    pub orientation: Orientation,
    /// Cuts tables to what fits the page.
    pub truncate_tables: Option<bool>,
    pub logo: Option<bool>,
    pub page_numbers: Option<bool>,
    pub cover_page: Option<bool>,
    pub filter_page: Option<bool>,
    pub footer_text: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Layout {
    /// As on the screen.
    #[default]
    Liveboard,
    /// A page each.
    Visualization,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Orientation {
    #[default]
    Landscape,
    Portrait,
}

impl LiveboardPdf {
    /// The whole Liveboard, as the server likes.
    pub fn of(liveboard_id: Guid) -> Self {
        LiveboardPdf {
            liveboard_id,
            visualization_ids: None,
            layout: Layout::default(),
            orientation: Orientation::default(),
            truncate_tables: None,
            logo: None,
            page_numbers: None,
            cover_page: None,
            filter_page: None,
            footer_text: None,
        }
    }

    fn fields(&self) -> Fields {
        let layout = match self.layout {
            Layout::Liveboard => "PINBOARD",
            Layout::Visualization => "VISUALIZATION",
        };
        let orientation = match self.orientation {
            Orientation::Landscape => "LANDSCAPE",
            Orientation::Portrait => "PORTRAIT",
        };
        let fields =
            Fields::new().text("id", &self.liveboard_id).maybe_json("visualization_ids", self.visualization_ids.as_ref());
        let fields = fields.text("layout_type", layout).text("orientation", orientation);
        let fields = fields.maybe("truncate_tables", self.truncate_tables).maybe("include_logo", self.logo);
        let fields = fields.maybe("include_page_number", self.page_numbers).maybe("include_cover_page", self.cover_page);
        fields.maybe("include_filter_page", self.filter_page).maybe("footer_text", self.footer_text.as_deref())
    }
}

impl Data<'_> {
    /// A Liveboard as PDF. The file is held in memory, and must not be longer than the client takes of any answer.
    pub async fn liveboard_pdf(&self, asked: &LiveboardPdf) -> Result<Bytes> {
        let path = "export/pinboard/pdf";
        let call = Call::new(Api::V1, path, Method::POST, path.to_owned()).reading().parts(asked.fields()).for_pdf();
        let file = self.0.session.ask(self.0.org, &call).await?;
        if file.starts_with(b"%PDF-") { Ok(file) } else { Err(call.unreadable("the answer is not a PDF")) }
    }
}

//! Whose content is: listed and handed over (docs/thoughtspot-api-content.md, "Over v1").

use super::accounts::Handover;
use super::objects::Batch;
use super::objects::headers::{ListHeaders, Metadata, Sort};
use super::users::Users;
use crate::content::header::of_author;
use crate::domain::{ContentItem, ContentKind, OrgId, User};
use crate::error::Result;
use crate::nonempty::NonEmpty;

/// Rows of a batch.
const SIZE: u32 = 500;

/// There is no filter for the author: everything of the Org is read, kind by kind, until there is enough.
pub(super) async fn content_of(metadata: Metadata<'_>, org: OrgId, author: &str, most: usize) -> Result<Vec<ContentItem>> {
    let mut found: Vec<ContentItem> = Vec::new();
    for kind in ContentKind::ALL {
        for n in 0.. {
            if found.len() >= most {
                found.truncate(most);
                return Ok(found);
            }
            let batch = Batch::Some { offset: SIZE * n, size: SIZE };
            let rows = metadata.list(&ListHeaders { sort: Sort::Name, batch, ..ListHeaders::every(kind.into()) }).await?;
            for row in &rows {
                let content = of_author(Some(row), org, author, kind)?;
                found.extend(content.filter(|content| !found.contains(content)));
            }
            if rows.len() < SIZE as usize {
                break;
            }
        }
    }
    found.truncate(most);
    Ok(found)
}

/// By name, as v1 wants both, and by id what changes hands: without a list everything would.
pub(super) async fn transfer(users: Users<'_>, from: &User, to: &User, content: &NonEmpty<ContentItem>) -> Result<()> {
    let Some(ids) = NonEmpty::collect(content.iter().map(|content| content.id.clone())) else { return Ok(()) };
    users.transfer_ownership(&from.name, &to.name, &Handover::Objects(ids)).await
}

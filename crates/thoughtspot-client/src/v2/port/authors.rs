//! ContentItem of the port: whose it is.

use std::collections::BTreeSet;

use crate::content::header::of_author;
use crate::domain::{ContentItem, ContentKind, OrgId, User};
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::v2::objects::metadata::{
    AssignAuthor, Authored, Metadata, MetadataFilter, MetadataRow, MetadataSort, MetadataSortField, SearchMetadata,
};
use crate::v2::objects::{MetadataType, Object};
use crate::v2::paging::SortOrder;

impl From<ContentKind> for Authored {
    fn from(kind: ContentKind) -> Authored {
        match kind {
            ContentKind::Liveboard => Authored::Liveboard,
            ContentKind::Answer => Authored::Answer,
            ContentKind::Table => Authored::LogicalTable,
            ContentKind::Connection => Authored::Connection,
        }
    }
}

/// Rows of a page.
const PAGE: u32 = 100;

/// What can change hands (docs/thoughtspot-api-content.md, "Authors"). Names are not unique, so a page can skip a row when others change
/// something meanwhile: whoever wants all asks until there is nothing left.
pub(super) async fn of(metadata: Metadata<'_>, org: OrgId, author: &str, most: usize) -> Result<Vec<ContentItem>> {
    let kinds = [MetadataType::Answer, MetadataType::LogicalTable, MetadataType::Connection].map(MetadataFilter::every);
    let search = SearchMetadata {
        metadata: Some(NonEmpty::new(MetadataFilter::every(MetadataType::Liveboard), kinds)),
        created_by_user_identifiers: Some(NonEmpty::one(author.to_owned())),
        include_incomplete_objects: Some(true),
        record_size: Some(PAGE),
        sort_options: Some(MetadataSort { field_name: MetadataSortField::Name, order: SortOrder::Asc }),
        ..SearchMetadata::default()
    };
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for page in 0.. {
        let search = SearchMetadata { record_offset: Some(PAGE * page), ..search.clone() };
        let rows = metadata.search(&search).await?;
        let last = rows.len() < PAGE as usize;
        for row in rows {
            found.extend(read(row, org, author)?.filter(|content| seen.insert(content.id.clone())));
        }
        if last || found.len() >= most {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}

/// The row, if it is what was asked for: a server that does not know a filter answers everything.
fn read(row: MetadataRow, org: OrgId, author: &str) -> Result<Option<ContentItem>> {
    let kind = match row.metadata_type.as_str() {
        "LIVEBOARD" => ContentKind::Liveboard,
        "ANSWER" => ContentKind::Answer,
        "LOGICAL_TABLE" => ContentKind::Table,
        "CONNECTION" => ContentKind::Connection,
        _ => return Ok(None),
    };
    of_author(row.metadata_header.as_ref(), org, author, kind)
}

/// Somebody who has left the Org may be unknown in it, and is not named: the objects are.
pub(super) async fn transfer(
    metadata: Metadata<'_>,
    org: OrgId,
    from: &User,
    to: &User,
    content: &NonEmpty<ContentItem>,
) -> Result<()> {
    let object = |content: &ContentItem| Object::new(Authored::from(content.kind), content.id.clone());
    let Some(objects) = NonEmpty::collect(content.iter().map(object)) else { return Ok(()) };
    let is_member = from.orgs.is_empty() || from.orgs.contains(&org);
    let current_owner_identifier = is_member.then(|| from.id.clone());
    metadata.assign_author(&AssignAuthor { metadata: objects, user_identifier: to.id.clone(), current_owner_identifier }).await
}

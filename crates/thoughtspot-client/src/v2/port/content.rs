//! Content of the port.

use std::collections::BTreeMap;

use crate::domain::ContentKind;
use crate::error::Result;
use crate::nonempty::NonEmpty;
use crate::port::CONTENT_COUNTED;
use crate::v2::objects::metadata::{Metadata, MetadataFilter, SearchMetadata};

/// Half-made and hidden objects count: they are somebody's work, too. What the server made by itself does not.
pub(super) async fn count(metadata: Metadata<'_>) -> Result<BTreeMap<ContentKind, usize>> {
    let mut counts = BTreeMap::new();
    for kind in ContentKind::ALL {
        let search = SearchMetadata {
            metadata: Some(NonEmpty::one(MetadataFilter::every(kind.into()))),
            include_headers: Some(false),
            include_hidden_objects: Some(true),
            include_incomplete_objects: Some(true),
            record_size: Some(CONTENT_COUNTED),
            ..SearchMetadata::default()
        };
        let found = metadata.search(&search).await?.len();
        if found > 0 {
            counts.insert(kind, found);
        }
    }
    Ok(counts)
}

//! Tags: words with a colour that an Org puts on its content.

use super::privilege::Privilege;
use super::refusal::Refusal;
use super::{Actor, World, check_principal_name};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A word to put on content.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) id: Uuid,
    pub(crate) org: i32,
    pub(crate) name: String,
    /// As `#ffd700`, in lower case.
    pub(crate) color: Option<String>,
    pub(crate) author: Uuid,
    pub(crate) modifier: Uuid,
    pub(crate) created: i64,
    pub(crate) modified: i64,
}

impl World {
    /// Every tag of the actor's Org.
    pub(crate) fn visible_tags(&self, actor: &Actor<'_>) -> impl Iterator<Item = &Tag> {
        let org = actor.org;
        self.tags.values().filter(move |tag| tag.org == org)
    }

    /// The tag of this Org with this id or exact name.
    pub(crate) fn find_tag(&self, org: i32, identifier: &str) -> Option<&Tag> {
        let by_id = Uuid::parse_str(identifier).ok().and_then(|id| self.tags.get(&id));
        by_id.filter(|tag| tag.org == org).or_else(|| self.tag_named(org, identifier))
    }

    fn tag_named(&self, org: i32, name: &str) -> Option<&Tag> {
        self.tags.values().find(|tag| tag.org == org && tag.name == name)
    }

    /// The ids of the tags named. One that is not there refuses all.
    pub(crate) fn resolve_tags(&self, org: i32, identifiers: &[String]) -> Result<BTreeSet<Uuid>, Refusal> {
        let find = |name: &String| {
            let tag = self.find_tag(org, name).map(|tag| tag.id);
            tag.ok_or_else(|| Refusal::invalid_references("tag", std::slice::from_ref(name)))
        };
        identifiers.iter().map(find).collect()
    }

    /// Makes a tag in the actor's Org, and returns its id.
    pub(crate) fn create_tag(&mut self, actor: &Actor<'_>, name: &str, color: Option<&str>) -> Result<Uuid, Refusal> {
        self.require_privilege(actor, Privilege::TAGMANAGEMENT)?;
        self.check_tag_name(actor.org, name, None)?;
        let id = Uuid::new_v4();
        let tag = Tag {
            id,
            org: actor.org,
            name: name.to_owned(),
            color: color.map(read_color).transpose()?,
            author: actor.user,
            modifier: actor.user,
            created: actor.now,
            modified: actor.now,
        };
        self.tags.insert(id, tag);
        Ok(id)
    }

    /// Changes a tag of the actor's Org; what is `None` stays.
    pub(crate) fn update_tag(
        &mut self,
        actor: &Actor<'_>,
        identifier: &str,
        name: Option<&str>,
        color: Option<&str>,
    ) -> Result<(), Refusal> {
        self.require_privilege(actor, Privilege::TAGMANAGEMENT)?;
        let id = self.find_tag(actor.org, identifier).ok_or_else(|| Refusal::unknown_principal(identifier))?.id;
        if let Some(name) = name {
            self.check_tag_name(actor.org, name, Some(id))?;
        }
        let color = color.map(read_color).transpose()?;
        if let Some(tag) = self.tags.get_mut(&id) {
            tag.name = name.map_or_else(|| tag.name.clone(), str::to_owned);
            tag.color = color.or(tag.color.take());
            tag.modifier = actor.user;
            tag.modified = actor.now;
        }
        Ok(())
    }

    /// Deletes a tag of the actor's Org, from every object too.
    pub(crate) fn delete_tag(&mut self, actor: &Actor<'_>, identifier: &str) -> Result<(), Refusal> {
        self.require_privilege(actor, Privilege::TAGMANAGEMENT)?;
        let id = self.find_tag(actor.org, identifier).ok_or_else(|| Refusal::unknown_principal(identifier))?.id;
        self.content_without_tag(id);
        self.tags.remove(&id);
        Ok(())
    }

    fn check_tag_name(&self, org: i32, name: &str, renamed: Option<Uuid>) -> Result<(), Refusal> {
        check_principal_name("Tag", name)?;
        match self.tag_named(org, name) {
            Some(other) if Some(other.id) != renamed => Err(Refusal::duplicate("Tag", name)),
            Some(_) | None => Ok(()),
        }
    }
}

/// `#rrggbb`, kept in lower case.
fn read_color(text: &str) -> Result<String, Refusal> {
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(text.to_lowercase());
    }
    Err(Refusal::invalid(format!("{text} is not a color of the form #rrggbb")))
}

//! What has to change for an Org to be as declared. Pure.

use std::fmt;

use thoughtspot_client::domain::{NewOrg, Org, OrgPatch};
use thoughtspot_engine::kind::{Change, Difference};

use crate::kinds;

/// One remote write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrgChange {
    Create(NewOrg),
    Update { patch: OrgPatch, from: Org },
}

impl OrgChange {
    /// The name that the Org would have from then on.
    pub(super) fn gives_name(&self) -> Option<&str> {
        match self {
            OrgChange::Create(new) => Some(&new.name),
            OrgChange::Update { patch, .. } => patch.name.as_deref(),
        }
    }
}

impl fmt::Display for OrgChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OrgChange::Create(new) => write!(f, "created Org {:?}", new.name),
            OrgChange::Update { from, .. } => {
                let fields: Vec<String> = self.differences().into_iter().map(|d| d.field).collect();
                write!(f, "changed {} of Org {:?}", fields.join(", "), from.name)
            }
        }
    }
}

impl Change for OrgChange {
    fn differences(&self) -> Vec<Difference> {
        match self {
            OrgChange::Create(new) => vec![kinds::difference("name", &new.name, "")],
            OrgChange::Update { patch: OrgPatch { name, description }, from } => [
                name.as_ref().map(|name| kinds::difference("name", name, &from.name)),
                description.as_ref().map(|text| kinds::difference("description", text, &from.description)),
            ]
            .into_iter()
            .flatten()
            .collect(),
        }
    }
}

/// What has to change: `rename` is the name that is declared to be had from now on, `name` the one to create.
pub(super) fn plan(rename: Option<&str>, name: &str, description: Option<&str>, have: Option<&Org>) -> Vec<OrgChange> {
    let Some(have) = have else {
        return vec![OrgChange::Create(NewOrg {
            name: name.to_owned(),
            description: description.unwrap_or_default().to_owned(),
        })];
    };
    let patch = OrgPatch {
        name: kinds::differs(rename, &have.name).map(str::to_owned),
        description: kinds::differs(description, &have.description).map(str::to_owned),
    };
    if patch == OrgPatch::default() { Vec::new() } else { vec![OrgChange::Update { patch, from: have.clone() }] }
}

#[cfg(test)]
mod tests {
    use thoughtspot_client::domain::OrgId;

    use super::*;

    fn org(name: &str, description: &str) -> Org {
        Org { id: OrgId(7), name: name.to_owned(), description: description.to_owned(), active: true }
    }

    #[test]
    fn a_plan_holds_what_differs_and_nothing_else() {
        let check = |rename: Option<&str>, description: Option<&str>, have: Option<Org>, expected: &[&str]| {
            let plan: Vec<String> =
                plan(rename, rename.unwrap_or("acme"), description, have.as_ref()).iter().map(|c| c.to_string()).collect();
            assert_eq!(plan, expected, "{rename:?} {description:?} {have:?}");
        };
        check(None, None, None, &["created Org \"acme\""]);
        check(None, None, Some(org("acme", "x")), &[]);
        check(None, None, Some(org("renamed by hand", "x")), &[]);
        check(None, Some("x"), Some(org("acme", "x")), &[]);
        check(None, Some(""), Some(org("acme", "x")), &["changed description of Org \"acme\""]);
        check(Some("globex"), Some("y"), Some(org("acme", "x")), &["changed name, description of Org \"acme\""]);
    }
}

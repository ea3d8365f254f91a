//! One file per kind. What the kinds share is here, and small; the rules they all inherit are the engine's.

pub mod group;
pub mod instance;
pub mod org;
mod span;
mod standing;
mod takeover;
pub mod user;

use std::collections::BTreeSet;

use thoughtspot_client::domain::{Login, Provenance};
use thoughtspot_client::inventory;
use thoughtspot_crds::{AdoptionPolicy, Difference, ManagementPolicy, ObjectStatus, OnDelete, Origin, Visibility};
use thoughtspot_engine::intent::Intent;
use thoughtspot_engine::kind;
use thoughtspot_engine::kind::{Adopt, Report, Terms};

/// The policies of an object, as the engine wants them.
fn terms(
    management: ManagementPolicy,
    adoption: AdoptionPolicy,
    on_delete: OnDelete,
    suspended: bool,
    initialized: bool,
    id: Option<String>,
) -> Terms {
    let adopt = match adoption {
        AdoptionPolicy::Fail => Adopt::No,
        AdoptionPolicy::AdoptIfMatching => Adopt::IfMatching,
        AdoptionPolicy::Adopt => Adopt::Yes,
    };
    Terms {
        manage: management.writes(),
        once: management == ManagementPolicy::CreateOnly,
        initialized,
        adopt,
        ends: on_delete != OnDelete::Retain,
        suspended,
        id,
    }
}

/// Puts the engine's report into the common part of status.
fn put_report(object: &mut ObjectStatus, terms: Terms, on_delete: OnDelete, report: Report) {
    object.initialized = report.initialized;
    object.observed_generation = report.generation;
    object.conditions = report.conditions;
    object.last_handled_reconcile_at = report.handled;
    object.on_delete = Some(if terms.manage { on_delete } else { OnDelete::Retain });
    if !terms.manage {
        object.origin = None; // what is only observed is nobody's: to manage it again is to adopt it
    }
    let differences = report.differences.into_iter();
    object.differences = differences.map(|d| Difference { field: d.field, declared: d.declared, observed: d.observed }).collect();
}

/// The differences as stored.
fn differences(object: &ObjectStatus) -> Vec<kind::Difference> {
    let of =
        |d: &Difference| kind::Difference { field: d.field.clone(), declared: d.declared.clone(), observed: d.observed.clone() };
    object.differences.iter().map(of).collect()
}

fn origin(origin: kind::Origin) -> Origin {
    match origin {
        kind::Origin::Created => Origin::Created,
        kind::Origin::Adopted => Origin::Adopted,
    }
}

/// Whether something was made by our login, and not before the intent was written down.
fn made_by_us(provenance: &Provenance, login: &Login, intent: &Intent) -> bool {
    provenance.author.as_ref() == Some(&login.id) && provenance.created.is_some_and(|created| created >= intent.at)
}

/// A difference between a declared and an observed value, if there is one. Undeclared fields are not compared.
fn differs<'a, T: PartialEq + ?Sized>(declared: Option<&'a T>, observed: &T) -> Option<&'a T> {
    declared.filter(|declared| *declared != observed)
}

fn difference(field: &str, declared: impl std::fmt::Display, observed: impl std::fmt::Display) -> kind::Difference {
    kind::Difference { field: field.to_owned(), declared: shortened(declared), observed: shortened(observed) }
}

/// Values of the far side are shown, but not at any length.
fn shortened(value: impl std::fmt::Display) -> String {
    thoughtspot_client::error::said(&value.to_string())
}

fn list<'a>(values: impl IntoIterator<Item = &'a String>) -> String {
    let values: BTreeSet<&str> = values.into_iter().map(String::as_str).collect();
    values.into_iter().collect::<Vec<_>>().join(", ")
}

fn to_client(visibility: Visibility) -> thoughtspot_client::domain::Visibility {
    match visibility {
        Visibility::Sharable => thoughtspot_client::domain::Visibility::Sharable,
        Visibility::NonSharable => thoughtspot_client::domain::Visibility::NonSharable,
    }
}

/// How fresh an answer must be, in the inventory's words.
fn to_inventory(look: kind::Look) -> inventory::Look {
    match look {
        kind::Look::Known => inventory::Look::Known,
        kind::Look::Fresh => inventory::Look::Fresh,
    }
}

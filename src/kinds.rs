//! A file per kind, and beside it a folder of what it decides. What the kinds share is here, and small; the rules they all inherit are
//! the engine's.

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
use thoughtspot_engine::kind::{self, Adopt, LastReport, Mode, Report, Terms};

use crate::managed::{Common, ManagedResource};

/// The policies of a resource, as the engine wants them.
fn terms<K: ManagedResource>(resource: &K) -> Terms {
    let Common { status, policy, adoption, suspended, .. } = resource.common();
    Terms {
        mode: match policy {
            ManagementPolicy::Manage => Mode::Manage,
            ManagementPolicy::Observe => Mode::Observe,
            ManagementPolicy::CreateOnly => Mode::CreateOnce,
        },
        initialized: status.is_some_and(|status| status.initialized),
        adopt: match adoption {
            AdoptionPolicy::Fail => Adopt::No,
            AdoptionPolicy::AdoptIfMatching => Adopt::IfMatching,
            AdoptionPolicy::Adopt => Adopt::Yes,
        },
        ends: resource.on_delete() != OnDelete::Retain,
        suspended,
        id: resource.held_id().map(ToString::to_string),
    }
}

/// Puts the engine's report on a resource into the common part of its status.
fn put_report<K: ManagedResource>(status: &mut ObjectStatus, resource: &K, report: Report) {
    let manages = resource.common().policy.writes();
    status.initialized = report.initialized;
    status.observed_generation = report.generation;
    status.conditions = report.conditions;
    status.last_handled_reconcile_at = report.handled;
    status.on_delete = Some(if manages { resource.ends_in(status.origin) } else { OnDelete::Retain });
    if !manages {
        status.origin = None; // what is only observed is nobody's: to manage it again is to adopt it
    }
    let differences = report.differences.into_iter();
    status.differences = differences.map(|d| Difference { field: d.field, declared: d.declared, observed: d.observed }).collect();
}

/// What [`put_report`] left in the common part of status.
fn last_report(status: &ObjectStatus) -> LastReport<'_> {
    let of =
        |d: &Difference| kind::Difference { field: d.field.clone(), declared: d.declared.clone(), observed: d.observed.clone() };
    LastReport {
        conditions: &status.conditions,
        differences: status.differences.iter().map(of).collect(),
        handled: status.last_handled_reconcile_at.as_deref(),
    }
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
    thoughtspot_client::said::said(&value.to_string())
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

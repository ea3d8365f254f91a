//! The far side: rows in memory, an inventory that can be made stale, and mishaps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use thoughtspot_engine::{Fault, Look};

use crate::thing::BORN_MS;

/// One thing on the far side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub id: u64,
    pub name: String,
    pub text: String,
    /// Whether the operator's login made it.
    pub by_us: bool,
    /// When, in milliseconds since 1970 by the far side's clock.
    pub made: i64,
}

/// The calls of the far side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Look,
    Create,
    Update,
    Remove,
}

/// What befalls a call.
#[derive(Clone, Debug)]
pub enum Mishap {
    /// None: the one after it is for a later call.
    Spare,
    /// Nothing done, this answer.
    Refuse(Fault),
    /// Done, and this answer.
    Lose(Fault),
    /// Nothing done, and answered as if it were.
    Ignore,
    /// Nothing done, no answer.
    Hang,
}

/// How rows are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    Id(u64),
    Name(String),
}

#[derive(Default)]
struct State {
    rows: BTreeMap<u64, Row>,
    /// What the inventory knows where that is not the truth.
    stale: Option<BTreeMap<u64, Row>>,
    last_id: u64,
    /// Milliseconds since the clock's start; each new row takes one.
    clock: i64,
    mishaps: Vec<(Call, Mishap)>,
    writes: Vec<String>,
    looks: Vec<Look>,
    hangs_for: Option<String>,
}

/// The far side. Cheap to clone.
#[derive(Clone, Default)]
pub struct Far(Arc<Mutex<State>>);

impl Far {
    /// Somebody else makes a row; its id.
    pub fn foreign(&self, name: &str, text: &str) -> u64 {
        self.state().insert(name, text, false)
    }

    /// The operator's login makes a row that no object announced, or another one did; its id.
    pub fn made_by_our_login(&self, name: &str, text: &str) -> u64 {
        self.state().insert(name, text, true)
    }

    /// Somebody else deletes the row.
    pub fn lose(&self, id: u64) {
        self.state().rows.remove(&id).unwrap();
    }

    /// Somebody else changes the row's text.
    pub fn edit(&self, id: u64, text: &str) {
        self.state().rows.get_mut(&id).unwrap().text = text.to_owned();
    }

    /// From now on the inventory knows what is true now; our own writes still reach it.
    pub fn freeze_inventory(&self) {
        let mut state = self.state();
        state.stale = Some(state.rows.clone());
    }

    /// From now on the inventory does not know this row.
    pub fn forget_in_inventory(&self, id: u64) {
        self.freeze_inventory();
        self.state().stale.as_mut().unwrap().remove(&id).unwrap();
    }

    /// The next call of this sort ends this way. Several are used up in turn.
    pub fn mishap(&self, call: Call, mishap: Mishap) {
        self.state().mishaps.push((call, mishap));
    }

    /// From now on no look for this name is answered.
    pub fn hang_for(&self, name: &str) {
        self.state().hangs_for = Some(name.to_owned());
    }

    /// The rows: id, name, text.
    pub fn rows(&self) -> Vec<(u64, String, String)> {
        self.state().rows.values().map(|row| (row.id, row.name.clone(), row.text.clone())).collect()
    }

    /// Every write that was asked for, refused ones included.
    pub fn writes(&self) -> Vec<String> {
        self.state().writes.clone()
    }

    /// How closely it was looked, each time.
    pub fn looks(&self) -> Vec<Look> {
        self.state().looks.clone()
    }

    pub fn clock(&self) -> i64 {
        BORN_MS + self.state().clock
    }

    pub async fn find(&self, by: &By, look: Look) -> Result<Option<Row>, Fault> {
        self.state().looks.push(look);
        let hangs = matches!(by, By::Name(name) if self.state().hangs_for.as_ref() == Some(name));
        if hangs {
            std::future::pending::<()>().await;
        }
        self.meet(Call::Look, |_| ()).await?;
        let state = self.state();
        let known = if look == Look::Known { state.stale.as_ref() } else { None };
        let rows = known.unwrap_or(&state.rows);
        Ok(match by {
            By::Id(id) => rows.get(id).cloned(),
            By::Name(name) => rows.values().find(|row| row.name == *name).cloned(),
        })
    }

    pub async fn create(&self, name: &str, text: &str) -> Result<(), Fault> {
        self.state().writes.push(format!("create {name}"));
        if self.state().rows.values().any(|row| row.name == name) {
            return Err(Fault::Stalled { reason: "Refused", message: format!("{name} exists already") });
        }
        self.meet(Call::Create, |state| {
            state.insert(name, text, true);
        })
        .await
    }

    pub async fn update(&self, id: u64, name: &str, text: &str) -> Result<(), Fault> {
        self.state().writes.push(format!("update {id}"));
        self.meet(Call::Update, |state| {
            let row = state.rows.get_mut(&id).unwrap();
            (row.name, row.text) = (name.to_owned(), text.to_owned());
        })
        .await
    }

    pub async fn remove(&self, id: u64) -> Result<(), Fault> {
        self.state().writes.push(format!("remove {id}"));
        self.meet(Call::Remove, |state| drop(state.rows.remove(&id))).await
    }

    /// Does it, unless a mishap is due.
    async fn meet(&self, call: Call, effect: impl FnOnce(&mut State)) -> Result<(), Fault> {
        let mishap = self.state().befalls(call);
        match mishap {
            None | Some(Mishap::Spare) => effect(&mut self.state()),
            Some(Mishap::Ignore) => {}
            Some(Mishap::Refuse(fault)) => return Err(fault),
            Some(Mishap::Lose(fault)) => {
                effect(&mut self.state());
                return Err(fault);
            }
            Some(Mishap::Hang) => std::future::pending().await,
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    fn insert(&mut self, name: &str, text: &str, by_us: bool) -> u64 {
        self.clock += 1;
        self.last_id += 1;
        let row = Row { id: self.last_id, name: name.to_owned(), text: text.to_owned(), by_us, made: BORN_MS + self.clock };
        if let Some(stale) = self.stale.as_mut().filter(|_| by_us) {
            stale.insert(row.id, row.clone());
        }
        self.rows.insert(row.id, row);
        self.last_id
    }

    fn befalls(&mut self, call: Call) -> Option<Mishap> {
        let position = self.mishaps.iter().position(|(of, _)| *of == call)?;
        Some(self.mishaps.remove(position).1)
    }
}

/// A failure that time cures.
pub fn unavailable() -> Fault {
    Fault::Transient { reason: "Unavailable", message: "no answer".to_owned() }
}

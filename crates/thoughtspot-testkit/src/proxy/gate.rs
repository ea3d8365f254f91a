//! Counts requests and stops one of them, chosen by what it is and not by when it comes: two runs of a program that does several
//! things at once have the same requests in another order.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// One request of a run: what it asks, and the how-manieth it is to ask that, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Which {
    /// Server, method and path, without what differs from run to run.
    pub label: String,
    /// 1 for the first.
    pub nth: usize,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (no. {})", self.label, self.nth)
    }
}

/// When a request is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the server hears of it. It never will.
    Unserved,
    /// The server has done it, and the answer is on its way. It never arrives.
    Unanswered,
    /// The answer was sent.
    Answered,
}

impl Moment {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Unserved, Self::Unanswered, Self::Answered];
}

/// A request that came through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Which it was.
    pub which: Which,
    /// The status of its answer; none while there is none.
    pub status: Option<u16>,
}

/// Counts what comes through any number of proxies. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Mutex<Count>>);

#[derive(Debug, Default)]
struct Count {
    passed: Vec<Passed>,
    counts: HashMap<String, usize>,
    catch: Option<(Which, Moment, Arc<watch::Sender<bool>>)>,
    /// What came before the last reset is not counted with what came after it.
    epoch: usize,
}

/// A request that will be stopped, should it come.
#[derive(Debug)]
pub struct Catch(watch::Receiver<bool>);

impl Catch {
    /// Resolves when the request has been stopped, which may be never.
    pub async fn caught(&mut self) {
        if self.0.wait_for(|caught| *caught).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Gate {
    /// Begins to count anew, and stops nothing any more.
    pub fn reset(&self) {
        let mut count = self.count();
        let epoch = count.epoch + 1;
        *count = Count { epoch, ..Count::default() };
    }

    /// What came through since the last reset, in order.
    pub fn passed(&self) -> Vec<Passed> {
        self.count().passed.clone()
    }

    /// Stops this request when it comes.
    pub fn catch(&self, which: Which, moment: Moment) -> Catch {
        let (told, caught) = watch::channel(false);
        self.count().catch = Some((which, moment, Arc::new(told)));
        Catch(caught)
    }

    /// A request comes.
    pub(super) fn arrive(&self, label: String) -> Ticket {
        let mut count = self.count();
        let nth = count.counts.entry(label.clone()).or_default();
        *nth += 1;
        let which = Which { label, nth: *nth };
        let index = count.passed.len();
        count.passed.push(Passed { which: which.clone(), status: None });
        let stop = count.catch.take_if(|(caught, _, _)| *caught == which).map(|(_, moment, told)| (moment, told));
        Ticket { gate: self.clone(), epoch: count.epoch, index, stop }
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request on its way.
pub(super) struct Ticket {
    gate: Gate,
    epoch: usize,
    index: usize,
    stop: Option<(Moment, Arc<watch::Sender<bool>>)>,
}

impl Ticket {
    /// Does not come back if the request is stopped here: it ends with its connection.
    pub(super) async fn at(&self, moment: Moment) {
        if let Some((stop, told)) = &self.stop
            && *stop == moment
        {
            told.send_replace(true);
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn served(&self, status: u16) {
        let mut count = self.gate.count();
        if count.epoch == self.epoch
            && let Some(passed) = count.passed.get_mut(self.index)
        {
            passed.status = Some(status);
        }
    }
}

impl Drop for Ticket {
    /// It is kept as long as its answer is being written.
    fn drop(&mut self) {
        if let Some((Moment::Answered, told)) = &self.stop {
            told.send_replace(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_of_its_kind_is_stopped_and_no_other() {
        let gate = Gate::default();
        let mut catch = gate.catch(Which { label: "GET a".to_owned(), nth: 2 }, Moment::Unserved);
        for label in ["GET a", "GET b"] {
            gate.arrive(label.to_owned()).at(Moment::Unserved).await;
        }
        let second = gate.arrive("GET a".to_owned());
        tokio::select! {
            () = catch.caught() => {}
            () = second.at(Moment::Unserved) => panic!("let through"),
        }
        assert_eq!(gate.passed().len(), 3);
    }

    #[tokio::test]
    async fn an_answer_that_was_sent_is_told_of_when_it_has_gone() {
        let gate = Gate::default();
        let mut catch = gate.catch(Which { label: "GET a".to_owned(), nth: 1 }, Moment::Answered);
        let ticket = gate.arrive("GET a".to_owned());
        ticket.at(Moment::Unanswered).await;
        ticket.served(200);
        drop(ticket);
        catch.caught().await;
        assert_eq!(gate.passed()[0].status, Some(200));
    }
}

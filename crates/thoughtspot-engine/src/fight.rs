//! Fields that somebody keeps changing back: noticed after three repairs, and from then on repaired ever more rarely.
//!
//! What is decided is pure; only [`Fights`] remembers. A restart forgets the count, but not a fight, which the status tells.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use crate::conditions;
use crate::kind::Difference;

/// How many repairs of one field make a fight.
const ROUNDS: u32 = 3;
/// Repairs that lie further apart are not of one fight.
const APART: SignedDuration = SignedDuration::from_hours(6);
/// The shortest and the longest pause before a field that is fought about is repaired again.
const PAUSE_LEAST: SignedDuration = SignedDuration::from_mins(1);
const PAUSE_MOST: SignedDuration = SignedDuration::from_hours(24);

/// For how long the repairs of an object that nobody came for since are kept in mind: it may be gone.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// What was repaired of one object, since it was last declared anew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repairs {
    generation: Option<i64>,
    fields: Vec<Repaired>,
}

/// One field that was found to be changed, and was changed back.
#[derive(Clone, Debug, PartialEq)]
struct Repaired {
    /// As last found.
    difference: Difference,
    rounds: u32,
    first: Timestamp,
    last: Timestamp,
}

impl Repaired {
    fn is_fought(&self) -> bool {
        self.rounds >= ROUNDS
    }

    /// Until when it is left as it is: for as long as the fight has lasted so far, so that each pause is about twice the one before.
    fn until(&self) -> Timestamp {
        let pause = self.last.duration_since(self.first).clamp(PAUSE_LEAST, PAUSE_MOST);
        self.last.saturating_add(pause).unwrap_or(Timestamp::MAX)
    }

    /// Whether nobody has changed it back for so long that the next time would be another matter.
    fn is_over(&self, now: Timestamp) -> bool {
        if self.is_fought() { now >= self.until() } else { now.duration_since(self.last) > APART }
    }
}

impl Repairs {
    /// What is still true of an object of this generation. Whoever declares it anew has a say: it is made true at once.
    fn of(self, generation: Option<i64>) -> Repairs {
        if self.generation == generation { self } else { Repairs { generation, fields: Vec::new() } }
    }

    /// The fights that the status tells of, for an operator that has just started. How long they have lasted is how long they have been
    /// told of.
    fn told(generation: Option<i64>, conditions: &[Condition], differences: &[Difference], now: Timestamp) -> Repairs {
        let fought = conditions.iter().find(|c| conditions::is_fought(c) && c.observed_generation == generation);
        let since = fought.map(|condition| condition.last_transition_time.0);
        let repaired = |(first, difference): (Timestamp, &Difference)| Repaired {
            difference: difference.clone(),
            rounds: ROUNDS,
            first,
            last: now,
        };
        let fields = since.into_iter().flat_map(|first| differences.iter().map(move |difference| (first, difference)));
        Repairs { generation, fields: fields.map(repaired).collect() }
    }

    /// Keeps in mind that these were changed back now. True if one of them has become a fight by that.
    pub(crate) fn repaired(&mut self, differences: &[Difference], now: Timestamp) -> bool {
        let mut news = false;
        for difference in differences {
            self.fields.retain(|known| known.is_fought() || !known.is_over(now));
            match self.fields.iter_mut().find(|known| known.difference.field == difference.field) {
                Some(known) => {
                    (known.difference, known.last) = (difference.clone(), now);
                    known.rounds = known.rounds.saturating_add(1);
                    news |= known.rounds == ROUNDS;
                }
                None => self.fields.push(Repaired { difference: difference.clone(), rounds: 1, first: now, last: now }),
            }
        }
        news
    }

    /// Keeps in mind that everything was found as declared.
    pub(crate) fn found_as_declared(&mut self, now: Timestamp) {
        self.fields.retain(|known| !known.is_over(now));
    }

    /// Whether to leave a field as it is for now.
    pub(crate) fn holds(&self, field: &str, now: Timestamp) -> bool {
        self.fought().any(|known| known.difference.field == field && now < known.until())
    }

    /// Keeps in mind how these were found, and left.
    pub(crate) fn left(&mut self, differences: Vec<Difference>) {
        for difference in differences {
            let known = self.fields.iter_mut().find(|known| known.difference.field == difference.field);
            known.into_iter().for_each(|known| known.difference = difference.clone());
        }
    }

    pub(crate) fn is_fight(&self) -> bool {
        self.fought().next().is_some()
    }

    /// The fields that somebody keeps changing back, as last found.
    pub(crate) fn differences(&self) -> Vec<Difference> {
        self.fought().map(|known| known.difference.clone()).collect()
    }

    /// What users read of the fight; nothing that changes before the next repair.
    pub(crate) fn message(&self) -> Option<String> {
        let until = self.fought().map(Repaired::until).min()?;
        let words = |Difference { field, declared, observed }| format!("{field} (declared {declared:?}, found {observed:?})");
        let fields: Vec<String> = self.differences().into_iter().map(words).collect();
        let until = until.round(jiff::Unit::Second).unwrap_or(until);
        Some(format!(
            "somebody keeps changing {}: find out who, or take it out of spec; it is changed back again after {until}",
            fields.join(", ")
        ))
    }

    fn fought(&self) -> impl Iterator<Item = &Repaired> {
        self.fields.iter().filter(|known| known.is_fought())
    }
}

/// The time, by a clock that nobody sets while the operator runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: (Timestamp, tokio::time::Instant),
}

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        let (wall, steady) = self.began;
        wall.saturating_add(steady.elapsed()).unwrap_or(Timestamp::MAX)
    }
}

/// What was repaired of each object, by uid.
pub(crate) struct Fights {
    pub(crate) clock: Clock,
    repairs: Mutex<HashMap<String, Repairs>>,
}

impl Default for Fights {
    fn default() -> Self {
        let began = (Timestamp::now(), tokio::time::Instant::now());
        Fights { clock: Clock { began }, repairs: Mutex::default() }
    }
}

impl Fights {
    /// What is known of the object with this uid, generation and status.
    pub(crate) fn of(&self, uid: &str, generation: Option<i64>, conditions: &[Condition], differences: &[Difference]) -> Repairs {
        match self.repairs().get(uid) {
            Some(known) => known.clone().of(generation),
            None => Repairs::told(generation, conditions, differences, self.clock.now()),
        }
    }

    /// Keeps it for the next pass; nothing where there is nothing to keep.
    pub(crate) fn keep(&self, uid: String, repairs: Repairs) {
        let (now, mut all) = (self.clock.now(), self.repairs());
        if repairs.fields.is_empty() {
            all.remove(&uid);
        } else {
            all.insert(uid, repairs);
            all.retain(|_, kept| kept.fields.iter().any(|field| now.duration_since(field.last) < KEPT));
        }
    }

    fn repairs(&self) -> MutexGuard<'_, HashMap<String, Repairs>> {
        self.repairs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn differs(field: &str) -> Vec<Difference> {
        vec![Difference { field: field.to_owned(), declared: "ours".to_owned(), observed: "theirs".to_owned() }]
    }

    /// What is known after this field was repaired at these minutes.
    fn repaired_at(minutes: &[i64]) -> Repairs {
        let mut repairs = Repairs::default();
        for minute in minutes {
            repairs.repaired(&differs("text"), at(*minute));
        }
        repairs
    }

    #[test]
    fn three_repairs_of_one_field_within_hours_are_a_fight() {
        let check = |minutes: &[i64], fight: bool| assert_eq!(repaired_at(minutes).is_fight(), fight, "{minutes:?}");
        check(&[0, 10], false);
        check(&[0, 10, 20], true);
        check(&[0, 10, 500], false);
        check(&[0, 300, 600], true);
        let mut repairs = repaired_at(&[0, 10]);
        assert!(!repairs.repaired(&differs("name"), at(20)) && !repairs.is_fight(), "of two fields");
        assert!(repairs.repaired(&differs("text"), at(30)), "news once");
        assert!(!repairs.repaired(&differs("text"), at(60)));
    }

    #[test]
    fn each_pause_is_about_twice_the_one_before_up_to_a_day() {
        let mut repairs = repaired_at(&[0, 10, 20]);
        let (mut minute, mut pauses) = (20, Vec::new());
        for _ in 0..9 {
            let held = |minute: i64| repairs.holds("text", at(minute));
            let pause = (1..).find(|pause| !held(minute + pause)).unwrap();
            pauses.push(pause);
            minute += pause;
            repairs.repaired(&differs("text"), at(minute));
        }
        assert_eq!(pauses, [20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
        assert!(!repairs.holds("name", at(minute)));
    }

    #[test]
    fn a_fight_is_over_when_nobody_changed_it_back_during_the_pause() {
        let mut repairs = repaired_at(&[0, 10, 20]);
        repairs.found_as_declared(at(39));
        assert!(repairs.is_fight());
        repairs.found_as_declared(at(40));
        assert_eq!((repairs.is_fight(), repairs.message()), (false, None));
    }

    #[test]
    fn whoever_declares_it_anew_is_heard_at_once() {
        let mut repairs = repaired_at(&[0, 10, 20]);
        repairs.generation = Some(1);
        assert!(repairs.clone().of(Some(1)).is_fight());
        assert!(!repairs.of(Some(2)).is_fight());
    }
}

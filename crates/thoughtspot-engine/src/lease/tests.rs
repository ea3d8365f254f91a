//! Candidates whose clocks differ, whose requests and answers are late or lost, and who stand still for as long as chance has it.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;
use crate::fence::Fence;

const TIMING: Timing = Timing { lease: Duration::from_secs(30) };

fn of(holder: &str, seconds: i32, renewed: i64) -> LeaseSpec {
    let at = Timestamp::from_second(renewed).unwrap();
    LeaseSpec {
        holder_identity: Some(holder.to_owned()),
        lease_duration_seconds: Some(seconds),
        renew_time: Some(MicroTime(at)),
        lease_transitions: Some(7),
        ..LeaseSpec::default()
    }
}

fn taken(step: Step) -> LeaseSpec {
    match step {
        Step::Take(spec) => *spec,
        other @ (Step::Wait(_) | Step::Lost) => panic!("{other:?}"),
    }
}

#[test]
fn the_times_of_thirty_seconds_are_those_that_are_documented() {
    let seconds = [TIMING.give_up(), TIMING.renew_every(), TIMING.look_every(), TIMING.attempt(), TIMING.write()];
    assert_eq!(seconds.map(|time| time.as_secs()), [20, 4, 2, 5, 15]);
    assert_eq!(Timing::of_lease(300).write(), WRITE_MAX);
}

#[test]
fn nobody_waits_for_a_lease_that_nobody_has() {
    let (now, wall) = (Instant::now(), Timestamp::now());
    let mut first = Candidate::new("a".to_owned(), TIMING);
    let spec = taken(first.step(None, now, wall));
    assert_eq!((spec.holder_identity.as_deref(), spec.lease_duration_seconds), (Some("a"), Some(30)));
    assert_eq!(first.stored(now), now + TIMING.lease());

    let released = first.released(&spec).unwrap();
    let mut second = Candidate::new("b".to_owned(), TIMING);
    assert_eq!(second.released(&spec), None, "only who has it can release it");
    assert!(matches!(second.step(Some(&spec), now, wall), Step::Wait(_)));
    let spec = taken(second.step(Some(&released), now, wall));
    assert_eq!(spec.lease_transitions, Some(2));
}

#[test]
fn a_lease_is_taken_over_once_it_was_seen_unchanged_for_as_long_as_its_holder_counts() {
    for (theirs, lease) in [(30, 30), (60, 60), (3, 30)] {
        let (start, wall) = (Instant::now(), Timestamp::now());
        let mut candidate = Candidate::new("b".to_owned(), TIMING);
        let at = |seconds| start + Duration::from_secs(seconds);
        let old = of("a", theirs, 1);
        assert!(matches!(candidate.step(Some(&old), start, wall), Step::Wait(_)));
        let renewed = of("a", theirs, 2);
        assert!(matches!(candidate.step(Some(&renewed), at(29), wall), Step::Wait(_)));
        let wait = candidate.step(Some(&renewed), at(29 + lease - 1), wall);
        assert_eq!(wait, Step::Wait(Duration::from_secs(1)), "no longer than it takes");
        let spec = taken(candidate.step(Some(&renewed), at(29 + lease), wall));
        assert_eq!((spec.lease_transitions, spec.acquire_time), (Some(8), Some(MicroTime(wall))));
    }
}

#[test]
fn a_lease_that_was_deleted_is_waited_for_as_if_it_was_there() {
    let (start, wall) = (Instant::now(), Timestamp::now());
    let mut candidate = Candidate::new("b".to_owned(), TIMING);
    assert!(matches!(candidate.step(Some(&of("a", 30, 1)), start, wall), Step::Wait(_)));
    assert!(matches!(candidate.step(None, start + Duration::from_secs(29), wall), Step::Wait(_)));
    assert!(matches!(candidate.step(None, start + Duration::from_secs(30), wall), Step::Take(_)));
}

#[test]
fn whoever_could_not_renew_or_finds_another_has_lost_it() {
    let (start, wall) = (Instant::now(), Timestamp::now());
    let leading = || {
        let mut candidate = Candidate::new("a".to_owned(), TIMING);
        let spec = taken(candidate.step(None, start, wall));
        candidate.stored(start);
        (candidate, spec)
    };
    let (mut candidate, spec) = leading();
    let renewal = taken(candidate.step(Some(&spec), start + Duration::from_secs(19), wall));
    assert_eq!((renewal.lease_transitions, renewal.acquire_time), (spec.lease_transitions, spec.acquire_time.clone()));
    assert_eq!(candidate.step(Some(&spec), start + Duration::from_secs(20), wall), Step::Lost);
    assert_eq!(leading().0.step(Some(&of("b", 30, 1)), start, wall), Step::Lost);
    assert_eq!(leading().0.step(None, start, wall), Step::Lost);
}

#[test]
fn each_renewal_shows_whatever_the_clock_says() {
    let (now, wall) = (Instant::now(), Timestamp::from_second(1_000).unwrap());
    let mut candidate = Candidate::new("a".to_owned(), TIMING);
    let mut seen = vec![taken(candidate.step(None, now, wall))];
    candidate.stored(now);
    for seconds in [1_000, 1_000, 900, 1_001, 1_000] {
        let last = seen.last().cloned();
        let renewal = taken(candidate.step(last.as_ref(), now, Timestamp::from_second(seconds).unwrap()));
        assert!(!seen.contains(&renewal), "{renewal:?}");
        seen.push(renewal);
    }
}

/// What may happen next, to one of the candidates.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// It asks what is stored.
    Ask,
    /// It hears what was stored when it asked, and may send a write of the Lease.
    Hear,
    /// The oldest write of the Lease that is under way arrives. Whether its sender hears of that is another matter.
    Arrive { heard: bool },
    /// All of these in a row, as when nothing is late.
    Turn,
    /// It starts over, as another.
    Restart,
}

const TURN: [Event; 3] = [Event::Ask, Event::Hear, Event::Arrive { heard: true }];

/// A candidate with its clock, and what is under way between it and the store.
struct Replica {
    candidate: Candidate,
    /// When the last write has ended that it let begin, in this life or an earlier one.
    until: Duration,
    skew: Duration,
    answer: Option<(Option<LeaseSpec>, u64)>,
    sent: VecDeque<(LeaseSpec, u64, Instant)>,
    /// Counts its lives: what was sent in an earlier one is of nobody.
    life: u32,
}

struct Model {
    replicas: Vec<Replica>,
    stored: Option<LeaseSpec>,
    version: u64,
    start: Instant,
    now: Duration,
    /// Who led, in turn.
    led: Vec<String>,
    /// Who began while somebody else might still write, and when.
    overlaps: Vec<(String, Duration)>,
}

impl Model {
    fn new(skews: &[u64]) -> Model {
        let replica = |(i, skew): (usize, &u64)| Replica {
            candidate: Candidate::new(format!("{i}-0"), TIMING),
            until: Duration::ZERO,
            skew: Duration::from_secs(*skew),
            answer: None,
            sent: VecDeque::new(),
            life: 0,
        };
        let replicas = skews.iter().enumerate().map(replica).collect();
        Model {
            replicas,
            stored: None,
            version: 0,
            start: Instant::now(),
            now: Duration::ZERO,
            led: Vec::new(),
            overlaps: Vec::new(),
        }
    }

    fn happens(&mut self, who: usize, event: Event) {
        let replica = &mut self.replicas[who];
        // Neither clock of theirs is that of the others.
        let local = self.start + replica.skew + self.now;
        let wall = Timestamp::from_second(i64::try_from((replica.skew + self.now).as_secs()).unwrap()).unwrap();
        match event {
            Event::Ask => replica.answer = Some((self.stored.clone(), self.version)),
            Event::Hear => {
                let Some((stored, version)) = replica.answer.take() else { return };
                match replica.candidate.step(stored.as_ref(), local, wall) {
                    Step::Take(spec) => replica.sent.push_back((*spec, version, local)),
                    Step::Wait(_) => {}
                    Step::Lost => self.restart(who),
                }
            }
            Event::Arrive { heard } => {
                let Some((spec, version, sent)) = replica.sent.pop_front() else { return };
                if version != self.version {
                    return;
                }
                let of_this_life = spec.holder_identity.as_deref() == Some(replica.candidate.identity());
                (self.stored, self.version) = (Some(spec), version + 1);
                if heard && of_this_life {
                    replica.until = replica.candidate.stored(sent).duration_since(self.start) - replica.skew;
                    self.begins(who);
                }
            }
            Event::Turn => TURN.iter().for_each(|event| self.happens(who, *event)),
            Event::Restart => self.restart(who),
        }
    }

    fn begins(&mut self, who: usize) {
        let identity = self.replicas[who].candidate.identity().to_owned();
        if self.replicas.iter().enumerate().any(|(other, replica)| other != who && replica.until > self.now) {
            self.overlaps.push((identity.clone(), self.now));
        }
        if self.led.last() != Some(&identity) {
            self.led.push(identity);
        }
    }

    fn restart(&mut self, who: usize) {
        let replica = &mut self.replicas[who];
        replica.life += 1;
        replica.candidate = Candidate::new(format!("{who}-{}", replica.life), TIMING);
        replica.answer = None;
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Turn),
        2 => Just(Event::Ask),
        2 => Just(Event::Hear),
        2 => any::<bool>().prop_map(|heard| Event::Arrive { heard }),
        1 => Just(Event::Restart),
    ]
}

/// At once, or later, or about when a lease has run out: a process stands still, a request hangs.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![5 => 0..2_000_u64, 2 => 2_000..20_000_u64, 2 => 27_000..34_000_u64]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn nobody_begins_while_another_may_write_whatever_the_clocks_say_and_the_network_does(
        skews in proptest::collection::vec(0..7_200_u64, 2..4),
        events in proptest::collection::vec((0..3_usize, event(), pause()), 1..100),
    ) {
        let mut model = Model::new(&skews);
        for (who, event, pause) in events {
            model.now += Duration::from_millis(pause);
            model.happens(who % skews.len(), event);
        }
        prop_assert!(model.overlaps.is_empty(), "{:?} of {:?}", model.overlaps, model.led);
    }
}

/// The property above says nothing of a world in which nobody ever leads.
#[test]
fn whoever_is_left_leads_after_the_lease_and_one_look() {
    let mut model = Model::new(&[0, 3_600]);
    model.happens(0, Event::Turn);
    while model.led.len() < 2 {
        assert!(model.now <= TIMING.lease() + TIMING.look_every());
        model.happens(1, Event::Turn);
        model.now += TIMING.look_every();
    }
    assert_eq!(model.led, ["0-0", "1-0"]);
}

#[tokio::test(start_paused = true)]
async fn the_fence_lets_writes_begin_for_half_a_lease_after_the_last_renewal() {
    let fence = Fence::closed();
    let mut candidate = Candidate::new("a".to_owned(), TIMING);
    fence.extend(candidate.stored(Instant::now()));
    tokio::time::advance(Duration::from_secs(15)).await;
    assert!(fence.admit(TIMING.write()).is_ok());
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(fence.admit(TIMING.write()).is_err());
    assert!(candidate.gives_up_at().unwrap() > Instant::now(), "it stops writing before it gives up");
}

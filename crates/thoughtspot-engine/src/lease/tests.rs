//! Candidates whose clocks differ, whose requests and answers are late or lost, and who stand still for as long as chance has it.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;
use crate::fence::Fence;

const TIMING: Timing = Timing { lease: Duration::from_secs(30) };

fn of(holder: &str, seconds: i32, renewed: i64) -> Lease {
    let at = Timestamp::from_second(renewed).unwrap();
    lease(LeaseSpec {
        holder_identity: Some(holder.to_owned()),
        lease_duration_seconds: Some(seconds),
        renew_time: Some(MicroTime(at)),
        lease_transitions: Some(7),
        ..LeaseSpec::default()
    })
}

fn lease(spec: LeaseSpec) -> Lease {
    Lease { spec: Some(spec), ..Lease::default() }
}

fn called(uid: &str, mut lease: Lease) -> Lease {
    lease.metadata.uid = Some(uid.to_owned());
    lease
}

fn taken(step: Step) -> Lease {
    match step {
        Step::Take(lease) => *lease,
        other @ (Step::Reserve(_) | Step::Wait(_) | Step::Lost) => panic!("{other:?}"),
    }
}

fn reserved(step: Step) -> Lease {
    match step {
        Step::Reserve(spec) => lease(*spec),
        other @ (Step::Take(_) | Step::Wait(_) | Step::Lost) => panic!("{other:?}"),
    }
}

/// A candidate that leads from `start` on, and the Lease that says so.
fn leading(identity: &str, start: Instant, wall: Timestamp) -> (Candidate, Lease) {
    let mut candidate = Candidate::new(identity.to_owned(), TIMING);
    let lease = taken(candidate.step(Some(&Lease::default()), start, wall));
    candidate.stored(start);
    (candidate, lease)
}

#[test]
fn the_times_of_thirty_seconds_are_those_that_are_documented() {
    let seconds = [TIMING.give_up(), TIMING.renew_every(), TIMING.look_every(), TIMING.attempt(), TIMING.write()];
    assert_eq!(seconds.map(|time| time.as_secs()), [20, 4, 2, 5, 15]);
    assert_eq!(Timing::of_lease(300).write(), WRITE_MAX);
}

#[test]
fn nobody_waits_for_a_lease_that_was_released() {
    let (now, wall) = (Instant::now(), Timestamp::now());
    let mut first = Candidate::new("a".to_owned(), TIMING);
    let lease = taken(first.step(Some(&Lease::default()), now, wall));
    let spec = lease.spec.clone().unwrap();
    assert_eq!((spec.holder_identity.as_deref(), spec.lease_duration_seconds), (Some("a"), Some(30)));
    assert_eq!(first.stored(now), now + TIMING.lease());

    let released = first.released(&spec).unwrap();
    let mut second = Candidate::new("b".to_owned(), TIMING);
    assert_eq!(second.released(&spec), None, "only who has it can release it");
    assert!(matches!(second.step(Some(&lease), now, wall), Step::Wait(_)));
    let lease = taken(second.step(Some(&self::lease(released)), now, wall));
    assert_eq!(lease.spec.unwrap().lease_transitions, Some(2));
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
        let spec = taken(candidate.step(Some(&renewed), at(29 + lease), wall)).spec.unwrap();
        assert_eq!((spec.lease_transitions, spec.acquire_time), (Some(8), Some(MicroTime(wall))));
    }
}

#[test]
fn where_there_is_no_lease_one_is_created_for_nobody_and_waited_for_like_any_other() {
    let (start, wall) = (Instant::now(), Timestamp::now());
    let at = |seconds| start + Duration::from_secs(seconds);
    let mut candidate = Candidate::new("a".to_owned(), TIMING);
    let created = called("1", reserved(candidate.step(None, start, wall)));
    candidate.reserved(&created, at(1));
    let mut other = Candidate::new("b".to_owned(), TIMING);
    for (candidate, since) in [(&mut candidate, 1), (&mut other, 3)] {
        assert!(matches!(candidate.step(Some(&created), at(3), wall), Step::Wait(_)));
        assert!(candidate.waits_for_unknown());
        assert!(matches!(candidate.step(Some(&created), at(since + 29), wall), Step::Wait(_)));
        taken(candidate.step(Some(&created), at(since + 30), wall));
    }
    candidate.stored(at(31));
    assert!(!candidate.waits_for_unknown());
}

#[test]
fn whoever_has_waited_for_a_lease_that_is_deleted_begins_to_wait_anew() {
    let (start, wall) = (Instant::now(), Timestamp::now());
    let at = |seconds| start + Duration::from_secs(seconds);
    for (seen, looks_in_between) in [(of("a", 30, 1), true), (of(UNKNOWN, 30, 1), true), (of(UNKNOWN, 30, 1), false)] {
        let mut candidate = Candidate::new("b".to_owned(), TIMING);
        candidate.step(Some(&called("1", seen.clone())), start, wall);
        if looks_in_between {
            // Its holder may have renewed it since, and that not be seen.
            reserved(candidate.step(None, at(29), wall));
        }
        // Somebody else has created it meanwhile. It says the same, and is another.
        let created = called("2", seen);
        assert!(matches!(candidate.step(Some(&created), at(30), wall), Step::Wait(_)));
        assert!(matches!(candidate.step(Some(&created), at(59), wall), Step::Wait(_)));
        taken(candidate.step(Some(&created), at(60), wall));
    }
}

#[test]
fn whoever_could_not_renew_or_finds_another_or_none_has_lost_it() {
    let (start, wall) = (Instant::now(), Timestamp::now());
    let (mut candidate, lease) = leading("a", start, wall);
    let renewal = taken(candidate.step(Some(&lease), start + Duration::from_secs(19), wall)).spec.unwrap();
    let spec = lease.spec.clone().unwrap();
    assert_eq!((renewal.lease_transitions, renewal.acquire_time), (spec.lease_transitions, spec.acquire_time));
    assert_eq!(candidate.step(Some(&lease), start + Duration::from_secs(20), wall), Step::Lost);
    for now_stored in [Some(of("b", 30, 1)), Some(Lease::default()), None] {
        assert_eq!(leading("a", start, wall).0.step(now_stored.as_ref(), start, wall), Step::Lost);
    }
}

#[test]
fn each_renewal_shows_whatever_the_clock_says() {
    let (now, wall) = (Instant::now(), Timestamp::from_second(1_000).unwrap());
    let (mut candidate, lease) = leading("a", now, wall);
    let mut seen = vec![lease];
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
    /// Somebody deletes the Lease, whoever has it.
    Delete,
}

const TURN: [Event; 3] = [Event::Ask, Event::Hear, Event::Arrive { heard: true }];

/// A candidate with its clock, and what is under way between it and the store.
struct Replica {
    candidate: Candidate,
    /// When the last write has ended that it let begin, in this life or an earlier one.
    until: Duration,
    skew: Duration,
    answer: Option<Option<Lease>>,
    sent: VecDeque<(Write, Instant)>,
    /// Counts its lives: what was sent in an earlier one is of nobody.
    life: u32,
}

/// A write of the Lease.
enum Write {
    /// Accepted where there is none, whatever was before.
    Create(Box<LeaseSpec>),
    /// Accepted on the version that it names.
    Replace(Box<Lease>),
}

struct Model {
    replicas: Vec<Replica>,
    stored: Option<Lease>,
    /// How often it was written.
    writes: u64,
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
            writes: 0,
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
            Event::Ask => replica.answer = Some(self.stored.clone()),
            Event::Hear => {
                let Some(stored) = replica.answer.take() else { return };
                match replica.candidate.step(stored.as_ref(), local, wall) {
                    Step::Reserve(spec) => replica.sent.push_back((Write::Create(spec), local)),
                    Step::Take(lease) => replica.sent.push_back((Write::Replace(lease), local)),
                    Step::Wait(_) => {}
                    Step::Lost => self.restart(who),
                }
            }
            Event::Arrive { heard } => {
                let Some((write, sent)) = replica.sent.pop_front() else { return };
                let Some(lease) = self.accept(write) else { return };
                let replica = &mut self.replicas[who];
                match lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()) {
                    Some(UNKNOWN) if heard => replica.candidate.reserved(&lease, local),
                    Some(of_this_life) if heard && of_this_life == replica.candidate.identity() => {
                        replica.until = replica.candidate.stored(sent).duration_since(self.start) - replica.skew;
                        self.begins(who);
                    }
                    Some(_) | None => {}
                }
            }
            Event::Turn => TURN.iter().for_each(|event| self.happens(who, *event)),
            Event::Restart => self.restart(who),
            Event::Delete => self.stored = None,
        }
    }

    /// As the API server does it: what it stores, if it does.
    fn accept(&mut self, write: Write) -> Option<Lease> {
        let mut lease = match (write, &self.stored) {
            (Write::Create(spec), None) => called(&self.writes.to_string(), lease(*spec)),
            (Write::Replace(lease), Some(stored)) if lease.metadata == stored.metadata => *lease,
            (Write::Create(_) | Write::Replace(_), _) => return None,
        };
        self.writes += 1;
        lease.metadata.resource_version = Some(self.writes.to_string());
        self.stored = Some(lease.clone());
        Some(lease)
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
        1 => Just(Event::Delete),
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
fn whoever_is_left_leads_after_the_lease_and_one_look_and_so_does_the_first_of_all() {
    let mut model = Model::new(&[0, 3_600]);
    for (who, led) in [(0, 1), (1, 2)] {
        let began = model.now;
        while model.led.len() < led {
            assert!(model.now - began <= TIMING.lease() + TIMING.look_every());
            model.happens(who, Event::Turn);
            model.now += TIMING.look_every();
        }
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

//! An operator of toys, between a stand-in API server and a far side.

use std::time::Duration;

use kube::core::DeserializeGuard;
use kube::{Api, Client};
use thoughtspot_engine::Live;
use thoughtspot_engine::cache::{Cache, Key};
use thoughtspot_engine::controller::{Managed, Reconciler};
use thoughtspot_engine::next::Next;
use thoughtspot_engine::writer::Writer;

use crate::api::{ApiServer, What};
use crate::far::Far;
use crate::thing::{MARKS, NAMESPACE, Thing, ThingSpec, ThingStatus};
use crate::toy::{INTERVAL, Knobs, Toy};

pub struct World {
    pub api: ApiServer,
    pub far: Far,
    pub knobs: Knobs,
    pub managed: Managed<Toy>,
    client: Client,
}

impl World {
    pub fn new() -> World {
        let (api, far, knobs) = (ApiServer::default(), Far::default(), Knobs::default());
        let client = api.client();
        let managed = operator(&client, &far, &knobs);
        World { api, far, knobs, managed, client }
    }

    /// A world with one object, `a`.
    pub fn with(spec: &ThingSpec) -> World {
        let world = World::new();
        world.api.apply("a", spec);
        world
    }

    /// A world with one object, `a`, that is as declared.
    pub async fn settled(spec: &ThingSpec) -> World {
        let world = World::with(spec);
        world.pass().await;
        assert_eq!(world.ready(), "True Ready");
        world
    }

    /// The operator dies and starts again: what it had in memory is lost.
    pub fn restart(&mut self) {
        self.managed = operator(&self.client, &self.far, &self.knobs);
    }

    /// The object as a watch shows it now.
    pub async fn live(&self, name: &str) -> Live<Thing> {
        let (cache, filler) = Cache::new(|_| Vec::new());
        let api: Api<DeserializeGuard<Thing>> = Api::namespaced(self.client.clone(), NAMESPACE);
        let filling = tokio::spawn(filler.run(vec![api], |_| {}));
        tokio::time::timeout(Duration::from_secs(60), cache.filled()).await.expect("the list comes at once");
        filling.abort();
        cache
            .get(&Key::new(NAMESPACE, name))
            .unwrap_or_else(|| panic!("no object {name:?}; the writes: {:#?}", self.api.writes()))
    }

    /// One pass over `a`.
    pub async fn pass(&self) -> Next {
        self.pass_after(0).await
    }

    /// One pass over `a` after so many failures in a row.
    pub async fn pass_after(&self, failures: u32) -> Next {
        let live = self.live("a").await;
        self.managed.reconcile(live, failures).await.next
    }

    /// The object `a`.
    pub fn a(&self) -> Thing {
        self.api.get("a").expect("the object is there")
    }

    pub fn status(&self) -> ThingStatus {
        self.a().status.unwrap_or_default()
    }

    /// The status and the reason of `a`'s condition `Ready`, if it has one.
    pub fn ready(&self) -> String {
        condition(&self.a(), "Ready")
    }

    /// The id and the origin that `a` holds.
    pub fn identity(&self) -> Option<(u64, String)> {
        let status = self.status();
        Some((status.id?, status.origin?))
    }

    pub fn has_intent(&self) -> bool {
        self.a().metadata.annotations.is_some_and(|all| all.contains_key(MARKS.intent))
    }

    pub fn has_finalizer(&self) -> bool {
        self.a().metadata.finalizers.is_some_and(|all| all.iter().any(|f| f == MARKS.finalizer))
    }

    /// How many times objects were marked, and their status written.
    pub fn kubernetes_writes(&self) -> (usize, usize) {
        let writes = self.api.writes();
        let of = |what| writes.iter().filter(|write| write.what == what).count();
        (of(What::Mark), of(What::Status))
    }
}

/// The status and the reason of a condition, as `True Ready`; empty where it is not said.
pub fn condition(thing: &Thing, type_: &str) -> String {
    let conditions = thing.status.iter().flat_map(|status| &status.conditions);
    conditions.filter(|c| c.type_ == type_).map(|c| format!("{} {}", c.status, c.reason)).collect()
}

/// Asserts that the next look is at the interval, or at most a twentieth later.
pub fn assert_resync(next: Next) {
    let Next::After(delay) = next else { panic!("looks again at the interval, not {next:?}") };
    assert!(delay >= INTERVAL && delay <= INTERVAL.mul_f64(1.05), "{delay:?}");
}

fn operator(client: &Client, far: &Far, knobs: &Knobs) -> Managed<Toy> {
    // A watch that shows nothing: each pass is given what is stored.
    let (cache, _) = Cache::new(|_| Vec::new());
    Managed::new(Toy::new(far.clone(), knobs.clone()), Writer::new(client.clone(), "test", MARKS), cache)
}

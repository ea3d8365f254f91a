//! The simulator as a value: started, watched, changed and stopped by whoever holds it.

use crate::core::Shared;
use crate::edit::Edit;
use crate::faults::{Hold, Moment, Rule};
use crate::journal::{Counters, Entry};
use crate::route::{self, RouteInfo};
use crate::server::{self, Serves};
use crate::settings::Settings;
use crate::state::dump::Dump;
use crate::state::load::BadSeed;
use crate::state::seed::Credentials;
use crate::{v1, v2};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How a simulator starts.
#[derive(Clone)]
pub struct Options {
    /// Where it listens; port 0 picks one. Default 127.0.0.1:0.
    pub listen: SocketAddr,
    /// Where control listens; none means on the same address.
    pub control_listen: Option<SocketAddr>,
    /// Who can sign in. Default: `tsadmin`, `Passw0rd-of-tsadmin`, `secret-key-of-simulator`.
    pub credentials: Credentials,
    /// How it behaves.
    pub settings: Settings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            control_listen: None,
            credentials: Credentials {
                admin_username: "tsadmin".to_owned(),
                admin_password: "Passw0rd-of-tsadmin".to_owned(),
                secret_key: "secret-key-of-simulator".to_owned(),
            },
            settings: Settings::default(),
        }
    }
}

/// A running ThoughtSpot. Dropping it stops it.
pub struct Simulator {
    shared: Arc<Shared>,
    api: Port,
    control: Option<Port>,
    serving: Mutex<Vec<Serving>>,
}

/// What listens on one port; it ends when `stop` is used or dropped.
struct Serving {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// An address that stays ours while nobody listens on it: otherwise whoever asks for any free port might be given it meanwhile.
struct Port {
    address: SocketAddr,
    _kept: TcpSocket,
}

impl Port {
    fn take(address: SocketAddr) -> io::Result<Self> {
        let kept = socket(address)?;
        kept.bind(address)?;
        Ok(Self { address: kept.local_addr()?, _kept: kept })
    }

    fn listen(&self) -> io::Result<TcpListener> {
        let socket = socket(self.address)?;
        socket.bind(self.address)?;
        socket.listen(1024)
    }
}

/// One that shares its address with others of ours, as long as one of them listens.
fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    Ok(socket)
}

impl Simulator {
    /// Starts a simulator that serves when this returns.
    ///
    /// # Errors
    /// When an address cannot be bound.
    pub async fn start(options: Options) -> io::Result<Self> {
        let simulator = Self {
            api: Port::take(options.listen)?,
            control: options.control_listen.map(Port::take).transpose()?,
            shared: Arc::new(Shared::new(options.credentials, options.settings)),
            serving: Mutex::default(),
        };
        simulator.serve()?;
        Ok(simulator)
    }

    /// Every endpoint there is, whatever the settings, in the order in which they are looked up.
    pub fn routes() -> Vec<RouteInfo> {
        route::endpoints(v2::routes().chain(v1::routes()))
    }

    fn serve(&self) -> io::Result<()> {
        let (listener, control) = (self.api.listen()?, self.control.as_ref().map(Port::listen).transpose()?);
        let serves = if control.is_some() { Serves::Api } else { Serves::Both };
        let listeners = [(Some(listener), serves), (control, Serves::Control)];
        let listeners = listeners.into_iter().filter_map(|(listener, serves)| Some((listener?, serves)));
        self.serving().extend(listeners.map(|(listener, serves)| {
            let (stop, stopped) = oneshot::channel();
            Serving { stop, task: tokio::spawn(server::serve(self.shared.clone(), listener, serves, stopped)) }
        }));
        Ok(())
    }

    fn serving(&self) -> std::sync::MutexGuard<'_, Vec<Serving>> {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the port and every connection. The world, tokens and journal stay for [`Simulator::restart`].
    pub async fn stop(&self) {
        let serving: Vec<Serving> = self.serving().drain(..).collect();
        for Serving { stop, task } in serving {
            drop(stop);
            if let Err(error) = task.await {
                tracing::warn!(%error, "a listener ended badly");
            }
        }
    }

    /// Serves again, on the same port and with all there was. Ends what still serves first.
    ///
    /// # Errors
    /// When somebody else took the port meanwhile.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        self.serve()
    }

    /// `http://ADDRESS:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.api.address)
    }

    /// `ADDRESS:PORT`.
    pub fn host(&self) -> String {
        self.api.address.to_string()
    }

    /// Where control is reached: `http://ADDRESS:PORT/_simulator`.
    pub fn control_url(&self) -> String {
        format!("http://{}/_simulator", self.control.as_ref().unwrap_or(&self.api).address)
    }

    /// Who can sign in at the start; what was changed since is not known here.
    pub fn credentials(&self) -> Credentials {
        self.shared.core().credentials().clone()
    }

    /// Every API request so far.
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.core().journal.entries()
    }

    /// How many API requests of each sort there were.
    pub fn counters(&self) -> Counters {
        self.shared.core().counters()
    }

    /// The tokens and session cookies that were given out and are still known: what must show nowhere.
    pub fn secrets(&self) -> Vec<String> {
        self.shared.core().sessions.secrets()
    }

    /// Everything there is.
    pub fn state(&self) -> Dump {
        self.shared.core().world.dump()
    }

    /// Makes the world a new one with this in it, beside what is built in: what [`Simulator::state`] shows, or a part of it. Whoever was
    /// signed in is not any more. [`Simulator::reset`] comes back to it.
    ///
    /// # Errors
    /// When the state names what it does not have. Nothing has changed then.
    pub fn seed(&self, state: Dump) -> Result<(), BadSeed> {
        self.shared.core().seed(state)
    }

    /// The settings at work.
    pub fn settings(&self) -> Settings {
        self.shared.core().settings.clone()
    }

    /// Changes settings; the next request is served by them.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.shared.core().settings);
    }

    /// Installs a rule.
    pub fn fault(&self, rule: Rule) {
        let mut core = self.shared.core();
        let core = &mut *core;
        core.faults.install(rule, &core.world);
    }

    /// Ends every rule. Requests that are held stay so.
    pub fn clear_faults(&self) {
        self.shared.core().faults.clear();
    }

    /// Number of the API request that comes next.
    pub fn next_request(&self) -> u64 {
        self.shared.core().journal.next_seq()
    }

    /// Holds the API request of this number: see [`Hold::held`] and [`Hold::release`]. A number that has passed is never held.
    pub fn hold_at(&self, number: u64, moment: Moment) -> Hold {
        self.shared.core().faults.hold(number, moment)
    }

    /// Moves the simulator's clock forward.
    pub fn advance(&self, by: Duration) {
        self.shared.core().clock.advance(by);
    }

    /// The simulator's time, in milliseconds since 1970.
    pub fn now_millis(&self) -> i64 {
        self.shared.core().clock.now()
    }

    /// Changes the world as a person in the browser would: nothing is counted.
    pub fn edit<R>(&self, change: impl FnOnce(&mut Edit<'_>) -> R) -> R {
        let mut core = self.shared.core();
        let core = &mut *core;
        let now = core.clock.now();
        let mut revoked = Vec::new();
        let result = change(&mut Edit { world: &mut core.world, settings: &core.settings, now, revoked: &mut revoked });
        for user in revoked {
            core.sessions.revoke_user(user);
        }
        result
    }

    /// Ends every token there is.
    pub fn revoke_all_tokens(&self) {
        self.shared.core().sessions.revoke_all();
    }

    /// As new: world, settings, clock, tokens, journal, rules and holds are those of the start.
    pub fn reset(&self) {
        self.shared.core().reset();
    }
}

//! The simulator as a process: started, awaited, asked what it holds.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;
use thoughtspot_testkit::{Lifeline, Process, wait};

use crate::Outcome;
use crate::examples::{ADDRESS, Credentials};

const LISTENS_WITHIN: Duration = Duration::from_secs(30);

/// A running simulator.
pub(crate) struct Simulator {
    /// Where it listens: host and port.
    pub(crate) address: String,
    client: reqwest::Client,
    /// What is built in: there before anything of ours.
    built_in: State,
    _process: Process,
}

/// What a ThoughtSpot holds, as `/_simulator/state` shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct State {
    pub(crate) orgs: Vec<Org>,
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Org {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) email: Option<String>,
    /// Names of Orgs.
    pub(crate) orgs: Vec<String>,
    /// `Org/group`.
    pub(crate) groups: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) privileges: Vec<String>,
    pub(crate) users: Vec<String>,
}

impl Simulator {
    /// Starts `binary` on the address the examples name, or on any free port when that one is taken.
    pub(crate) async fn start(binary: &Path, lifeline: &Lifeline, credentials: &Credentials) -> Outcome<Self> {
        let listen = if TcpListener::bind(ADDRESS).is_ok() { ADDRESS } else { "127.0.0.1:0" };
        let mut command = Command::new(binary);
        command.args(["--listen", listen, "--admin-username", &credentials.username]);
        command.args(["--admin-password", &credentials.password, "--secret-key", &credentials.secret_key]);
        let mut process = lifeline.spawn("simulator", command)?;
        let address = wait::reached("a listening simulator", LISTENS_WITHIN, async || listening(&mut process)).await??;
        let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
        let built_in = state(&client, &address).await?;
        Ok(Self { address, client, built_in, _process: process })
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it holds beyond what every ThoughtSpot comes with. A new Org has built-in groups too.
    pub(crate) async fn added(&self) -> Outcome<State> {
        const BUILT_IN_GROUPS: [&str; 3] = ["All", "Administrator", "System"];
        let mut state = state(&self.client, &self.address).await?;
        state.orgs.retain(|org| !self.built_in.orgs.iter().any(|old| old.id == org.id));
        state.users.retain(|user| !self.built_in.users.iter().any(|old| old.id == user.id));
        state.groups.retain(|group| !self.built_in.groups.iter().any(|old| old.id == group.id));
        state.groups.retain(|group| !BUILT_IN_GROUPS.contains(&group.name.as_str()));
        Ok(state)
    }
}

/// The address of the line `listening on http://ADDRESS`. An inner error when the process has ended instead.
fn listening(process: &mut Process) -> Result<Result<String, thoughtspot_testkit::Error>, String> {
    let log = process.log();
    // A line without its end may be half an address.
    let whole = log.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    let url = whole.filter_map(|line| line.split_once("listening on http://")).next();
    match (url, process.check_running()) {
        (_, Err(error)) => Ok(Err(error)),
        (Some((_, address)), Ok(())) => Ok(Ok(address.trim().trim_end_matches('/').to_owned())),
        (None, Ok(())) => Err(log),
    }
}

async fn state(client: &reqwest::Client, address: &str) -> Outcome<State> {
    Ok(client.get(format!("http://{address}/_simulator/state")).send().await?.error_for_status()?.json().await?)
}

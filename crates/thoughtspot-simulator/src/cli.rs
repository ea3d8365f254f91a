//! The command line of the simulator.

use crate::settings::Settings;
use crate::{Credentials, Dump, Options, Simulator};
use clap::Parser;
use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A ThoughtSpot on a laptop: the public REST API in memory.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    /// Where to listen; port 0 picks one.
    #[arg(long, default_value = "127.0.0.1:8180")]
    listen: SocketAddr,
    /// Where control (/_simulator/) listens, if not on the same address.
    #[arg(long)]
    control_listen: Option<SocketAddr>,
    /// Name of the administrator to sign in as.
    #[arg(long, default_value = "tsadmin", env = "THOUGHTSPOT_ADMIN_USERNAME")]
    admin_username: String,
    /// The administrator's password.
    #[arg(long, env = "THOUGHTSPOT_ADMIN_PASSWORD", hide_env_values = true)]
    admin_password: String,
    /// The secret key of the instance.
    #[arg(long, env = "THOUGHTSPOT_SECRET_KEY", hide_env_values = true)]
    secret_key: String,
    /// A JSON file with the state to start with, in the form of `GET /_simulator/state`.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// A setting, as `duplicate_name=409`. Can be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

impl Cli {
    /// Serves until the process is told to end.
    ///
    /// # Errors
    /// A setting that does not exist, or an address that cannot be bound.
    pub async fn run(self) -> Result<(), Box<dyn Error>> {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let seed = self.seed.as_deref().map(read_seed).transpose()?;
        let simulator = Simulator::start(self.options()?).await?;
        if let Some(seed) = seed {
            simulator.seed(seed)?;
        }
        let mut stdout = std::io::stdout();
        writeln!(stdout, "listening on {}", simulator.url())?;
        stdout.flush()?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        simulator.stop().await;
        Ok(())
    }

    fn options(self) -> Result<Options, Box<dyn Error>> {
        let mut settings = Settings::default();
        for assignment in &self.settings {
            settings = settings.with_assignment(assignment)?;
        }
        Ok(Options {
            listen: self.listen,
            control_listen: self.control_listen,
            credentials: Credentials {
                admin_username: self.admin_username,
                admin_password: self.admin_password,
                secret_key: self.secret_key,
            },
            settings,
        })
    }
}

fn read_seed(path: &Path) -> Result<Dump, Box<dyn Error>> {
    let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

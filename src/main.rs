//! The operator's binary: parse, run.

use std::process::ExitCode;

use clap::Parser;
use thoughtspot_operator::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    // Before anything speaks TLS: kube and reqwest share this one provider. It fails only where one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Cli::parse().run().await
}

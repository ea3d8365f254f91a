//! The simulator as a program.

use clap::Parser;
use thoughtspot_simulator::cli::Cli;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Cli::parse().run().await
}

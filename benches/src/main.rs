//! What the benchmark needs beside the service: data of any size, and what to measure the service against.

mod load;
mod rivals;

use std::{error::Error, fmt, io::Write as _, process::ExitCode};

use clap::{Parser, Subcommand};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
#[command(name = "gcm-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fill an empty database with organizations and a valid change log.
    Load(load::Load),
    /// Let what another program wrote into an SQLite file be searched: not every SQLite can write this index.
    IndexTexts(load::IndexTexts),
    /// Serve what the service is measured against, with the settings of the service.
    ServeRivals(rivals::ServeRivals),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Load(load) => load.run(),
        Command::IndexTexts(index) => index.run(),
        Command::ServeRivals(serve) => serve.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("gcm-bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line for whoever watches.
fn say(line: fmt::Arguments<'_>) {
    let _unheard = writeln!(std::io::stderr(), "{line}");
}

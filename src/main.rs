//! The command line.

mod commands;

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use gcm_api::{
    app::StartError,
    problem::Problem,
    settings::{Settings, Source},
    store::OpenError,
    telemetry,
};

/// The national system of record for implementing the Global Compact for Safe, Orderly and Regular Migration.
#[derive(Parser)]
#[command(name = "gcm-api", version)]
struct Arguments {
    /// Settings file (TOML); the environment goes before it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service.
    Serve {
        /// Example data and accounts, on this machine only.
        #[arg(long)]
        demo: bool,
    },
    /// Ask the running service of these settings whether it can do its work.
    Health,
    /// Bring the database to this version.
    Migrate,
    /// Enter the Compact and the institutions of the first country, where they are missing.
    Seed,
    /// Print the contract (OpenAPI 3.1).
    Openapi {
        /// Write it into this file instead.
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
    },
    /// Print who may do what, as a table.
    Policy,
    /// Print the reference of all settings (Markdown).
    Settings {
        /// Check the settings as they are, and print what is in force and where it comes from; no secrets.
        #[arg(long)]
        check: bool,
    },
    /// Copy the record of an SQLite installation into a file, while the service goes on.
    Backup {
        /// A file that is not there yet.
        file: PathBuf,
    },
    /// Put such a copy in the place of the record, while the service stands still.
    Restore {
        file: PathBuf,
        /// There is a record already: keep it under another name.
        #[arg(long)]
        replace: bool,
    },
    /// Carry the whole record of an SQLite file into the empty PostgreSQL of DATABASE_URL.
    Transfer {
        /// The file, of which the service is stopped.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Let people and machines in.
    #[command(subcommand)]
    Account(commands::account::AccountCommand),
    /// Look at the keys that sign access tokens, and turn them.
    #[command(subcommand)]
    Keys(commands::keys::KeysCommand),
    /// Let go of what the record says of a person who spoke for an institution.
    #[command(subcommand)]
    FocalPoint(commands::erase::FocalPointCommand),
    /// Let go of the names of people that the record of a consultation holds.
    #[command(subcommand)]
    Consultation(commands::erase::ConsultationCommand),
    /// Prove that the record was not altered.
    #[command(subcommand)]
    Audit(commands::audit::AuditCommand),
}

/// Why a command ended early, and the exit code that says so.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{0}")]
    Settings(String),
    #[error("{0}")]
    Database(String),
    #[error("{0}")]
    Port(String),
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Altered(String),
    #[error("{0}")]
    Other(String),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Other(_) => 1,
            Self::Settings(_) => 2,
            Self::Database(_) => 3,
            Self::Port(_) => 4,
            Self::Refused(_) => 5,
            Self::Altered(_) => 6,
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::SecretKey(text) => Self::Settings(text),
            error => Self::Database(error.to_string()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match problem.status() {
            500.. => Self::Database(format!("{problem} ({})", problem.cause().unwrap_or("no cause is known"))),
            _ => Self::Refused(problem.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// Writes a line for people or programs that read the command's output.
pub fn say(line: impl std::fmt::Display) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}").map_err(Failure::from)
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to be told when the error stream is closed, too.
            let _unheard = writeln!(std::io::stderr(), "gcm-api: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let demo = matches!(arguments.command, Command::Serve { demo: true });
    match arguments.command {
        Command::Openapi { write } => commands::contract::print(write),
        Command::Policy => say(gcm_api::auth::policy::matrix().trim_end()),
        Command::Settings { check: false } => commands::settings::print(None),
        command => {
            let source = Source::from_process(arguments.config, demo).map_err(|error| Failure::Settings(error.to_string()))?;
            if matches!(command, Command::Settings { .. }) {
                return commands::settings::print(Some(&source));
            }
            let settings = Settings::load(&source).map_err(|error| Failure::Settings(error.to_string()))?;
            telemetry::init(&settings).map_err(|error| Failure::Settings(error.to_string()))?;
            actix_web::rt::System::new().block_on(with_database(command, &settings))
        }
    }
}

async fn with_database(command: Command, settings: &Settings) -> Result<(), Failure> {
    match command {
        Command::Serve { .. } => commands::serve::serve(settings).await,
        Command::Health => commands::health::ask(settings),
        Command::Migrate => commands::database::migrate(settings).await,
        Command::Seed => commands::database::seed(settings).await,
        Command::Backup { file } => commands::backup::backup(settings, &file).await,
        Command::Restore { file, replace } => commands::backup::restore(settings, &file, replace).await,
        Command::Transfer { from } => commands::transfer::run(settings, &from).await,
        Command::Account(command) => commands::account::run(command, settings).await,
        Command::Keys(command) => commands::keys::run(command, settings).await,
        Command::FocalPoint(command) => commands::erase::run(command, settings).await,
        Command::Consultation(command) => commands::erase::consultation(command, settings).await,
        Command::Audit(command) => commands::audit::run(command, settings).await,
        Command::Openapi { .. } | Command::Policy | Command::Settings { .. } => Ok(()),
    }
}

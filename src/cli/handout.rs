//! `precopy completions`, `precopy man`, `precopy schema`: what shells and editors want to know of the program.

use std::fs;
use std::path::Path;

use clap::CommandFactory;

use super::Failure;
use super::args::Cli;
use super::args::handout::{CompletionsArgs, ManArgs, SchemaArgs, What};
use crate::report::Output;
use crate::units::spelling::nearest;

/// Drawn from what the readers of scenarios ask for, and held to it by `tests/schema.rs`.
const SCENARIO: &str = include_str!("../../docs/schema/scenario.schema.json");
const OUTCOME: &str = include_str!("../../docs/schema/outcome.schema.json");

/// Writes the completions for one shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut text = Vec::new();
    // Not straight to standard output: the generator panics if that is closed.
    clap_complete::generate(args.shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut text);
    print(&text)
}

/// Writes one manual page, or all.
pub(super) fn man(args: &ManArgs) -> Result<(), Failure> {
    let mut cli = Cli::command().disable_help_subcommand(true);
    cli.build();
    if let Some(folder) = &args.all {
        fs::create_dir_all(folder)
            .map_err(|error| Failure::System(format!("cannot make the folder `{}`: {error}", folder.display())))?;
        for page in std::iter::once(&cli).chain(cli.get_subcommands()) {
            let name = format!("{}.1", page.get_display_name().unwrap_or_else(|| page.get_name()));
            Output::open(&folder.join(name))?.write(&roff(page)?)?;
        }
        return Ok(());
    }
    let Some(name) = args.command.as_deref() else { return print(&roff(&cli)?) };
    match cli.find_subcommand(name) {
        Some(command) => print(&roff(command)?),
        None => {
            let known: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", known.join(", ")),
            };
            Err(Failure::Input(format!("there is no command `{name}`; {help}")))
        }
    }
}

fn roff(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}

/// Writes a schema.
pub(super) fn schema(args: &SchemaArgs) -> Result<(), Failure> {
    print(match args.what {
        What::Scenario => SCENARIO.as_bytes(),
        What::Outcome => OUTCOME.as_bytes(),
    })
}

fn print(bytes: &[u8]) -> Result<(), Failure> {
    Ok(Output::open(Path::new("-"))?.write(bytes)?)
}

//! The words of `precopy completions`, `precopy man` and `precopy schema`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// `precopy completions`
#[derive(Debug, Args)]
#[command(
    long_about = "Completions for a shell.",
    after_help = "Examples:\n  \
        precopy completions bash > \\\n      \
        ~/.local/share/bash-completion/completions/precopy\n  \
        precopy completions zsh > \"${fpath[1]}/_precopy\"\n  \
        precopy completions fish > ~/.config/fish/completions/precopy.fish"
)]
pub struct CompletionsArgs {
    /// Whose completions
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// `precopy man`
#[derive(Debug, Args)]
#[command(
    long_about = "Manual pages: one on standard output, or all of them into a folder.",
    after_help = "Examples:\n  precopy man run | man -l -\n  precopy man --all /usr/local/share/man/man1"
)]
pub struct ManArgs {
    /// The page of this subcommand; without one, the page of `precopy` itself
    #[arg(value_name = "COMMAND", conflicts_with = "all")]
    pub command: Option<String>,

    /// Write all pages into this folder
    #[arg(long, value_name = "DIR")]
    pub all: Option<PathBuf>,
}

/// `precopy schema`
#[derive(Debug, Args)]
#[command(
    long_about = "JSON schemas of what is read and written.\n\n\
                  With the first, an editor of TOML completes the keys of a scenario, explains them and marks what is \
                  wrong. What keys say together, only `precopy` itself can tell.",
    after_help = "Examples:\n  precopy schema > scenario.schema.json\n  precopy schema outcome > outcome.schema.json\n\n\
                  First line of a scenario, for editors with Taplo (as VS Code with Even Better TOML):\n  \
                  #:schema ./scenario.schema.json"
)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum, value_name = "WHAT", default_value_t)]
    pub what: What,
}

/// What a schema describes.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum What {
    /// Scenario and fleet files
    #[default]
    Scenario,
    /// What `precopy run --format json` writes
    Outcome,
}

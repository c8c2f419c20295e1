//! Flags of commands that do not have all the common ones.

use std::num::NonZeroU16;

use clap::Args;

use super::Color;

/// What a command says beside its result, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Manners {
    /// When to use colours; `NO_COLOR` is honoured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Color,

    /// No progress, warnings and notes, only results and errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// Of commands that run many migrations.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Jobs {
    /// Threads; as many as there are cores if not given
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroU16>,
}

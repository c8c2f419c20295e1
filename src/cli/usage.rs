//! What was most likely meant by a command line that cannot be read, where clap by itself has no idea.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error};

use super::args::Cli;
use crate::units::spelling::nearest;

/// The complaint about these words, with a tip.
pub(super) fn hinted(mut usage: Error, words: &[OsString]) -> Error {
    let cli = Cli::command();
    let text = |kind| match usage.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let known = match usage.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(known)) => known.clone(),
        _ => Vec::new(),
    };
    let (command, argument) = (text(ContextKind::InvalidSubcommand), text(ContextKind::InvalidArg));
    let value = text(ContextKind::InvalidValue);
    let asked = words.get(1).and_then(|word| cli.find_subcommand(word));
    let has_formats = asked.is_some_and(|asked| asked.get_arguments().any(|arg| arg.get_long() == Some("format")));

    if let Some(word) = command.filter(|_| usage.get(ContextKind::SuggestedSubcommand).is_none()) {
        if let Some(near) = nearest(&word, cli.get_subcommands().map(clap::Command::get_name)) {
            let near = vec![near.to_owned()];
            usage.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(near));
        } else if word.ends_with(".toml") {
            tip(&mut usage, format!("ask a question about the file, as in 'precopy run {word}'"));
        }
        return usage;
    }
    if let Some(flag @ ("--json" | "--csv" | "--text")) = argument.as_deref()
        && has_formats
    {
        tip(&mut usage, format!("write '--format {}'", &flag[2..]));
    } else if let Some(near) = value.as_deref().and_then(|word| nearest(word, known.iter().map(String::as_str))) {
        usage.insert(ContextKind::SuggestedValue, ContextValue::String(near.to_owned()));
    }
    usage
}

fn tip(usage: &mut Error, text: String) {
    usage.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(text)]));
}

//! What an orchestrator did, as its log would say: a line for each action, with the mark that the picture has for it.

use anstyle::{AnsiColor, Style};

use super::{metrics, text};
use crate::orchestrator::JobCommand;
use crate::sim::Action;
use crate::sink::terminal::{columns, left, word};

const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const ENDS: Style = AnsiColor::Red.on_default();
const WARNING: Style = AnsiColor::Yellow.on_default();

/// Actions that are all shown; of more, the middle is left out.
const SHOWN: usize = 16;
/// Actions at the start and at the end of a list with its middle left out.
const AT_START: usize = 6;
const AT_END: usize = 7;
/// Columns before the words: two blanks, the mark, the time and the gaps.
const BEFORE: usize = 17;

/// An action's mark in a picture.
pub(super) fn mark(action: &Action) -> char {
    match action.command {
        _ if action.refused.is_some() => '!',
        JobCommand::SetDowntime(_) | JobCommand::SetBandwidth(_) => '▲',
        JobCommand::Pause => '‖',
        JobCommand::PostCopy => '»',
        JobCommand::Abort => '×',
        JobCommand::SwitchOver | JobCommand::SwitchOverAfterPass => '■',
        JobCommand::QueueForceComplete => '+',
        JobCommand::Note => 'i',
    }
}

/// The list; empty where nothing was done.
pub(super) fn list(actions: &[Action], width: usize) -> String {
    let Some(first) = actions.first() else { return String::new() };
    let (start, end) = match actions.len() {
        ..=SHOWN => (actions, &[][..]),
        all => (&actions[..AT_START], &actions[all - AT_END..]),
    };
    let left_out = actions.len() - start.len() - end.len();
    let what = actions.iter().map(|action| columns(&word(&action.what()))).max().unwrap_or(0);
    let mut page = format!("{HEADING}Orchestrator: {}{HEADING:#}\n", word(first.by));
    let lines = |actions: &[Action]| actions.iter().map(|action| line(action, what, width)).collect::<String>();
    page += &lines(start);
    if left_out > 0 {
        page += &format!("{QUIET}{:BEFORE$}and {left_out} more{QUIET:#}\n", "");
    }
    page + &lines(end)
}

fn line(action: &Action, what: usize, width: usize) -> String {
    let mut why = action.why.clone();
    if let Some(reason) = action.refused {
        why = format!("refused: {reason} ({why})");
    }
    if action.times > 1 {
        why += &format!("; {} times", action.times);
    }
    let style = match action.command {
        _ if action.refused.is_some() => WARNING,
        JobCommand::Abort => ENDS,
        JobCommand::Pause | JobCommand::PostCopy => WARNING,
        _ => Style::new(),
    };
    let mut lines = text::wrapped(&why, width.saturating_sub(BEFORE + what + 2).max(16)).into_iter();
    let (mark, time, first) = (mark(action), metrics::ms(action.t_ms), lines.next().unwrap_or_default());
    let mut page = format!(
        "  {style}{mark}{style:#} {time:>11}  {style}{}{style:#}  {first}\n",
        left(&word(&action.what()), what)
    );
    for line in lines {
        page += &format!("{:indent$}{line}\n", "", indent = BEFORE + what + 2);
    }
    page
}

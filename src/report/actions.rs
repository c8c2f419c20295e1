//! What an orchestrator did, as its log would say: a line for each action, with the mark that the picture has for it.

use anstyle::{AnsiColor, Style};

use super::metrics;
use crate::orchestrator::JobCommand;
use crate::sim::Action;
use crate::sink::table::{Table, TableCell, TableColumn};
use crate::sink::terminal::word;

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
    let page = format!("{HEADING}Orchestrator: {}{HEADING:#}\n", word(first.by));
    let columns = [TableColumn::LEFT, TableColumn::RIGHT.gap(1).least(11), TableColumn::LEFT];
    let mut table = Table::new(columns.into_iter().chain([TableColumn::LEFT.wraps(16)])).indented(2);
    start.iter().for_each(|action| table.row(row(action)));
    if left_out > 0 {
        table.note(TableCell::from(format!("{:BEFORE$}and {left_out} more", "")).styled(QUIET));
    }
    end.iter().for_each(|action| table.row(row(action)));
    page + &table.within(width)
}

fn row(action: &Action) -> [TableCell; 4] {
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
    [
        TableCell::from(mark(action)).styled(style),
        metrics::ms(action.t_ms).into(),
        TableCell::from(action.what()).styled(style),
        why.into(),
    ]
}

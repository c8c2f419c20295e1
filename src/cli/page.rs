//! Pages for a person: as wide as the terminal, in colours where they are wanted and can be shown.

use std::io;

use super::args::Common;

/// Columns where there is no terminal.
const PLAIN: usize = 80;

/// Draws a page, given the columns that it may have.
pub(super) fn page(common: &Common, to_stdout: bool, draw: impl Fn(usize) -> String) -> Vec<u8> {
    let page = draw(if to_stdout { columns() } else { PLAIN });
    let coloured = match common.color.into() {
        anstream::ColorChoice::Auto if !to_stdout => false,
        _ => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    };
    if coloured { page.into_bytes() } else { anstream::adapter::strip_str(&page).to_string().into_bytes() }
}

/// Columns of the terminal: those of the variable `COLUMNS`, which shells and scripts set, or those it has.
fn columns() -> usize {
    let stated = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    stated.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).unwrap_or(PLAIN)
}

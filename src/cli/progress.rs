//! How far a long run is, on standard error, if that is a terminal.

use std::fmt;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// A bar with rate and time left.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar for `rows` rows, of which `done` are there.
    pub fn new(rows: u64, done: u64, quiet: bool) -> Progress {
        // A terminal is found out by the library.
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(rows), target).with_position(done);
        const LAYOUT: &str = "{bar:32} {percent:>3} %  {human_pos} of {human_len} rows  {rate} a second  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(LAYOUT) {
            let rate = |state: &ProgressState, to: &mut dyn fmt::Write| {
                // A bar that cannot be drawn is no reason to stop.
                let _ = write!(to, "{}", HumanCount(state.per_sec() as u64));
            };
            bar.set_style(style.progress_chars("█▌ ").with_key("rate", rate));
        }
        bar.reset_eta();
        Progress(bar)
    }

    /// So many rows are there.
    pub fn at(&self, rows: u64) {
        self.0.set_position(rows);
    }

    /// Clears the bar away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

//! Why a command ended without the answer that was wanted, and the exit code that says so.

use super::refused::Refused;
use crate::compare::TraceError;
use crate::drain::Chance;
use crate::plot::PlotError;
use crate::replay::HostError;
use crate::report::OutputError;
use crate::sweep::{JournalError, MergeError, NoSuchForm, NoThreads};
use crate::units::Share;

/// Why a command ended without the answer that was wanted.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// `--expect` did not hold; says what was found instead.
    #[error("{0}")]
    Expectation(String),
    /// `--expect` did not hold in all of `--repeats`.
    #[error("expected `{expected}`{}, but {found} of {runs} migrations ended otherwise", in_share(*share))]
    Repeats {
        /// What `--expect` asked for.
        expected: String,
        /// Runs that ended otherwise.
        found: usize,
        /// All runs.
        runs: usize,
        /// What `--in` asked for.
        share: Share,
    },
    /// `--tolerance` did not hold.
    #[error("the predictions are not within {tolerance} %: {summary}")]
    Tolerance {
        /// What `--tolerance` asked for [%].
        tolerance: f64,
        /// What was found.
        summary: String,
    },
    /// A check found something worse.
    #[error("{0}")]
    Regression(String),
    /// Rows are not those that their note vouches for; says which.
    #[error("the rows are {0}; the command makes them again")]
    Rows(String),
    /// `--in` did not hold.
    #[error("expected {wanted} of the drains to be {}, but {} of {} were", as_wanted(chance), chance.made, chance.of)]
    Chance {
        /// What was found.
        chance: Chance,
        /// What `--in` asked for.
        wanted: Share,
    },
    /// The system refused something that a long run needs, such as a thread.
    #[error("{0}")]
    System(String),
    /// The command line or an input file is wrong.
    #[error("{0}")]
    Input(String),
    /// A scenario is wrong, or another text of which places can be shown.
    #[error("{0}")]
    Scenario(Refused),
    /// Cases of a check are wrong; every fault is drawn already, styled for a terminal.
    #[error("{0}")]
    Cases(String),
    /// Recorded migrations that cannot be read; all of them are named.
    #[error("{}", .0.iter().map(TraceError::to_string).collect::<Vec<_>>().join("\nerror: "))]
    Traces(Vec<TraceError>),
    /// A result could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A picture could not be made.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// The rows of a sweep cannot go where they should.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The parts of a sweep are no whole.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// Rows are not written in such a file.
    #[error(transparent)]
    Form(#[from] NoSuchForm),
    /// No threads.
    #[error(transparent)]
    Threads(#[from] NoThreads),
    /// The disk is full, or the like; says what is kept.
    #[error("{0}")]
    Cut(String),
    /// By Ctrl-C or a scheduler; says what is kept.
    #[error("interrupted: {0}")]
    Interrupted(String),
    /// The reader of the pipe has seen enough, which is no failure.
    #[error("no process reads the rows")]
    ReaderGone,
    /// A host did not do what it was asked, or a real migration failed.
    #[error("{0}")]
    Real(String),
    /// A report could not be put together.
    #[error("cannot write the report: {0}")]
    Report(#[from] std::io::Error),
}

/// ` in 95 %`; nothing where all are meant.
fn in_share(share: Share) -> String {
    if share < Share::ALL { format!(" in {share}") } else { String::new() }
}

/// What a drain was to be.
fn as_wanted(chance: &Chance) -> String {
    chance.window.map_or("as the goals say".to_owned(), |window| format!("over within {window}"))
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Failure {
        Failure::Real(error.to_string())
    }
}

impl Failure {
    /// The question was answered, with no.
    pub const ANSWER: u8 = 1;
    /// Wrong usage or input.
    pub const INPUT: u8 = 2;
    /// Something outside of the program failed.
    pub const OUTSIDE: u8 = 3;
    /// Interrupted; what was finished is kept.
    pub const INTERRUPTED: u8 = 130;

    /// The exit code of the program.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Journal(JournalError::Io { .. } | JournalError::Lost { .. })
            | Failure::Merge(MergeError::Journal(JournalError::Io { .. })) => Failure::OUTSIDE,
            Failure::Expectation(_)
            | Failure::Repeats { .. }
            | Failure::Tolerance { .. }
            | Failure::Regression(_)
            | Failure::Rows(_)
            | Failure::Chance { .. } => Failure::ANSWER,
            Failure::Input(_)
            | Failure::Scenario(_)
            | Failure::Cases(_)
            | Failure::Traces(_)
            | Failure::Form(_)
            | Failure::Merge(_)
            | Failure::Journal(_)
            | Failure::Plot(
                PlotError::Suffix(_)
                | PlotError::NoPng
                | PlotError::Column(_)
                | PlotError::Results(_)
                | PlotError::Nothing(_),
            ) => Failure::INPUT,
            Failure::Interrupted(_) => Failure::INTERRUPTED,
            Failure::ReaderGone => 0,
            Failure::Real(_)
            | Failure::Cut(_)
            | Failure::System(_)
            | Failure::Threads(_)
            | Failure::Output(_)
            | Failure::Plot(PlotError::Draw(_))
            | Failure::Report(_) => Failure::OUTSIDE,
        }
    }
}

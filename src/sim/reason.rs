//! The sentence that says what decided a migration's end.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::units::{Bytes, Rate, Span, apart};

/// What decided the end; prints itself as one sentence, and serialises as that sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// `migrate_cancel`; the guest runs on at the source.
    Cancelled {
        /// Since the `migrate` command.
        after: Span,
        /// Still to send.
        left: Bytes,
    },
    /// An orchestrator cancelled it; the guest runs on at the source.
    AbortedBy {
        /// Which one.
        by: &'static str,
        /// Its reason.
        why: String,
        /// Since the `migrate` command.
        after: Span,
        /// Still to send.
        left: Bytes,
    },
    /// An orchestrator or a rule that decides when the guest is stopped did so.
    StoppedBy {
        /// Which one.
        by: &'static str,
        /// Its reason.
        why: String,
        /// Left to send at that moment.
        pending: Bytes,
        /// Throttle [%].
        throttle_pct: f64,
    },
    /// The simulation itself was stopped before its end; this is no answer.
    Stopped {
        /// Since the `migrate` command.
        after: Span,
        /// Still to send.
        left: Bytes,
    },
    /// The connection broke; the guest runs on at the source.
    LinkFailed {
        /// Since the `migrate` command.
        after: Span,
        /// Still to send.
        left: Bytes,
    },
    /// `migrate-start-postcopy`; the guest ran on at the destination while the rest followed.
    PostCopy {
        /// Since the `migrate` command.
        after: Span,
        /// Left to send at the switch.
        left: Bytes,
    },
    /// The connection broke in post-copy.
    PostCopyFailed {
        /// Since the `migrate` command.
        after: Span,
    },
    /// The guest was stopped by command, and everything was sent.
    Paused {
        /// For how long the guest stood still before the switchover.
        halted: Span,
    },
    /// What remained after a sync fits into the downtime limit.
    Fits {
        /// Remaining after that sync.
        pending: Bytes,
        /// What fits.
        threshold: Bytes,
        /// `downtime-limit`.
        limit: Span,
        /// Throttle [%].
        throttle_pct: f64,
    },
    /// Nothing remained, and nothing but that would have stopped the guest.
    Empty {
        /// Throttle [%].
        throttle_pct: f64,
    },
    /// The time limit came in the first pass.
    FirstPass {
        /// The time limit.
        time: Span,
        /// Still to send.
        left: Bytes,
        /// Bandwidth of the last window; zero before the first one closed.
        sent: Rate,
        /// What the link carries.
        link: Rate,
        /// `max-bandwidth`, where it is below the link.
        held_to: Option<Rate>,
    },
    /// The guest dirties at least as fast as can be sent.
    TooFast {
        /// Dirtied, in the last closed period.
        dirtied: Rate,
        /// Bandwidth of the last window.
        sent: Rate,
        /// `max-bandwidth`, where it is below the link.
        held_to: Option<Rate>,
        /// Throttle [%].
        throttle_pct: f64,
    },
    /// The guest dirties more slowly than can be sent, but too much remains at every sync.
    TooMuch {
        /// The time limit.
        time: Span,
        /// To send right after the last sync.
        left: Bytes,
        /// What fits into the downtime limit.
        threshold: Bytes,
        /// `downtime-limit`.
        limit: Span,
        /// Dirtied, in the last closed period.
        dirtied: Rate,
        /// Bandwidth of the last window.
        sent: Rate,
        /// `max-bandwidth`, where it is below the link.
        held_to: Option<Rate>,
        /// Throttle [%].
        throttle_pct: f64,
    },
    /// The time limit came while neither of these two can be said: what was left at the last sync would fit by now.
    OutOfTime {
        /// The time limit.
        time: Span,
        /// Still to send.
        left: Bytes,
        /// Throttle [%].
        throttle_pct: f64,
    },
    /// The guest was already stopped, or ran at the destination, when the time limit came; it was awaited.
    PastLimit {
        /// The time limit.
        time: Span,
        /// What decided the end.
        cause: Box<Reason>,
    },
}

impl Reason {
    /// What decided the end, whether the time limit was passed or not.
    pub fn cause(&self) -> &Reason {
        match self {
            Reason::PastLimit { cause, .. } => cause,
            cause => cause,
        }
    }

    /// The figures of the sentence, for a reader who knows how it goes on; the sentence itself where it is more than them.
    pub fn figures(&self) -> String {
        match self {
            Reason::AbortedBy { after, left, .. } => format!("after {after}, {left} left"),
            Reason::FirstPass { sent, left, .. } => format!("{left} of the first pass left, {sent} sent"),
            Reason::TooFast { dirtied, sent, .. } => {
                let (dirtied, sent) = apart(dirtied, sent);
                format!("{dirtied} dirtied, {sent} sent")
            }
            Reason::TooMuch { left, threshold, .. } => {
                let (left, threshold) = apart(left, threshold);
                format!("{left} left, {threshold} fit")
            }
            Reason::OutOfTime { left, .. } => format!("{left} left"),
            sentence => sentence.to_string(),
        }
    }
}

/// From this share on what is dirtied again leaves a pass hardly shorter than the one before.
const HARDLY_SHORTER: f64 = 0.95;

/// How the guest was held back.
struct Held(f64);

/// What keeps the link from being full.
struct Limited(Option<Rate>);

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(limit) => write!(f, " under a `max-bandwidth` of {limit}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0.0 {
            f.write_str("without throttling")
        } else {
            write!(f, "with the guest throttled by {:.0} %", self.0)
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Cancelled { after, left } => {
                write!(f, "it was cancelled after {after}, with {left} left to send; the guest runs on at the source")
            }
            Reason::AbortedBy { by, why, after, left } => {
                write!(
                    f,
                    "{by} aborted it after {after}, with {left} left to send ({why}); the guest runs on at the source"
                )
            }
            Reason::StoppedBy { by, why, pending: Bytes(0), throttle_pct } => {
                write!(f, "{by} stopped the guest as a pass was over ({why}); {}", Held(*throttle_pct))
            }
            Reason::StoppedBy { by, why, pending, throttle_pct } => {
                write!(f, "{by} stopped the guest with {pending} left to send ({why}); {}", Held(*throttle_pct))
            }
            Reason::Stopped { after, left } => {
                write!(f, "the simulation was stopped after {after} of the migration, with {left} left to send")
            }
            Reason::LinkFailed { after, left } => {
                write!(f, "the link failed after {after}, with {left} left to send; the guest runs on at the source")
            }
            Reason::PostCopy { after, left } => {
                write!(f, "post-copy was started after {after}, with {left} left to send")
            }
            Reason::PostCopyFailed { after } => write!(
                f,
                "the link failed after {after}, in post-copy: the guest stands still at the destination as soon as it \
                 misses a page, until the migration is recovered"
            ),
            Reason::Paused { halted } => {
                write!(f, "the guest was paused {halted} before the end, so that nothing was dirtied any more")
            }
            Reason::Fits { pending, threshold, limit, throttle_pct } => {
                let (pending, threshold) = apart(pending, threshold);
                write!(
                    f,
                    "{pending} were left after a sync, within the {threshold} that fit into the downtime limit of \
                     {limit}; {}",
                    Held(*throttle_pct)
                )
            }
            Reason::Empty { throttle_pct } => write!(
                f,
                "nothing was left to send, and a threshold of 0 lets the guest stop only then; {}",
                Held(*throttle_pct)
            ),
            Reason::FirstPass { time, left, sent: Rate(0), link, held_to } => {
                let limited = Limited(*held_to);
                write!(f, "nothing was sent within {time}: {left} are to go over a link of {link}{limited}")
            }
            Reason::FirstPass { time, left, sent, held_to, .. } => {
                let limited = Limited(*held_to);
                write!(f, "the first pass was not over after {time}: {left} were left to send at {sent}{limited}")
            }
            Reason::TooFast { dirtied, sent, held_to, throttle_pct } => {
                let (limited, held) = (Limited(*held_to), Held(*throttle_pct));
                match dirtied == sent {
                    true => write!(f, "the guest still dirtied {dirtied}, as much as could be sent{limited}, {held}"),
                    false => {
                        let (dirtied, sent) = apart(dirtied, sent);
                        write!(f, "the guest still dirtied {dirtied} while {sent} could be sent{limited}, {held}")
                    }
                }
            }
            Reason::TooMuch { time, left, threshold, limit, dirtied, sent, held_to, throttle_pct } => {
                let is_flat = dirtied.0 as f64 >= HARDLY_SHORTER * sent.0 as f64;
                let ((left, threshold), (dirtied, sent)) = (apart(left, threshold), apart(dirtied, sent));
                let (course, again) = match is_flat {
                    true => ("in the end passes hardly got shorter, as", " again"),
                    false => ("in the last period", ""),
                };
                write!(
                    f,
                    "{left} were left at the last sync before the time limit of {time}, more than the {threshold} that \
                     fit into the downtime limit of {limit}; {course} {dirtied} were dirtied{again} while {sent} could be \
                     sent{}, {}",
                    Limited(*held_to),
                    Held(*throttle_pct)
                )
            }
            Reason::OutOfTime { time, left, throttle_pct } => write!(
                f,
                "the time limit of {time} came in the middle of a pass, with {left} left to send, and only the next sync decides \
                 whether what is left then fits; {}",
                Held(*throttle_pct)
            ),
            Reason::PastLimit { time, cause } => write!(
                f,
                "{cause}; it ended after the time limit of {time}, which interrupts neither a switchover nor post-copy"
            ),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

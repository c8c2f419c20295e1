//! Quantities and the only arithmetic that is allowed between them.
//!
//! A raw `u64` or `f64` appears inside a formula, never in a signature. Every type prints itself for people
//! ([`Display`](std::fmt::Display)), serialises as the plain number in its base unit, and is read from text by
//! [`parse`], the one grammar of numbers with units.

mod apart;
pub(crate) mod bounded;
mod duty;
pub mod parse;
mod rate;
mod share;
mod short_text;
mod size;
pub(crate) mod spelling;
mod spread;
mod time;
pub(crate) mod utf16;

pub use apart::{DIGITS, apart, apart_by};
pub use duty::Duty;
pub use rate::{Operations, PageRate, Rate};
pub use share::Share;
pub use short_text::ShortText;
pub use size::{Bytes, PAGE_SIZE, Pages};
pub use spread::{Spread, SpreadLaw};
pub use time::{Span, Time, real, whole_up};

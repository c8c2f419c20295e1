//! The command line: words in, words out.

pub mod compare;

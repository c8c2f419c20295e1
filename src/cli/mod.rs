//! Words in, words out: what the binary shows, and nothing that computes.

pub mod diagnostics;

//! One grammar for every number with a unit.

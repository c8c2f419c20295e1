//! Files that are whole or not there, whatever ends the program while it writes them.
//!
//! ```text
//!   NAME.precopy-PID   made anew, never through a link that is there
//!        │  written, synced
//!        ▼  renamed
//!   NAME               the old file until here, the new one from here on
//! ```

mod archive;
mod beside;
mod leftovers;
mod limit;
mod place;

pub use archive::Archive;
pub use beside::Beside;
pub use limit::long_files_are_errors;
#[cfg(test)]
pub(crate) use place::names_in;
pub use place::{followed, is_at, sync_folder, with_suffix};

//! XBZRLE: a page that is sent again goes as its difference from the copy in a cache (qemu-precopy 7).
//!
//! It is active from the first wrap of the cursor on. Before that pages are sent normally and not put into the
//! cache, so the first page that can be found there is one sent twice after the wrap.
//!
//! | file | rule |
//! |---|---|
//! | `cache` | which pages are found |
//! | `change` | how long the difference of a page is |
//! | `counters` | what `query-migrate` says of it |

mod cache;
mod change;
mod counters;

pub use cache::{Cache, CacheVisit, Slots};
pub use change::{ByteRun, PageChange, Sent, encoded_length};
pub use counters::{Rates, XbzrleCounters};

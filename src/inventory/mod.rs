//! Lists of guests as products write them: each a small reader, which becomes the rows of a fleet.
//!
//! A format that is added is a file with a [`Format`] row, and a line in [`FORMATS`].

mod document;
mod domain_xml;
mod dominfo;
mod domstats;
mod openstack;
mod ovirt;
mod proxmox;
mod quantity;
mod rows;
mod virsh_list;
mod vmi;

pub use document::Document;
pub use rows::{Inventory, InventoryGuest};

/// A form in which a product lists its guests.
pub struct Format {
    /// What it is, as the end of a sentence: `output of `virsh domstats``.
    pub name: &'static str,
    /// Whether a text is one.
    pub is: fn(&Document) -> bool,
    /// Its guests.
    pub read: fn(&Document) -> Result<Inventory, String>,
}

/// Every form that is read.
pub const FORMATS: &[Format] = &[
    domain_xml::FORMAT,
    domstats::FORMAT,
    dominfo::FORMAT,
    virsh_list::FORMAT,
    openstack::FORMAT,
    ovirt::FORMAT,
    vmi::FORMAT,
    proxmox::FORMAT,
];

/// A text that is a list of guests, and of which none can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is {what}: {why}")]
pub struct Unread {
    /// The file.
    pub name: String,
    /// What it is.
    pub what: String,
    /// What is wrong with it, and what to do.
    pub why: String,
}

/// The guests of a text; `None` if it is none of [`FORMATS`]. `flavors` is a list of flavors, where RAM stands in that.
///
/// # Errors
/// It is one of them, and damaged or without what a migration needs.
pub fn read(name: &str, text: &str, flavors: Option<&str>) -> Option<Result<Inventory, Unread>> {
    let document = Document::new(text, flavors);
    let unread = |what: &str, why: String| Unread { name: name.to_owned(), what: what.to_owned(), why };
    if let Some(error) = document.damage() {
        let why = format!("{error}; save the whole output once more");
        return Some(Err(unread("JSON or YAML that cannot be read", why)));
    }
    let Some(format) = FORMATS.iter().find(|format| (format.is)(&document)) else {
        let known: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        let why = format!("read are {}; a recorded migration goes to `precopy compare`", known.join(", "));
        return document.json().map(|_| Err(unread("JSON or YAML, and no list of guests that is known", why)));
    };
    let found = (format.read)(&document).and_then(|found| match found.guests.is_empty() {
        true if found.notes.is_empty() => Err("it has no guests".to_owned()),
        true => Err(format!("it has no guests that could be migrated; {}", found.notes.join("; "))),
        false => Ok(found),
    });
    Some(found.map_err(|why| unread(format.name, why)))
}

//! The guests of a host, in whatever form they come.

use std::io;
use std::path::Path;

use super::Failure;
use crate::inventory;
use crate::report::named;
use crate::scenario::Input;
use crate::units::bounded;
use crate::units::spelling::nearest;

/// Largest list that is read [bytes]: ten thousand guests of Kubernetes.
const MOST: u64 = 128 << 20;

/// What else is said of a list.
#[derive(Clone, Copy, Default)]
pub(super) struct ListFlags<'a> {
    /// `--flavors`
    pub flavors: Option<&'a Path>,
    /// `--host`
    pub host: Option<&'a str>,
    /// No notes.
    pub quiet: bool,
}

/// One guest of a fleet or a list, by its name, as a scenario of its own.
///
/// # Errors
/// As [`open`]; the fleet is wrong, or has no such guest.
pub(super) fn guest(path: &Path, sets: &[String], name: &str, quiet: bool) -> Result<Input, Failure> {
    let input = open(path, sets, ListFlags { quiet, ..ListFlags::default() })?;
    let fleet = super::scenario::fleet(&input, quiet)?;
    let names = || fleet.guests.iter().map(|guest| guest.name.as_str());
    match fleet.guests.iter().find(|guest| guest.name == name) {
        Some(guest) => Ok(input.of_guest(guest.entry)),
        None => {
            let help = match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", named(&names().collect::<Vec<_>>())),
            };
            Err(Failure::Input(format!("no guest of `{}` is called `{name}`; {help}", path.display())))
        }
    }
}

/// Opens a fleet: a list of a product as the table that it is read as, anything else as it is.
///
/// # Errors
/// [`Failure::Input`]: it cannot be read, or is a list that is damaged or lacks something.
pub(super) fn open(path: &Path, sets: &[String], flags: ListFlags) -> Result<Input, Failure> {
    let name = if path == Path::new("-") { "<stdin>".to_owned() } else { path.display().to_string() };
    let Ok(source) = bounded::open(path) else { return super::scenario::open(path, sets) };
    let text = match bounded::text(source, MOST) {
        Ok(text) => text,
        // What is no text is said with its place by the reader of fleets, if the file can be read a second time.
        Err(_) if name != "<stdin>" => return super::scenario::open(path, sets),
        Err(error) => return Err(unreadable(&name, &error)),
    };
    let flavors = flags.flavors.map(list).transpose()?;
    let Some(found) = inventory::read(&name, &text, flavors.as_deref()) else {
        if flags.flavors.is_some() {
            return Err(Failure::Input(format!(
                "`--flavors` is for lists of guests as products write them, and `{name}` is none; leave it out"
            )));
        }
        let input = Input::new(&name, &text, sets).map_err(|error| Failure::Input(error.to_string()))?;
        return Ok(input.in_folder(path.parent().unwrap_or(Path::new(""))));
    };
    let mut found = found.map_err(|error| Failure::Input(error.to_string()))?;
    if let Some(host) = flags.host {
        found = found.on(host).map_err(|why| Failure::Input(format!("`{name}`: {why}")))?;
    }
    if !flags.quiet {
        found.notes().iter().for_each(|note| super::note(note));
    }
    let table = Input::new(&format!("{name} (as a table)"), &found.table(), sets);
    Ok(table.map_err(|error| Failure::Input(error.to_string()))?.as_table())
}

/// The text of a list.
///
/// # Errors
/// [`Failure::Input`]: it cannot be read.
pub(super) fn list(path: &Path) -> Result<String, Failure> {
    let text = bounded::open(path).and_then(|source| bounded::text(source, MOST));
    text.map_err(|error| unreadable(&path.display().to_string(), &error))
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::Input(format!("cannot read `{name}`: {error}"))
}

//! The guests of `precopy drain`, in whatever form they come.

use std::io;
use std::path::Path;

use super::Failure;
use super::args::drain::DrainArgs;
use crate::inventory;
use crate::scenario::Input;
use crate::units::bounded;

/// Largest list that is read [bytes]: ten thousand guests of Kubernetes.
const MOST: u64 = 128 << 20;

/// Opens what a drain is asked about: a list of a product as the table that it is read as, anything else as a fleet.
///
/// # Errors
/// [`Failure::Input`]: it cannot be read, or is a list that is damaged or lacks something.
pub(super) fn open(args: &DrainArgs, sets: &[String]) -> Result<Input, Failure> {
    let name = if args.fleet == Path::new("-") { "<stdin>".to_owned() } else { args.fleet.display().to_string() };
    let Ok(source) = bounded::open(&args.fleet) else { return super::scenario::open(&args.fleet, sets) };
    let text = match bounded::text(source, MOST) {
        Ok(text) => text,
        // What is no text is said with its place by the reader of fleets, if the file can be read a second time.
        Err(_) if name != "<stdin>" => return super::scenario::open(&args.fleet, sets),
        Err(error) => return Err(unreadable(&name, &error)),
    };
    let flavors = args.flavors.as_deref().map(list).transpose()?;
    let Some(found) = inventory::read(&name, &text, flavors.as_deref()) else {
        for (flag, given) in [("--flavors", args.flavors.is_some()), ("--host", args.host.is_some())] {
            if given {
                return Err(Failure::Input(format!(
                    "`{flag}` is for lists of guests as products write them, and `{name}` is none; leave it out"
                )));
            }
        }
        let input = Input::new(&name, &text, sets).map_err(|error| Failure::Input(error.to_string()))?;
        return Ok(input.in_folder(args.fleet.parent().unwrap_or(Path::new(""))));
    };
    let mut found = found.map_err(|error| Failure::Input(error.to_string()))?;
    if let Some(host) = &args.host {
        found = found.on(host).map_err(|why| Failure::Input(format!("`{name}`: {why}")))?;
    }
    if !args.common.quiet {
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

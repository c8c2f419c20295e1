//! What other releases of QEMU make of the same migration.

use rayon::prelude::*;

use crate::qemu::Version;
use crate::scenario::Setting;

use super::Question;

/// Releases in a row of which the same is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Releases {
    /// The oldest.
    pub first: Version,
    /// The newest.
    pub last: Version,
    /// Whether the goal is met; or why they refuse the scenario.
    pub met: Result<bool, String>,
}

/// What stands for the release itself in a reason.
const ITSELF: &str = "\u{0}";

/// All releases, with their own defaults where the scenario says nothing.
pub(super) fn all(question: &Question) -> Vec<Releases> {
    let versions: Vec<Version> = Version::all().collect();
    let met = |version: &Version| {
        let met = question.meets(&[Setting::new("qemu.version", version.to_string().as_str())]);
        met.map_err(|refusal| refusal.0.first().map_or(String::new(), |f| f.title.clone()))
    };
    let answers: Vec<Result<bool, String>> = versions.par_iter().map(met).collect();
    let mut rows: Vec<Releases> = Vec::new();
    for (version, met) in versions.into_iter().zip(answers) {
        // A reason that names the release is the same of each.
        let met = met.map_err(|why| renamed(&why, &format!("QEMU {version}"), ITSELF));
        match rows.last_mut() {
            Some(row) if row.met == met => row.last = version,
            _ => rows.push(Releases { first: version, last: version, met }),
        }
    }
    for Releases { first, last, met } in &mut rows {
        if let Err(why) = met {
            *why = match first == last {
                true => renamed(why, ITSELF, &format!("QEMU {first}")),
                false => renamed(why, ITSELF, &format!("QEMU {first} to {last}")),
            };
        }
    }
    rows
}

/// A text with another name in place of one, unless a digit follows: `QEMU 2.1` is not in `QEMU 2.11`.
fn renamed(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let name = if part.starts_with(|next: char| next.is_ascii_digit()) { from } else { to };
        text + name + part
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_not_found_in_a_longer_one() {
        let text = "QEMU 2.1 is older than QEMU 2.11, says QEMU 2.1";
        assert_eq!(renamed(text, "QEMU 2.1", "it"), "it is older than QEMU 2.11, says it");
        assert_eq!(renamed("nothing", "QEMU 2.1", "it"), "nothing");
    }
}

//! A file of answers as a connection: what `virsh` printed of a host, or what an earlier survey kept.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::atomic::AtomicBool;

use super::{Figures, SurveyedGuest, SurveyedHost};
use crate::fit::CalcMode;
use crate::replay::{ClientClock, HostError};
use crate::units::Span;

/// What was answered of each guest.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    qemu: Option<String>,
    guests: Vec<SurveyedGuest>,
    /// Counts that are over, in their order.
    measured: HashMap<String, VecDeque<Figures>>,
    /// All else that was said.
    said: HashMap<String, Figures>,
    /// What the last [`begin`](SurveyedHost::begin) found.
    current: HashMap<String, Figures>,
}

/// A file that is none of answers: where, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Damaged {
    /// Which line.
    pub line: usize,
    /// What is wrong with it, and what to do.
    pub why: String,
}

/// The line of `virsh version` that names QEMU.
const HYPERVISOR: &str = "Running hypervisor: QEMU ";
/// How other lines of virsh that are between begin.
const BETWEEN: [&str; 6] =
    ["Compiled against", "Using library", "Using API", "Running against", "Start to calculate", "error:"];

impl Answers {
    /// Largest file that is read [bytes].
    pub const MAX_BYTES: u64 = 128 << 20;

    /// Reads what `virsh version`, `virsh dumpxml` and `virsh domstats` print, in any number and order.
    ///
    /// # Errors
    /// A line that is none of theirs, a domain XML that cannot be read, or no guest at all.
    pub fn parse(text: &str) -> Result<Answers, Damaged> {
        let mut found = Answers::default();
        let mut blocks: Vec<(usize, String, Figures)> = Vec::new();
        let mut lines = (1..).zip(text.lines());
        while let Some((line, raw)) = lines.next() {
            let text = raw.trim();
            if let Some(version) = text.strip_prefix(HYPERVISOR) {
                found.qemu = Some(version.to_owned());
            } else if text.starts_with("<domain") {
                let mut xml = format!("{raw}\n");
                let mut is_whole = raw.contains("</domain>");
                while !is_whole && let Some((_, more)) = lines.next() {
                    xml.push_str(more);
                    xml.push('\n');
                    is_whole = more.contains("</domain>");
                }
                let guest = SurveyedGuest::of_xml(&xml).map_err(|why| Damaged { line, why })?;
                found.guests.retain(|known| known.name != guest.name);
                found.guests.push(guest);
            } else if let Some(name) = text.strip_prefix("Domain:") {
                blocks.push((line, name.trim().trim_matches('\'').to_owned(), Figures::default()));
            } else if let (Some((_, _, figures)), Some((key, value))) = (blocks.last_mut(), text.split_once('=')) {
                figures.0.push((key.to_owned(), value.trim().to_owned()));
            } else if !text.is_empty()
                && !text.starts_with("<?xml")
                && !BETWEEN.iter().any(|word| text.starts_with(word))
            {
                let why =
                    "is no output of `virsh version`, `virsh dumpxml` or `virsh domstats`; save their whole outputs";
                return Err(Damaged { line, why: why.to_owned() });
            }
        }
        for (line, name, figures) in blocks {
            found.add(line, name, figures)?;
        }
        match found.guests.is_empty() {
            true => {
                Err(Damaged { line: 1, why: "the file has no guest; `virsh dumpxml NAME` says what one is".to_owned() })
            }
            false => Ok(found),
        }
    }

    fn add(&mut self, line: usize, name: String, figures: Figures) -> Result<(), Damaged> {
        if self.guests.iter().all(|guest| guest.name != name) {
            let why = format!("nothing says how much RAM `{name}` has; add the output of `virsh dumpxml {name}`");
            return Err(Damaged { line, why });
        }
        match figures.is_measured() {
            true => self.measured.entry(name).or_default().push_back(figures),
            false => drop(self.said.insert(name, figures)),
        }
        Ok(())
    }

    /// Lengths of the counts that it has, and how many there are of the one that has most.
    pub fn lengths(&self) -> (Vec<Span>, u32) {
        let all = || self.measured.values().map(|counts| counts.iter().filter_map(length));
        let lengths: BTreeSet<Span> = all().flatten().collect();
        let times = |length: &Span| all().map(|counts| counts.filter(|one| one == length).count()).max().unwrap_or(0);
        let most = lengths.iter().map(times).max().unwrap_or(0);
        (lengths.into_iter().collect(), u32::try_from(most).unwrap_or(u32::MAX))
    }
}

/// How long a count took.
fn length(figures: &Figures) -> Option<Span> {
    let seconds = figures.get("dirtyrate.calc_period")?.parse::<u64>().ok()?;
    (1..=3600).contains(&seconds).then(|| Span::from_ms(1000 * seconds))
}

impl SurveyedHost for Answers {
    fn qemu(&mut self) -> Result<Option<String>, HostError> {
        Ok(self.qemu.clone())
    }

    fn guests(&mut self) -> Result<Vec<SurveyedGuest>, HostError> {
        Ok(self.guests.clone())
    }

    /// The next count of that length, whatever its mode: that is what was asked for then.
    fn begin(&mut self, guest: &str, period: Span, _: CalcMode) -> Result<(), HostError> {
        let counts = self.measured.get_mut(guest);
        let at = counts.as_ref().and_then(|counts| counts.iter().position(|count| length(count) == Some(period)));
        let Some(figures) = counts.zip(at).and_then(|(counts, at)| counts.remove(at)) else {
            return Err(HostError::Refused(format!("the file has no further measurement over {period}")));
        };
        self.current.insert(guest.to_owned(), figures);
        Ok(())
    }

    fn figures(&mut self, guest: &str) -> Result<Figures, HostError> {
        let first = || self.measured.get(guest).and_then(|counts| counts.front());
        let figures = self.current.get(guest).or_else(|| self.said.get(guest)).or_else(first);
        Ok(figures.cloned().unwrap_or_default())
    }
}

/// Time that passes as fast as answers are read.
#[derive(Debug, Default)]
pub struct AnswersClock(Span);

impl ClientClock for AnswersClock {
    fn restart(&mut self) {
        self.0 = Span::ZERO;
    }

    fn now(&self) -> Span {
        self.0
    }

    fn wait_until(&mut self, at: Span, _: &AtomicBool) {
        self.0 = self.0.max(at);
    }
}

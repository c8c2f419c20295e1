//! What was not given, and what it is taken for: said once, whatever is asked and of how many guests.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use serde::{Serialize, Serializer};

use crate::drain::FleetHinge;
use crate::metrics;
use crate::plan::HostHinge;
use crate::qemu::{HOST_CONSTANTS, HostConstant};
use crate::scenario::{Assumption, Scenario, condition};
use crate::sink::terminal::{self, wrapped};
use crate::uncertain::{LikelyRange, Unknown};
use crate::units::spelling::count;

const QUIET: Style = Style::new().dimmed();
const WARNING: Style = AnsiColor::Yellow.on_default();

/// What the scenarios of one answer leave open.
///
/// As JSON: a list of `{"key", "taken_for"}`, with `guests` where it holds for some of them only, `published` with the range of
/// a constant of the host, and `hangs_on_it` where the verdict is another one within that range. What hangs on what is not
/// known of the guest is an entry with `of`, `total_time_ms` below which it ends in 1, 5 and 9 cases of 10 (null: it does not
/// arrive), `throttle_max_pct` likewise, and `arrives_pct`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assumed {
    /// Each guest once, in the order given.
    guests: Vec<(String, Vec<Assumption>)>,
    /// Constants of the host on which the verdict hangs.
    hinges: Vec<HostHinge>,
    /// Of several runs, the one whose verdict that is, in words.
    run: Option<String>,
    /// Constants of the host on which it hangs how many guests leave.
    fleet_hinges: Vec<FleetHinge>,
    /// What hangs on what is not known of the guest.
    likely: Option<LikelyRange>,
    /// Guests of a fleet that are not known exactly.
    inexact: usize,
}

/// One of the list.
#[derive(Serialize)]
#[serde(untagged)]
enum Listed<'a> {
    Taken(Entry<'a>),
    Likely(&'a LikelyRange),
}

#[derive(Serialize)]
struct Entry<'a> {
    key: &'static str,
    taken_for: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    guests: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<[&'static str; 2]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hangs_on_it: Vec<HingeEntry<'a>>,
}

/// From which value on the verdict is another one.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum HingeEntry<'a> {
    Verdict { key: &'static str, direction: &'static str, from: &'a str, verdict: &'static str },
    Moved { key: &'static str, at: &'static str, moved: usize },
}

impl HingeEntry<'_> {
    pub(super) fn of(hinge: &HostHinge) -> HingeEntry<'_> {
        HingeEntry::Verdict {
            key: hinge.constant.key,
            direction: if hinge.is_above { "above" } else { "below" },
            from: &hinge.edge,
            verdict: hinge.verdict.as_str(),
        }
    }
}

impl Serialize for Assumed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let taken = self.all().into_iter().map(|(assumption, guests)| Entry {
            key: assumption.key(),
            taken_for: assumption.taken_for(),
            guests: Some(guests).filter(|some| some.len() < self.guests.len()),
            published: constant(assumption.key()).map(|constant| [constant.range.0, constant.range.1]),
            hangs_on_it: self.hinges_of(assumption),
        });
        to.collect_seq(taken.map(Listed::Taken).chain(self.likely.as_ref().map(Listed::Likely)))
    }
}

impl Assumed {
    /// Of one migration.
    pub fn of_one(scenario: &Scenario) -> Assumed {
        Assumed::of_all([("", scenario.assumed.as_slice())])
    }

    /// Of several guests by their names; what is said of one name again is added to it.
    pub fn of_all<'a>(guests: impl IntoIterator<Item = (&'a str, &'a [Assumption])>) -> Assumed {
        let (mut all, mut places) = (Assumed::default(), BTreeMap::new());
        for (name, assumed) in guests {
            let place = *places.entry(name).or_insert_with(|| {
                all.guests.push((name.to_owned(), Vec::new()));
                all.guests.len() - 1
            });
            let known = &mut all.guests[place].1;
            assumed.iter().for_each(|new| {
                if !known.contains(new) {
                    known.push(*new);
                }
            });
        }
        all
    }

    /// With the constants of the host on which the verdict hangs.
    pub fn hanging_on(self, hinges: Vec<HostHinge>) -> Assumed {
        Assumed { hinges, ..self }
    }

    /// Of several runs, with the one whose verdict hangs on constants of the host, in words: `the run of seed 3 (converged)`.
    pub fn of_run(self, run: Option<String>) -> Assumed {
        Assumed { run, ..self }
    }

    /// With what hangs on what is not known of the guest.
    pub fn likely(self, likely: Option<LikelyRange>) -> Assumed {
        Assumed { likely, ..self }
    }

    /// With the constants of the host on which it hangs how many guests leave.
    pub fn draining_by(self, fleet_hinges: Vec<FleetHinge>) -> Assumed {
        Assumed { fleet_hinges, ..self }
    }

    /// How the migration may end where its guest is not known exactly.
    pub fn range(&self) -> Option<String> {
        self.likely.as_ref().map(range_of)
    }

    fn hinges_of(&self, open: Assumption) -> Vec<HingeEntry<'_>> {
        let of_key = self.hinges.iter().filter(|hinge| open.is_said_by(hinge.constant.key));
        let verdicts = of_key.map(HingeEntry::of);
        let of_key = self.fleet_hinges.iter().filter(|hinge| open.is_said_by(hinge.constant.key));
        let moved =
            of_key.map(|hinge| HingeEntry::Moved { key: hinge.constant.key, at: hinge.value, moved: hinge.moved });
        verdicts.chain(moved).collect()
    }

    /// The same without rules that came with a scheduler.
    pub fn without_rules(mut self) -> Assumed {
        let is_kept = |assumption: &Assumption| !matches!(assumption, Assumption::Orchestrator(_));
        self.guests.iter_mut().for_each(|(_, assumed)| assumed.retain(is_kept));
        self
    }

    /// Guests whose workload is unknown, in the order given.
    pub fn unknown(&self) -> Vec<&str> {
        let unknown = self.guests.iter().filter(|(_, assumed)| assumed.contains(&Assumption::Idle));
        unknown.map(|(name, _)| name.as_str()).collect()
    }

    /// What an answer about all guests hangs on; `None` where the workload of each is known, and exactly.
    pub fn condition(&self) -> Option<String> {
        let inexact = match self.inexact {
            0 => None,
            1 => Some("if the 1 that is not known exactly is as it is said to be".to_owned()),
            some => Some(format!("if the {some} that are not known exactly are as they are said to be")),
        };
        let all: Vec<String> = condition(self.unknown().len()).into_iter().chain(inexact).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// With so many guests that are not known exactly, such as measured ones.
    pub fn inexact(self, inexact: usize) -> Assumed {
        Assumed { inexact, ..self }
    }

    /// Whether some guest is not known exactly.
    pub fn is_inexact(&self) -> bool {
        self.inexact > 0
    }

    /// How many guests there are.
    pub fn guests(&self) -> usize {
        self.guests.len()
    }

    /// What no answer should be read without: unknown workloads, a guest that is not known exactly, a link that nobody fills, rules that came
    /// with a scheduler, and constants of the host on which the verdict hangs.
    pub fn warnings(&self) -> Vec<String> {
        let run = self.run.as_ref().map_or(String::new(), |run| format!("{run} would be "));
        let verdicts = self.hinge_words().into_iter().map(|words| format!("{run}{words}"));
        let hinges = verdicts.chain(self.fleet_hinges.iter().map(|hinge| self.fleet_words(hinge)));
        let hinges = hinges.map(|words| format!("hangs on the host: {words}"));
        let likely = self.likely.as_ref().map(likely_words);
        let first = [self.unknown_words(), likely, self.limit_words(), self.rules_words()];
        first.into_iter().flatten().chain(hinges).collect()
    }

    /// From where on the verdict is another one, and what settles it: a sentence for each constant on which it hangs.
    pub fn hinge_words(&self) -> Vec<String> {
        let words = |HostHinge { constant, edge, is_above, verdict }: &HostHinge| {
            let side = if *is_above { "more" } else { "less" };
            let (verdict, range) = (verdict.as_str(), self.range_words(constant));
            format!("{verdict} if {} is {edge} or {side} ({range}); {}", constant.means, say(constant))
        };
        self.hinges.iter().map(words).collect()
    }

    fn fleet_words(&self, hinge: &FleetHinge) -> String {
        let FleetHinge { constant, value, moved, moved_now } = hinge;
        let guests = count(*moved, "guest");
        format!(
            "{guests} in place of {moved_now} can be moved if {} is {value} ({}); {}",
            constant.means,
            self.range_words(constant),
            say(constant)
        )
    }

    /// What a constant is taken for, where that is told in its own words, and what is published.
    fn range_words(&self, constant: &HostConstant) -> String {
        let taken = self.all().into_iter().find(|(open, _)| open.key() == constant.key);
        let taken = taken.map_or(String::new(), |(open, _)| format!("taken for {}; ", open.taken_for()));
        let (low, high) = constant.range;
        format!("{taken}hosts have {low} to {high}")
    }

    /// All that stands in for something, in one line; none where everything was given.
    pub fn stand_ins(&self) -> Option<String> {
        let mut kinds: Vec<(Assumption, Assumption)> = Vec::new();
        for (now, _) in self.all().into_iter().filter(|(assumption, _)| !assumption.misleads()) {
            match kinds.last_mut().filter(|(low, _)| low.key() == now.key()) {
                Some((_, high)) => *high = now,
                None => kinds.push((now, now)),
            }
        }
        let words: Vec<String> = kinds.into_iter().map(|(low, high)| range(low, high)).collect();
        (!words.is_empty()).then(|| format!("assumed: {}", words.join(", ")))
    }

    /// A few lines for the foot of a page of that width.
    pub fn text(&self, width: usize) -> String {
        self.drawn(width, Style::new(), Style::new())
    }

    /// The same in colours, for a page that is stripped of them where they cannot be shown.
    pub fn coloured(&self, width: usize) -> String {
        self.drawn(width, WARNING, QUIET)
    }

    fn drawn(&self, width: usize, warning: Style, quiet: Style) -> String {
        let lines = |style: Style, words: String| -> String {
            wrapped(&words, width).iter().map(|line| format!("{style}{line}{style:#}\n")).collect()
        };
        let warnings = self.warnings().into_iter().map(|words| lines(warning, words));
        warnings.chain(self.stand_ins().map(|words| lines(quiet, words))).collect()
    }

    fn unknown_words(&self) -> Option<String> {
        let unknown = self.unknown();
        let all = self.guests.len();
        Some(match unknown.len() {
            0 => return None,
            1 if all == 1 => "unknown: no workload is given; the guest is taken for idle".to_owned(),
            some => format!(
                "unknown: {some} of {} {} no workload and {} taken for idle: {}",
                count(all, "guest"),
                if some == 1 { "has" } else { "have" },
                if some == 1 { "is" } else { "are" },
                named(&unknown)
            ),
        })
    }

    fn limit_words(&self) -> Option<String> {
        let (low, high, of) = self.extent(|one| matches!(one, Assumption::MaxBandwidth(_)))?;
        Some(format!(
            "assumed: {}, QEMU's own{of}, so the link is not filled; `--set {}=0` lifts it",
            range(low, high),
            low.key()
        ))
    }

    fn rules_words(&self) -> Option<String> {
        let (rules, _, of) = self.extent(|one| matches!(one, Assumption::Orchestrator(_)))?;
        Some(format!(
            "assumed: {rules}{of}, as the scheduler is; `--set {}=none` moves guests without its rules",
            rules.key()
        ))
    }

    /// The lowest and the highest of one kind of assumption, and for how many guests it holds; nothing where it does for all.
    fn extent(&self, is_one: impl Fn(&Assumption) -> bool) -> Option<(Assumption, Assumption, String)> {
        let all = self.all();
        let some: Vec<_> = all.iter().filter(|(assumption, _)| is_one(assumption)).collect();
        let ((low, _), (high, _)) = some.first().zip(some.last())?;
        let some: usize = some.iter().map(|(_, guests)| guests.len()).sum();
        let of = match self.guests.len() {
            all if some < all => format!(" for {some} of {}", count(all, "guest")),
            _ => String::new(),
        };
        Some((*low, *high, of))
    }

    /// Each assumption with its guests, in the order of the variants and values.
    fn all(&self) -> Vec<(Assumption, Vec<&str>)> {
        let each = self.guests.iter().flat_map(|(name, assumed)| assumed.iter().map(|one| (*one, name.as_str())));
        let mut each: Vec<(Assumption, &str)> = each.collect();
        each.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(Ordering::Equal));
        let same = each.chunk_by(|(a, _), (b, _)| a == b);
        same.map(|guests| (guests[0].0, guests.iter().map(|(_, name)| *name).collect())).collect()
    }
}

/// A migration that is not over within its time.
const NOT: &str = "no arrival";

/// What hangs on what is not known of the guest.
fn likely_words(likely: &LikelyRange) -> String {
    let unknowns = likely.of.iter().map(Unknown::to_string).collect::<Vec<_>>().join("; ");
    let half = likely.total_time_ms[1].map_or(NOT.to_owned(), |ms| format!("within {}", metrics::ms(ms)));
    format!("not known exactly: {unknowns}. It takes {}; in half of all cases {half}", range_of(likely))
}

/// `34.7 s to no arrival in 8 cases of 10, and arrives in 72 of 100`.
pub(super) fn range_of(likely: &LikelyRange) -> String {
    let [low, _, high] = likely.total_time_ms.map(|total| total.map_or(NOT.to_owned(), metrics::ms));
    format!("{low} to {high} in 8 cases of 10; arrives in {:.0} of 100", likely.arrives_pct)
}

/// How to learn a constant, and how to say it.
fn say(constant: &HostConstant) -> String {
    let way = match constant.is_probed {
        true => "`precopy probe` measures it",
        false => "the log of a migration shows it",
    };
    format!("{way}, and `--set {}=...` says it", constant.key)
}

/// The constant of the host that a key says.
fn constant(key: &str) -> Option<&'static HostConstant> {
    HOST_CONSTANTS.iter().find(|constant| constant.key == key)
}

/// `setup 5.62 ms`, or `setup 5.31 ms to 25 ms`.
fn range(low: Assumption, high: Assumption) -> String {
    if low == high { low.to_string() } else { format!("{low} to {}", high.taken_for()) }
}

/// Stretches of names that are told.
const TOLD: usize = 4;

/// Names in few words: `web-1 to web-12, db, cache and 20 more`.
pub fn named(names: &[&str]) -> String {
    let mut stretches: Vec<Vec<&str>> = Vec::new();
    for name in names {
        match stretches.last_mut() {
            Some(stretch) if stretch.last().is_some_and(|last| follows(last, name)) => stretch.push(name),
            _ => stretches.push(vec![name]),
        }
    }
    // Two that follow each other are no shorter as a stretch.
    let stretches: Vec<Vec<&str>> = stretches
        .into_iter()
        .flat_map(|stretch| if stretch.len() == 2 { vec![vec![stretch[0]], vec![stretch[1]]] } else { vec![stretch] })
        .collect();
    let words = stretches.iter().take(TOLD).map(|stretch| match stretch.as_slice() {
        [first, .., last] => format!("{} to {}", terminal::word(first), terminal::word(last)),
        one => terminal::word(&one.concat()).into_owned(),
    });
    let words = words.collect::<Vec<_>>().join(", ");
    match stretches.iter().skip(TOLD).map(Vec::len).sum::<usize>() {
        0 => words,
        more => format!("{words} and {more} more"),
    }
}

/// Whether a name has the next number behind the same letters.
fn follows(one: &str, next: &str) -> bool {
    let split = |name: &str| -> Option<(String, u64, usize)> {
        let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = &name[letters.len()..];
        Some((letters.to_owned(), digits.parse().ok()?, digits.len()))
    };
    let Some((one, next)) = split(one).zip(split(next)) else { return false };
    one.0 == next.0 && one.1.checked_add(1) == Some(next.1) && (one.2 == next.2 || one.1.to_string().len() == one.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Rate, Span};

    #[test]
    fn names_that_count_on_are_one_stretch() {
        for (names, words) in [
            (&["a"][..], "a"),
            (&["web-1", "web-2"], "web-1, web-2"),
            (&["web-8", "web-9", "web-10", "db"], "web-8 to web-10, db"),
            (&["web-08", "web-09", "web-10"], "web-08 to web-10"),
            (&["web-1", "web-3", "web-4"], "web-1, web-3, web-4"),
            (&["1", "2", "3"], "1 to 3"),
            (&["a", "b", "c", "d", "e", "f-1", "f-2", "f-3"], "a, b, c, d and 4 more"),
            (&["\u{1b}[2J"], "\\u{1b}[2J"),
            (&["x18446744073709551615", "x0"], "x18446744073709551615, x0"),
        ] {
            assert_eq!(named(names), words);
        }
    }

    #[test]
    fn guests_are_counted_and_their_values_are_a_range() {
        let (idle, cap) = (Assumption::Idle, Assumption::MaxBandwidth(Rate(128 << 20)));
        let setup = |ms| Assumption::Setup(Span::from_ms(ms));
        let known = [cap, setup(5)];
        let unknown = [idle, cap, setup(9)];
        let assumed = Assumed::of_all([("a", &unknown[..]), ("b", &known[..]), ("a", &known[..])]);
        assert_eq!((assumed.unknown(), assumed.guests()), (vec!["a"], 2));
        assert_eq!(
            assumed.text(200).lines().collect::<Vec<_>>(),
            [
                "unknown: 1 of 2 guests has no workload and is taken for idle: a",
                "assumed: max-bandwidth 128 MiB/s, QEMU's own, so the link is not filled; \
                 `--set qemu.max-bandwidth=0` lifts it",
                "assumed: setup 5 ms to 9 ms",
            ]
        );
        let json = serde_json::to_value(&assumed).unwrap();
        assert_eq!(json[0], serde_json::json!({"key": "guest.workload", "taken_for": "idle", "guests": ["a"]}));
        assert_eq!(json[1], serde_json::json!({"key": "qemu.max-bandwidth", "taken_for": "128 MiB/s"}));
        assert_eq!(json.as_array().unwrap().len(), 4);
    }

    #[test]
    fn nothing_is_said_where_all_was_given() {
        assert_eq!(Assumed::of_all([("a", &[][..])]).text(80), "");
    }
}

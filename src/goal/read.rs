//! Texts into goals, with every fault and its place.

use std::ops::Range;

use crate::metrics::{METRICS, Metric, Unit};
use crate::scenario::diagnostic::{Diagnostic, DiagnosticKind, Source};
use crate::sim::Verdict;
use crate::units::parse::{Quantity, parse};
use crate::units::spelling::{meant, nearest};
use crate::units::{Bytes, PAGE_SIZE, PageRate, Rate, Share, Span};

use super::{Goal, GoalComparison, Operator, Wanted};

const VERDICT: &Metric = &METRICS[0];

/// Longest goal that is read [bytes].
const LONGEST: usize = 10_000;

/// What is wrong with one comparison; boxed, for it is far larger than a comparison.
type GoalFault = Box<Diagnostic>;

/// A piece of the text, and where it begins.
#[derive(Clone, Copy)]
struct GoalPiece<'t> {
    text: &'t str,
    start: usize,
}

impl<'t> GoalPiece<'t> {
    fn trimmed(self) -> GoalPiece<'t> {
        let start = self.start + self.text.len() - self.text.trim_start().len();
        GoalPiece { text: self.text.trim(), start }
    }

    fn span(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn fault(self, title: impl Into<String>, label: impl Into<String>, help: impl Into<String>) -> GoalFault {
        Box::new(Diagnostic {
            kind: DiagnosticKind::Other,
            source: Source::File,
            span: self.span(),
            title: title.into(),
            label: label.into(),
            notes: Vec::new(),
            help: Some(help.into()),
        })
    }

    /// The pieces between separators.
    fn split(self, separator: char) -> impl Iterator<Item = GoalPiece<'t>> {
        let mut start = self.start;
        self.text.split(separator).map(move |text| {
            let piece = GoalPiece { text, start };
            start += text.len() + separator.len_utf8();
            piece.trimmed()
        })
    }
}

/// Reads a whole goal.
pub(super) fn goal(text: &str) -> Result<Goal, Vec<Diagnostic>> {
    if text.len() > LONGEST {
        let (label, help) = (format!("more than {LONGEST} bytes"), "a comparison for each figure is enough");
        return Err(vec![*GoalPiece { text, start: 0 }.fault("the goal is too long", label, help)]);
    }
    let (mut comparisons, mut faults) = (Vec::new(), Vec::new());
    for piece in (GoalPiece { text, start: 0 }).split(',') {
        match comparison(piece) {
            Ok(comparison) => comparisons.push(comparison),
            Err(fault) => faults.push(*fault),
        }
    }
    if faults.is_empty() { Ok(Goal { comparisons }) } else { Err(faults) }
}

fn comparison(piece: GoalPiece) -> Result<GoalComparison, GoalFault> {
    let written = Operator::ALL.iter().filter_map(|(sign, operator)| Some((piece.text.find(sign)?, *sign, *operator)));
    // Of the signs that begin first, the longest.
    let Some((at, sign, operator)) = written.min_by_key(|(at, sign, _)| (*at, usize::MAX - sign.len())) else {
        return alone(piece);
    };
    let left = GoalPiece { text: &piece.text[..at], start: piece.start }.trimmed();
    let after = at + sign.len();
    let right = GoalPiece { text: &piece.text[after..], start: piece.start + after }.trimmed();
    let metric = field(left)?;
    let wanted = if metric.is_figure() { number(metric, right)? } else { words(right, operator)? };
    Ok(GoalComparison { metric, operator, wanted, text: piece.text.to_owned() })
}

/// A text without an operator: a verdict.
fn alone(piece: GoalPiece) -> Result<GoalComparison, GoalFault> {
    if piece.text.is_empty() {
        let help = "write `verdict = converged` or `downtime_ms <= 500`";
        return Err(piece.fault("there is no comparison", "one is wanted here", help));
    }
    let known = field(piece);
    let close = nearest(piece.text, Verdict::ALL.map(Verdict::as_str)).is_some() || piece.text.contains('|');
    match known {
        Ok(metric) => {
            let title = format!("`{}` is compared with nothing", piece.text);
            let help = match metric.key {
                "verdict" => "write `verdict = converged`".to_owned(),
                name => format!("write `{name} <= 500`; there are also <, >=, >, = and !="),
            };
            Err(piece.fault(title, "no comparison", help))
        }
        Err(fault) if !close && matches!(fault.kind, DiagnosticKind::Misspelt(_)) => Err(fault),
        Err(_) if !close => {
            let title = format!("`{}` is neither a verdict nor a comparison", piece.text);
            let help = format!("write {}, or a comparison such as `downtime_ms <= 500`", verdicts());
            Err(piece.fault(title, "not known here", help))
        }
        Err(_) => {
            let wanted = words(piece, Operator::Equal)?;
            let text = format!("verdict = {}", piece.text);
            Ok(GoalComparison { metric: VERDICT, operator: Operator::Equal, wanted, text })
        }
    }
}

fn field(name: GoalPiece) -> Result<&'static Metric, GoalFault> {
    let figures = || METRICS.iter().filter(|metric| metric.key != "reason");
    if let Some(metric) = figures().find(|metric| metric.key == name.text) {
        return Ok(metric);
    }
    let known = || figures().map(|metric| metric.key);
    let title = format!("there is no `{}` in an outcome", name.text);
    let (kind, help) = match meant(name.text, known()) {
        Some(close) => (DiagnosticKind::Misspelt(close.to_owned()), format!("did you mean `{close}`?")),
        None => {
            let names: Vec<String> = known().map(|key| format!("`{key}`")).collect();
            (DiagnosticKind::Other, format!("known here: {}", names.join(", ")))
        }
    };
    Err(Box::new(Diagnostic { kind, ..*name.fault(title, "no such field", help) }))
}

/// A number in the base unit of a figure.
fn number(metric: &Metric, right: GoalPiece) -> Result<Wanted, GoalFault> {
    let read = match metric.unit {
        Unit::Ms => quantity::<Span>(right.text, "ms").map(|span| span.0 as f64 / 1e6),
        Unit::Bytes => quantity::<Bytes>(right.text, "B").map(|bytes| bytes.0 as f64),
        Unit::Percent => quantity::<Share>(right.text, "%").map(|share| (share.percent() * 1e9).round() / 1e9),
        Unit::Pages => quantity::<Bytes>(right.text, "pages").map(|bytes| (bytes.0 / PAGE_SIZE) as f64),
        Unit::Rate | Unit::DirtyRate => quantity::<Rate>(right.text, "B/s").map(|rate| rate.0 as f64),
        Unit::PageRate => quantity::<PageRate>(right.text, "pages/s").map(|rate| rate.0),
        Unit::Count | Unit::Words | Unit::Part | Unit::Of(_) => match right.text.replace('_', "").parse() {
            Ok(number) => Ok(number),
            Err(_) => Err(("is not a number".to_owned(), "no number".to_owned(), Some("write a plain number".into()))),
        },
    };
    read.map(Wanted::Number).map_err(|(predicate, label, help)| {
        let title = format!("what `{}` is compared with {predicate}", metric.key);
        let help = help.unwrap_or_else(|| format!("a number without a unit counts {}", metric.unit));
        right.fault(title, label, help)
    })
}

fn quantity<Q: Quantity>(text: &str, bare: &str) -> Result<Q, (String, String, Option<String>)> {
    parse(text, Some(bare)).map_err(|error| (error.problem.predicate().to_owned(), error.reason, error.hint))
}

/// Every verdict, for a message.
fn verdicts() -> String {
    Verdict::ALL.map(|verdict| format!("`{}`", verdict.as_str())).join(", ")
}

/// Verdicts.
fn words(right: GoalPiece, operator: Operator) -> Result<Wanted, GoalFault> {
    if !matches!(operator, Operator::Equal | Operator::Unequal) {
        return Err(right.fault("words have no order", "compared by size", "compare them with `=` or `!=`"));
    }
    let mut words = Vec::new();
    for word in right.split('|') {
        let all = || Verdict::ALL.into_iter().map(Verdict::as_str);
        if !all().any(|known| known == word.text) {
            let help = match nearest(word.text, all()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("one of {}", verdicts()),
            };
            return Err(word.fault(format!("no migration ends `{}`", word.text), "no such verdict", help));
        }
        words.push(word.text.to_owned());
    }
    Ok(Wanted::Words(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> Vec<(String, Operator, Wanted)> {
        let goal = goal(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        goal.comparisons.into_iter().map(|c| (c.metric.key.to_owned(), c.operator, c.wanted)).collect()
    }

    #[test]
    fn a_number_has_the_unit_of_its_field_or_one_of_its_own() {
        for (text, field, operator, number) in [
            ("downtime_ms <= 500", "downtime_ms", Operator::AtMost, 500.0),
            ("total_time_ms<=10 min", "total_time_ms", Operator::AtMost, 600_000.0),
            ("total_time_ms < 1 min 30 s", "total_time_ms", Operator::Below, 90_000.0),
            ("throttle_max_pct >= 7 %", "throttle_max_pct", Operator::AtLeast, 7.0),
            ("throttle_max_pct>20", "throttle_max_pct", Operator::Above, 20.0),
            ("transferred_bytes ≤ 16 GiB", "transferred_bytes", Operator::AtMost, 17_179_869_184.0),
            ("normal_pages = 256", "normal_pages", Operator::Equal, 256.0),
            ("normal_pages = 1 MiB", "normal_pages", Operator::Equal, 256.0),
            ("dirty_sync_count != 3", "dirty_sync_count", Operator::Unequal, 3.0),
        ] {
            assert_eq!(wanted(text), [(field.to_owned(), operator, Wanted::Number(number))], "{text}");
        }
    }

    #[test]
    fn words_are_alternatives_and_a_verdict_stands_for_itself() {
        let words = |words: &[&str]| Wanted::Words(words.iter().map(|word| (*word).to_owned()).collect());
        for (text, operator, expected) in [
            ("verdict=converged", Operator::Equal, words(&["converged"])),
            ("converged", Operator::Equal, words(&["converged"])),
            ("converged|post-copy", Operator::Equal, words(&["converged", "post-copy"])),
            ("verdict != not-converged | aborted", Operator::Unequal, words(&["not-converged", "aborted"])),
        ] {
            assert_eq!(wanted(text), [("verdict".to_owned(), operator, expected)], "{text}");
        }
        assert_eq!(wanted("converged, downtime_ms<1").len(), 2);
    }

    #[test]
    fn a_fault_has_its_place_and_a_way_out() {
        for (text, place, help) in [
            ("downtime <= 500", "downtime", "did you mean `downtime_ms`?"),
            ("downtime_ms <= 500, throtle_max_pct < 5", "throtle_max_pct", "did you mean `throttle_max_pct`?"),
            ("colour = red", "colour", "known here: `verdict`"),
            ("reason = x", "reason", "known here"),
            ("downtime_ms <= 500 secs", "500 secs", "did you mean `s`?"),
            ("downtime_ms <= 5 Gbit/s", "5 Gbit/s", "units of times"),
            ("downtime_ms <=", "", "write"),
            ("downtime_ms", "downtime_ms", "write `downtime_ms <= 500`"),
            ("verdict = convergd", "convergd", "did you mean `converged`?"),
            ("verdict = fine", "fine", "one of `converged`"),
            ("verdict < converged", "converged", "`=` or `!=`"),
            ("success", "success", "write `converged`, "),
            ("downtime", "downtime", "did you mean `downtime_ms`?"),
            ("dirty_sync_count <= many", "many", "plain number"),
            ("", "", "write `verdict = converged`"),
            ("converged,", "", "write `verdict = converged`"),
            (&"x<,".repeat(LONGEST), &"x<,".repeat(LONGEST), "a comparison for each figure"),
        ] {
            let faults = goal(text).expect_err(text);
            assert_eq!(faults.len(), 1, "{text}");
            assert_eq!(&text[faults[0].span.clone()], place, "{text}");
            let found = faults[0].help.as_deref().unwrap_or_default();
            assert!(found.contains(help), "{text}: {found}");
        }
    }
}

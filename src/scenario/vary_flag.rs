//! `--vary`: `key=a,b,c`, or `key=from..to/steps`, or `key=from..to/steps log`.

use super::axis::{Axis, Range, WrittenAxis};
use super::diagnostic::Source;
use super::faults::Faults;
use super::flags;
use super::syntax;
use super::tree::{Node, TextPlace, TomlValue};

/// What to write.
const HELP: &str = "write key=a,b,c for single values, key=FROM..TO/STEPS for a range such as guest.workload.0.rate=1000..50000/20, \
                    or key=FROM..TO/STEPS log for equal ratios";

/// Reads the `index`-th flag; `None` if it is wrong.
pub(super) fn read(flag: &str, index: usize, faults: &mut Faults) -> Option<Axis> {
    let text = Text { flag, source: Source::Vary(index) };
    let Some(equals) = flag.find('=') else {
        faults.error(&text.place(0, flag.len()), "`--vary` without values", "no `=` in here").help(HELP);
        return None;
    };
    let mut keys = Vec::new();
    for part in text.split(0, equals, '.') {
        if part.trimmed().is_empty() {
            faults.error(&part.place(), "`--vary` with an empty key", "a key is wanted here").help(HELP);
            return None;
        }
        keys.push((part.trimmed().to_owned(), part.place()));
    }
    if flags::is_too_deep(keys.len(), &text.place(0, equals), faults) {
        return None;
    }
    let values = text.piece(equals + 1, flag.len());
    let written = match find_outside(values.text(), "..").first() {
        Some(&dots) => WrittenAxis::Range(range(&text, values, dots, faults)?),
        None => WrittenAxis::List(list(&text, values, faults)?),
    };
    Some(Axis::new(keys, written))
}

fn list(text: &Text, values: Piece, faults: &mut Faults) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    let (mut from, end) = (values.from, values.to);
    let commas = find_outside(values.text(), ",");
    let ends = commas.into_iter().map(|at| values.from + at).chain([end]);
    let pieces: Vec<Piece> = ends.map(|end| text.piece(std::mem::replace(&mut from, end + 1), end)).collect();
    for piece in &pieces {
        if piece.trimmed().is_empty() {
            faults.error(&piece.place(), "an empty value", "a value is wanted here").help(HELP);
            return None;
        }
        if let Some((low, high)) = dashed(piece.trimmed()) {
            let title = format!("`{}` is no value", piece.trimmed());
            let help = format!("a range is written {low}..{high}/STEPS, as in {}={low}..{high}/10", text.key());
            faults.error(&piece.place(), title, "a range has dots").help(help);
            return None;
        }
        nodes.push(value(piece, faults)?);
    }
    if let [pieces @ .., last] = &pieces[..]
        && pieces.iter().all(|piece| unit(piece.trimmed()).is_empty())
    {
        nodes.iter_mut().zip(pieces).for_each(|(node, piece)| give_unit(node, piece, last));
    }
    Some(nodes)
}

/// A range whose `..` stands at `dots`.
fn range(text: &Text, values: Piece, dots: usize, faults: &mut Faults) -> Option<Range> {
    let from = text.piece(values.from, values.from + dots);
    let rest = text.piece(values.from + dots + 2, values.to);
    if let Some(more) = find_outside(rest.text(), "..").first() {
        let place = text.place(rest.from + more, rest.from + more + 2);
        faults.error(&place, "a range with more than two ends", "a second `..`").help(HELP);
        return None;
    }
    // The last slash before `steps`: units such as `Gbit/s` have slashes of their own.
    let (to, steps, log) = match rest.text().rfind('/').map(|slash| (slash, tail(&rest.text()[slash + 1..]))) {
        Some((slash, Some((steps, log)))) => (text.piece(rest.from, rest.from + slash), steps, log),
        _ => (text.piece(rest.from, rest.to), None, false),
    };
    if let Some(steps) = steps.filter(|steps| *steps == 0 || *steps > u64::from(Range::MOST)) {
        let place = text.place(to.to + 1, rest.to);
        let label = if steps == 0 { "no step".to_owned() } else { format!("at most {}", Range::MOST) };
        faults.error(&place, "a range has at least one step, and not too many", label);
        return None;
    }
    for end in [&from, &to] {
        if !end.trimmed().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | '"' | '\'')) {
            faults.error(&end.place(), "a range begins and ends with a number", "a number is wanted here").help(HELP);
            return None;
        }
    }
    let mut first = value(&from, faults)?;
    give_unit(&mut first, &from, &to);
    let place = values.place();
    // Steps are a u32: they are at most `Range::MOST`.
    Some(Range { from: first, to: value(&to, faults)?, steps: steps.map(|steps| steps as u32), log, place })
}

/// One unit is enough: `1..100 Gbit/s`, `1,10 Gbit/s`. A bare number is given that of the last one.
fn give_unit(node: &mut Node, piece: &Piece, last: &Piece) {
    let unit = unit(last.trimmed());
    if piece.trimmed().chars().all(in_number) && !unit.is_empty() {
        node.value = TomlValue::Text(format!("{} {unit}", piece.trimmed()));
    }
}

/// What stands behind a number; nothing where there is no number in front.
fn unit(text: &str) -> &str {
    let unit = text.trim_start_matches(in_number);
    if text.starts_with(in_number) { unit.trim() } else { "" }
}

fn in_number(c: char) -> bool {
    c.is_ascii_digit() || "+-._eE".contains(c)
}

/// Both ends of `100-500 ms`: a range as people speak of it.
fn dashed(text: &str) -> Option<(&str, &str)> {
    let (low, high) = text.split_once('-')?;
    let (low, high) = (low.trim_end(), high.trim_start());
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let number = high.trim_end_matches(|c: char| !digits(c));
    let plain = [low, number].iter().all(|end| end.parse::<f64>().is_ok() && end.chars().all(digits));
    plain.then_some((low, high))
}

/// `20`, `20 log`, `20log` or `log`: steps, and whether they are equal ratios; `None` if it is something else.
fn tail(text: &str) -> Option<(Option<u64>, bool)> {
    let text = text.trim();
    let (digits, log) = match text.strip_suffix("log") {
        Some(digits) => (digits.trim_end(), true),
        None => (text, false),
    };
    match digits {
        "" if log => Some((None, true)),
        digits if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) => {
            Some((Some(digits.parse().unwrap_or(u64::MAX)), log))
        }
        _ => None,
    }
}

fn value(piece: &Piece, faults: &mut Faults) -> Option<Node> {
    let offset = piece.place().span.start;
    syntax::flag(piece.trimmed(), offset, piece.source.clone(), faults)
}

/// Where `wanted` stands outside of quotes and brackets.
fn find_outside(text: &str, wanted: &str) -> Vec<usize> {
    let (mut found, mut quote, mut depth) = (Vec::new(), None, 0u32);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{' | '(') => depth += 1,
            (None, ']' | '}' | ')') => depth = depth.saturating_sub(1),
            _ if depth == 0
                && text[at..].starts_with(wanted)
                && found.last().is_none_or(|last| last + wanted.len() <= at) =>
            {
                found.push(at);
            }
            _ => {}
        }
    }
    found
}

/// The flag.
struct Text<'t> {
    flag: &'t str,
    source: Source,
}

/// A piece of the flag.
struct Piece<'t> {
    flag: &'t str,
    source: Source,
    from: usize,
    to: usize,
}

impl<'t> Text<'t> {
    fn key(&self) -> &'t str {
        self.flag.split('=').next().unwrap_or(self.flag).trim()
    }

    fn place(&self, from: usize, to: usize) -> TextPlace {
        TextPlace { source: self.source.clone(), span: from..to }
    }

    fn piece(&self, from: usize, to: usize) -> Piece<'t> {
        Piece { flag: self.flag, source: self.source.clone(), from, to }
    }

    fn split(&self, from: usize, to: usize, at: char) -> Vec<Piece<'t>> {
        let mut pieces = Vec::new();
        let mut start = from;
        for part in self.flag[from..to].split(at) {
            pieces.push(self.piece(start, start + part.len()));
            start += part.len() + at.len_utf8();
        }
        pieces
    }
}

impl<'t> Piece<'t> {
    fn text(&self) -> &'t str {
        &self.flag[self.from..self.to]
    }

    fn trimmed(&self) -> &'t str {
        self.text().trim()
    }

    fn place(&self) -> TextPlace {
        let start = self.from + (self.text().len() - self.text().trim_start().len());
        let end = start + self.trimmed().len();
        // What is empty is pointed at with all its white space.
        let span = if self.trimmed().is_empty() { self.from..self.to } else { start..end };
        TextPlace { source: self.source.clone(), span }
    }
}

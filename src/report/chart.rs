//! A timeline drawn with block characters: remaining RAM, the throttle, the passes, and time below.

use anstyle::{AnsiColor, Style};

use super::actions;
use crate::results::curve;
use crate::sim::{Event, Timeline};
use crate::units::Bytes;

/// Lines of the remaining RAM.
const HEIGHT: usize = 8;
/// Columns left of the picture: the longest label is `1023 MiB`, with a blank and the axis.
const GUTTER: usize = 11;
/// A column filled by eighths, from below.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

const RAM: Style = AnsiColor::Cyan.on_default();
const SLOWED: Style = AnsiColor::Yellow.on_default();
const STARVED: Style = AnsiColor::Red.on_default();
const STOPPED: Style = AnsiColor::Red.on_default().bold();
const QUIET: Style = Style::new().dimmed();

/// A step of the time axis: distance of two ticks, and of one unit [ms], and the unit.
struct Tick {
    step: f64,
    per_unit: f64,
    unit: &'static str,
}

/// Draws the timeline `width` columns wide; nothing where there is no time to draw.
pub(super) fn draw(timeline: &Timeline, width: usize) -> String {
    let end = timeline.rows.last().map_or(0.0, |row| row.t_ms);
    let columns = width.saturating_sub(GUTTER).max(1);
    // An outcome with a broken clock still has its figures.
    if !(end.is_finite() && end > 0.0) {
        return String::new();
    }
    let chart = Chart { timeline, end, columns };
    let mut lines = chart.remaining();
    lines.extend(chart.zero_pages());
    lines.extend(chart.throttle());
    lines.push(chart.passes());
    lines.extend(chart.actions());
    lines.extend(chart.time());
    lines.into_iter().map(|line| line + "\n").collect()
}

struct Chart<'a> {
    timeline: &'a Timeline,
    /// Right edge [ms].
    end: f64,
    /// Width of the picture.
    columns: usize,
}

impl Chart<'_> {
    /// The largest value of a curve under each column.
    fn by_column(&self, curve: &[(f64, f64)]) -> Vec<f64> {
        let edge = |column: usize| self.end * column as f64 / self.columns as f64;
        (0..self.columns).map(|column| curve::largest(curve, edge(column), edge(column + 1))).collect()
    }

    /// The column that an instant [ms] falls into.
    fn column(&self, t_ms: f64) -> usize {
        ((t_ms / self.end * self.columns as f64) as usize).min(self.columns - 1)
    }

    fn remaining(&self) -> Vec<String> {
        let values = self.by_column(&curve::remaining(self.timeline));
        let top = values.iter().copied().fold(1.0, f64::max);
        let levels: Vec<usize> = values.iter().map(|value| level(*value, top, HEIGHT)).collect();
        let line = |above: usize| {
            let label = match above {
                0 => Bytes(top as u64).to_string(),
                half if half == HEIGHT / 2 => Bytes((top / 2.0) as u64).to_string(),
                _ => String::new(),
            };
            let below = (HEIGHT - 1 - above) * 8;
            let blocks: String = levels.iter().map(|level| EIGHTHS[level.saturating_sub(below).min(8)]).collect();
            labelled(&label, if label.is_empty() { '│' } else { '┤' }, RAM, &blocks)
        };
        (0..HEIGHT).map(line).collect()
    }

    /// One line that is grey where zero pages are found and hardly anything is sent; none where that takes no column.
    fn zero_pages(&self) -> Option<String> {
        let mut marks = vec![' '; self.columns];
        for (from, to) in curve::zero_pages(self.timeline) {
            // Columns that are in it as a whole.
            let first = (from / self.end * self.columns as f64).ceil() as usize;
            let last = (to / self.end * self.columns as f64).floor() as usize;
            marks.iter_mut().take(last.min(self.columns)).skip(first).for_each(|mark| *mark = '░');
        }
        let marks: String = marks.iter().collect();
        marks.contains('░').then(|| labelled("zero", '│', QUIET, &marks))
    }

    /// One line, or none where the guest was never slowed.
    fn throttle(&self) -> Option<String> {
        let values = self.by_column(&curve::steps(self.timeline, |row| row.throttle_pct));
        let highest = values.iter().copied().fold(0.0, f64::max);
        if highest <= 0.0 {
            return None;
        }
        let blocks: String = values.iter().map(|value| EIGHTHS[level(*value, 100.0, 1)]).collect();
        let style = if highest >= 90.0 { STARVED } else { SLOWED };
        Some(labelled("throttle", '│', style, &blocks))
    }

    /// The number of each pass where it begins, a dot where there is no room for it, a square where the guest stops.
    fn passes(&self) -> String {
        let mut marks = vec![' '; self.columns];
        for row in self.timeline.rows.iter().filter(|row| row.event == Event::Sync) {
            let at = self.column(row.t_ms);
            let number = row.pass.to_string();
            let fits = at + number.len() <= self.columns
                && marks[at.saturating_sub(1)..at + number.len()].iter().all(|mark| *mark == ' ');
            match (fits, marks[at]) {
                (true, _) => marks[at..at + number.len()].iter_mut().zip(number.chars()).for_each(|(m, c)| *m = c),
                (false, ' ') => marks[at] = '·',
                (false, _) => {}
            }
        }
        let stop = self.timeline.rows.iter().find(|row| row.event == Event::Stop).map(|row| self.column(row.t_ms));
        let marks: String = match stop {
            Some(stop) => {
                let (before, after) = (&marks[..stop], &marks[stop + 1..]);
                let (before, after): (String, String) = (before.iter().collect(), after.iter().collect());
                format!("{before}{STOPPED}■{STOPPED:#}{QUIET}{after}")
            }
            None => marks.iter().collect(),
        };
        labelled("pass", '│', QUIET, &marks)
    }

    /// One line with a mark for each action of the orchestrator, or none where there was none; the list explains them.
    fn actions(&self) -> Option<String> {
        let actions = &self.timeline.actions;
        let mut marks = vec![' '; self.columns];
        for action in actions {
            marks[self.column(action.t_ms)] = actions::mark(action);
        }
        let marks: String = marks.iter().collect();
        (!actions.is_empty()).then(|| labelled("actions", '│', QUIET, &marks))
    }

    fn time(&self) -> [String; 2] {
        let tick = Tick::for_axis(self.end, self.columns);
        let mut rule = vec!['─'; self.columns];
        let mut labels = vec![' '; self.columns];
        for (at, text) in (0..).map(|n| tick.label(n)).take_while(|(at, _)| *at <= self.end) {
            let column = self.column(at);
            rule[column] = '┬';
            let text: Vec<char> = text.chars().collect();
            let start = if column == 0 { 0 } else { column.saturating_sub((text.len() - 1) / 2) };
            // The last label leaves the picture rather than being cut.
            let start = start.min(self.columns.saturating_sub(text.len()));
            if labels[start.saturating_sub(1)..].iter().all(|mark| *mark == ' ') {
                labels.iter_mut().skip(start).zip(text).for_each(|(mark, char)| *mark = char);
            }
        }
        let (rule, labels): (String, String) = (rule.iter().collect(), labels.iter().collect());
        [labelled("0 B", '┴', QUIET, &rule), labelled("", ' ', QUIET, &labels)]
    }
}

impl Tick {
    /// The smallest readable step that leaves each label some twelve columns.
    fn for_axis(end: f64, columns: usize) -> Tick {
        const UNITS: [(f64, &str, &[f64]); 4] = [
            (1.0, "ms", &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]),
            (1e3, "s", &[1.0, 2.0, 5.0, 10.0, 20.0, 30.0]),
            (60e3, "min", &[1.0, 2.0, 5.0, 10.0, 20.0, 30.0]),
            (3600e3, "h", &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]),
        ];
        let ticks = (columns / 12).max(2) as f64;
        let steps = UNITS.iter().flat_map(|&(per_unit, unit, steps)| {
            steps.iter().map(move |step| Tick { step: step * per_unit, per_unit, unit })
        });
        // A run longer than the largest step has room for is measured in halves of its length.
        let coarse = Tick { step: end / 2.0, per_unit: 3600e3, unit: "h" };
        steps.into_iter().find(|tick| end / tick.step <= ticks).unwrap_or(coarse)
    }

    /// Instant [ms] and label of the n-th tick.
    fn label(&self, n: u32) -> (f64, String) {
        let at = f64::from(n) * self.step;
        (at, format!("{:.0} {}", at / self.per_unit, self.unit))
    }
}

/// Eighths of a column of `height` characters; what is there at all shows at least one.
fn level(value: f64, top: f64, height: usize) -> usize {
    let eighths = (value / top * (height * 8) as f64).round() as usize;
    if value > 0.0 { eighths.max(1) } else { 0 }
}

/// A line of the picture behind its label.
fn labelled(label: &str, axis: char, style: Style, picture: &str) -> String {
    let width = GUTTER - 2;
    format!("{QUIET}{label:>width$} {axis}{QUIET:#}{style}{}{style:#}", picture.trim_end())
}

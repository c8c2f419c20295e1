//! Where everything of a figure goes: measured first, so that no text is cut off or lies over another.

use super::figure::{Figure, Key, Panel};
use super::font::{cut, names, width, wrapped};
use super::scale::Scale;
use super::size::Size;

/// Places of a figure's parts [px].
#[derive(Debug)]
pub(super) struct Layout {
    /// Size of the letters, and of smaller ones.
    pub text: f64,
    pub small: f64,
    pub margin: f64,
    /// Lines of the title and subtitle, and the middle of their heights.
    pub title: Vec<(String, f64)>,
    pub subtitle: Vec<(String, f64)>,
    /// Where the legend's heading and entries begin, and the names as far as there is room.
    pub heading: (f64, f64),
    pub entries: Vec<(String, f64, f64)>,
    /// Panels, in the figure's order.
    pub panels: Vec<Place>,
    /// Left edge of the colour bar.
    pub colours: f64,
    /// Middle of the height of the x axis' title.
    pub x_title: f64,
    /// What stands before the legend's entries.
    pub legend: String,
    /// Whether the labels of the x axis stand upright.
    pub upright: bool,
    /// The title that all y axes have.
    pub shared_y_title: Option<Vec<String>>,
    /// Whether it is for a paper, whose head is as low as can be.
    paper: bool,
    /// Room of the longest label at an axis, and of the longest beside a panel.
    pub widest: f64,
    pub beside: f64,
}

/// A panel's box, and which of its axes have labels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub left: f64,
    pub right: f64,
    /// Upper edge of the strip, if there is one, or of the scale.
    pub top: f64,
    /// Upper edge of the scale.
    pub scale: f64,
    pub bottom: f64,
    pub x_labels: bool,
    pub y_labels: bool,
    /// Left edge of the axis' title, if it has one of its own.
    pub y_title: Option<f64>,
}

impl Place {
    /// Where a value of the x axis stands.
    pub(super) fn x(&self, scale: &Scale, value: f64) -> f64 {
        self.left + scale.place(value) * (self.right - self.left)
    }

    /// Where a value of the y axis stands; without an end, in the strip.
    pub(super) fn y(&self, scale: &Scale, value: f64) -> f64 {
        match value.is_finite() {
            true => self.bottom - scale.place(value) * (self.bottom - self.scale),
            false => (self.top + self.scale) / 2.0,
        }
    }
}

impl Layout {
    /// Measures and places.
    pub(super) fn of(figure: &Figure, size: Size) -> Layout {
        let text = size.text;
        let mut layout = Layout {
            text,
            small: 0.9 * text,
            margin: 0.9 * text,
            title: Vec::new(),
            subtitle: Vec::new(),
            heading: (0.0, 0.0),
            entries: Vec::new(),
            panels: Vec::new(),
            colours: 0.0,
            x_title: 0.0,
            legend: String::new(),
            paper: size.paper,
            upright: false,
            shared_y_title: None,
            widest: 0.3 * size.width,
            // Names beside bars are what is read first.
            beside: if figure.columns == 1 { 0.54 } else { 0.3 } * size.width,
        };
        let (top, foot) = layout.head(figure, size);
        let size = Size { height: size.height - foot, ..size };
        layout.x_title = size.height - 1.4 * text;
        layout.body(figure, size, top);
        layout
    }

    /// Size of the title's letters.
    pub(super) fn title_size(&self) -> f64 {
        if self.paper { self.text } else { 1.25 * self.text }
    }

    /// The lines of an axis' title beside a panel of that height; it may reach into the gaps above and below.
    pub(super) fn y_title_lines(&self, title: &str, height: f64) -> Vec<String> {
        let room = height + 0.8 * self.text;
        wrapped(title, self.text, room).iter().map(|line| cut(line, self.text, room)).collect()
    }

    /// Length of the pictures in the legend.
    pub(super) fn key(&self, key: Key) -> f64 {
        match key {
            Key::Line(_) | Key::Curve(_) if self.paper => 1.7 * self.text,
            Key::Line(_) | Key::Curve(_) => 2.4 * self.text,
            Key::Point(..) => 1.0 * self.text,
            Key::Box(_) => 1.4 * self.text,
        }
    }

    /// Places title, subtitle and legend; the answer is where the rest begins, and how much of the foot is the legend's.
    fn head(&mut self, figure: &Figure, size: Size) -> (f64, f64) {
        let room = size.width - 2.0 * self.margin;
        let mut y = self.margin * if self.paper { 0.2 } else { 0.6 };
        for line in wrapped(&figure.title, self.title_size(), room) {
            y += 1.4 * self.title_size();
            self.title.push((line, y - 0.7 * self.title_size()));
        }
        for line in wrapped(&figure.subtitle, self.small, room) {
            y += 1.4 * self.small;
            self.subtitle.push((line, y - 0.7 * self.small));
        }
        let below = if self.paper { 0.1 } else { 0.5 } * self.text;
        if figure.legend.entries.is_empty() {
            return (y + below, 0.0);
        }
        let line = 1.55 * self.small;
        let lines = self.legend(figure, size);
        let height = line * lines as f64;
        // A caption says what the picture is; above the panels there is a line for the legend.
        let foot = if self.paper && lines > 1 { height + 0.2 * self.text } else { 0.0 };
        let above = if self.paper { 0.1 } else { 0.3 } * self.text;
        let start = if foot > 0.0 { size.height - foot } else { y + above };
        self.heading.1 += start;
        self.entries.iter_mut().for_each(|entry| entry.2 += start);
        if foot > 0.0 { (y + below, foot) } else { (start + height + below, 0.0) }
    }

    /// Places the legend from a height of 0; the answer is how many lines it has, which are about as long.
    fn legend(&mut self, figure: &Figure, size: Size) -> usize {
        let (heading, names_) = match self.paper {
            true => figure.legend.with_one_unit(),
            false => (figure.legend.heading.clone(), figure.legend.names()),
        };
        let line = 1.55 * self.small;
        let mut start = self.margin;
        self.heading = (start, line / 2.0);
        if !heading.is_empty() {
            start += width(&heading, self.small) + self.text;
        }
        let indent = if start < size.width / 3.0 { start } else { self.margin };
        let befores: Vec<f64> = figure.legend.entries.iter().map(|(key, _)| self.key(*key) + 0.5 * self.text).collect();
        let longest = befores.iter().copied().fold(0.0, f64::max);
        let most = size.width - self.margin - indent - longest;
        let names = names(names_.iter().map(String::as_str), self.small, most);
        let lengths: Vec<f64> =
            names.iter().zip(&befores).map(|(name, before)| before + width(name, self.small)).collect();
        let gap = if self.paper { 0.9 } else { 1.3 } * self.text;
        let placed = |end: f64| {
            let (mut x, mut row) = (start, 0);
            let mut places = Vec::new();
            for length in &lengths {
                if x > indent && x + length > end {
                    (x, row) = (indent, row + 1);
                }
                places.push((x, row));
                x += length + gap;
            }
            places
        };
        let rows = |places: &[(f64, usize)]| places.last().map_or(0, |place| place.1 + 1);
        let end = size.width - self.margin;
        let mut places = placed(end);
        let count = rows(&places);
        // As narrow as it can be with as many lines, so that none has a single entry.
        for step in 1..40 {
            let narrower = placed(end - f64::from(step) * (end - indent) / 40.0);
            if rows(&narrower) > count {
                break;
            }
            places = narrower;
        }
        let entries = names.into_iter().zip(places);
        self.entries = entries.map(|(name, (x, row))| (name, x, line * (row as f64 + 0.5))).collect();
        self.legend = heading;
        count
    }

    /// Places panels, axes and the colour bar below `top`.
    fn body(&mut self, figure: &Figure, size: Size, top: f64) {
        let text = self.text;
        let widest = self.labels(&figure.x).min(self.widest);
        let overhang = figure.x.ticks.last().map_or(0.0, |tick| width(&tick.1, self.small) / 2.0 + 0.3 * text);
        let mut right = size.width - self.margin.max(if figure.x.has_names() { 0.0 } else { overhang });
        if let Some(scale) = &figure.colours {
            right -= 4.1 * text + self.labels(scale).min(self.widest);
            self.colours = right + 1.2 * text;
        }
        let columns = match figure.columns {
            0 => columns(figure.panels.len(), right / (size.height - top)),
            columns => columns,
        };
        let rows = Rows::of(self, figure, columns, top);
        let all = figure.panels.iter().all(|panel| panel.y.title == figure.panels[0].y.title);
        let ends = size.height - 2.3 * text - self.small - 0.9 * text;
        if all {
            self.shared_y_title = figure.panels.first().map(|panel| self.y_title_lines(&panel.y.title, ends - top));
        }
        let lefts: Vec<Left> =
            (0..columns).map(|column| Left::of(self, figure, column, columns, rows.heights(ends)[0])).collect();
        let start = self.margin * 0.6 + self.shared_y_title.as_ref().map_or(0.0, |lines| self.title_width(lines.len()));
        let gap = if figure.x.has_names() { 1.2 * text } else { widest + 0.8 * text };
        let used = start + lefts.iter().map(|left| left.title + left.labels).sum::<f64>() + gap * (columns - 1) as f64;
        let panel_width = ((right - used) / columns as f64).max(text);
        self.upright = figure.x.has_names()
            && figure.colours.is_none()
            && figure.x.ticks.len() as f64 * (widest + 0.6 * text) > panel_width;
        let x_labels = if self.upright { widest } else { self.small } + 0.9 * text;
        let heights = rows.heights(size.height - 2.3 * text - x_labels);

        let mut y = top;
        for (row, panels) in figure.panels.chunks(columns).enumerate() {
            y += rows.over[row];
            let mut x = start;
            for (column, panel) in panels.iter().enumerate() {
                let (at, left) = (row * columns + column, &lefts[column]);
                let title = x;
                x += left.title + left.labels;
                let strip = if panel.strip.is_some() { 1.7 * text } else { 0.0 };
                let beside = (column > 0).then(|| &figure.panels[at - 1].y);
                self.panels.push(Place {
                    left: x,
                    right: x + panel_width,
                    top: y,
                    scale: y + strip,
                    bottom: y + heights[row],
                    x_labels: at + columns >= figure.panels.len(),
                    y_labels: beside != Some(&panel.y),
                    y_title: beside.is_none_or(|beside| beside.title != panel.y.title).then_some(title),
                });
                x += panel_width + gap;
            }
            y += heights[row] + rows.below[row];
        }
    }

    /// Width of the longest line of an axis' labels.
    fn labels(&self, scale: &Scale) -> f64 {
        scale.ticks.iter().flat_map(|tick| tick.1.lines()).map(|line| width(line, self.small)).fold(0.0, f64::max)
    }

    /// Width of a title of so many lines, bottom to top.
    fn title_width(&self, lines: usize) -> f64 {
        self.text * (0.5 + 1.2 * lines as f64)
    }
}

/// How many panels of `count` stand in a row, so that they are of a good shape; the room for all is `wide` times as
/// wide as high.
fn columns(count: usize, wide: f64) -> usize {
    let ugly = |columns: usize| {
        let rows = count.div_ceil(columns);
        let shape = wide * rows as f64 / columns as f64;
        let empty = if rows * columns > count { 0.3 } else { 0.0 };
        libm::fabs(libm::log(shape / 1.5)) + empty
    };
    (1..=count.clamp(1, 5)).min_by(|a, b| ugly(*a).total_cmp(&ugly(*b))).unwrap_or(1)
}

/// Rows of panels, before their heights are known.
struct Rows {
    top: f64,
    /// Room above and below each row, and shares of the heights.
    over: Vec<f64>,
    below: Vec<f64>,
    shares: Vec<f64>,
}

impl Rows {
    fn of(layout: &Layout, figure: &Figure, columns: usize, top: f64) -> Rows {
        let text = layout.text;
        let rows: Vec<&[Panel]> = figure.panels.chunks(columns).collect();
        let titled = |panel: &Panel| !panel.title.is_empty() || !panel.above.is_empty();
        let over = |row: &&[Panel]| if row.iter().any(titled) { 1.6 * text } else { 0.5 * text };
        // A panel with nothing below it, in a row that is not the last, has its own labels.
        let uneven = !figure.panels.len().is_multiple_of(columns);
        let below = |row: usize| match rows.len() - row {
            1 => 0.0,
            2 if uneven => 1.4 * text + layout.small,
            _ => 0.5 * text,
        };
        Rows {
            top,
            over: rows.iter().map(over).collect(),
            below: (0..rows.len()).map(below).collect(),
            shares: rows.iter().map(|row| row[0].height).collect(),
        }
    }

    /// Heights of the rows, if the last one ends at `end`.
    fn heights(&self, end: f64) -> Vec<f64> {
        let taken: f64 = self.over.iter().chain(&self.below).sum();
        let room = (end - self.top - taken).max(1.0);
        let shares: f64 = self.shares.iter().sum();
        self.shares.iter().map(|share| room * share / shares).collect()
    }
}

/// What stands to the left of a column of panels.
struct Left {
    title: f64,
    labels: f64,
}

impl Left {
    fn of(layout: &Layout, figure: &Figure, column: usize, columns: usize, height: f64) -> Left {
        let mut left = Left { title: 0.0, labels: 0.0 };
        let highest = figure.panels.iter().map(|panel| panel.height).fold(0.0, f64::max);
        for at in (column..figure.panels.len()).step_by(columns) {
            let panel = &figure.panels[at];
            let beside = (column > 0).then(|| &figure.panels[at - 1].y);
            if beside != Some(&panel.y) {
                let strip = panel.strip.map_or(0.0, |name| width(name, layout.small));
                left.labels =
                    left.labels.max(layout.labels(&panel.y).min(layout.beside).max(strip) + 0.7 * layout.text);
            }
            if layout.shared_y_title.is_none() && beside.is_none_or(|beside| beside.title != panel.y.title) {
                let lines = layout.y_title_lines(&panel.y.title, height * panel.height / highest).len();
                left.title = left.title.max(layout.title_width(lines));
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_stand_so_that_they_have_a_good_shape() {
        for (count, wide, columns_) in [(1, 1.7, 1), (2, 1.7, 2), (3, 4.5, 3), (4, 1.6, 2), (6, 1.7, 3), (9, 1.6, 3)] {
            assert_eq!(columns(count, wide), columns_, "{count} panels in {wide}");
        }
    }
}

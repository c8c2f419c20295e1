//! A figure as a script for matplotlib: the same panels, marks and scales, with the figures in it, for who wants to change more
//! than flags can.

mod literal;
mod marks;

use std::fmt::Write as _;

use self::literal::{list, number, text};
use super::figure::{Figure, Inside, Key, Panel};
use super::layout::Layout;
use super::scale::Scale;
use super::size::Size;

/// Points in a px.
const POINT: f64 = 0.75;

/// The figure as Python, at `size`; `command` is what prints it again.
pub(super) fn python(figure: &Figure, size: Size, command: &str) -> String {
    let layout = Layout::of(figure, size);
    let columns = layout.panels.iter().take_while(|place| place.top == layout.panels[0].top).count().max(1);
    let heights = figure.panels.iter().step_by(columns).map(|panel| panel.height);
    let mut script = Script { text: String::new(), letters: size.text * POINT, layout: &layout, figure };
    script.line(&format!("# {}", command.replace(['\n', '\r'], " ")));
    script.line(PREAMBLE.trim_end());
    script.line(&format!("plt.rcParams.update({{\"font.size\": {}, **STYLE}})", number(0.9 * script.letters)));
    script.line(&format!(
        "fig, axes = plt.subplots({}, {columns}, figsize=({}, {}), squeeze=False, layout=\"constrained\", height_ratios={})",
        figure.panels.len().div_ceil(columns),
        number(size.width / 96.0),
        number(size.height / 96.0),
        list(heights)
    ));
    script.line("axes = list(axes.flat)");
    if !figure.panels.len().is_multiple_of(columns) {
        script.line(&format!("for ax in axes[{}:]:\n    ax.remove()", figure.panels.len()));
    }
    for (at, panel) in figure.panels.iter().enumerate() {
        script.line(&format!("\nax = axes[{at}]"));
        script.axes(panel, at);
        script.marks(panel, at);
    }
    script.around();
    script.text
}

const PREAMBLE: &str = include_str!("preamble.py");

/// A script that is being written.
struct Script<'a> {
    text: String,
    /// Size of the letters [points].
    letters: f64,
    layout: &'a Layout,
    figure: &'a Figure,
}

impl Script<'_> {
    fn line(&mut self, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    /// Scales, ticks and names of a panel.
    fn axes(&mut self, panel: &Panel, at: usize) {
        let place = self.layout.panels[at];
        let along = panel.x.as_ref().unwrap_or(&self.figure.x);
        for (axis, scale, named) in
            [("x", along, place.x_labels), ("y", &panel.y, self.layout.shared_y_title.is_none() || place.y_labels)]
        {
            if scale.is_log() {
                self.line(&format!("ax.set_{axis}scale(\"log\")\nax.{axis}axis.minorticks_off()"));
            }
            let (from, to) = scale.limits();
            self.line(&format!("ax.set_{axis}lim({}, {})", number(from), number(to)));
            let ticks = list(scale.ticks.iter().map(|tick| scale.in_unit(tick.0)));
            let labels: Vec<String> = scale.ticks.iter().map(|tick| text(&tick.1)).collect();
            self.line(&format!("ax.set_{axis}ticks({ticks}, [{}])", labels.join(", ")));
            if scale.lines.is_empty() {
                self.line(&format!("ax.grid(False, axis=\"{axis}\")"));
            }
            if named && !scale.title.is_empty() {
                self.line(&format!("ax.set_{axis}label({})", text(&scale.title)));
            }
        }
        if !panel.title.is_empty() {
            let pad =
                if panel.strip.is_some() { format!(", pad={}", number(2.0 * self.letters)) } else { String::new() };
            self.line(&format!("ax.set_title({}, loc=\"left\", fontsize=\"medium\"{pad})", text(&panel.title)));
        }
        if let Some(strip) = panel.strip {
            let (words, name) = (text(strip), "transform=ax.transAxes, ha=\"right\", va=\"center\", color=\"#606060\"");
            self.line(&format!("ax.text(-0.02, {STRIP}, {words}, {name})"));
        }
        let mut free = f64::NEG_INFINITY;
        for (value, label) in &panel.above {
            // In shares of the width.
            if along.place(*value) < free {
                continue;
            }
            free = along.place(*value) + 0.03;
            let x = number(along.in_unit(*value));
            let more = "transform=ax.get_xaxis_transform(), ha=\"center\", color=\"#606060\"";
            self.line(&format!("ax.text({x}, 1.02, {}, {more})", text(label)));
        }
    }

    /// Title, legend and the meaning of colours.
    fn around(&mut self) {
        let figure = self.figure;
        self.line("");
        if let Some(scale) = &figure.colours {
            let (from, to) = scale.limits();
            let norm = if scale.is_log() { "LogNorm" } else { "Normalize" };
            let ends = format!("{norm}({}, {})", number(from), number(to));
            self.line(&format!(
                "bar = fig.colorbar(ScalarMappable({ends}, \"cividis\"), ax=axes[:{}], label={})",
                figure.panels.len(),
                text(&scale.title)
            ));
            let labels: Vec<String> = scale.ticks.iter().map(|tick| text(&tick.1)).collect();
            let ticks = list(scale.ticks.iter().map(|tick| scale.in_unit(tick.0)));
            self.line(&format!("bar.set_ticks({ticks}, labels=[{}])\nbar.ax.minorticks_off()", labels.join(", ")));
        }
        if !figure.legend.entries.is_empty() {
            self.line("handles = [");
            for (key, name) in &figure.legend.entries {
                let handle = self.handle(*key, name);
                self.line(&format!("    {handle},"));
            }
            self.line("]");
            // What stands above all would lie over a legend that is outside of the panels.
            let above = [&figure.title, &figure.legend.heading].into_iter().filter(|words| !words.is_empty());
            let above = above.map(String::as_str).collect::<Vec<_>>().join("\n");
            let title = if above.is_empty() { above } else { format!(", title={}, alignment=\"left\"", text(&above)) };
            let columns = figure.legend.entries.len().min(5);
            self.line(&format!(
                "fig.legend(handles=handles, loc=\"outside upper left\", ncols={columns}, frameon=False{title})"
            ));
        }
        if !figure.title.is_empty() && figure.legend.entries.is_empty() {
            self.line(&format!("fig.suptitle({}, x=0.01, ha=\"left\")", text(&figure.title)));
        }
        if !figure.subtitle.is_empty() {
            self.line(&format!("# {}", figure.subtitle.replace('\n', " ")));
        }
        self.line("fig.savefig(sys.argv[1] if len(sys.argv) > 1 else \"figure.pdf\")");
    }

    /// What stands before an entry of the legend.
    fn handle(&self, key: Key, name: &str) -> String {
        let label = format!("label={}", text(name));
        match key {
            Key::Line(look) => {
                format!("Line2D([], [], {}, {}, {label})", self.stroke(look), self.marker(look, Inside::Full))
            }
            Key::Curve(look) => format!("Line2D([], [], {}, {label})", self.stroke(look)),
            Key::Point(look, inside) => {
                format!("Line2D([], [], linestyle=\"none\", {}, {label})", self.marker(look, inside))
            }
            Key::Box(fill) => format!("Patch({}, {label})", marks::filled(fill)),
        }
    }
}

/// Where marks without an end are, as a share of a panel's height.
const STRIP: f64 = 1.05;

impl Scale {
    /// Its ends, in the unit of its title.
    fn limits(&self) -> (f64, f64) {
        let (from, to) = self.ends();
        (self.in_unit(from), self.in_unit(to))
    }
}

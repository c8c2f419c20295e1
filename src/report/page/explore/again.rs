//! A run of each point once more, to see it through time.

use rayon::prelude::*;

use super::{Points, Sketch};
use crate::results::{Cell, ResultRow, Results};
use crate::scenario::{Builder, Pick, Shown};
use crate::sim::{self, Options};
use crate::sweep::Study;

impl Points {
    /// The first run of each point through time: none of a point that is another one in this study, or whose run ends otherwise
    /// than its row says. `study` begins with the seed of the results' first repeat, whatever its own says.
    pub fn sketches(&self, results: &Results, study: Study) -> Vec<Option<Sketch>> {
        let columns = ["point", "repeat", "seed", "total_time_ms"].map(|name| results.find(name));
        let [Some(point), Some(repeat), Some(seed), Some(total)] = columns else { return Vec::new() };
        let axes: Option<Vec<usize>> = study.template.axes.iter().map(|axis| results.find(&axis.path)).collect();
        let whole =
            |row: ResultRow, at: usize| row.number(at).filter(|number| *number >= 0.0).map(|number| number as u64);
        let first = |row: ResultRow| whole(row, seed)?.checked_sub(whole(row, repeat)?);
        let (Some(axes), Some(base)) = (axes, results.rows().next().and_then(first)) else {
            return Vec::new();
        };
        let study = Study { seed: base, ..study };
        let kept = study.template.kept();
        let stretches = Sketch::stretches(self.rows.len());
        let sketch = |(builder, picks): &mut (Builder, Vec<Pick>), rows: &Vec<usize>| {
            let row = results.row(*rows.first()?);
            let number = whole(row, point).filter(|number| study.points().is_some_and(|points| *number < points))?;
            study.picks(number, picks);
            let shown = study.template.axes.iter().zip(picks.iter()).map(|(axis, pick)| axis.shown(*pick));
            if !shown.zip(&axes).all(|(shown, at)| is(row.cell(*at), shown)) {
                return None;
            }
            let options =
                Options { memory: study.memory, seed: whole(row, seed)?, timeline: true, ..Options::default() };
            let scenario = builder.scenario(picks).ok()?;
            let (outcome, timeline) = sim::run_checked(scenario.drawn(options.seed).trusted(), &options);
            let same =
                row.number(total).is_some_and(|total| (total - outcome.total_time_ms).abs() <= 1e-6 * total.abs());
            if same { Sketch::of(&timeline, stretches) } else { None }
        };
        self.rows.par_iter().map_init(|| (Builder::new(&kept), Vec::new()), sketch).collect()
    }
}

/// Whether a cell of the results has that value.
fn is(cell: Cell, shown: Shown) -> bool {
    match (cell, shown) {
        (Cell::Number(number), Shown::Number(value)) => (number - value).abs() <= 1e-9 * value.abs(),
        (Cell::Word(word), Shown::Words(words)) => word == words,
        _ => false,
    }
}

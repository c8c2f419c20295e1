//! The words of the command line: `--set`, `--vary`, `--expect`, `--where`. A line each.

use precopy::cli::diagnostics::Severity;
use precopy::goal::Goal;
use precopy::results::{Filter, Results};
use precopy::scenario::{Extent, Input};

use super::{SOUND, draw, load, outside, settle, text};

/// Lines that are looked at.
const MOST: usize = 16;

/// Lays the lines over a sound scenario, and reads each as every other kind of word.
pub fn look(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let lines: Vec<String> = text.lines().take(MOST).map(str::to_owned).collect();
    let sound = |sets: &[String]| outside::nowhere(Input::new("sound.toml", SOUND, sets).expect("it is sound"));
    load(&sound(&lines));
    let varied = sound(&[]).varying(&lines);
    let template = varied.template(Extent::default());
    settle(&varied, template.map(|template| (template.axes.len(), template.warnings)));
    for line in &lines {
        goal(line);
        filter(line);
    }
}

fn goal(text: &str) {
    match Goal::parse(text) {
        Ok(goal) => {
            let written = goal.to_string();
            let again = Goal::parse(&written).unwrap_or_else(|_| panic!("{written:?} is refused"));
            assert_eq!(again.to_string(), written);
        }
        Err(faults) => {
            let Ok(input) = Input::new("--expect", text, &[]) else { return };
            draw(&input, Severity::Error, &faults);
        }
    }
}

fn filter(text: &str) {
    let results = "qemu.version,verdict,downtime_ms\n5.0,converged,100\n9.2,paused,\n";
    let Ok(filter) = text.parse::<Filter>() else { return };
    let results = Results::from_csv(results).expect("it is sound");
    if let Err(unknown) = results.selected(&[filter]) {
        assert!(!unknown.to_string().is_empty());
    }
}

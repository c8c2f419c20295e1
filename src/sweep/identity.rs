//! What a file of results belongs to: kept beside it, so that nobody goes on with, or puts together, what is not alike.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::column::SweepColumn;
use super::row::{RowForm, RowWriter};
use super::study::MOST_ROWS;
use super::{Shard, Study};
use crate::scenario::Template;

/// What must be the same for rows to belong into the same file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Version of the program.
    pub precopy: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Changes with any key of the scenario, any file that it names, and any value that is varied.
    pub fingerprint: String,
    /// Changes with any key of the scenario, whatever is varied; notes of earlier builds do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
    /// Paths of the keys that are varied.
    pub axes: Vec<String>,
    /// How points were chosen.
    pub design: String,
    /// Points of the whole sweep.
    pub points: u64,
    /// Runs at each point.
    pub repeats: u32,
    /// Seed of the first run at each point.
    pub seed: u64,
    /// Memory model.
    pub memory: String,
    /// Whether a row sums up a point.
    pub summary: bool,
    /// How rows are written.
    pub form: RowForm,
    /// The part of the sweep.
    pub shard: Shard,
    /// Rows of that part.
    pub rows: u64,
    /// Columns of each row.
    pub columns: Vec<SweepColumn>,
}

impl Identity {
    /// That of a study whose rows are written as `form`.
    pub fn of(study: &Study, form: RowForm, columns: &[SweepColumn]) -> Identity {
        let template = &study.template;
        Identity {
            precopy: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: study.name.clone(),
            fingerprint: hexadecimal(template.fingerprint()),
            keys: Some(hexadecimal(template.keys())),
            axes: paths(template),
            design: template.design.as_str().to_owned(),
            points: study.points().unwrap_or(0),
            repeats: template.repeats,
            seed: study.seed,
            memory: study.memory.as_str().to_owned(),
            summary: study.summary,
            form,
            shard: study.shard,
            rows: study.rows(),
            columns: columns.to_vec(),
        }
    }

    /// The identity of another part of this sweep.
    pub fn with_shard(&self, shard: Shard) -> Identity {
        let rows = shard.points(self.points) * self.rows_per_point();
        Identity { shard, rows, ..self.clone() }
    }

    /// Rows at each point.
    pub fn rows_per_point(&self) -> u64 {
        if self.summary { 1 } else { u64::from(self.repeats) }
    }

    /// What stands above the rows.
    pub fn header(&self) -> Vec<u8> {
        let mut out = Vec::new();
        RowWriter::header(self.form, &self.columns, &mut out);
        out
    }

    /// As it is written down.
    pub fn json(&self) -> Vec<u8> {
        // A record of words and numbers always has a JSON form.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Where checksums of its rows begin, so that the rows of no other sweep are taken for its own.
    pub(super) fn seed(&self) -> u32 {
        crc32fast::hash(&self.json())
    }

    /// Why no sweep has this identity; `None`: its numbers are within their bounds and go together.
    pub(super) fn fault(&self) -> Option<String> {
        let Shard { index, count } = self.shard;
        if index < 1 || index > count || count > Shard::MOST {
            return Some(format!("there is no shard {}", self.shard));
        }
        let most = MOST_ROWS.checked_div(u64::from(self.repeats));
        if most.is_none_or(|most| self.points > most) {
            return Some(format!("there is no sweep of {} points with {} runs each", self.points, self.repeats));
        }
        if self.columns.is_empty() {
            return Some("it names no columns".to_owned());
        }
        let rows = self.shard.points(self.points) * self.rows_per_point();
        (self.rows != rows).then(|| format!("its shard has {rows} rows, not {}", self.rows))
    }

    /// What differs from `other`, for people: "`seed` is 2 and was 1".
    pub fn differences(&self, other: &Identity) -> Vec<String> {
        let (now, before) = (self.fields(), other.fields());
        let mut lines = Vec::new();
        for ((key, now), (_, before)) in now.iter().zip(&before) {
            if now == before {
                continue;
            }
            lines.push(match key.as_str() {
                "fingerprint" => "the scenario, a file that it names or a value that is varied has changed".to_owned(),
                "columns" | "rows" => continue,
                "shard" => format!("the shard is {} and was {}", self.shard, other.shard),
                key => format!("`{key}` is {now} and was {before}"),
            });
        }
        if lines.is_empty() && (self.rows, &self.columns) != (other.rows, &other.columns) {
            lines.push("the columns have changed".to_owned());
        }
        lines
    }

    /// Why the rows are perhaps not those of the scenario called `name`, for people; nothing if they are.
    ///
    /// Values that the command line alone varied cannot be held against anything, nor what another version made of them.
    pub fn strange_to(&self, name: &str, scenario: &Template) -> Vec<String> {
        let mut why = self.misnamed(name);
        let is_same = |one: &str, other: u64| one == hexadecimal(other);
        let comparable = self.axes == paths(scenario) && self.precopy == env!("CARGO_PKG_VERSION");
        if self.keys.as_ref().is_some_and(|keys| !is_same(keys, scenario.keys())) {
            why.push("keys of the scenario are others now, or `--set` gave some".to_owned());
        } else if comparable && !is_same(&self.fingerprint, scenario.fingerprint()) {
            why.push("a file that it names or a value that is varied is another now, or `--vary` gave some".to_owned());
        }
        why
    }

    /// The name of the scenario that the rows belong to, for people, if it is not `name`.
    pub fn misnamed(&self, name: &str) -> Vec<String> {
        if self.scenario == name { Vec::new() } else { vec![format!("they are of `{}`", self.scenario)] }
    }

    /// Its fields but the keys, which are in the fingerprint.
    fn fields(&self) -> Vec<(String, Value)> {
        // A record of words and numbers always has a JSON form, and it is an object.
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields.into_iter().filter(|(name, _)| name != "keys").collect(),
            _ => Vec::new(),
        }
    }
}

fn hexadecimal(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}

fn paths(template: &Template) -> Vec<String> {
    template.axes.iter().map(|axis| axis.path.clone()).collect()
}

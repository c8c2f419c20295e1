//! `precopy compare`.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::compare::{Comparison, Summary, Trace, TraceError};
use crate::report::compare as report;
use crate::sim::{Memory, Options};

/// How well does the model predict these real migrations?
///
/// Takes workload, memory, link and parameters from each trace's configuration and the guest's write rate from before
/// the migration, predicts the migration, and prints the prediction beside what happened.
#[derive(Args, Clone, Debug)]
pub struct CompareArgs {
    /// Recorded migrations (`qmp-migrate-trace/1` or `virsh-migrate-trace/1`); `-` is standard input
    #[arg(required = true, value_name = "TRACE")]
    pub traces: Vec<PathBuf>,

    /// How to write the comparison
    #[arg(long, value_enum, default_value_t)]
    pub format: CompareFormat,

    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Exit with 1 if a total time is off by more than PCT per cent or a verdict is wrong
    #[arg(long, value_name = "PCT", value_parser = tolerance)]
    pub tolerance: Option<f64>,

    /// Model of the guest's memory
    #[arg(long, value_enum, default_value_t)]
    pub memory: CompareMemory,

    /// Root of all random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Show the time of every sync, too
    #[arg(short = 'v', long)]
    pub passes: bool,
}

/// Formats of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// Tables for people
    #[default]
    Text,
    /// An array with an object for every trace
    Json,
    /// A row for every trace
    Csv,
}

/// Models of the guest's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CompareMemory {
    /// Expected shares of pages, in closed form
    #[default]
    Expected,
    /// Every page write drawn
    Exact,
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// Some traces cannot be read; all of them are named.
    #[error("{}", .0.iter().map(TraceError::to_string).collect::<Vec<_>>().join("\nerror: "))]
    Input(Vec<TraceError>),
    /// The output cannot be written.
    #[error("{file}: cannot be written: {cause}")]
    Output {
        /// The file, or standard output.
        file: String,
        /// Why.
        cause: io::Error,
    },
    /// The comparison cannot be put into the format.
    #[error(transparent)]
    Format(#[from] anyhow::Error),
}

impl CompareError {
    /// 2 for bad input, 3 for a failure outside.
    pub fn exit_code(&self) -> u8 {
        match self {
            CompareError::Input(_) => 2,
            CompareError::Output { .. } | CompareError::Format(_) => 3,
        }
    }
}

/// Runs the command: 0, or 1 if the tolerance that was asked for is missed.
///
/// # Errors
/// [`CompareError`]; nothing has been written to standard output then.
pub fn compare(args: &CompareArgs) -> Result<ExitCode, CompareError> {
    let (traces, faults): (Vec<_>, Vec<_>) = args.traces.iter().map(|path| Trace::read(path)).partition(Result::is_ok);
    let faults: Vec<_> = faults.into_iter().filter_map(Result::err).collect();
    if !faults.is_empty() {
        return Err(CompareError::Input(faults));
    }
    // Opened before the work, so that a bad path fails at once.
    let output = Output::open(args.output.as_ref())?;
    let options = Options { memory: args.memory.into(), seed: args.seed, ..Options::default() };
    let comparisons: Vec<_> = traces.into_iter().flatten().map(|trace| Comparison::of(trace, &options)).collect();
    output.write(&match args.format {
        CompareFormat::Text => report::text(&comparisons, args.passes),
        CompareFormat::Json => report::json(&comparisons).map_err(anyhow::Error::from)?,
        CompareFormat::Csv => report::csv(&comparisons)?,
    })?;
    let summary = Summary::of(&comparisons);
    let missed = args.tolerance.is_some_and(|tolerance| !summary.is_within(tolerance));
    Ok(ExitCode::from(u8::from(missed)))
}

impl From<CompareMemory> for Memory {
    fn from(memory: CompareMemory) -> Memory {
        match memory {
            CompareMemory::Expected => Memory::Expected,
            CompareMemory::Exact => Memory::Exact,
        }
    }
}

/// Where the comparison goes.
struct Output {
    name: String,
    sink: Box<dyn Write>,
}

impl Output {
    fn open(path: Option<&PathBuf>) -> Result<Output, CompareError> {
        match path.filter(|path| path.as_os_str() != "-") {
            None => Ok(Output { name: "standard output".to_owned(), sink: Box::new(io::stdout().lock()) }),
            Some(path) => {
                let name = path.display().to_string();
                match File::create(path) {
                    Ok(file) => Ok(Output { name, sink: Box::new(file) }),
                    Err(cause) => Err(CompareError::Output { file: name, cause }),
                }
            }
        }
    }

    /// A reader that has gone away is no fault: it has seen enough.
    fn write(mut self, text: &str) -> Result<(), CompareError> {
        let written = self.sink.write_all(text.as_bytes()).and_then(|()| self.sink.flush());
        match written {
            Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
                Err(CompareError::Output { file: self.name, cause })
            }
            _ => Ok(()),
        }
    }
}

/// A share in per cent that is not negative.
fn tolerance(text: &str) -> Result<f64, String> {
    let value = text.trim_end_matches('%').trim().parse().ok();
    let value = value.filter(|value: &f64| value.is_finite() && *value >= 0.0);
    value.ok_or_else(|| "a tolerance is a number of per cent from 0 on, like 8".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: CompareArgs,
    }

    fn parse(words: &[&str]) -> Result<CompareArgs, String> {
        let line = Line::try_parse_from(std::iter::once(&"compare").chain(words));
        line.map(|line| line.args).map_err(|error| error.to_string())
    }

    #[test]
    fn flags_have_the_defaults_of_the_other_commands() {
        let args = parse(&["a.json", "b.json"]).unwrap();
        assert_eq!(args.traces.len(), 2);
        assert_eq!((args.format, args.memory, args.seed), (CompareFormat::Text, CompareMemory::Expected, 1));
        assert_eq!((args.tolerance, args.passes), (None, false));
    }

    #[test]
    fn a_tolerance_is_a_share_from_0_on() {
        assert_eq!(parse(&["a.json", "--tolerance", "8"]).unwrap().tolerance, Some(8.0));
        assert_eq!(parse(&["a.json", "--tolerance", "2.5%"]).unwrap().tolerance, Some(2.5));
        for bad in ["much", "-1", "nan", "inf"] {
            let message = parse(&["a.json", &format!("--tolerance={bad}")]).unwrap_err();
            assert!(message.contains("a tolerance is a number of per cent"), "{message}");
        }
        assert!(parse(&[]).is_err(), "a trace is required");
    }

    #[test]
    fn every_bad_trace_is_named_and_the_exit_code_is_2() {
        let error = compare(&parse(&["no/a.json", "no/b.json"]).unwrap()).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        assert!(text.contains("no/a.json: cannot be read") && text.contains("\nerror: no/b.json: "), "{text}");
    }

    #[test]
    fn traces_that_are_not_covered_are_written_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.json");
        let traces = ["07-xbzrle", "10-libvirt-postcopy"]
            .map(|name| format!("{}/tests/data/traces/{name}.json", env!("CARGO_MANIFEST_DIR")));
        let args = parse(&[&traces[0], &traces[1], "--format", "json", "-o", out.to_str().unwrap()]).unwrap();
        compare(&args).unwrap();
        let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(out).unwrap()).unwrap();
        assert_eq!(json[0]["not_covered"], "capability `xbzrle`");
        assert_eq!(json[1]["measured"]["verdict"], "post-copy");
        assert!(json[1]["predicted"].is_null());
    }

    #[test]
    fn an_output_that_cannot_be_opened_is_a_failure_outside() {
        let error = Output::open(Some(&PathBuf::from("no/such/folder/out.json"))).err().unwrap();
        assert_eq!(error.exit_code(), 3);
    }
}

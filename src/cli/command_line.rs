//! A command line: what it asks, how it would be typed again, and what it takes to make its result again.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory, FromArgMatches};

use super::Desk;
use super::args::{Cli, CliCommand};
use crate::disk::Archive;
use crate::scenario::Input;
use crate::sink::shell;
use crate::units::bounded;

/// Flags of the commands whose results keep them, by which a result goes elsewhere, looks otherwise or takes another time, but has the
/// same figures.
const APART: [&str; 13] = [
    "output", "format", "color", "quiet", "verbose", "jobs", "resume", "restart", "shard", "timeline", "plot",
    "report", "title",
];

/// What standard input is called in an archive.
pub(super) const STDIN: &str = "stdin.txt";

/// A command line that was understood.
pub(super) struct CommandLine {
    /// What is asked.
    pub(super) command: CliCommand,
    words: Vec<OsString>,
    program: Command,
    matches: ArgMatches,
}

impl CommandLine {
    /// Understands words, the program's name first.
    ///
    /// # Errors
    /// What is wrong with them, or the help that they ask for.
    pub(super) fn read(words: Vec<OsString>) -> Result<CommandLine, clap::Error> {
        let mut program = Cli::command();
        let matches = program.try_get_matches_from_mut(&words)?;
        let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut program))?;
        Ok(CommandLine { command: cli.command, words, program, matches })
    }

    /// Has the command keep what it takes to make its results again, where these keep it: the command and the files that it reads
    /// at a desk.
    pub(super) fn keep(&mut self, desk: &Desk) {
        if self.is_kept() {
            let archive = archive(&self.command, self.lasting(), desk);
            self.command.keep(archive);
        }
    }

    /// Whether results keep what it takes to make them again.
    fn is_kept(&self) -> bool {
        match &self.command {
            CliCommand::Run(args) => args.common.has_origin(),
            CliCommand::Plan(args) => args.common.has_origin(),
            CliCommand::Drain(args) => args.common.has_origin(),
            CliCommand::Sweep(args) => args.merge.is_empty(),
            _ => false,
        }
    }

    /// As it would be typed into a shell. The program goes by its name, wherever it was found.
    pub(super) fn typed(&self) -> String {
        let words = self.words.iter().skip(1).map(|word| word.to_string_lossy());
        joined(words.map(|word| shell::word(&word).into_owned()))
    }

    /// The words that matter to the figures, files by their names.
    fn lasting(&self) -> String {
        let Some((word, matches)) = self.matches.subcommand() else { return String::new() };
        let Some(command) = self.program.find_subcommand(word) else { return String::new() };
        let mut words = vec![word.to_owned()];
        let given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        for arg in command.get_arguments().filter(|arg| given(arg.get_id().as_str())) {
            let id = arg.get_id().as_str();
            let flag = arg.get_long().map(|long| format!("--{long}"));
            if arg.get_long().is_some_and(|long| APART.contains(&long)) {
                continue;
            }
            let values: Vec<String> = matches
                .get_raw(id)
                .into_iter()
                .flatten()
                .map(|value| match Path::new(value) {
                    file if file.is_file() => name(file),
                    _ => value.to_string_lossy().into_owned(),
                })
                .collect();
            if values.is_empty() || !arg.get_action().takes_values() {
                words.extend(flag);
                continue;
            }
            for value in values {
                words.extend(flag.clone());
                words.push(shell::word(&value).into_owned());
            }
        }
        joined(words)
    }
}

/// The program with these words behind it.
fn joined(words: impl IntoIterator<Item = String>) -> String {
    std::iter::once(env!("CARGO_PKG_NAME").to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// What a command is kept with: the files that it reads at a desk, and those that its words and these files name.
fn archive(command: &CliCommand, lasting: String, desk: &Desk) -> Archive {
    let mut archive = Archive { command: lasting, ..Archive::default() };
    let reads_input = command.inputs().contains(&Path::new("-"));
    let given = reads_input.then(|| standard(desk)).flatten();
    let is_kept = given.is_some_and(|text| archive.keep_text(STDIN, text));
    if is_kept {
        archive.command += &format!(" < {STDIN}");
    }
    for path in command.inputs().into_iter().filter(|path| !is_kept || *path != Path::new("-")) {
        archive.keep(&name(path), path);
    }
    let words = archive.command.split_whitespace().flat_map(named_files);
    let first: Vec<String> = archive.files.values().flat_map(|text| named_files(text)).chain(words).collect();
    let folder = |path: &Path| {
        let given = desk.given().filter(|_| path == Path::new("-"));
        given.map_or(path.parent().unwrap_or(Path::new("")), Input::folder).to_owned()
    };
    let mut folders: Vec<PathBuf> = command.inputs().into_iter().map(folder).collect();
    if folders.is_empty() {
        folders.push(PathBuf::new());
    }
    let mut named: VecDeque<(String, PathBuf)> =
        folders.iter().flat_map(|folder| first.iter().map(|name| (name.clone(), folder.join(name)))).collect();
    while let Some((name, path)) = named.pop_front() {
        let Some(text) = archive.keep(&name, &path) else { continue };
        // A file names others from its own folder, as a table of bitmaps does.
        let above = name.rsplit_once('/').map_or(String::new(), |(above, _)| format!("{above}/"));
        named.extend(named_files(text).into_iter().map(|file| (format!("{above}{file}"), path.with_file_name(&file))));
    }
    archive
}

/// The text of standard input, or the one that stands for it at a desk; `None` if it is none, or one with more than its words.
fn standard(desk: &Desk) -> Option<String> {
    match desk.given() {
        Some(given) => Some(given.text().to_owned()).filter(|_| given.sets().is_empty()),
        None => bounded::standard_text(Archive::MOST),
    }
}

/// The name of a file in the archive's folder.
fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| "-".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Pieces of a text that look like paths of files: between quotes as in a scenario, in cells of a table, behind the `=` of a flag.
fn named_files(text: &str) -> Vec<String> {
    const BETWEEN: [char; 6] = ['"', '\'', ',', ';', '\t', '='];
    let quoted = |line| str::split(line, '"').skip(1).step_by(2).filter(|piece| piece.contains(BETWEEN));
    let pieces = text.lines().flat_map(|line| line.split(BETWEEN).map(str::trim).chain(quoted(line)));
    let is_path = |text: &&str| {
        let has_suffix = || Path::new(text).extension().is_some_and(|suffix| !suffix.is_empty());
        !text.is_empty() && text.len() < 256 && has_suffix() && text.parse::<f64>().is_err()
    };
    pieces.filter(is_path).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> CommandLine {
        CommandLine::read(line.split(' ').map(OsString::from).collect())
            .unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    #[test]
    fn a_command_can_be_typed_again() {
        let words = ["/bin/precopy", "report", "my guest.toml", "--title", "it's"].map(OsString::from);
        let line = CommandLine::read(words.to_vec()).unwrap();
        assert_eq!(line.typed(), r"precopy report 'my guest.toml' --title 'it'\''s'");
    }

    #[test]
    fn what_is_kept_is_understood_and_says_the_same() {
        let line = "precopy run a.toml --repeats 9 --expect converged --in 95% --format json";
        let kept = read(line).lasting();
        assert_eq!(kept, "precopy run a.toml --repeats 9 --expect converged --in 95%");
        assert_eq!(read(&kept).lasting(), kept);
    }

    /// Each of them is a flag of a command whose results keep it.
    #[test]
    fn no_flag_is_left_out_that_no_command_has() {
        let program = Cli::command();
        let has = |command: &str, flag: &str| {
            let command = program.find_subcommand(command).unwrap();
            command.get_arguments().any(|arg| arg.get_long() == Some(flag))
        };
        for flag in APART {
            assert!(["run", "plan", "drain", "sweep"].into_iter().any(|command| has(command, flag)), "{flag}");
        }
    }

    #[test]
    fn what_changes_no_figure_is_left_out() {
        for (typed, kept) in [
            ("precopy run a.toml", "precopy run a.toml"),
            (
                "/bin/precopy run a.toml -q --set a=1 --set b=2 -o out.json --format json -j 2",
                "precopy run a.toml --set a=1 --set b=2",
            ),
            (
                "precopy run a.toml --memory exact --seed 7 --repeats 3",
                "precopy run a.toml --repeats 3 --seed 7 --memory exact",
            ),
            (
                "precopy sweep g.toml --vary link.bandwidth=1..100/2 --summary --shard 1/3 --resume -o g.csv",
                "precopy sweep g.toml --vary link.bandwidth=1..100/2 --summary",
            ),
            (
                "precopy drain f.csv --link 25Gbit/s --slots 2 --plot a.svg",
                "precopy drain f.csv --link 25Gbit/s --slots 2",
            ),
        ] {
            assert_eq!(read(typed).lasting(), kept, "{typed}");
        }
    }

    #[test]
    fn files_that_a_scenario_names_are_found() {
        let text = "curve = { file = \"measured.csv\" }\nquestion = \"Why?\"\n[orchestrator]\nfile = \"conf/nova.conf\" # \"x\"\n";
        assert_eq!(named_files(text), ["measured.csv", "conf/nova.conf"]);
        assert_eq!(named_files("seconds,bitmap\n0.5,low-1.bin\n1.5, low-2.bin\n"), ["low-1.bin", "low-2.bin"]);
        assert_eq!(named_files("guest.workload.0.file=a.csv"), ["guest.workload.0.file", "a.csv"]);
        assert_eq!(named_files("file = \"a, b.csv\""), ["b.csv", "a, b.csv"]);
    }
}

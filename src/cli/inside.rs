//! Questions that another program asks, in the words of the command line.

use std::ffi::OsString;

use super::args::CliCommand;
use super::command_line::CommandLine;
use super::{Desk, Failure, answer, kinds, usage};

/// Answers `plan` or `drain` at a desk inside of another program: the words are those of the command line without the program's
/// name, and the answer is what the command would write to standard output. Nothing is printed with `--quiet`.
///
/// A goal that is not met is an answer like any other.
///
/// # Errors
/// As the command fails.
pub fn ask(words: &[String], desk: &Desk) -> Result<Vec<u8>, Failure> {
    let words: Vec<OsString> = ["precopy".to_owned()].iter().chain(words).map(OsString::from).collect();
    let mut line = CommandLine::read(words.clone()).map_err(|error| complaint(usage::hinted(error, &words)))?;
    match &mut line.command {
        CliCommand::Plan(args) => args.common.desk = desk.clone(),
        CliCommand::Drain(args) => args.common.desk = desk.clone(),
        _ => return Err(Failure::Input("only `plan` and `drain` are asked from inside of a program".to_owned())),
    }
    line.keep(desk);
    kinds::suit(&line.command)?;
    match answer(&line) {
        Err(failure) if failure.exit_code() != Failure::ANSWER => Err(failure),
        _ => Ok(desk.answer()),
    }
}

/// What is wrong with the words, without how the command is used.
fn complaint(error: clap::Error) -> Failure {
    let text = error.render().to_string();
    let ends = ["\n\nUsage:", "\n\nFor more information"];
    let text = ends.into_iter().fold(text.as_str(), |text, end| text.split(end).next().unwrap_or_default());
    Failure::Input(text.strip_prefix("error: ").unwrap_or(text).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::scenario::Input;

    fn asked(words: &[&str]) -> Result<String, Failure> {
        let text = "[guest]\nmemory = \"4 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n";
        let desk = Desk::inside(Some(Input::new("given", text, &[]).unwrap()), Arc::default());
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        ask(&words, &desk).map(|answer| String::from_utf8(answer).unwrap())
    }

    #[test]
    fn a_plan_for_texts_that_are_given_is_left_on_the_desk() {
        let answer = asked(&["plan", "-", "--pairs", "0", "--format", "json", "--quiet"]).unwrap();
        assert!(answer.starts_with('{') && answer.contains("\"as_is\""), "{answer}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let refused = asked(&["plan", "-", "--set", "link.bandwith=1", "--quiet"]).unwrap_err();
        let Failure::Scenario(refused) = refused else { panic!("{refused}") };
        assert_eq!(refused.texts[0].1[0].title, "unknown key `bandwith` in `[link]`");
        let usage = asked(&["plan", "-", "--pair", "0"]).unwrap_err().to_string();
        assert!(usage.starts_with("unexpected argument '--pair' found") && !usage.contains("Usage"), "{usage}");
        assert!(asked(&["run", "-"]).is_err());
    }
}

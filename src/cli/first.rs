//! `precopy presets`, `precopy init`: what is known by name, and a scenario to begin with.

use std::fmt::Write as _;
use std::path::Path;

use super::Failure;
use super::args::first::{InitArgs, PresetsArgs};
use crate::compare::Trace;
use crate::fit;
use crate::inventory;
use crate::report::{Output, named};
use crate::scenario::presets::PRESETS;
use crate::scenario::{FirstGuest, Input, Loads};
use crate::sink::shell;
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal;
use crate::units::spelling::nearest;
use crate::why::WhyAnswer;

/// Columns of the list.
const WIDTH: usize = 100;

/// Lists the presets, or shows one.
pub(super) fn presets(args: &PresetsArgs) -> Result<(), Failure> {
    let text = match &args.name {
        None => list(),
        Some(name) => show(name)?,
    };
    Ok(Output::open(Path::new("-"))?.write(text.as_bytes())?)
}

fn list() -> String {
    let mut table = Table::new([TableColumn::LEFT, TableColumn::LEFT.wraps(30)]);
    for preset in PRESETS.iter() {
        table.row([preset.name.clone(), preset.what.clone()]);
    }
    let mut words = Table::new([TableColumn::LEFT, TableColumn::LEFT.wraps(30)]);
    for (known, taken) in Loads::known() {
        words.row([taken, known.join(", ")]);
    }
    format!(
        "{}\n`precopy presets NAME` shows one; `precopy run --ram 16GiB --load NAME --link 25G` tries it\n\n\
         Words that `--load` and a column `load` take for a preset:\n{}",
        table.within(WIDTH),
        words.within(WIDTH)
    )
}

fn show(name: &str) -> Result<String, Failure> {
    let named =
        |preset: &&crate::scenario::presets::Preset| preset.name == name || preset.also.as_deref() == Some(name);
    let Some(preset) = PRESETS.iter().find(named) else {
        let near = nearest(
            name,
            PRESETS.iter().flat_map(|preset| [Some(preset.name.as_str()), preset.also.as_deref()]).flatten(),
        );
        let near = near.map_or(String::new(), |near| format!(" (did you mean `{near}`?)"));
        return Err(Failure::Input(format!("`{name}` is no preset{near}; `precopy presets` lists them")));
    };
    let mut text = format!("# {}: {}\n", preset.name, preset.what);
    if let Some(also) = &preset.also {
        let _ = writeln!(text, "# also: {also}");
    }
    let _ = writeln!(text, "# source: {}\n\n[[guest.workload]]\n{}", preset.source, preset.keys);
    Ok(terminal::lines(&text).into_owned())
}

/// Writes a first scenario.
pub(super) fn init(args: &InitArgs) -> Result<(), Failure> {
    let flags = args.first.guest();
    if let Some(log) = &args.log {
        let text = logged(log, usize::try_from(args.nth).unwrap_or(usize::MAX), &flags)?;
        return Ok(Output::open(&args.output)?.write(text.as_bytes())?);
    }
    let mut listed = FirstGuest::default();
    if let Some(path) = &args.from {
        match self::listed(path, args.guest.as_deref())? {
            Some(guest) => listed = guest,
            None => {
                let text = of_fleet(path, args.guest.as_deref(), &flags, args.manners.quiet)?;
                return Ok(Output::open(&args.output)?.write(text.as_bytes())?);
            }
        }
    }
    let rate = if flags.load.is_some() { None } else { flags.rate.or(listed.rate) };
    let first = FirstGuest {
        memory: flags.memory.or(listed.memory),
        vcpus: flags.vcpus.or(listed.vcpus),
        rate,
        load: flags.load,
        link: flags.link,
        fills_link: listed.fills_link,
    };
    let text = first.text().map_err(Failure::Input)?;
    // What is wrong with a flag is said before anything is built on it.
    super::scenario::check(&super::scenario::of_text("the flags, as a scenario", &text)?, args.manners.quiet)?;
    Ok(Output::open(&args.output)?.write(text.as_bytes())?)
}

/// The guest that explains a log, as a scenario with what was taken for granted; flags count before the log.
fn logged(path: &Path, nth: usize, flags: &FirstGuest) -> Result<String, Failure> {
    let trace = Trace::read_nth(path, nth).map_err(|fault| Failure::Traces(vec![fault]))?;
    let answer = WhyAnswer::with_guest(&trace);
    let file = path.to_string_lossy();
    let Some(explained) = &answer.explained else {
        return Err(Failure::Input(format!(
            "`{file}` does not tell enough of its guest: RAM, what was sent, and what remained or was dirtied; \
             `precopy init --ram SIZE --dirty-rate RATE --link RATE` takes them from you"
        )));
    };
    let form = if answer.told.form.is_empty() { "recorded migration" } else { answer.told.form };
    let mut remarks = vec![
        "How will this guest migrate?     precopy run FILE".to_owned(),
        "What would make it work?         precopy plan FILE".to_owned(),
        format!("How well is it known?            precopy fit {} --scenario FILE", shell::word(&file)),
        format!("The guest that explains {} ({form}). Taken for granted:", answer.trace),
    ];
    let items = |items: &[String]| items.iter().map(|item| format!("  {item}")).collect::<Vec<_>>();
    remarks.extend(items(&answer.assumed));
    if !answer.measure.is_empty() {
        remarks.push("To be surer, measure:".to_owned());
        remarks.extend(items(&answer.measure));
    }
    let text = fit::scenario_file(&explained.scenario, &remarks);
    let sets = flags.sets().map_err(Failure::Input)?;
    let text = if sets.is_empty() {
        text
    } else {
        let input =
            Input::new("the log, as a scenario", &text, &sets).map_err(|error| Failure::Input(error.to_string()))?;
        fit::scenario_file(&super::scenario::check(&input, true)?, &remarks)
    };
    let kind = answer.product.unwrap_or("nova");
    Ok(format!(
        "{text}\n# [orchestrator]               # who starts it, with that product's rules\n# kind = \"{kind}\"\n"
    ))
}

/// Whether a file is a spreadsheet or a fleet by its name.
fn is_fleet(path: &Path) -> bool {
    let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    ["csv", "tsv", "toml"].iter().any(|known| suffix.eq_ignore_ascii_case(known))
}

/// The guest of that name, or the only one; or else what is wrong with that, behind the file's name.
fn chosen<'g, T>(guests: &'g [T], name: Option<&str>, called: impl Fn(&T) -> &str) -> Result<&'g T, String> {
    match name {
        Some(name) => guests.iter().find(|guest| called(guest) == name).ok_or_else(|| format!("has no guest `{name}`")),
        None => guests.first().filter(|_| guests.len() == 1).ok_or_else(|| "has several guests".to_owned()),
    }
}

/// A guest of a spreadsheet or a fleet, as a scenario; flags count before it.
fn of_fleet(path: &Path, name: Option<&str>, flags: &FirstGuest, quiet: bool) -> Result<String, Failure> {
    let mut sets = Vec::new();
    if path.extension().is_none_or(|suffix| !suffix.eq_ignore_ascii_case("toml")) {
        sets.push(format!("link.bandwidth={}", flags.link.as_deref().unwrap_or("10 Gbit/s")));
    }
    let input = super::inventory::open(path, &sets, super::inventory::ListFlags { quiet, ..Default::default() })?;
    let fleet = super::scenario::fleet(&input, quiet)?;
    let guest = chosen(&fleet.guests, name, |guest| &guest.name).map_err(|what| {
        let names: Vec<&str> = fleet.guests.iter().map(|guest| guest.name.as_str()).collect();
        Failure::Input(format!("`{}` {what}; name one by `--guest`: {}", path.display(), named(&names)))
    })?;
    let one = input.of_guest(guest.entry).with_sets(&flags.sets().map_err(Failure::Input)?);
    let remarks = [
        "How will this guest migrate?     precopy run FILE".to_owned(),
        "What would make it work?         precopy plan FILE".to_owned(),
        format!("{}, of {}.", guest.name, path.display()),
    ];
    Ok(fit::scenario_file(&super::scenario::check(&one, true)?, &remarks))
}

/// A guest of a list; none if the file is a spreadsheet or a fleet.
fn listed(path: &Path, name: Option<&str>) -> Result<Option<FirstGuest>, Failure> {
    let file = path.display();
    let text = super::inventory::list(path)?;
    let Some(found) = inventory::read(&file.to_string(), &text, None) else {
        return if is_fleet(path) {
            Ok(None)
        } else {
            Err(Failure::Input(format!(
                "`{file}` is no list of guests as products write it; docs/inventories.md says what is read"
            )))
        };
    };
    let found = found.map_err(|error| Failure::Input(error.to_string()))?;
    let names = || found.guests.iter().take(8).map(|guest| format!("`{}`", guest.name)).collect::<Vec<_>>().join(", ");
    let guest = chosen(&found.guests, name, |guest| &guest.name)
        .map_err(|what| Failure::Input(format!("`{file}` {what}; name one by `--guest`, such as {}", names())))?;
    let mib = |rate: u64| format!("{rate} MiB/s");
    Ok(Some(FirstGuest {
        memory: Some(fit::whole_size(guest.memory)),
        vcpus: guest.vcpus.and_then(|vcpus| u32::try_from(vcpus).ok()),
        rate: guest.rate_mib.filter(|rate| *rate > 0).map(mib),
        fills_link: true,
        ..FirstGuest::default()
    }))
}

//! The reference of the scenario file knows the keys that the loader knows, and its examples load.

mod page;

use std::collections::BTreeSet;

use page::Page;
use precopy::orchestrator::{OptionForm, OptionValue, PRODUCTS, ProductOption, release_words};
use precopy::qemu::levers::Conflict;
use precopy::qemu::{Accel, Capabilities, MigrationOption, MultifdCompression, OPTIONS, QemuConfig, Version};
use precopy::scenario::{Input, KeyRow, key_rows};
use precopy::sim::{self, Options, Verdict};
use precopy::units::Bytes;

const PAGE: &str = include_str!("../docs/scenario.md");
/// The keys of the orchestrators stand on a page of their own.
const ORCHESTRATORS: &str = include_str!("../docs/orchestrators.md");

/// Nobody's key, and unlike any that is somebody's.
const NOBODYS: &str = "qqqqqqqq";

/// The least that every section can be probed in; `--set` adds the sections within sections.
const LEAST: &str = r#"
[guest]
memory = "1 GiB"
[[guest.workload]]
kind = "idle"
[link]
bandwidth = "1 Gbit/s"
[[at]]
time = "1 s"
"#;

/// Headings of the page and the sections of the file whose keys are in the tables below them.
const SECTIONS: &[(&[&str], &[&str])] = &[
    (&["Top"], &[""]),
    (&["`[guest]`"], &["guest."]),
    (&["`[[guest.workload]]`"], &["guest.workload.0."]),
    (&["`[link]`"], &["link."]),
    (&["`[host]`"], &["host."]),
    (&["Facts of QEMU and its host", "Capabilities", "Parameters"], &["qemu."]),
    (&["Parameters"], &["at.0.set."]),
    (&["`[[at]]`"], &["at.0."]),
    (&["`[policy]`"], &["policy."]),
    (&["`[limits]`"], &["limits."]),
    // Beside these, any path of a key is one.
    (&["Runs that vary"], &["guest.rate-spread.", "guest.workload.0.time-spread.", "link.spread.", "link.jitter."]),
];

/// Blocks between a line of three backticks with `kind` and the next line of three.
fn blocks(kind: &str) -> Vec<&'static str> {
    blocks_of(PAGE, kind)
}

fn blocks_of(page: &'static str, kind: &str) -> Vec<&'static str> {
    let start = format!("\n```{kind}\n");
    page.split(&start).skip(1).map(|rest| rest.split("\n```\n").next().unwrap()).collect()
}

/// Words in backticks.
fn words(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Rows of the tables below a heading whose first column is called `column`, cell by cell, the head left out.
fn rows(heading: &str, column: &str) -> Vec<Vec<&'static str>> {
    rows_of(PAGE, heading, column)
}

fn rows_of(page: &'static str, heading: &str, column: &str) -> Vec<Vec<&'static str>> {
    let is_heading = |line: &str| line.trim_start_matches('#').strip_prefix(' ') == Some(heading);
    let below = page.lines().skip_while(|line| !(line.starts_with('#') && is_heading(line))).skip(1);
    let lines: Vec<&str> = below.take_while(|line| !line.starts_with('#')).collect();
    let tables = lines.split(|line| !line.starts_with('|'));
    let named = tables.filter(|table| table.first().is_some_and(|head| head.starts_with(&format!("| {column} |"))));
    let rows: Vec<Vec<&str>> = named
        .flat_map(|table| &table[2..])
        .map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert!(!rows.is_empty(), "no table of {column}s below `{heading}`");
    rows
}

/// What the first cells of those rows name.
fn names(heading: &str, column: &str) -> BTreeSet<&'static str> {
    rows(heading, column).into_iter().flat_map(|row| words(row[0])).collect()
}

/// What the loader offers in place of a value or key that it does not know.
fn offered(flag: &str, lead: &str) -> BTreeSet<String> {
    offered_beside(&[], flag, lead)
}

fn offered_beside(others: &[&str], flag: &str, lead: &str) -> BTreeSet<String> {
    let flags: Vec<String> = others.iter().chain([&flag]).map(|flag| (*flag).to_owned()).collect();
    let faults = Input::new("least.toml", LEAST, &flags).unwrap().load().unwrap_err();
    // Before it there may be how a flag is written.
    let behind = |help| str::split_once(help, lead).filter(|(before, _)| before.is_empty() || before.ends_with("; "));
    let helps = faults.iter().filter_map(|fault| behind(fault.help.as_deref()?));
    helps.flat_map(|(_, known)| words(known)).map(str::to_owned).collect()
}

#[test]
fn every_example_loads_without_a_word_of_complaint() {
    let examples = [blocks("toml"), blocks_of(ORCHESTRATORS, "toml")].concat();
    assert!(!examples.is_empty());
    for example in examples {
        let loaded = Input::new("example.toml", example, &[]).unwrap().load();
        let loaded = loaded.unwrap_or_else(|faults| panic!("{example}\n{faults:#?}"));
        assert_eq!(loaded.warnings, [], "{example}");
        let (outcome, _) = sim::run(&loaded.scenario, &Options::default()).unwrap();
        assert_ne!(outcome.verdict, Verdict::NotConverged, "{example}");
    }
}

/// Where the rows of keys stand: a page, the heading above their table, and the sections of the file that it is about.
const PLACES: &[(&str, &str, &[&str])] = &[
    ("docs/scenario.md", "Top", &[""]),
    ("docs/scenario.md", "`[guest]`", &["guest"]),
    ("docs/scenario.md", "`[[guest.workload]]`", &["guest.workload.0"]),
    ("docs/scenario.md", "`[link]`", &["link"]),
    ("docs/scenario.md", "`[host]`", &["host"]),
    ("docs/scenario.md", "Facts of QEMU and its host", &["qemu"]),
    ("docs/scenario.md", "`[[at]]`", &["at.0"]),
    ("docs/scenario.md", "`[policy]`", &["policy"]),
    ("docs/scenario.md", "`[limits]`", &["limits"]),
    ("docs/scenario.md", "`[sweep]`", &["sweep"]),
    ("docs/scenario.md", "`[[sweep.policy]]`", &["sweep.policy.0"]),
    ("docs/scenario.md", "Runs that vary", &["link.spread", "link.jitter"]),
    ("docs/orchestrators.md", "`rules`", &["orchestrator"]),
    ("docs/orchestrators.md", "A rule", &["orchestrator.rule.0"]),
    ("docs/drain.md", "The fleet", &["vm.0"]),
    ("docs/drain.md", "Schedulers", &["scheduler"]),
    ("docs/drain.md", "Several hosts", &["node.0"]),
    ("docs/drain.md", "A window, and what guests are owed", &["sla.0"]),
];

/// What stands in a row of a table.
fn cells_of(row: &str) -> Vec<String> {
    row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn pages_say_of_keys_what_the_program_takes() {
    let rows: Vec<KeyRow> = key_rows().into_iter().filter(|row| !row.means.is_empty()).collect();
    let mut held = 0;
    for name in ["docs/scenario.md", "docs/orchestrators.md", "docs/drain.md"] {
        let page = Page::read(name);
        let mut lines: Vec<String> = page.text.lines().map(str::to_owned).collect();
        for (_, heading, sections) in PLACES.iter().filter(|(page, ..)| *page == name) {
            let is_heading = |line: &String| line.trim_start_matches('#').strip_prefix(' ') == Some(*heading);
            let top = lines.iter().position(is_heading).unwrap_or_else(|| panic!("{name}: {heading}"));
            let head = top + lines[top..].iter().position(|line| line.starts_with("| key")).unwrap();
            let columns = lines[head].clone();
            for row in &rows {
                let (section, key) = row.path.rsplit_once('.').unwrap_or(("", row.path));
                if !sections.contains(&section) {
                    continue;
                }
                let begins = format!("| `{key}` |");
                let at = lines[head..].iter().position(|line| line.starts_with(&begins));
                let at = head + at.unwrap_or_else(|| panic!("{name} has no `{}`", row.path));
                let cells: Vec<String> = cells_of(&lines[at]);
                let cells = cells_of(&columns).into_iter().enumerate().map(|(at, column)| match column.as_str() {
                    "means" => row.means.clone(),
                    "written as" => row.written.clone(),
                    "default" => row.default.clone(),
                    "kinds" if !row.kinds.is_empty() => row.kinds.clone(),
                    _ => cells.get(at).cloned().unwrap_or_default(),
                });
                lines[at] = format!("| {} |", cells.collect::<Vec<_>>().join(" | ")).replace("  ", " ");
                held += 1;
            }
        }
        page.hold(&(lines.join("\n") + "\n"));
    }
    assert_eq!(held, rows.len(), "every key has its place on a page");
}

#[test]
fn every_flag_goes_with_the_first_example() {
    let example = blocks("toml")[0];
    let flags: Vec<&str> = PAGE.lines().filter_map(|line| line.strip_prefix("--set ")).collect();
    assert!(flags.len() >= 5, "{flags:?}");
    for flag in flags {
        let loaded = Input::new("example.toml", example, &[flag.trim_matches('\'').to_owned()]).unwrap().load();
        assert_eq!(loaded.map(|loaded| loaded.warnings), Ok(Vec::new()), "{flag}");
    }
}

#[test]
fn the_page_has_the_keys_that_the_loader_knows_and_no_others() {
    for (headings, sections) in SECTIONS {
        let shown: BTreeSet<String> =
            headings.iter().flat_map(|heading| names(heading, "key")).map(str::to_owned).collect();
        let known: BTreeSet<String> =
            sections.iter().flat_map(|section| offered(&format!("{section}{NOBODYS}=1"), "known here: ")).collect();
        assert!(!known.is_empty(), "nothing is known in {sections:?}");
        assert_eq!(shown, known, "page (left) and loader (right) on {sections:?}");
    }
}

#[test]
fn the_page_has_every_kind_of_workload_and_every_law() {
    let shown: BTreeSet<String> = names("`[[guest.workload]]`", "kind").into_iter().map(str::to_owned).collect();
    assert_eq!(shown, offered(&format!("guest.workload.0.kind={NOBODYS}"), "one of "));
    let laws = rows("Runs that vary", "key").into_iter().find(|row| row[0] == "`law`").unwrap()[2];
    let shown: BTreeSet<String> = words(laws).into_iter().map(|law| law.trim_matches('"').to_owned()).collect();
    assert_eq!(shown, offered(&format!("link.spread.law={NOBODYS}"), "one of "));
}

#[test]
fn every_option_of_qemu_stands_there_with_its_releases() {
    let rows: Vec<_> = ["Capabilities", "Parameters"].iter().flat_map(|heading| rows(heading, "key")).collect();
    for row in &rows {
        let name = words(row[0])[0];
        let option = MigrationOption::find(name).unwrap_or_else(|| panic!("QEMU has no `{name}`"));
        assert_eq!(row.last(), Some(&releases(option.since, option.until).as_str()), "{name}");
    }
    for option in OPTIONS.iter().filter(|option| option.is_modelled()) {
        assert_eq!(rows.iter().filter(|row| row[0] == format!("`{}`", option.name)).count(), 1, "{}", option.name);
    }
}

fn releases(first: Version, last: Option<Version>) -> String {
    last.map_or_else(|| format!("{first}+"), |last| format!("{first} to {last}"))
}

/// A release with every lever on that it has.
fn everything_on(version: Version) -> QemuConfig {
    let mut config = QemuConfig::defaults(version, Accel::Kvm, Bytes::GIB);
    config.capabilities = Capabilities {
        auto_converge: true,
        xbzrle: true,
        compress: true,
        postcopy_ram: true,
        rdma_pin_all: true,
        return_path: true,
        pause_before_switchover: true,
        multifd: true,
        zero_copy_send: true,
        postcopy_preempt: true,
        switchover_ack: true,
        dirty_limit: true,
        mapped_ram: true,
    };
    config.params.multifd_compression = MultifdCompression::Zstd;
    config.params.tls_creds = "tls0".to_owned();
    config
}

#[test]
fn the_pairs_that_exclude_one_another_are_those_that_each_release_refuses() {
    let rows = rows("Pairs that exclude one another", "lever");
    for version in Version::all() {
        let has = |name: &str| MigrationOption::find(name).is_some_and(|option| option.exists_in(version));
        let refused: BTreeSet<(&str, &str)> = everything_on(version)
            .conflicts()
            .filter_map(|conflict| match conflict {
                Conflict::Excludes(one, other) => Some((one.name, other.name)),
                Conflict::Needs(..) => None,
            })
            .collect();
        let shown: BTreeSet<(&str, &str)> = rows
            .iter()
            .filter(|row| is_within(version, row[2]))
            .flat_map(|row| words(row[1]).into_iter().map(|other| (words(row[0])[0], other)))
            .filter(|(one, other)| has(one) && has(other))
            .collect();
        assert_eq!(shown, refused, "page (left) and QEMU {version} (right)");
    }
}

/// Whether a release is one of `8.1+` or `8.0 to 10.0`.
fn is_within(version: Version, releases: &str) -> bool {
    let read = |text: &str| text.parse::<Version>().unwrap_or_else(|error| panic!("{releases}: {error}"));
    match releases.split_once(" to ") {
        Some((first, last)) => (read(first)..=read(last)).contains(&version),
        None => read(releases.trim_end_matches('+')) <= version,
    }
}

/// What the first cells of a table on the orchestrators' page name.
fn orchestrator_names(heading: &str, column: &str) -> BTreeSet<String> {
    let rows = rows_of(ORCHESTRATORS, heading, column);
    rows.into_iter().flat_map(|row| words(row[0])).map(str::to_owned).collect()
}

#[test]
fn the_pages_have_every_kind_of_orchestrator() {
    let known = offered(&format!("orchestrator.kind={NOBODYS}"), "one of ");
    let shown: BTreeSet<String> = names("`[orchestrator]`", "kind").into_iter().map(str::to_owned).collect();
    assert_eq!(shown, known);
    let headings = ORCHESTRATORS.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'));
    assert_eq!(headings.map(str::to_owned).collect::<BTreeSet<_>>(), known);
}

#[test]
fn the_page_of_orchestrators_has_the_keys_that_each_kind_knows_and_no_others() {
    for kind in offered(&format!("orchestrator.kind={NOBODYS}"), "one of ") {
        let with = format!("orchestrator.kind={kind}");
        let known_in = |section: &str| -> BTreeSet<String> {
            offered_beside(&[&with], &format!("orchestrator.{section}{NOBODYS}=1"), "known here: ")
        };
        let mut known = known_in("");
        known.remove("kind");
        // The same for every kind: the section about settings as the product has them.
        known.remove("file");
        // Keys with dots stand in sections of their own.
        let options = PRODUCTS.iter().filter(|product| product.kind == kind).flat_map(|product| (product.options)());
        let dotted = options.filter_map(|(option, _)| option.key.rsplit_once('.').map(|(section, _)| section));
        for section in dotted.collect::<BTreeSet<_>>() {
            known.remove(section.split('.').next().unwrap());
            known.extend(known_in(&format!("{section}.")).into_iter().map(|key| format!("{section}.{key}")));
        }
        // A distribution's table has what differs.
        let base = PRODUCTS.iter().find(|product| product.kind == kind).map_or(kind.as_str(), |product| product.base);
        let shown = if known.is_empty() { BTreeSet::new() } else { orchestrator_names(&format!("`{base}`"), "key") };
        assert_eq!(shown, known, "page (left) and loader (right) on {kind}");
    }
}

#[test]
fn the_page_of_orchestrators_has_the_options_of_every_product() {
    let tables: Vec<(String, String)> = PRODUCTS
        .iter()
        .filter_map(|product| {
            let of_base = PRODUCTS.iter().find(|base| base.kind == product.base && base.kind != product.kind);
            let of_base = of_base.map(|base| (base.options)());
            let is_new = |(option, value): &(&ProductOption, OptionValue)| {
                of_base
                    .as_ref()
                    .is_none_or(|base| base.iter().all(|(of, usual)| of.key != option.key || usual != value))
            };
            let options: Vec<_> = (product.options)().into_iter().filter(is_new).collect();
            if options.is_empty() {
                return None;
            }
            let all = 0..=u32::MAX;
            let has_releases = options.iter().any(|(option, _)| option.releases != all);
            let (head, rule) = if has_releases { (" releases |", "---|") } else { ("", "") };
            let mut table = format!("| key | means | written as | default |{head}\n|---|---|---|---|{rule}\n");
            for (option, value) in options {
                let ProductOption { key, releases, remark, .. } = option;
                let (means, form) = (small(option.means), written_as(&option.form));
                let default = option.default.map_or_else(|| plain(&value, &option.form), str::to_owned);
                let last = match (has_releases, releases.start(), releases.end()) {
                    (false, ..) => String::new(),
                    (true, 0, &u32::MAX) => " all |".to_owned(),
                    (true, since, &u32::MAX) => format!(" {}+ |", release_words(*since)),
                    (true, _, until) => format!(" up to {} |", release_words(*until)),
                };
                table += &format!("| `{key}` | {means} | {form}{remark} | {default} |{last}\n");
            }
            Some((format!("options of {}", product.kind), table))
        })
        .collect();
    let tables: Vec<(&str, &str)> = tables.iter().map(|(name, table)| (name.as_str(), table.as_str())).collect();
    page::hold_parts("docs/orchestrators.md", &tables);
}

/// A sentence of the code as a cell: without its stop and, unless a name begins it, its capital.
fn small(sentence: &str) -> String {
    let sentence = sentence.trim().trim_end_matches('.');
    let mut letters = sentence.chars();
    let (first, second) = (letters.next().unwrap(), letters.next().unwrap());
    if second.is_uppercase() {
        sentence.to_owned()
    } else {
        first.to_lowercase().to_string() + &sentence[first.len_utf8()..]
    }
}

fn written_as(form: &OptionForm) -> String {
    let quoted = |words: &[&str]| words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", ");
    match form {
        OptionForm::Switch => "switch".to_owned(),
        OptionForm::Count(of, range) | OptionForm::Whole(of, range) => {
            let bounds = match (*range.start(), *range.end()) {
                (0 | 1, u32::MAX) => String::new(),
                (least, u32::MAX) => format!("at least {least}"),
                (least, most) => format!("{least} to {most}"),
            };
            let parts = [(*of).to_owned(), bounds];
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            if parts.is_empty() { "count".to_owned() } else { parts.join(", ") }
        }
        OptionForm::CountOrOff(of) | OptionForm::Time(of) => (*of).to_owned(),
        OptionForm::Percent(range) => format!("{} to {} %", range.start(), range.end()),
        OptionForm::Factor(_) => "number".to_owned(),
        OptionForm::Size => "size".to_owned(),
        OptionForm::Rate => "rate, or as in Kubernetes: `\"64Mi\"`".to_owned(),
        OptionForm::Words(words) => quoted(words),
        OptionForm::Release(_) => "release, as in `\"1.4\"`".to_owned(),
        OptionForm::Schedule => "path of a JSON file, from the scenario's folder".to_owned(),
    }
}

fn plain(value: &OptionValue, form: &OptionForm) -> String {
    match value {
        OptionValue::Unset => "none".to_owned(),
        OptionValue::Switch(on) => format!("`{on}`"),
        OptionValue::Number(number) => number.to_string(),
        OptionValue::Factor(number) => number.to_string(),
        OptionValue::Time(span) if form.unit() == "ms" && !matches!(form, OptionForm::Time(_)) => {
            span.whole_ms().to_string()
        }
        OptionValue::Time(span) => span.seconds().to_string(),
        OptionValue::Size(size) => size.to_string(),
        OptionValue::Rate(rate) => rate.to_string(),
        OptionValue::Word(word) => format!("`\"{word}\"`"),
        OptionValue::Schedule(_) => unreachable!("none ships as a default"),
    }
}

#[test]
fn the_page_of_orchestrators_has_everything_that_a_rule_can_say() {
    let rules = "orchestrator.kind=rules";
    let probe = |rule: &str, lead: &str| offered_beside(&[rules], &format!("orchestrator.rule=[{{ {rule} }}]"), lead);
    let keys = probe(&format!("action = \"pause\", {NOBODYS} = 1"), "known here: ");
    assert_eq!(orchestrator_names("A rule", "key"), keys);
    let events = probe(&format!("action = \"pause\", on = \"{NOBODYS}\""), "one of ");
    assert_eq!(orchestrator_names("Events", "event"), events);
    assert_eq!(orchestrator_names("Actions", "action"), probe(&format!("action = \"{NOBODYS}\""), "one of "));
    let fields = probe(&format!("action = \"pause\", when = {{ {NOBODYS} = 1 }}"), "there are ");
    assert_eq!(orchestrator_names("Fields", "field"), fields);
    let policies = offered_beside(&["orchestrator.kind=ovirt"], &format!("orchestrator.policy={NOBODYS}"), "one of ");
    assert_eq!(orchestrator_names("`ovirt`", "`policy`"), policies);
}

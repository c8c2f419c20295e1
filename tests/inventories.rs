//! Lists of guests as people and products have them are understood as they are.

use std::fmt::Write as _;
use std::path::Path;

use precopy::cli::diagnostics::{Severity, render};
use precopy::inventory;
use precopy::scenario::{Fleet, Input, LoadedFleet, Loads};
use proptest::prelude::*;

const FOLDER: &str = "tests/data/inventories";

fn load(input: &Input) -> LoadedFleet {
    input.load_fleet().unwrap_or_else(|faults| panic!("{}", render(input, Severity::Error, &faults, false)))
}

/// A line for each guest.
fn guests(fleet: &Fleet) -> String {
    let mut text = String::new();
    for guest in &fleet.guests {
        let config = &guest.scenario.guest;
        let rate: f64 = config.workloads.iter().fold(0.0, |sum, workload| sum + workload.rate.0);
        let law = |law: String| law.split([' ', '(']).next().unwrap_or_default().to_owned();
        let laws: Vec<String> = config.workloads.iter().map(|workload| law(format!("{:?}", workload.law))).collect();
        let laws = if laws.len() > 1 { format!("{} writers", laws.len()) } else { laws.concat() };
        let unknown = if guest.scenario.assumed.iter().any(|assumed| assumed.key() == "guest.workload") {
            " unknown"
        } else {
            ""
        };
        let (ram, vcpus) = (config.memory.bytes(), config.vcpus);
        let _ = writeln!(text, "{}: {ram}, {vcpus} vCPUs, {laws} {rate:.0} pages/s{unknown}", guest.name);
    }
    text
}

fn understood(input: &Input) -> String {
    let loaded = load(input);
    format!("{}\n{}", guests(&loaded.fleet), render(input, Severity::Warning, &loaded.warnings, false))
}

fn link() -> Vec<String> {
    vec!["link.bandwidth=25G".to_owned()]
}

#[test]
fn tables_in_peoples_words_are_understood() {
    for name in ["planner.csv", "tabs.tsv"] {
        let input = Input::new(name, &std::fs::read_to_string(Path::new(FOLDER).join(name)).unwrap(), &link()).unwrap();
        insta::assert_snapshot!(name.replace('.', "-"), understood(&input));
    }
}

#[test]
fn a_table_of_loads_of_ones_own_counts_first() {
    let loads =
        Loads::read("[[load]]\nwords = [\"kafka\"]\nkind = \"sequential\"\nregion = \"2 GiB\"\nrate = \"200 MiB/s\"\n")
            .unwrap();
    let table = "name,memory,load,rate\na,8 GiB,Kafka,\nb,8 GiB,Kafka,10 MiB/s\nc,8 GiB,nginx,10 MiB/s\n";
    let input = Input::new("fleet.csv", table, &link()).unwrap().with_loads(loads);
    insta::assert_snapshot!("loads", guests(&load(&input).fleet));
}

#[test]
fn whatever_the_separator_and_the_line_ends_the_fleet_is_the_same() {
    let table = "name,memory,vcpus,preset,rate\na,8 GiB,2,redis-idle,\nb,16 GiB,4,,100 MiB/s\n";
    let fleet = |name: &str, text: &str| guests(&load(&Input::new(name, text, &link()).unwrap()).fleet);
    let wanted = fleet("a.csv", table);
    for text in [
        table.replace(',', ";"),
        table.replace(',', "\t"),
        table.replace('\n', "\r\n"),
        format!("\u{feff}{table}"),
        format!("sep=;\n{}", table.replace(',', ";")),
    ] {
        assert_eq!(fleet("a.csv", &text), wanted, "{text}");
    }
}

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(FOLDER).join(name)).unwrap()
}

/// A list of a product, and the flavors that it may need.
const LISTS: [&str; 11] = [
    "dumpxml.xml",
    "domstats.txt",
    "dominfo.txt",
    "virsh-list.txt",
    "ovirt-view.csv",
    "ovirt-vms.json",
    "servers.json",
    "servers.csv",
    "vmi.json",
    "vmi.yaml",
    "resources.json",
];

fn read(name: &str, text: &str) -> Option<Result<inventory::Inventory, String>> {
    let flavors = file("flavors.json");
    inventory::read(name, text, Some(&flavors)).map(|read| read.map_err(|error| error.to_string()))
}

#[test]
fn lists_of_products_are_understood() {
    for name in LISTS {
        let found = read(name, &file(name)).expect(name).unwrap_or_else(|error| panic!("{error}"));
        let input = Input::new(name, &found.table(), &link()).unwrap().as_table();
        let notes = found.notes().join("\n");
        insta::assert_snapshot!(name.replace('.', "-"), format!("{}\n{notes}", guests(&load(&input).fleet)));
    }
}

#[test]
fn line_ends_of_windows_do_no_harm() {
    for name in LISTS {
        let (text, crlf) = (file(name), file(name).replace('\n', "\r\n"));
        assert_eq!(read(name, &crlf).unwrap().unwrap(), read(name, &text).unwrap().unwrap(), "{name}");
    }
}

#[test]
fn a_list_that_is_cut_off_anywhere_is_read_or_refused_in_one_message() {
    for name in LISTS {
        let text = file(name);
        for cut in (0..text.len()).step_by(7).filter(|cut| text.is_char_boundary(*cut)) {
            match read(name, &text[..cut]) {
                None => {}
                Some(Ok(found)) => assert!(!found.guests.is_empty(), "{name} at {cut}"),
                Some(Err(message)) => {
                    assert!(message.starts_with(&format!("`{name}` is ")) && message.len() < 600, "{message}")
                }
            }
        }
    }
}

#[test]
fn what_a_list_lacks_is_said_with_the_way_to_get_it() {
    let said = |text: &str| inventory::read("list", text, None).unwrap().unwrap_err().to_string();
    let texts = [
        file("servers.json"),
        "Domain: 'a'\n  vcpu.current=2\n".to_owned(),
        "<domain><name>a</name></domain>".to_owned(),
        "<domain><name>a</name>".to_owned(),
        "[{\"id\": \"qemu/1\", \"type\": \"qemu\", \"vmid\": 1, \"status\": \"stopped\"}]".to_owned(),
        "{\"kind\": \"VirtualMachineInstance\", \"metadata\": {\"name\": \"a\"}}".to_owned(),
        "{\"kind\": \"Pod\"}".to_owned(),
        " Id   Name    State\n----------------------\n 1    web-1   running\n".to_owned(),
        "{\"kind\": ".to_owned(),
    ];
    let said: Vec<String> = texts.iter().map(|text| said(text)).collect();
    insta::assert_snapshot!("what-lists-lack", said.join("\n\n"));
    for none in
        ["", "[guest]\nmemory = \"1 GiB\"", "[[vm]]\ncount = 1", "name,memory\na,1 GiB\n", "name;RAM (GiB)\na;1\n"]
    {
        assert!(inventory::read("fleet.toml", none, None).is_none(), "{none}");
    }
}

#[test]
fn drain_takes_a_list_as_it_is() {
    let drain = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_precopy"));
        let output =
            command.arg("drain").args(words).args(["--link", "25G", "--set", "qemu.max-bandwidth=0"]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let path = |name: &str| Path::new(FOLDER).join(name).display().to_string();
    let (code, page, said) = drain(&[&path("domstats.txt")]);
    assert_eq!(code, Some(0), "{said}");
    assert!(page.contains("redis-02") && said.contains("`switched-off`"), "{page}{said}");
    let (code, page, said) = drain(&[&path("servers.csv"), "--flavors", &path("flavors.json")]);
    assert!(code == Some(0) && page.contains("pg-01"), "{page}{said}");
    let (code, page, said) = drain(&[&path("resources.json"), "--host", "pve2"]);
    assert!(code == Some(0) && page.contains("files") && !page.contains("mail"), "{page}{said}");
    let (code, _, said) = drain(&[&path("resources.json"), "--host", "pve9"]);
    assert!(code == Some(2) && said.contains("no guest runs on `pve9`"), "{said}");
    let (code, _, said) = drain(&[&path("planner.csv"), "--host", "pve9"]);
    assert!(code == Some(2) && said.contains("its guests do not name their hosts; leave `--host` out"), "{said}");
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_of_lists_panic(text in r#"[\[{<"a-z:', =0-9\n}>\]/]{0,200}"#) {
        for head in ["", "Domain: 'a'\n", "[{\"vmid\":", "<domain>", "{\"kind\":\"VirtualMachineInstance\",", "\"ID\",\"Name\",\"Status\",\"Flavor\"\n"] {
            let _ = read("any", &format!("{head}{text}"));
        }
    }
}

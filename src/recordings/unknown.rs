//! Why a text is no recording: each usual slip has its own reason, place and remedy.

use super::Damage;
use crate::units::spelling::{listed, nearest};

/// What to do about a file of no known form.
const FORMS: &str = "known are tables with columns `seconds` and `first_page`, `pages` or `bitmap`, lines of `kvm_dirty_ring_push`, \
                     `kvm_page_fault` or `damon_aggregated`, `damo report raw`, and Valgrind's lackey with `--trace-mem=yes`";
/// Columns that a table may have.
const COLUMNS: [&str; 4] = ["seconds", "first_page", "pages", "bitmap"];
/// Longest piece of a text that is shown, in letters.
const SHOWN: usize = 40;

/// What keeps a text that begins with `head` from being a recording.
pub(super) fn reason(head: &str) -> Damage {
    let lines = (1..).zip(head.trim_start_matches('\u{feff}').lines());
    let Some((line, first)) = lines.into_iter().find(|(_, line)| !is_remark(line)) else {
        let what = if head.trim().is_empty() { "is empty" } else { "has remarks and nothing else" };
        return Damage::whole(
            what,
            "record for some seconds while the guest works, and look at what the tool complained of",
        );
    };
    if head.contains("kvm_pml_full") {
        return Damage::whole(
            "says when a PML buffer was full, and not of which pages",
            "record `kvm_dirty_ring_push`, which PML fills where the guest runs with a dirty ring (`-accel kvm,dirty-ring-size=4096`)",
        );
    }
    if head.contains("Lackey, an example Valgrind tool") {
        let help = "record with `valgrind --tool=lackey --trace-mem=yes --log-file=FILE`";
        return Damage::whole("has what lackey counted, and no line for each access", help);
    }
    if head.contains(": kvm_") || head.contains(" kvm:") {
        let help = "record `kvm_dirty_ring_push`, or where there is no dirty ring `kvm_page_fault`";
        return Damage::whole("has events of KVM, and none that says which page was written", help);
    }
    table(line, first).unwrap_or_else(|| {
        let what = format!("is no recording of writes: it begins with `{}`", shown(first.trim()));
        Damage::line(line, what, FORMS)
    })
}

/// An empty line, or one that tables leave out.
fn is_remark(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

/// What is wrong with a table that begins with this line; `None`: it is none.
fn table(line: u64, first: &str) -> Option<Damage> {
    let split = |between: char| first.split(between).map(|cell| cell.trim().trim_matches('"')).collect::<Vec<_>>();
    let between = [';', '\t', ','].into_iter().find(|between| first.contains(*between))?;
    let cells = split(between);
    let is_number = |cell: &&str| cell.replace(',', ".").parse::<f64>().is_ok();
    let is_name = |cell: &&str| cell.len() <= SHOWN && cell.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let has_names = cells.iter().all(is_name);
    if !has_names && !cells.iter().all(is_number) {
        return None;
    }
    match between {
        ';' => {
            let help = "write commas between columns and points in numbers, as in `0.1,262144,2518`; a program whose language has \
                        decimal commas writes semicolons, and `tr ',;' '.,' < FILE > NEW` turns both";
            return Some(Damage::line(line, "has semicolons between its columns", help));
        }
        '\t' => {
            let help = "write commas between columns: `tr '\\t' ',' < FILE > NEW`";
            return Some(Damage::line(line, "has tabs between its columns", help));
        }
        _ if !has_names => {
            let help = "put a line `seconds,first_page,pages` before the first row; numbers have no decimal comma";
            return Some(Damage::line(line, "begins with numbers, and no line names its columns", help));
        }
        _ => {}
    }
    let has = |name: &str| cells.iter().any(|cell| cell.eq_ignore_ascii_case(name));
    let missing = COLUMNS[..2].iter().copied().filter(|name| !has(name) && (*name == "seconds" || !has("bitmap")));
    let missing: Vec<&str> = missing.collect();
    let what = format!(
        "has the columns {}, and no {}",
        listed(cells.iter().copied().map(short)),
        listed(missing.iter().copied())
    );
    let slip = cells.iter().enumerate().find_map(|(at, cell)| Some((at + 1, nearest(cell, missing.iter().copied())?)));
    Some(match slip {
        Some((column, meant)) => {
            let help = format!(
                "did you mean `{meant}`? A table has `seconds`, `first_page` and `pages`, or `seconds` and `bitmap`"
            );
            Damage { column, ..Damage::line(line, what, help) }
        }
        None => Damage::line(
            line,
            what,
            "a table of pages has `seconds`, `first_page` and `pages`, one of bitmaps `seconds` and `bitmap`: docs/own-workloads.md",
        ),
    })
}

/// A name of a column, without its end where it is long.
fn short(name: &str) -> &str {
    name.char_indices().nth(SHOWN).map_or(name, |(end, _)| &name[..end])
}

fn shown(text: &str) -> String {
    let letters =
        |text: &str| text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>();
    if short(text).len() < text.len() { format!("{}…", letters(short(text))) } else { letters(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slip_has_its_reason_place_and_remedy() {
        for (text, line, column, what, help) in [
            ("", 0, 0, "is empty", "record for some seconds"),
            ("\n\n", 0, 0, "is empty", "record for some seconds"),
            ("# by hand\n", 0, 0, "remarks and nothing else", "record for some seconds"),
            ("# by hand\nseconds;first_page;pages\n0,1;5;1\n", 2, 0, "semicolons between", "tr ',;' '.,'"),
            ("seconds\tfirst_page\tpages\n", 1, 0, "tabs between", "tr '\\t' ','"),
            ("0.1,262144,2518\n", 1, 0, "no line names its columns", "`seconds,first_page,pages`"),
            ("0,1;262144;2518\n", 1, 0, "semicolons between", "points in numbers"),
            (
                "time,page,count\n",
                1,
                0,
                "has the columns `time`, `page` and `count`, and no `seconds` and `first_page`",
                "has",
            ),
            ("second,first_page,pages\n", 1, 1, "and no `seconds`", "did you mean `seconds`?"),
            ("seconds,firstpage,pages\n", 1, 2, "and no `first_page`", "did you mean `first_page`?"),
            ("bitmap,time\n", 1, 0, "and no `seconds`", "`seconds` and `bitmap`"),
            ("==12== Lackey, an example Valgrind tool\n==12== Counted 3\n", 0, 0, "lackey counted", "--trace-mem=yes"),
            (" q-1 [001] 1.5: kvm_exit: reason HLT\n", 0, 0, "none that says which page", "kvm_page_fault"),
            ("a\nb\n", 1, 0, "it begins with `a`", "kvm_dirty_ring_push"),
            ("Oct 3, 2024 it rained\n", 1, 0, "it begins with", "kvm_dirty_ring_push"),
        ] {
            let damage = reason(text);
            assert!(damage.what.contains(what) && damage.help.contains(help), "{text}: {damage:?}");
            assert_eq!((damage.line, damage.column), (line, column), "{text}: {damage:?}");
        }
    }
}

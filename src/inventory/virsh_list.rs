//! `virsh list`: names and states, which `virsh dominfo` of each guest makes a list that is of use.

use super::{Document, Format, Inventory};

pub(super) const FORMAT: Format = Format { name: "output of `virsh list`", is, read };

/// How to ask for what is needed.
const ASK: &str = "it has names and states alone; add RAM and vCPUs: \
                   `virsh list --name | xargs -rn1 virsh dominfo > guests.txt`, and give `guests.txt`";

fn is(document: &Document) -> bool {
    head(document.text).is_some()
}

fn read(_: &Document) -> Result<Inventory, String> {
    Err(ASK.to_owned())
}

/// Where the table's rows begin: below headings and a line of dashes.
fn head(text: &str) -> Option<usize> {
    let lines: Vec<&str> = text.lines().map(str::trim).take(20).collect();
    let is_head = |line: &str| line.split_whitespace().take(2).eq(["Id", "Name"]);
    let is_rule = |line: &str| line.len() > 8 && line.bytes().all(|byte| byte == b'-');
    lines.windows(2).position(|pair| is_head(pair[0]) && is_rule(pair[1])).map(|at| at + 2)
}

/// The names of those that run, of a text that begins with such a table.
pub(super) fn running(text: &str) -> Vec<&str> {
    let rows = text.lines().skip(head(text).unwrap_or(usize::MAX)).take_while(|line| !line.trim().is_empty());
    rows.filter_map(name).collect()
}

/// The name in a row whose guest has a number. Two blanks or more come before the state, which may have one in it.
fn name(row: &str) -> Option<&str> {
    let (id, rest) = row.trim().split_once(char::is_whitespace)?;
    rest.trim().split("  ").next().filter(|_| id.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_run_have_a_number() {
        let text = " Id   Name        State\n----------------------------\n 3    web-1       running\n 12   old server  paused\n -    db          shut off\n\nName: x\n";
        assert_eq!(running(text), ["web-1", "old server"]);
        assert_eq!(running("Name:  web-1\nState: running\n"), [""; 0]);
    }
}

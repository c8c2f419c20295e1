//! Names in too little room.

use std::borrow::Cow;
use std::collections::HashMap;

/// A text cut with `…` to no more than `room`, as `width` measures it; of its end so many letters stay.
pub fn shortened(text: &str, width: impl Fn(&str) -> f64, room: f64, tail: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let from = letters.len().saturating_sub(tail);
    let end = letters.get(from).map_or("", |(at, _)| &text[*at..]);
    let cut = |kept: usize| format!("{}…{end}", text[..letters.get(kept).map_or(text.len(), |(at, _)| *at)].trim_end());
    // The most letters of the beginning for which there is room.
    let (mut fits, mut not) = (0, from + 1);
    while fits + 1 < not {
        let middle = (fits + not) / 2;
        if width(&cut(middle)) <= room { fits = middle } else { not = middle }
    }
    Cow::Owned(cut(fits))
}

/// Names in no more than `room` each, as `width` measures it, so that names that differ still do.
///
/// All of a name stays where there is room. Else it is cut behind its beginning, and so much of its end stays as tells it
/// from the others; where no part does, it has a number behind it.
pub fn distinct<'a>(names: &[&'a str], width: impl Fn(&str) -> f64, room: f64) -> Vec<Cow<'a, str>> {
    if names.iter().all(|name| width(name) <= room) {
        return names.iter().map(|name| Cow::Borrowed(*name)).collect();
    }
    let most = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for tail in 0..most {
        let cut: Vec<Cow<'a, str>> = names.iter().map(|name| shortened(name, &width, room, tail)).collect();
        if cut.iter().any(|name| width(name) > room) {
            break;
        }
        if differ(names, &cut) {
            return cut;
        }
    }
    numbered(names, width, room)
}

/// Whether no two names that differ are written alike.
fn differ(names: &[&str], written: &[Cow<str>]) -> bool {
    let mut known: HashMap<&str, &str> = HashMap::new();
    names.iter().zip(written).all(|(name, written)| *known.entry(written).or_insert(name) == *name)
}

/// Cut names with a number behind each that was cut.
fn numbered<'a>(names: &[&'a str], width: impl Fn(&str) -> f64, room: f64) -> Vec<Cow<'a, str>> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let write = |name: &&'a str| {
        if width(name) <= room {
            return Cow::Borrowed(*name);
        }
        let next = numbers.len() + 1;
        let number = format!("#{}", *numbers.entry(*name).or_insert(next));
        Cow::Owned(format!("{}{number}", shortened(name, &width, room - width(&number), 0)))
    };
    names.iter().map(write).collect()
}

#[cfg(all(test, feature = "program"))]
mod tests {
    use super::*;
    use crate::sink::terminal::columns;

    fn cut(names: &[&str], room: usize) -> Vec<String> {
        let cut = distinct(names, |text| columns(text) as f64, room as f64);
        assert!(cut.iter().all(|name| columns(name) <= room), "{cut:?}");
        cut.into_iter().map(Cow::into_owned).collect()
    }

    #[test]
    fn names_that_differ_still_do() {
        assert_eq!(
            cut(&["k8s-worker-prod-01", "k8s-worker-prod-02"], 18),
            ["k8s-worker-prod-01", "k8s-worker-prod-02"]
        );
        assert_eq!(
            cut(&["k8s-worker-prod-01", "k8s-worker-prod-02", "web"], 12),
            ["k8s-worker…1", "k8s-worker…2", "web"]
        );
        assert_eq!(cut(&["one-01-long-name", "one-02-long-name"], 8), ["one-01-…", "one-02-…"]);
        let middle = ["aaaaaaaaaaXbbbbbbbbbb", "aaaaaaaaaaYbbbbbbbbbb"];
        assert_eq!(cut(&middle, 8), ["aaaaa…#1", "aaaaa…#2"]);
        assert_eq!(cut(&["the-same-name", "the-same-name"], 5), ["the-…", "the-…"]);
    }

    #[test]
    fn wide_letters_need_more_room() {
        assert_eq!(cut(&["虚拟机服务器一", "虚拟机服务器二"], 10), ["虚拟机…一", "虚拟机…二"]);
    }

    #[test]
    fn many_names_are_cut_in_no_time() {
        let names: Vec<String> = (0..5000).map(|n| format!("{n}-{}", "x".repeat(200))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(cut(&names, 20)[4999], format!("4999-{}…", "x".repeat(14)));
    }
}

//! Words and their counts; and near misses: the known word that was most likely meant.

/// Number and noun: `1 guest`, `12 guests`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Words for a message: `` `a`, `b` and `c` ``.
pub(crate) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.pop() {
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
        None => String::new(),
    }
}

/// The word of `known` that is nearest to `word`, if one is near enough to be a slip of the fingers.
///
/// A product also goes by the name of what it belongs to. Case does not count, and a third of the letters may be wrong, one of two, none of one. Of equally near words the first wins.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let word: Vec<char> = lower.chars().collect();
    // Any letter is near to any other.
    let allowed = if word.len() < 2 { 0 } else { (word.len() / 3).max(1) };
    let known: Vec<&str> = known.into_iter().collect();
    let also = ALSO_CALLED.iter().filter(|(other, _)| *other == lower).find_map(|(_, name)| {
        known.iter().find(|known| *known == name) // A product counts where it is one of the words.
    });
    if let Some(also) = also {
        return Some(also);
    }
    known
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= allowed)
        .map(|candidate| (distance(&word, &candidate.to_lowercase().chars().collect::<Vec<_>>()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The word of `known` that one slip of the fingers makes `word` of: a letter added, dropped, changed or swapped with its neighbour.
pub(crate) fn one_slip<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().collect();
    let is_near = |known: &&str| {
        known.len().abs_diff(word.len()) <= 1 && distance(&word, &known.chars().collect::<Vec<_>>()) == 1
    };
    known.into_iter().find(is_near)
}

/// What products are called by those who use them through something larger, or know them by another name.
const ALSO_CALLED: [(&str, &str); 13] = [
    ("openstack", "nova"),
    ("libvirt", "virsh"),
    ("rhv", "ovirt"),
    ("rhev", "ovirt"),
    ("vdsm", "ovirt"),
    ("kubernetes", "kubevirt"),
    ("openshift", "kubevirt"),
    ("harvester", "kubevirt"),
    ("pve", "proxmox"),
    ("virtualdomain", "pacemaker"),
    ("vmware", "vsphere"),
    ("vcenter", "vsphere"),
    ("ch", "cloud-hypervisor"),
];

/// The known name that was probably meant: one that has `word` as a part between dots and dashes, in front if there is
/// a choice, or else the nearest by spelling, also of a last part.
pub(crate) fn meant<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let edge = |letter: Option<u8>| letter.is_none_or(|letter| b"._-".contains(&letter));
    let place = |name: &str| {
        let ends = |at: usize| edge(name.as_bytes().get(at + word.len()).copied());
        let begins = |at: usize| at == 0 || edge(name.as_bytes().get(at - 1).copied());
        name.match_indices(word).map(|(at, _)| at).find(|at| begins(*at) && ends(*at))
    };
    let last = |name: &'a str| name.rsplit('.').next().unwrap_or(name);
    let parts = known.clone().filter(|_| !word.is_empty()).filter_map(|name| Some((place(name)?, name.len(), name)));
    let part = parts.min_by_key(|(place, length, _)| (*place, *length)).map(|(_, _, name)| name);
    part.or_else(|| nearest(word, known.clone())).or_else(|| {
        let near = nearest(word, known.clone().map(last))?;
        known.clone().find(|name| last(name) == near)
    })
}

/// What to do about the first line of a table whose fields are not separated by commas; nothing if they are.
pub(crate) fn commas(header: &str) -> Option<String> {
    let other = [(';', "`;`"), ('\t', "tabs"), ('|', "`|`")].into_iter().find(|(other, _)| header.contains(*other));
    let (_, other) = other.filter(|_| !header.contains(','))?;
    Some(format!(
        "fields are separated by commas, and here by {other}; save it with commas, and with points in numbers"
    ))
}

/// Whether a name is the pattern with something in place of each `*`.
pub(crate) fn is_like(pattern: &str, name: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(begin) else { return false };
    // Each piece between two stars at its first place; the last one at the end.
    let (pieces, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in pieces.split('*') {
        match name.split_once(piece) {
            Some((_, behind)) => name = behind,
            None => return false,
        }
    }
    name.ends_with(end)
}

/// The word that stands for a value in a table of both; nothing if it is not there.
pub(crate) fn word_of<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour to turn `a` into `b`
/// (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_found_by_what_it_belongs_to() {
        let known = ["nova", "ovirt"];
        assert_eq!(nearest("OpenStack", known), Some("nova"));
        assert_eq!(nearest("vmware", known), None);
    }

    #[test]
    fn finds_slips_and_leaves_strangers_alone() {
        let known = ["bandwidth", "latency", "max-bandwidth", "memory", "rate"];
        for (word, meant) in [
            ("bandwith", Some("bandwidth")),
            ("badnwidth", Some("bandwidth")),
            ("Memory", Some("memory")),
            ("max_bandwidth", Some("max-bandwidth")),
            ("rtae", Some("rate")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
        assert_eq!((nearest("d", ["a"]), nearest("A", ["a"])), (None, Some("a")));
    }

    #[test]
    fn another_separator_is_named() {
        assert!(commas("a;b").unwrap().contains("here by `;`"));
        assert!(commas("a\tb").unwrap().contains("here by tabs"));
        assert_eq!((commas("a,b;c"), commas("a"), commas("")), (None, None, None));
    }

    #[test]
    fn a_part_of_a_name_means_the_name() {
        let known =
            ["link.bandwidth", "guest.workload.0.rate", "expected_downtime_ms", "downtime_ms", "qemu.max-bandwidth"];
        for (word, name) in [
            ("bandwidth", Some("link.bandwidth")),
            ("bandwith", Some("link.bandwidth")),
            ("rate", Some("guest.workload.0.rate")),
            ("downtime", Some("downtime_ms")),
            ("downtime_sm", Some("downtime_ms")),
            ("max-bandwidth", Some("qemu.max-bandwidth")),
            ("width", None),
            ("time", None),
            ("", None),
        ] {
            assert_eq!(meant(word, known.into_iter()), name, "{word}");
        }
    }
}

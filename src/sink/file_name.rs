//! Text as the name of a file.

/// A name of one file in the folder where it is written, on every system: neither a path nor hidden nor an option.
///
/// Letters and digits of any language stay, and `.`, `_`, `-` within; anything else is `_`.
pub fn part(text: &str) -> String {
    const MOST: usize = 100;
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let name: String = text.chars().map(|letter| if plain(letter) { letter } else { '_' }).take(MOST).collect();
    match name.strip_prefix(['.', '-']) {
        Some(rest) => format!("_{rest}"),
        None if name.is_empty() => "_".to_owned(),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for (text, name) in [
            ("web-01", "web-01"),
            ("../../etc/passwd", "_._.._etc_passwd"),
            ("-rf", "_rf"),
            ("a b\n::c", "a_b___c"),
            ("", "_"),
            ("虚拟", "虚拟"),
        ] {
            assert_eq!(part(text), name);
        }
    }
}

//! Text as one word of a command that a user copies into a shell.

use std::borrow::Cow;

/// The word, in quotes where a shell would take it for anything else.
///
/// Hidden characters stand in the form that bash, zsh and newer shells read back, `$'\u001b'`.
pub fn word(text: &str) -> Cow<'_, str> {
    const PLAIN: &str = "-_./=:,+@%";
    if !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || PLAIN.contains(letter)) {
        return Cow::Borrowed(text);
    }
    if !text.chars().any(super::is_hidden) {
        return Cow::Owned(format!("'{}'", text.replace('\'', "'\\''")));
    }
    let inner = super::replaced(
        text,
        |letter| matches!(letter, '\'' | '\\') || super::is_hidden(letter),
        |letter, to| match u32::from(letter) {
            0x27 | 0x5c => to.extend(['\\', letter]),
            number => to.push_str(&format!("\\U{number:08x}")),
        },
    );
    Cow::Owned(format!("$'{inner}'"))
}

/// The words of a command of which each was written by [`word`]; `None` of another, which only a shell understands.
pub fn words(command: &str) -> Option<Vec<String>> {
    let (mut words, mut open) = (Vec::new(), None::<String>);
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        let word = match letter {
            ' ' => {
                words.extend(open.take());
                continue;
            }
            _ => open.get_or_insert_default(),
        };
        match letter {
            '\'' => loop {
                match letters.next()? {
                    '\'' => break,
                    letter => word.push(letter),
                }
            },
            '$' if letters.next()? == '\'' => loop {
                match letters.next()? {
                    '\'' => break,
                    '\\' => match letters.next()? {
                        'U' => {
                            let digits: String = letters.by_ref().take(8).collect();
                            word.push(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)?);
                        }
                        letter => word.push(letter),
                    },
                    letter => word.push(letter),
                }
            },
            '\\' => word.push(letters.next()?),
            '$' | '"' | '`' | '<' | '>' | '|' | '&' | ';' | '(' | ')' | '*' | '?' => return None,
            letter => word.push(letter),
        }
    }
    words.extend(open);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_word_back() {
        for (text, written) in [
            ("qemu.version=8.2", "qemu.version=8.2"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$(rm -rf ~)", "'$(rm -rf ~)'"),
            ("a\u{1b}'\n", "$'a\\U0000001b\\'\\U0000000a'"),
        ] {
            assert_eq!(word(text), written);
            let command = format!("run {written} {written}");
            assert_eq!(words(&command).unwrap(), ["run", text, text]);
        }
        for other in ["run a < b", "run \"a\"", "run $HOME", "run 'a", "run $'\\U12'", "run a;b"] {
            assert_eq!(words(other), None, "{other}");
        }
    }
}

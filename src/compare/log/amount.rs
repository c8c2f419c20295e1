//! Amounts as people's logs write them: `1.120 GiB`, `17800MiB`, `1,140 GiB/s` where the decimal sign is a comma.

/// A number that is not negative, with a point or a comma before its decimals.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || b".,eE+-".contains(&byte));
    let point = if text.contains('.') { text.to_owned() } else { text.replacen(',', ".", 1) };
    let value = plain.then(|| point.parse().ok()).flatten();
    value.filter(|value: &f64| (0.0..=MOST).contains(value))
}

/// Bytes, or bytes a second: a number and a unit; without a unit it is bytes.
pub(super) fn bytes(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches("/s");
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || b".,".contains(byte)).count();
    let (value, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "B" | "bytes" | "Byte" => 1.0,
        "KiB" | "kbytes" => 1024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        "TiB" => 1_099_511_627_776.0,
        "PiB" => 1_125_899_906_842_624.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        _ => return None,
    };
    number(value).map(|value| value * factor).filter(|bytes| *bytes <= MOST)
}

/// More than any counter of a migration comes to.
pub(super) const MOST: f64 = 1e18;

/// What is behind `before` in a line, up to one of `ends`.
pub(super) fn between<'a>(line: &'a str, before: &str, ends: &[char]) -> Option<&'a str> {
    let rest = &line[line.find(before)? + before.len()..];
    Some(rest.find(ends).map_or(rest, |end| &rest[..end]).trim())
}

/// The number that is behind `before` in a line.
pub(super) fn after(line: &str, before: &str) -> Option<f64> {
    let rest = line[line.find(before)? + before.len()..].trim_start();
    let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    number(rest[..digits].trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_units_and_either_decimal_sign() {
        for (text, value) in [
            ("1.5 GiB", Some(1_610_612_736.0)),
            ("1,5 GiB/s", Some(1_610_612_736.0)),
            ("17MiB", Some(17_825_792.0)),
            ("4096         bytes", Some(4096.0)),
            ("12", Some(12.0)),
            ("12 parsecs", None),
            ("-3 MiB", None),
            ("", None),
        ] {
            assert_eq!(bytes(text), value, "{text}");
        }
        assert_eq!(after("gone for 12 secs.", "gone for"), Some(12.0));
        assert_eq!(between("a=1 GiB, b=2", "a=", &[',']), Some("1 GiB"));
    }
}

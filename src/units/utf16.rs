//! Text in UTF-16, as some editors and shells save it: two bytes a unit, with a mark before the first that tells their order.

/// Whether bytes say of themselves that they are UTF-16.
pub(crate) fn is_marked(bytes: &[u8]) -> bool {
    order(bytes).is_some()
}

/// The text without the mark; or what is before the first that is no letter. `None`: the bytes have no such mark.
pub(crate) fn text(bytes: &[u8]) -> Option<Result<String, String>> {
    let unit = order(bytes)?;
    let (pairs, odd) = bytes[2..].as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    let letters = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).map(Result::ok);
    // A byte that is left over is half of a unit.
    for letter in letters.chain((!odd.is_empty()).then_some(None)) {
        match letter {
            Some(letter) => text.push(letter),
            None => return Some(Err(text)),
        }
    }
    Some(Ok(text))
}

/// How two bytes are a unit, by the mark.
fn order(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    match bytes {
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_in_both_orders_or_ends_at_its_fault() {
        let wanted = "Job type: é\r\n🐧";
        let wide =
            |unit: fn(u16) -> [u8; 2]| format!("\u{feff}{wanted}").encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        assert_eq!(text(&wide(u16::to_le_bytes)), Some(Ok(wanted.to_owned())));
        assert_eq!(text(&wide(u16::to_be_bytes)), Some(Ok(wanted.to_owned())));
        assert_eq!(text(wanted.as_bytes()), None);
        assert_eq!(text(b"\xff\xfea\0\n\0b\0\0\xd8"), Some(Err("a\nb".to_owned())));
        assert_eq!(text(b"\xff\xfea\0b"), Some(Err("a".to_owned())));
        assert_eq!(text(b"\xff\xfe"), Some(Ok(String::new())));
    }
}

//! Values as Python writes them.

/// A number with nine digits that count, which is more than a picture shows.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "float(\"nan\")".to_owned();
    }
    let rounded: f64 = format!("{value:.8e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// A list of numbers.
pub(super) fn list(values: impl IntoIterator<Item = f64>) -> String {
    format!("[{}]", values.into_iter().map(number).collect::<Vec<_>>().join(", "))
}

/// A text; what JSON says of one, Python understands, and a dollar would begin a formula.
pub(super) fn text(words: &str) -> String {
    serde_json::Value::from(words.replace('$', "\\$")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_python() {
        assert_eq!(list([1.0, 0.1 + 0.2, 1e12, f64::INFINITY]), "[1, 0.3, 1000000000000, float(\"nan\")]");
        assert_eq!(text("a \"b\"\n$x"), r#""a \"b\"\n\\$x""#);
    }
}

//! `--where`: which rows count.

use std::str::FromStr;

use super::{Cell, Results, UnknownColumn};
use crate::goal::Operator;

/// One comparison that a row must pass: `verdict=converged`, `downtime_ms<=500`.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// Name of the column.
    pub column: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what, in the column's base unit.
    pub value: String,
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Filter, String> {
        let help = || format!("`{text}` is no comparison; write like `verdict=converged` or `downtime_ms<=500`");
        let at = text.find(['=', '!', '<', '>']).ok_or_else(help)?;
        let (sign, operator) =
            Operator::ALL.into_iter().find(|(sign, _)| text[at..].starts_with(sign)).ok_or_else(help)?;
        let (column, value) = (text[..at].trim(), text[at + sign.len()..].trim());
        if column.is_empty() || value.is_empty() {
            return Err(help());
        }
        let filter = Filter { column: column.to_owned(), operator, value: value.to_owned() };
        if operator.is_of_order() && !filter.cell().has_order() {
            return Err(format!("`{text}` asks for an order, and `{}` is no number", filter.cell()));
        }
        Ok(filter)
    }
}

impl Filter {
    /// What cells are compared with.
    fn cell(&self) -> Cell<'_> {
        Cell::of(&self.column, &self.value)
    }

    /// Whether a cell passes that is compared with `value`; an unknown value passes only `!=`.
    fn passes(&self, cell: Cell, value: Cell) -> bool {
        match self.operator {
            Operator::Equal => cell == value,
            Operator::Unequal => cell != value,
            operator => cell.has_order_to(value) && operator.accepts(cell.by_size(&value)),
        }
    }
}

impl Results {
    /// Only the rows that pass all of `filters`.
    ///
    /// # Errors
    /// A filter names a column that is not there.
    pub fn selected(mut self, filters: &[Filter]) -> Result<Results, UnknownColumn> {
        for filter in filters {
            let (at, value) = (self.column(&filter.column)?, filter.cell());
            self = self.only(|row| filter.passes(row.cell(at), value));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_picked_by_words_numbers_and_releases() {
        let results = Results::from_csv(
            "qemu.version,verdict,downtime_ms\n5.0,converged,100\n9.2,converged,600\n10.0,not-converged,0\n",
        )
        .unwrap();
        for (filters, rows) in [
            (&["verdict=converged"][..], 2),
            (&["verdict != converged"], 1),
            // What did not end has no downtime, whatever 0.1.0 wrote.
            (&["downtime_ms<=100"], 1),
            (&["downtime_ms>0", "downtime_ms<600"], 1),
            (&["qemu.version>=9.2"], 2),
            (&["qemu.version==5.0"], 1),
            (&["verdict=lost"], 0),
        ] {
            let filters: Vec<Filter> = filters.iter().map(|text| text.parse().unwrap()).collect();
            assert_eq!(results.clone().selected(&filters).unwrap().len(), rows, "{filters:?}");
        }
        let filter = "downtime_m>1".parse().unwrap();
        assert!(results.selected(&[filter]).unwrap_err().to_string().contains("did you mean `downtime_ms`?"));
    }

    #[test]
    fn what_is_no_comparison_says_how_to_write_one() {
        for text in ["verdict", "=3", "a=", "a!b", ""] {
            assert!(text.parse::<Filter>().unwrap_err().contains("write like `verdict=converged`"), "{text}");
        }
        assert!("verdict<converged".parse::<Filter>().unwrap_err().contains("no number"));
    }
}

//! Units and numbers along an axis, as people read them.

use crate::metrics::Unit;

/// A unit for a whole axis: its name, and how much of the base unit it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AxisUnit {
    /// As written in the axis title.
    pub name: &'static str,
    /// Base units in one of it.
    pub size: f64,
    /// Whether round numbers of it are powers of two.
    pub binary: bool,
}

impl AxisUnit {
    const fn new(name: &'static str, size: f64) -> AxisUnit {
        AxisUnit { name, size, binary: false }
    }

    const fn binary(name: &'static str, size: f64) -> AxisUnit {
        AxisUnit { name, size, binary: true }
    }

    /// For values up to `largest`, both in the base unit.
    pub(crate) fn of(unit: Unit, largest: f64) -> AxisUnit {
        match unit.at(largest) {
            Unit::Ms => AxisUnit::time(largest),
            Unit::Bytes => AxisUnit::bytes(largest),
            Unit::Rate => AxisUnit::rate(largest),
            Unit::PageRate => AxisUnit::new("pages/s", 1.0),
            Unit::Pages => AxisUnit::new("pages", 1.0),
            Unit::DirtyRate => AxisUnit::binary("MiB/s", f64::from(1 << 20)),
            Unit::Percent => AxisUnit::new("%", 1.0),
            Unit::Of(what) => AxisUnit::new(what, 1.0),
            Unit::Count | Unit::Words | Unit::Part => AxisUnit::new("", 1.0),
        }
    }

    /// A label with the unit behind it.
    pub(crate) fn title(&self, label: &str) -> String {
        if self.name.is_empty() { label.to_owned() } else { format!("{label} [{}]", self.name) }
    }

    /// For times up to `longest` [ms].
    pub(crate) fn time(longest: f64) -> AxisUnit {
        match longest {
            ms if ms < 2e3 => AxisUnit::new("ms", 1.0),
            ms if ms < 600e3 => AxisUnit::new("s", 1e3),
            ms if ms < 5.0 * 3600e3 => AxisUnit::new("min", 60e3),
            _ => AxisUnit::new("h", 3600e3),
        }
    }

    /// For amounts of RAM up to `largest` [bytes].
    pub(crate) fn bytes(largest: f64) -> AxisUnit {
        const KIB: f64 = 1024.0;
        match largest {
            b if b < 2.0 * KIB * KIB => AxisUnit::binary("KiB", KIB),
            b if b < 2.0 * KIB * KIB * KIB => AxisUnit::binary("MiB", KIB * KIB),
            b if b < 2.0 * KIB * KIB * KIB * KIB => AxisUnit::binary("GiB", KIB * KIB * KIB),
            _ => AxisUnit::binary("TiB", KIB * KIB * KIB * KIB),
        }
    }

    /// For rates up to `largest` [bytes/s], as network people write them.
    pub(crate) fn rate(largest: f64) -> AxisUnit {
        match largest {
            rate if rate < 2e6 / 8.0 => AxisUnit::new("kbit/s", 1e3 / 8.0),
            rate if rate < 2e9 / 8.0 => AxisUnit::new("Mbit/s", 1e6 / 8.0),
            _ => AxisUnit::new("Gbit/s", 1e9 / 8.0),
        }
    }
}

/// A tick's value with no more digits than it needs.
pub(crate) fn tick_label(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number with its digits in groups of three, from five digits on.
pub(crate) fn grouped(number: &str) -> String {
    let whole = number.find('.').unwrap_or(number.len());
    let (whole, rest) = number.split_at(whole);
    if whole.len() < 5 {
        return number.to_owned();
    }
    let groups: Vec<&str> = whole.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(" ") + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_the_unit_that_gives_short_numbers() {
        assert_eq!(AxisUnit::time(39_065.0).name, "s");
        assert_eq!(AxisUnit::time(3.6e6).name, "min");
        assert_eq!(AxisUnit::bytes(512.0 * 1048576.0).name, "MiB");
        assert_eq!(AxisUnit::bytes(8.0 * 1073741824.0).name, "GiB");
        assert_eq!(AxisUnit::rate(33_554_432.0).name, "Mbit/s");
        assert_eq!(AxisUnit::rate(1.25e9).name, "Gbit/s");
    }

    #[test]
    fn a_tick_has_no_more_digits_than_it_needs() {
        assert_eq!([0.0, 0.25, 10.0].map(tick_label), ["0", "0.25", "10"]);
        assert_eq!(["9999", "12345.5", "-1234567"].map(grouped), ["9999", "12 345.5", "-1 234 567"]);
    }
}

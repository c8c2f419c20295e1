//! Values that a lever may take, in order.

use crate::scenario::Setting;
use crate::units::{Rate, Span};

/// A value is far where it is more than so many times both the present and the usual one, or less than one in so many of both.
pub const REACH: f64 = 10.0;

/// One value of a lever.
#[derive(Clone, Debug)]
pub struct Rung {
    /// As people read it.
    pub value: String,
    /// Its size, where it has one; not a number where it has none.
    pub size: f64,
    /// What it sets.
    pub settings: Vec<Setting>,
}

/// Values of a lever, the nearest to the present one first.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    /// The values.
    pub rungs: Vec<Rung>,
    /// The first of them that is far from what is usual; `None` if all are near.
    pub far: Option<usize>,
}

impl Rung {
    /// So many of a unit at a key.
    pub fn of(key: &str, size: f64, unit: &str) -> Rung {
        let space = if unit.is_empty() || unit == "%" { "" } else { " " };
        let settings = vec![Setting::amount(key.to_owned(), size, unit.to_owned())];
        Rung { value: format!("{size}{space}{unit}"), size, settings }
    }

    /// So many of a unit that the key itself has, so that the number alone is written.
    pub(super) fn bare(key: &str, size: f64, unit: &str) -> Rung {
        Rung { value: told(size, unit), ..Rung::of(key, size, "") }
    }

    /// A value without a size.
    pub fn word(value: &str, settings: Vec<Setting>) -> Rung {
        Rung { value: value.to_owned(), size: f64::NAN, settings }
    }
}

impl Ladder {
    /// A switch.
    pub fn switch(rung: Rung) -> Ladder {
        Ladder { rungs: vec![rung], far: None }
    }

    /// Sizes in order, each as a rung.
    pub fn of_sizes(sizes: impl IntoIterator<Item = f64>, rung: impl Fn(f64) -> Rung) -> Ladder {
        Ladder { rungs: sizes.into_iter().map(rung).collect(), far: None }
    }

    /// The same, with the first rung marked that is far from both sizes: see [`REACH`].
    pub(super) fn around(self, now: f64, usual: f64) -> Ladder {
        let (low, high) = (now.min(usual) / REACH, now.max(usual) * REACH);
        let far = self.rungs.iter().position(|rung| rung.size < low || rung.size > high);
        Ladder { far, ..self }
    }

    /// How many rungs are near.
    pub(super) fn near(&self) -> usize {
        self.far.unwrap_or(self.rungs.len())
    }

    /// The rung that is 2 % nearer to the present value than number `index`, or the one before where steps are larger;
    /// `None` for the first one.
    pub fn shy_of(&self, index: usize) -> Option<usize> {
        let before = index.checked_sub(1)?;
        let size = self.rungs[index].size;
        let rises = self.rungs[before].size < size;
        let far_enough = |at: &usize| {
            let other = self.rungs[*at].size;
            if rises { other <= 0.98 * size } else { other >= 1.02 * size }
        };
        if size.is_nan() { Some(before) } else { (0..index).rev().find(far_enough).or(Some(0)) }
    }
}

/// Every number of three digits above `from` and up to `to`, both above zero, smallest first.
pub(super) fn three_digits(from: f64, to: f64) -> Vec<f64> {
    let decades = -9..16_i32;
    let number = |power: i32, digits: u32| {
        let digits = f64::from(digits);
        // Dividing by a whole number rounds once, so that 1.31 is 1.31.
        if power < 0 { digits / 10_f64.powi(-power) } else { digits * 10_f64.powi(power) }
    };
    let all = decades.flat_map(|power| (100..1000).map(move |digits| number(power, digits)));
    all.filter(|value| *value > from && *value <= to).collect()
}

/// Values of three digits below `from`, downwards to `to`.
pub(super) fn three_digits_down(from: f64, to: f64) -> Vec<f64> {
    let mut values: Vec<f64> = three_digits(to * 0.9999, from).into_iter().filter(|value| *value < from).collect();
    values.reverse();
    values
}

/// An amount for people: a time in the unit that reads best, anything else as it is written.
pub(super) fn told(size: f64, unit: &str) -> String {
    let (first, rest) = unit.split_at(unit.find(' ').unwrap_or(unit.len()));
    let ns = match first {
        "ms" => 1e6,
        "s" => 1e9,
        "" => return size.to_string(),
        _ => return format!("{size} {unit}"),
    };
    format!("{}{rest}", Span((size * ns).round() as u64))
}

/// Most halved again and again, in whole numbers.
pub(super) fn halves(most: f64) -> impl Iterator<Item = f64> {
    (1..=4).map(move |halves| (most / f64::from(1 << halves)).floor().max(1.0))
}

/// A rate of three digits as network people write it.
pub(super) fn bits(rate: f64) -> (f64, &'static str) {
    match rate * 8.0 {
        bits if bits >= 1e9 => (bits / 1e9, "Gbit/s"),
        bits if bits >= 1e6 => (bits / 1e6, "Mbit/s"),
        bits => (bits / 1e3, "kbit/s"),
    }
}

/// A key at each bandwidth of three digits above `from`, up to a thousand times as much; the sizes are bytes a second.
pub(super) fn bandwidths(key: &str, from: Rate) -> Ladder {
    let bits_per_second = from.0 as f64 * 8.0;
    let rung = |bits_per_second: f64| {
        let (value, unit) = bits(bits_per_second / 8.0);
        // Three digits again: the division may have left a last bit.
        Rung { size: bits_per_second / 8.0, ..Rung::of(key, (value * 1e6).round() / 1e6, unit) }
    };
    let now = from.0 as f64;
    Ladder::of_sizes(three_digits(bits_per_second, bits_per_second * 1000.0), rung).around(now, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_and_stay_in_order() {
        let values = three_digits(0.98, 1.05);
        assert_eq!(
            values,
            [0.981, 0.982, 0.983, 0.984, 0.985, 0.986, 0.987, 0.988, 0.989, 0.99]
                .into_iter()
                .chain((1..10).map(|n| f64::from(990 + n) / 1000.0))
                .chain([1.0, 1.01, 1.02, 1.03, 1.04, 1.05])
                .collect::<Vec<_>>()
        );
        assert_eq!(three_digits_down(3.0, 2.97), [2.99, 2.98, 2.97]);
        let texts: Vec<String> =
            bandwidths("a.b", Rate(124_500_000)).rungs.into_iter().take(3).map(|rung| rung.value).collect();
        assert_eq!(texts, ["997 Mbit/s", "998 Mbit/s", "999 Mbit/s"]);
    }

    #[test]
    fn what_is_ten_times_as_much_or_a_tenth_is_near_and_no_more() {
        let rung = |size: f64| Rung::of("a.b", size, "");
        let around =
            |sizes: &[f64], now, usual| Ladder::of_sizes(sizes.iter().copied(), rung).around(now, usual).near();
        assert_eq!(around(&[5.0, 10.0, 10.1, 1000.0], 1.0, 1.0), 2);
        assert_eq!(around(&[0.5, 0.1, 0.0999], 1.0, 1.0), 2);
        // What is usual is near, however far from it the present value is.
        assert_eq!(around(&[5.0, 300.0, 3000.0, 3010.0], 1.0, 300.0), 3);
        assert_eq!(around(&[2.0, 3.0], 1.0, 1.0), 2);
    }

    #[test]
    fn times_are_told_in_the_unit_that_reads_best() {
        for (size, unit, words) in [
            (300.0, "ms", "300 ms"),
            (1230.0, "ms", "1.23 s"),
            (511_000.0, "ms", "8 min 31 s"),
            (8000.0, "s for each GiB", "2 h 13 min for each GiB"),
            (20.0, "MiB/s", "20 MiB/s"),
            (3.0, "", "3"),
        ] {
            assert_eq!(told(size, unit), words);
        }
    }

    #[test]
    fn two_per_cent_less_is_a_rung_below_or_more() {
        let rung = |size: f64| Rung::of("a.b", size, "");
        let fine = Ladder::of_sizes(three_digits(1.0, 9.0), rung);
        let at = |value: f64| fine.rungs.iter().position(|rung| rung.size == value).unwrap();
        assert_eq!(fine.shy_of(at(5.0)), Some(at(4.9)));
        assert_eq!(fine.shy_of(at(1.01)), None);
        let down = Ladder::of_sizes(three_digits_down(1.0, 0.1), rung);
        let at = |value: f64| down.rungs.iter().position(|rung| rung.size == value).unwrap();
        assert_eq!(down.shy_of(at(0.5)), Some(at(0.51)));
        let coarse = Ladder::of_sizes([20.0, 21.0], rung);
        assert_eq!(coarse.shy_of(1), Some(0));
    }
}

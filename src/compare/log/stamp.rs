//! The time that a line of a log begins with, in any usual form.

/// Seconds of a line's time stamp since some fixed moment, and the rest of the line; no time where there is none.
///
/// `2026-01-10 10:00:00.1`, with `T`, `/`, a decimal comma, `Z` or an offset, in brackets; `Jan 10 10:00:00`, also with a
/// weekday before it; `10:00:00`; `I0110 10:00:00.1`; seconds since 1970.
pub(super) fn split(line: &str) -> (Option<f64>, &str) {
    let line = line.trim();
    let inner = line.strip_prefix('[').unwrap_or(line);
    let found = dated(inner).or_else(|| named(inner)).or_else(|| klog(inner)).or_else(|| bare(inner));
    match found {
        Some((seconds, rest)) => (Some(seconds), rest.strip_prefix(']').unwrap_or(rest).trim_start()),
        None => (None, line),
    }
}

/// A time stamp alone, as a field of JSON holds it.
pub(super) fn of(text: &str) -> Option<f64> {
    split(text).0
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY: f64 = 86_400.0;

/// `2026-01-10 10:00:00`
fn dated(text: &str) -> Option<(f64, &str)> {
    let date = text.get(..10)?;
    let parts: Vec<&str> = date.split(['-', '/']).collect();
    let [year, month, day] = parts[..] else { return None };
    let days = days(whole(year, 4)?, whole(month, 2)?, whole(day, 2)?);
    let rest = text[10..].strip_prefix(['T', ' '])?;
    let (seconds, rest) = clock(rest)?;
    let (offset, rest) = offset(rest);
    Some((days * DAY + seconds - offset, rest))
}

/// `Jan 10 10:00:00`, with or without a weekday before it.
fn named(text: &str) -> Option<(f64, &str)> {
    let month_of = |text: &str| MONTHS.iter().position(|month| text.get(..3) == Some(month));
    let text = match month_of(text) {
        Some(_) => text,
        None => text
            .get(..3)
            .filter(|day| day.bytes().all(|byte| byte.is_ascii_alphabetic()))?
            .len()
            .checked_add(1)
            .and_then(|from| text.get(from..))?,
    };
    let month = month_of(text)? as i64 + 1;
    let rest = text.get(3..)?.trim_start();
    let (day, rest) = rest.split_once(' ')?;
    let (seconds, rest) = clock(rest.trim_start())?;
    Some((days(2000, month, day.parse().ok().filter(|day| (1..=31).contains(day))?) * DAY + seconds, rest))
}

/// `I0110 10:00:00.123456`
fn klog(text: &str) -> Option<(f64, &str)> {
    let text = text.strip_prefix(['I', 'W', 'E', 'F'])?;
    let (month, day) = (whole(text.get(..2)?, 2)?, whole(text.get(2..4)?, 2)?);
    let (seconds, rest) = clock(text.get(4..)?.strip_prefix(' ')?)?;
    Some((days(2000, month, day) * DAY + seconds, rest))
}

/// `10:00:00`, or seconds since 1970.
fn bare(text: &str) -> Option<(f64, &str)> {
    if let Some(found) = clock(text) {
        return Some(found);
    }
    let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, rest) = text.split_at(length);
    let ends = rest.is_empty() || rest.starts_with([' ', ']', '\t']);
    let long = number.split('.').next().is_some_and(|whole| (9..=11).contains(&whole.len()));
    (ends && long).then_some(())?;
    Some((number.parse().ok()?, rest))
}

/// `10:00:00.123`, with a decimal point or comma [s].
fn clock(text: &str) -> Option<(f64, &str)> {
    let (hours, minutes, seconds) = (text.get(..2)?, text.get(2..5)?, text.get(5..8)?);
    let minutes = whole(minutes.strip_prefix(':')?, 2)?;
    let seconds = whole(seconds.strip_prefix(':')?, 2)?;
    let whole_s = (whole(hours, 2)? * 3600 + minutes * 60 + seconds) as f64;
    let rest = &text[8..];
    let Some(decimals) = rest.strip_prefix(['.', ',']) else { return Some((whole_s, rest)) };
    let length = decimals.bytes().take_while(u8::is_ascii_digit).count();
    let part: f64 = format!("0.{}", &decimals[..length]).parse().unwrap_or(0.0);
    Some((whole_s + part, &decimals[length..]))
}

/// How far the zone is ahead [s].
fn offset(text: &str) -> (f64, &str) {
    if let Some(rest) = text.strip_prefix('Z') {
        return (0.0, rest);
    }
    let sign = if text.starts_with('+') { 1.0 } else { -1.0 };
    let Some(zone) = text.strip_prefix(['+', '-']) else { return (0.0, text) };
    let length = zone.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b':').count();
    let digits = zone[..length].replace(':', "");
    let part = |range| digits.get(range).and_then(|text: &str| text.parse::<f64>().ok());
    let Some(hours) = part(0..2) else { return (0.0, text) };
    (sign * (hours * 3600.0 + part(2..4).unwrap_or(0.0) * 60.0), &zone[length..])
}

fn whole(text: &str, digits: usize) -> Option<i64> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Days since the first of March of the year 0 of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> f64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    (365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_forms_are_the_same_moment() {
        let (noon, rest) = split("2026-01-10 12:00:00.250 7 INFO text");
        assert_eq!(rest, "7 INFO text");
        for same in [
            "2026-01-10T12:00:00.250Z text",
            "2026-01-10 12:00:00,250 text",
            "2026/01/10 12:00:00.250 text",
            "[2026-01-10T13:00:00.25+01:00] text",
            "2026-01-10 13:00:00.250+0100 text",
        ] {
            assert_eq!(split(same), (noon, "text"), "{same}");
        }
        let (later, _) = split("2026-03-01 00:00:00");
        assert_eq!(later.unwrap() - noon.unwrap(), 49.5 * DAY - 0.25);
    }

    #[test]
    fn without_a_year_there_is_time_between() {
        let gap = |a, b| split(b).0.unwrap() - split(a).0.unwrap();
        assert_eq!(gap("Jan  9 23:59:50 host x", "Jan 10 00:00:05 host y"), 15.0);
        assert_eq!(gap("Fri Jan  9 23:59:50 CET 2026", "Sat Jan 10 00:00:05 CET 2026"), 15.0);
        assert_eq!(gap("I0109 10:00:00.5 1 x", "I0110 10:00:00.0 1 x"), DAY - 0.5);
        assert_eq!(gap("10:00:00 x", "10:00:01,5 x"), 1.5);
        assert_eq!(gap("1760000000.25", "1760000001"), 0.75);
    }

    #[test]
    fn other_lines_have_no_time() {
        for line in ["", "Job type: 2", "2026", "é2026-01-10", "2026-13", "12 pages", "1760000000x", "Mon", "[", "I01"]
        {
            assert_eq!(split(line), (None, line), "{line}");
        }
    }
}

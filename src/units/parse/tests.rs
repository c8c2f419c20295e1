use super::*;
use proptest::prelude::*;

#[test]
fn reads_every_quantity() {
    assert_eq!(parse("16 GiB", None), Ok(Bytes(16 << 30)));
    assert_eq!(parse("16GB", None), Ok(Bytes(16_000_000_000)));
    assert_eq!(parse(" 1_024 KiB ", None), Ok(Bytes(1 << 20)));
    assert_eq!(parse("1.5 kB", None), Ok(Bytes(1500)));
    assert_eq!(parse("3 pages", None), Ok(Pages(3)));
    assert_eq!(parse("4097 B", None), Ok(Pages(2)));
    assert_eq!(parse("10 Gbit/s", None), Ok(Rate(1_250_000_000)));
    assert_eq!(parse("268 Mbit/s", None), Ok(Rate(33_500_000)));
    assert_eq!(parse("128 MiB/s", None), Ok(Rate(128 << 20)));
    assert_eq!(parse("40000 pages/s", None), Ok(PageRate(40_000.0)));
    assert_eq!(parse("156 MiB/s", None), Ok(PageRate(39_936.0)));
    assert_eq!(parse("0.1s", None), Ok(Span(100_000_000)));
    assert_eq!(parse("1.5 µs", None), Ok(Span(1500)));
    assert_eq!(parse("1.5 μs", None), Ok(Span(1500)));
    assert_eq!(parse("2 min", None), Ok(Span::from_ms(120_000)));
    assert_eq!(parse("4 min 05 s", None), Ok(Span::from_ms(245_000)));
    assert_eq!(parse("13 h 20 min", None), Ok(Span::from_ms(48_000_000)));
    assert_eq!(parse("1.000000000000000000 h 1.000000000000000000 s", None), Ok(Span::from_ms(3_601_000)));
    assert_eq!(parse("1 min 1e-30 s", None), Ok(Span::from_ms(60_000)));
    assert_eq!(parse("56 %", None), Ok(Share(0.56)));
    assert_eq!(parse("12.5%", None), Ok(Share(0.125)));
}

#[test]
fn a_bare_number_takes_the_unit_of_its_key() {
    assert_eq!(parse("300", Some("ms")), Ok(Span::from_ms(300)));
    assert_eq!(parse("18446744073709551615", Some("B/s")), Ok(Rate(u64::MAX)));
    assert_eq!(parse("1e6", Some("B")), Ok(Bytes(1_000_000)));
    assert_eq!(parse("0", None), Ok(Rate(0)), "zero is zero in any unit");
    assert_eq!(parse("0.0", None), Ok(Span::ZERO));
    assert!(is_bare(" 1e6 ") && is_bare("5") && !is_bare("5 ms") && !is_bare("x") && !is_bare(""));
}

#[test]
fn units_are_read_as_people_write_them() {
    for (text, unit) in
        [("10 Gbps", "10 Gbit/s"), ("941Mbps", "941 Mbit/s"), ("25GbE", "25 Gbit/s"), ("8 Gb/s", "8 Gbit/s")]
    {
        assert_eq!(parse::<Rate>(text, None), parse(unit, None), "{text}");
    }
    for (text, unit) in [("16Gi", "16 GiB"), ("4096M", "4 GiB"), ("4G", "4 GiB"), ("512Mi", "512 MiB"), ("2T", "2 TiB")]
    {
        assert_eq!(parse::<Bytes>(text, None), parse(unit, None), "{text}");
    }
    for (text, unit) in [("45m", "45 min"), ("45min", "45 min"), ("90 seconds", "90 s"), ("1h 30m", "90 min")] {
        assert_eq!(parse::<Span>(text, None), parse(unit, None), "{text}");
    }
    let rate: PageRate = parse("900 Mbit/s", None).unwrap();
    assert_eq!(rate.0.round(), 27_466.0);
    assert_eq!(parse::<PageRate>("900 Mbps", None), Ok(rate));
}

#[test]
fn says_what_is_wrong_and_what_was_meant() {
    use QuantityProblem::*;
    let cases: &[(&str, ParseResult, QuantityProblem, &str)] = &[
        ("10", RATE, NoUnit, "write \"10 Gbit/s\" for a link speed or \"10 MiB/s\" for payload"),
        ("10 GiBps", RATE, UnknownUnit, "did you mean `GiB/s`?"),
        ("16 Gb", SIZE, UnknownUnit, ""),
        ("5 secs", TIME, UnknownUnit, "did you mean `s`?"),
        ("10 GBps", RATE, UnknownUnit, "did you mean `GB/s`?"),
        ("10 gibit/s", RATE, UnknownUnit, "did you mean `Gbit/s`?"),
        ("10 MiB", RATE, WrongUnit, "did you mean `MiB/s`?"),
        ("10 pages/s", RATE, WrongUnit, ""),
        ("16 GIB", SIZE, UnknownUnit, "did you mean `GiB`?"),
        ("16 KB", SIZE, UnknownUnit, "did you mean `kB`?"),
        ("16 GB/s", SIZE, WrongUnit, "did you mean `GB`?"),
        ("1,5 GiB", SIZE, NotANumber, "write \"1.5 GiB\" with a decimal point"),
        (".5 GiB", SIZE, NotANumber, "digits on both sides"),
        ("lots", SIZE, NotANumber, "write \"1 GiB\" or \"1 MiB\""),
        ("nan", SIZE, NotANumber, ""),
        ("inf B", SIZE, NotANumber, ""),
        ("", SIZE, Empty, ""),
        ("  ", SIZE, Empty, ""),
        ("-1 GiB", SIZE, Negative, ""),
        ("-1", SIZE, NoUnit, "write \"1 GiB\" or \"1 MiB\""),
        ("1 GiB 5 MiB", SIZE, TooMany, ""),
        ("20000000 TiB", SIZE, TooLarge, ""),
        ("1e300 B", SIZE, TooLarge, ""),
        ("99999999999999999999999999999999999999999 B", SIZE, TooLarge, ""),
        ("5 days", TIME, UnknownUnit, "units of times are"),
        ("6000000 h", TIME, TooLarge, ""),
        ("5 percent", SHARE, UnknownUnit, "did you mean `%`?"),
        ("5", SHARE, NoUnit, "write \"5 %\""),
        ("5 pages", PAGE_RATE, WrongUnit, "did you mean `pages/s`?"),
        ("5 page/s", PAGE_RATE, UnknownUnit, "did you mean `pages/s`?"),
    ];
    for (text, read, problem, hint) in cases {
        let error = read(text).expect_err(text);
        assert_eq!(error.problem, *problem, "{text}: {error:?}");
        assert!(error.hint.as_deref().unwrap_or("").contains(hint), "{text}: {error:?}");
    }
}

type ParseResult = fn(&str) -> Result<(), ParseError>;

fn of<Q: Quantity>(text: &str) -> Result<(), ParseError> {
    parse::<Q>(text, None).map(|_| ())
}

const SIZE: ParseResult = of::<Bytes>;
const RATE: ParseResult = of::<Rate>;
const PAGE_RATE: ParseResult = of::<PageRate>;
const TIME: ParseResult = of::<Span>;
const SHARE: ParseResult = of::<Share>;

/// Display keeps two digits after the point below 10, one below 100, none above.
fn close(read: f64, meant: f64) -> bool {
    (read - meant).abs() <= 0.0051 * meant.abs() + 1.0
}

proptest! {
    #[test]
    fn what_is_displayed_is_read_back(n in 0u64..1 << 60, exponent in 0u32..60) {
        let n = n >> exponent;
        prop_assert!(close(parse::<Bytes>(&Bytes(n).to_string(), None).unwrap().0 as f64, n as f64));
        prop_assert_eq!(parse::<Pages>(&Pages(n >> 12).to_string(), None).unwrap(), Pages(n >> 12));
        prop_assert!(close(parse::<Rate>(&Rate(n).to_string(), None).unwrap().0 as f64, n as f64));
        prop_assert!(close(parse::<PageRate>(&PageRate(n as f64).to_string(), None).unwrap().0, n as f64));
        // From an hour on, seconds are not shown.
        let span = parse::<Span>(&Span(n).to_string(), None).unwrap();
        prop_assert!(close(span.0 as f64, n as f64) || (span.seconds() >= 3600.0 && Span(n).seconds() - span.seconds() < 60.0));
        let share = Share((n % 1001) as f64 / 1000.0);
        prop_assert!((parse::<Share>(&share.to_string(), None).unwrap().0 - share.0).abs() < 0.0051);
    }

    #[test]
    fn no_text_is_a_panic(text in "\\PC{0,40}", number in "[-+]?[0-9_.,e]{0,60} ?[a-zA-Z/%µ ]{0,8}[0-9]{0,3}") {
        for text in [text, number] {
            for read in [SIZE, RATE, PAGE_RATE, TIME, SHARE, of::<Pages>] {
                let _ = read(&text);
            }
            let _ = parse::<Span>(&text, Some("ms"));
        }
    }
}

//! Quantities: what is read is read again as it is written.

use precopy::scenario::{Extent, Figure, Input, Shown, Values};
use precopy::units::parse::{Quantity, parse};
use precopy::units::{Bytes, PageRate, Pages, Rate, Share, Span};

use super::{SOUND, settle, text};

/// Keys with a value of each kind.
const KEYS: [&str; 6] = [
    "guest.memory",
    "guest.zero",
    "guest.workload.0.rate",
    "link.bandwidth",
    "qemu.downtime-limit",
    "qemu.cpu-throttle-initial",
];

/// Reads the bytes as every quantity, and as the values of `--vary`.
pub fn look(data: &[u8]) {
    let Some(text) = text(data) else { return };
    one::<Bytes>(text, Bytes::to_string);
    one::<Pages>(text, Pages::to_string);
    one::<Rate>(text, Rate::to_string);
    one::<PageRate>(text, PageRate::to_string);
    one::<Span>(text, Span::to_string);
    one::<Share>(text, Share::to_string);
    KEYS.iter().for_each(|key| values(key, text));
}

/// Beyond this, a printed number may have more digits than any quantity.
const LARGE: f64 = 1e18;
/// As good as nothing: a fraction of 128 bits has 38 decimals.
const TINY: f64 = 1e-30;

fn one<Q: Quantity>(text: &str, display: fn(&Q) -> String) {
    for bare in [None, Some(Q::UNITS[0].0)] {
        let Ok(read) = parse::<Q>(text, bare) else { continue };
        let figure = read.figure();
        assert!(figure.is_finite() && figure >= 0.0, "{text:?} is {figure}");
        if figure >= LARGE {
            continue;
        }
        let exact = again::<Q>(&Figure { value: figure, unit: Q::FIGURE, grain: Q::GRAIN }.written());
        let slack = 1e-15 * figure + Q::GRAIN / 2.0 + TINY;
        assert!((exact - figure).abs() <= slack, "{text:?}: {figure} is read as {exact}");
        // For people: three digits, or minutes of hours.
        let shown = display(&read);
        // A bound stands for a number that is too small for its digits.
        let shown = again::<Q>(shown.strip_prefix("below ").unwrap_or(&shown));
        assert!((shown - figure).abs() <= 0.02 * figure + 0.01, "{text:?}: {figure} is shown as {shown}");
    }
}

fn again<Q: Quantity>(text: &str) -> f64 {
    match parse::<Q>(text, None) {
        Ok(read) => read.figure(),
        Err(error) => panic!("{text:?} was written and is refused: {error}"),
    }
}

/// The values of an axis; each is the same when it stands alone.
fn values(key: &str, text: &str) {
    let Some(axis) = axis(&format!("{key}={text}")) else { return };
    let Values::List(items) = &axis.values else { return };
    for figure in items.iter().take(20).filter_map(|item| item.figure) {
        let written = figure.written();
        let alone = self::axis(&format!("{key}={written}")).unwrap_or_else(|| panic!("{written:?} is refused"));
        match alone.shown(precopy::scenario::Pick::Item(0)) {
            Shown::Number(number) => assert_eq!(number, figure.value, "{key}={written}"),
            Shown::Words(words) => panic!("{key}={written} is the word {words:?}"),
        }
    }
}

fn axis(vary: &str) -> Option<precopy::scenario::Axis> {
    let input = Input::new("sound.toml", SOUND, &[]).ok()?.varying(&[vary.to_owned()]);
    let template = input.template(Extent::default());
    settle(&input, template.map(|template| (template.axes, template.warnings)))?.pop()
}

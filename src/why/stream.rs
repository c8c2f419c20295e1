//! What held a stream back, by how fast it was: a round limit, a link of a usual speed, or neither.

use serde::Serialize;

use super::Sureness;

/// What a bandwidth looks like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "bytes_per_s")]
pub enum StreamBound {
    /// A limit of bandwidth.
    Cap(f64),
    /// A link of a usual speed.
    Link(f64),
    /// Neither: a processor that copies or encrypts, or a shared link.
    Other,
}

const MIB: f64 = 1_048_576.0;
/// Limits that people and programs set [MiB/s]; 32 and 128 are QEMU's own.
const ROUND: [u32; 32] = [
    1, 2, 4, 5, 8, 10, 16, 20, 24, 25, 30, 32, 40, 48, 50, 52, 60, 64, 75, 80, 96, 100, 120, 125, 128, 150, 200, 250,
    256, 300, 500, 512,
];
/// How far a stream lies from its limit: a little below, or above by what is not counted.
const NEAR_CAP: std::ops::RangeInclusive<f64> = 0.985..=1.012;
/// Any other whole number of MiB/s is a limit only where a stream comes this close to it, and as long as these lie far apart.
const AT_CAP: std::ops::RangeInclusive<f64> = 0.9995..=1.001;
const APART: f64 = 128.0;
/// Usual links [Gbit/s].
const LINKS: [f64; 9] = [0.1, 1.0, 2.5, 5.0, 10.0, 25.0, 40.0, 100.0, 200.0];
/// What a stream gets of a link.
const OF_LINK: std::ops::RangeInclusive<f64> = 0.88..=1.0;

/// What a stream of `bandwidth` [bytes/s] is held back by, and how sure that is; `told` is a limit that is known. A
/// bandwidth that is a mean over time is not `exact` enough to show a limit.
pub(super) fn bound(bandwidth: f64, exact: bool, told: Option<f64>) -> (StreamBound, Sureness) {
    if let Some(limit) = told.filter(|limit| *limit > 0.0 && (0.9..=1.1).contains(&(bandwidth / limit))) {
        return (StreamBound::Cap(limit), Sureness::Certain);
    }
    let links = LINKS.map(|gbit| gbit * 1e9 / 8.0);
    if let Some(link) = links.into_iter().find(|link| OF_LINK.contains(&(bandwidth / link))) {
        return (StreamBound::Link(link), Sureness::Likely);
    }
    // Where the log has a limit, another one is none.
    let round = ROUND.map(|mib| f64::from(mib) * MIB);
    let whole = (bandwidth / MIB).round() * MIB;
    let is_whole = whole > 0.0 && whole <= APART * MIB && AT_CAP.contains(&(bandwidth / whole));
    let near = round.into_iter().find(|limit| NEAR_CAP.contains(&(bandwidth / limit)));
    match near.or(is_whole.then_some(whole)) {
        Some(limit) if exact && told.is_none() => (StreamBound::Cap(limit), Sureness::Likely),
        _ => (StreamBound::Other, Sureness::Guess),
    }
}

/// The slowest usual link that carries clearly more than so much [bytes/s].
pub(super) fn faster_link(bandwidth: f64) -> f64 {
    let links = LINKS.map(|gbit| gbit * 1e9 / 8.0);
    links.into_iter().find(|link| *link > 1.15 * bandwidth).unwrap_or(2.0 * bandwidth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_shows_what_holds_it_back() {
        for (bandwidth, told, wanted) in [
            (33_570_875.0, None, StreamBound::Cap(32.0 * MIB)),
            (117e6, None, StreamBound::Link(125e6)),
            (134_400_000.0, None, StreamBound::Cap(128.0 * MIB)),
            (1.223e9, None, StreamBound::Link(1.25e9)),
            (37_756_127.0, None, StreamBound::Cap(36.0 * MIB)),
            (38_100_000.0, None, StreamBound::Other),
            (8.0e8, None, StreamBound::Other),
            (8.0e8, Some(8.1e8), StreamBound::Cap(8.1e8)),
            (33_570_875.0, Some(0.0), StreamBound::Other),
        ] {
            assert_eq!(bound(bandwidth, true, told).0, wanted, "{bandwidth}");
        }
        assert_eq!(bound(33_570_875.0, false, None).0, StreamBound::Other);
        assert_eq!(faster_link(33e6), 125e6);
        assert_eq!(faster_link(1.2e9), 3.125e9);
    }
}

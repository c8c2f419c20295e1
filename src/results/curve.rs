//! A timeline as curves that can be drawn: lists of points (time [ms], value).

use crate::sim::{Event, Row, Timeline};

/// A curve: points in order of time (time [ms], value); straight lines between them.
pub type Curve = Vec<(f64, f64)>;

/// Remaining RAM [bytes]: falls while pages are sent, jumps at a sync.
///
/// A sync's row shows what remains after it. What remained before is the row before less what was sent since.
pub fn remaining(timeline: &Timeline) -> Curve {
    let mut curve = Curve::new();
    let mut before: Option<&Row> = None;
    for row in &timeline.rows {
        if let (Some(before), Event::Sync) = (before, row.event) {
            let sent = row.transferred_bytes.saturating_sub(before.transferred_bytes);
            curve.push((row.t_ms, before.remaining_bytes.saturating_sub(sent) as f64));
        }
        curve.push((row.t_ms, row.remaining_bytes as f64));
        before = Some(row);
    }
    curve
}

/// A value that holds from its row to the next.
pub fn steps(timeline: &Timeline, value: impl Fn(&Row) -> f64) -> Curve {
    let mut curve = Curve::new();
    for row in &timeline.rows {
        let next = value(row);
        if let Some(&(_, held)) = curve.last()
            && held != next
        {
            curve.push((row.t_ms, held));
        }
        curve.push((row.t_ms, next));
    }
    curve
}

/// A measured value, from the first measurement on: zeros before it mean "not yet known".
pub fn measured(timeline: &Timeline, value: impl Fn(&Row) -> f64) -> Curve {
    steps(timeline, value).into_iter().skip_while(|&(_, value)| value == 0.0).collect()
}

/// Stretches of the first pass in which little is sent although RAM is handled, because its pages are zero [ms]. Of what is
/// handled there at most a twentieth goes over the link.
pub fn zero_pages(timeline: &Timeline) -> Vec<(f64, f64)> {
    let mut stretches: Vec<(f64, f64)> = Vec::new();
    for pair in timeline.rows.windows(2).filter(|pair| pair[0].pass == 1 && pair[1].remaining_bytes > 0) {
        let (from, to) = (&pair[0], &pair[1]);
        let handled = from.remaining_bytes.saturating_sub(to.remaining_bytes);
        let sent = to.transferred_bytes.saturating_sub(from.transferred_bytes);
        if handled == 0 || sent > handled / 20 {
            continue;
        }
        match stretches.last_mut() {
            Some(last) if last.1 == from.t_ms => last.1 = to.t_ms,
            _ => stretches.push((from.t_ms, to.t_ms)),
        }
    }
    stretches
}

/// The largest value of a curve in a stretch of time [ms]; zero where the curve has none.
pub fn largest(curve: &[(f64, f64)], from: f64, to: f64) -> f64 {
    let first = curve.partition_point(|&(t, _)| t < from).saturating_sub(1);
    let mut largest: f64 = 0.0;
    for pair in curve[first..].windows(2).take_while(|pair| pair[0].0 <= to) {
        let ((t0, v0), (t1, v1)) = (pair[0], pair[1]);
        let at = |t: f64| if t1 > t0 { v0 + (v1 - v0) * ((t.clamp(t0, t1) - t0) / (t1 - t0)) } else { v0.max(v1) };
        if t1 >= from {
            largest = largest.max(at(from)).max(at(to));
        }
    }
    largest
}

/// A curve with fewer points: those are left out that lie on a straight stretch, give or take `tolerance`.
///
/// Every point seen from the last kept one narrows the range of slopes that a line may have; the first point outside
/// it ends the stretch.
pub fn straightened(curve: &[(f64, f64)], tolerance: f64) -> Curve {
    let Some((&first, rest)) = curve.split_first() else { return Curve::new() };
    let mut kept = vec![first];
    let (mut from, mut last, mut slopes) = (first, first, (f64::NEG_INFINITY, f64::INFINITY));
    for &point in rest {
        let slope_to = |from: (f64, f64), value: f64| (value - from.1) / (point.0 - from.0);
        let fits = |from, (low, high)| point.0 > last.0 && (low..=high).contains(&slope_to(from, point.1));
        if !fits(from, slopes) {
            if last != from {
                kept.push(last);
            }
            (from, slopes) = (last, (f64::NEG_INFINITY, f64::INFINITY));
        }
        if point.0 > from.0 {
            slopes.0 = slopes.0.max(slope_to(from, point.1 - tolerance));
            slopes.1 = slopes.1.min(slope_to(from, point.1 + tolerance));
        } else {
            kept.push(point);
            from = point;
        }
        last = point;
    }
    if last != from {
        kept.push(last);
    }
    kept
}

/// What looks alike with at most four points in each of `slices` equal stretches of time: the first, the lowest,
/// the highest and the last.
pub fn thinned(curve: &[(f64, f64)], slices: usize) -> Curve {
    thinned_along(curve, slices, |t| t)
}

/// As [`thinned`], where equal stretches are those of `along`, which must not fall.
pub fn thinned_along(curve: &[(f64, f64)], slices: usize, along: impl Fn(f64) -> f64) -> Curve {
    let (Some(&(start, _)), Some(&(end, _))) = (curve.first(), curve.last()) else { return Curve::new() };
    let (start, end) = (along(start), along(end));
    if curve.len() <= 4 * slices || end <= start {
        return curve.to_vec();
    }
    let slice_of = |t: f64| ((along(t) - start) / (end - start) * slices as f64) as usize;
    let mut thin = Curve::new();
    for points in curve.chunk_by(|a, b| slice_of(a.0) == slice_of(b.0)) {
        let by_value = |&a: &usize, &b: &usize| points[a].1.total_cmp(&points[b].1);
        let mut keep: Vec<usize> = [
            Some(0),
            (0..points.len()).min_by(by_value),
            (0..points.len()).max_by(by_value),
            points.len().checked_sub(1),
        ]
        .into_iter()
        .flatten()
        .collect();
        keep.sort_unstable();
        keep.dedup();
        thin.extend(keep.into_iter().map(|at| points[at]));
    }
    thin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_of_a_stretch_counts_its_edges() {
        let saw = [(0.0, 8.0), (8.0, 0.0), (8.0, 4.0), (12.0, 0.0)];
        for (from, to, largest_value) in
            [(0.0, 1.0, 8.0), (2.0, 4.0, 6.0), (7.0, 9.0, 4.0), (9.0, 10.0, 3.0), (13.0, 14.0, 0.0)]
        {
            assert_eq!(largest(&saw, from, to), largest_value, "{from}..{to}");
        }
    }

    #[test]
    fn straight_stretches_need_their_ends_only() {
        let saw: Curve = (0..=10)
            .map(|t| (f64::from(t), f64::from(10 - t)))
            .chain([(10.0, 6.0), (11.0, 5.0), (12.0, 4.0)])
            .collect();
        assert_eq!(straightened(&saw, 0.01), [(0.0, 10.0), (10.0, 0.0), (10.0, 6.0), (12.0, 4.0)]);
        let bent = [(0.0, 0.0), (1.0, 1.0), (2.0, 1.0), (3.0, 1.0)];
        assert_eq!(straightened(&bent, 0.01), [(0.0, 0.0), (1.0, 1.0), (3.0, 1.0)]);
        assert_eq!(straightened(&[], 0.01), []);
    }

    #[test]
    fn thinning_keeps_the_ends_and_the_extremes() {
        let curve: Curve = (0..10_000).map(|i| (i as f64, if i == 5_003 { 9.0 } else { (i % 7) as f64 })).collect();
        let thin = thinned(&curve, 100);
        assert!(thin.len() <= 404, "{} points", thin.len());
        assert_eq!((thin.first(), thin.last()), (curve.first(), curve.last()));
        assert!(thin.contains(&(5_003.0, 9.0)));
        assert!(thin.is_sorted_by(|a, b| a.0 <= b.0));
    }
}

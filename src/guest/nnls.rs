//! Least squares with coefficients that are not negative.
//!
//! Written here because the crate `nnls` brings 14 crates for it, `ndarray` among them, can panic by its own word, and rounds
//! otherwise, which would move every class of a measured curve.

/// The x >= 0 for which the squares of `Ax - b` have the least sum; `columns` are those of A, all as long as `b`.
///
/// Method: active sets, Lawson and Hanson, "Solving Least Squares Problems" (1974), chapter 23. Ties go to the first
/// column, so the result is the same everywhere.
pub(super) fn solve(columns: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let n = columns.len();
    let mut x = vec![0.0; n];
    let mut free: Vec<usize> = Vec::new();
    // Columns that rounding cannot tell from those in use; they may be of use again after the next change.
    let mut barred: Vec<usize> = Vec::new();
    // Each change lowers the sum, so no set of columns comes twice; the bound is against rounding.
    for _ in 0..10 * n {
        let rest = residual(columns, b, &x);
        let gain = |column: usize| dot(&columns[column], &rest);
        let best = (0..n)
            .filter(|column| !free.contains(column) && !barred.contains(column))
            .filter(|column| gain(*column) > 1e-12 * dot(&columns[*column], b).abs())
            .reduce(|best, column| if gain(column) > gain(best) { column } else { best });
        let Some(best) = best else { break };
        free.push(best);
        match unconstrained(columns, b, &free) {
            Some(wanted) if wanted.last().is_some_and(|wanted| *wanted > 0.0) => barred.clear(),
            _ => {
                free.pop();
                barred.push(best);
                continue;
            }
        }
        while let Some(wanted) = unconstrained(columns, b, &free) {
            // As far towards the wanted point as no coefficient falls below zero.
            let falling = free.iter().zip(&wanted).filter(|(_, wanted)| **wanted <= 0.0);
            let share = falling.map(|(&column, wanted)| x[column] / (x[column] - wanted)).reduce(f64::min);
            for (&column, wanted) in free.iter().zip(&wanted) {
                x[column] += share.unwrap_or(1.0) * (wanted - x[column]);
            }
            if share.is_none() {
                break;
            }
            let largest = x.iter().copied().fold(0.0, f64::max);
            free.retain(|&column| {
                let stays = x[column] > 1e-12 * largest;
                if !stays {
                    x[column] = 0.0;
                }
                stays
            });
        }
    }
    x
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `b - Ax`.
fn residual(columns: &[Vec<f64>], b: &[f64], x: &[f64]) -> Vec<f64> {
    let mut rest = b.to_vec();
    for (column, x) in columns.iter().zip(x).filter(|(_, x)| **x != 0.0) {
        take(&mut rest, *x, column);
    }
    rest
}

/// `a -= share * b`.
fn take(a: &mut [f64], share: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a -= share * b);
}

/// The best coefficients of the columns in `free` when their sign does not matter.
///
/// `None` if there is no column, or if one lies in the span of those before it as far as rounding can tell. Method:
/// Gram and Schmidt, twice over, which keeps what the normal equations would lose of columns that are much alike.
fn unconstrained(columns: &[Vec<f64>], b: &[f64], free: &[usize]) -> Option<Vec<f64>> {
    let n = free.len();
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(n);
    let mut upper = vec![vec![0.0; n]; n];
    for (j, &column) in free.iter().enumerate() {
        let mut left = columns[column].clone();
        let whole = dot(&left, &left).sqrt();
        for _ in 0..2 {
            for (i, direction) in basis.iter().enumerate() {
                let share = dot(direction, &left);
                upper[i][j] += share;
                take(&mut left, share, direction);
            }
        }
        let length = dot(&left, &left).sqrt();
        if length <= 1e-9 * whole {
            return None;
        }
        upper[j][j] = length;
        left.iter_mut().for_each(|value| *value /= length);
        basis.push(left);
    }
    let mut x = vec![0.0; n];
    let mut rest = b.to_vec();
    for (share, direction) in x.iter_mut().zip(&basis) {
        *share = dot(direction, &rest);
        take(&mut rest, *share, direction);
    }
    for i in (0..n).rev() {
        let above: f64 = (i + 1..n).map(|j| upper[i][j] * x[j]).sum();
        x[i] = (x[i] - above) / upper[i][i];
    }
    (n > 0).then_some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_best_coefficients_that_are_not_negative() {
        type NnlsCase<'a> = (&'a str, &'a [&'a [f64]], &'a [f64], &'a [f64]);
        let cases: &[NnlsCase] = &[
            ("one column", &[&[1.0, 1.0, 1.0]], &[1.0, 2.0, 3.0], &[2.0]),
            ("exact", &[&[1.0, 0.0, 1.0], &[0.0, 1.0, 1.0]], &[2.0, 3.0, 5.0], &[2.0, 3.0]),
            ("one would be negative", &[&[1.0, 0.0], &[1.0, 1.0]], &[-1.0, 1.0], &[0.0, 0.0]),
            ("the other takes over", &[&[1.0, 0.0], &[1.0, 1.0]], &[1.0, 2.0], &[0.0, 1.5]),
            ("all would be negative", &[&[1.0, 2.0]], &[-1.0, -1.0], &[0.0]),
            ("twins", &[&[1.0, 1.0], &[1.0, 1.0]], &[2.0, 2.0], &[2.0, 0.0]),
            ("no columns", &[], &[1.0], &[]),
        ];
        for (name, columns, b, expected) in cases {
            let columns: Vec<Vec<f64>> = columns.iter().map(|column| column.to_vec()).collect();
            let found = solve(&columns, b);
            let near = found.iter().zip(*expected).all(|(a, b)| (a - b).abs() < 1e-9);
            assert!(near && found.len() == expected.len(), "{name}: {found:?}, not {expected:?}");
        }
    }
}

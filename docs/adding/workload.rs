//! The self-similar order of writes as classes of pages: what `docs/adding/workload.md` shows. It would be in
//! `src/scenario/order.rs`.

use crate::guest::{Law, RateClass};
use crate::units::{Pages, Share};

/// `share` of the writes goes to the rest of that share of the pages, and so on within those: at 80 %, four fifths of
/// the writes to a fifth of the pages.
fn self_similar(region: Pages, share: Share) -> Law {
    let (mut pages, mut writes) = (region.0, 1.0);
    let mut classes = Vec::new();
    loop {
        let hot = ((1.0 - share.0) * pages as f64) as u64;
        if hot == 0 || hot == pages {
            classes.push(RateClass { pages: Pages(pages), share: Share(writes) });
            return Law::Classes(classes);
        }
        classes.push(RateClass { pages: Pages(pages - hot), share: Share(writes * (1.0 - share.0)) });
        (pages, writes) = (hot, writes * share.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_fifths_of_the_writes_go_to_a_fifth_of_the_pages_at_every_size() {
        let Law::Classes(classes) = self_similar(Pages(100_000), Share(0.8)) else { panic!("classes are wanted") };
        assert_eq!(classes.iter().map(|class| class.pages.0).sum::<u64>(), 100_000);
        let mut hot = (100_000, 1.0);
        for class in &classes[..4] {
            let inner = (hot.0 - class.pages.0, hot.1 - class.share.0);
            assert!((inner.0 as f64 / hot.0 as f64 - 0.2).abs() < 0.01 && (inner.1 / hot.1 - 0.8).abs() < 1e-9);
            hot = inner;
        }
    }
}

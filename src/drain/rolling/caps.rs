//! Migrations with the cap that a scheduler gives them on a link.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::super::DrainHost;
use crate::scenario::Scenario;
use crate::units::Rate;

/// Each guest's migration, made once it is needed, for each bandwidth on which its cap hangs.
pub(super) struct CappedScenarios<'a> {
    host: &'a DrainHost,
    by_link: BTreeMap<Rate, Vec<OnceCell<Box<Scenario>>>>,
}

impl<'a> CappedScenarios<'a> {
    /// For links of these bandwidths.
    pub(super) fn new(host: &'a DrainHost, links: impl Iterator<Item = Rate>) -> CappedScenarios<'a> {
        let none = || vec![OnceCell::new(); host.guests().len()];
        CappedScenarios { host, by_link: links.map(|link| (link, none())).collect() }
    }

    /// That of a guest between links of these bandwidths; the slower one counts (orchestrators 3.5).
    pub(super) fn of(&self, guest: usize, ends: [Rate; 2]) -> Option<&Scenario> {
        let [from, to] = ends;
        let link = from.min(to);
        let slots = self.host.scheduler().slots;
        let made = self.by_link.get(&link)?.get(guest)?;
        Some(made.get_or_init(|| Box::new(self.host.scenario(guest, link, slots))))
    }
}

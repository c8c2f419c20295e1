//! The switch to post-copy and what follows (qemu-precopy 8).

use super::Event;
use super::migration::{Interrupted, Migration};
use super::page_phase::{self, Delivery, PagePhase};
use crate::guest::{GuestMemory, Missing};
use crate::qemu::postcopy::{self, Service};
use crate::units::{Bytes, PAGE_SIZE, Rate, Share};

/// Name of the one RAM block of an x86 guest that is large.
const BLOCK: &str = "pc.ram";

impl<M: GuestMemory> Migration<'_, M> {
    /// Stops the guest, lets it run at the destination, and sends the rest.
    pub(super) fn post_copy(&mut self, pending: Bytes) -> Result<(), Interrupted> {
        self.stop_guest(pending)?;
        let memory = self.scenario.guest.memory;
        let dirty = Share(self.sender.remaining().pages().0 as f64 / memory.0.max(1) as f64);
        // The destination is told what to forget, then gets the device state.
        let discard = postcopy::discard_bytes(BLOCK, postcopy::expected_ranges(memory, dirty) as u64);
        self.sender.discard(discard);
        let link = self.sender.link().at(self.clock.now()).0;
        self.advance(self.clock.now() + link.time_for(Bytes(discard)) + self.scenario.qemu.switchover_time)?;
        let missing = self.missing_in_host_pages(dirty);
        let phase = PagePhase { begin: self.clock.now(), ..page_phase::run(&missing, &self.delivery(link)) };
        self.postcopy = Some(phase);
        self.record(Event::PostCopy);
        self.advance(phase.begin + phase.length)?;
        let pages = missing.iter().map(|missing| missing.pages).sum::<f64>().round() as u64;
        self.sender.send_rest(pages);
        Ok(())
    }

    /// What is missing at the destination: host pages that are dirty in part count as a whole.
    fn missing_in_host_pages(&self, dirty: Share) -> Vec<Missing> {
        let host_page = self.scenario.guest.page_size.bytes();
        let grown = postcopy::remaining_share(dirty, host_page).0 / dirty.0.max(f64::MIN_POSITIVE);
        let mut missing = self.sender.missing();
        missing.iter_mut().for_each(|class| class.pages *= grown.max(1.0));
        missing
    }

    fn delivery(&self, link: Rate) -> Delivery {
        let (guest, qemu) = (&self.scenario.guest, &self.scenario.qemu);
        let rules = &self.post_copy_rules;
        let host_page = guest.page_size.bytes();
        let latency = self.scenario.link.latency;
        let service = Service { link, latency, host_page, queued: Service::SEND_QUEUE, sweeping: true };
        let full = self.sender.pages_per_second();
        let limited = match rules.quota(self.sender.params().max_postcopy_bandwidth) {
            0 => full,
            quota => (quota * 10) as f64 / PAGE_SIZE as f64,
        };
        Delivery {
            link: full,
            sweep: limited.min(full),
            host_page: (host_page.0 / PAGE_SIZE) as f64,
            request: rules.request_latency(qemu.capabilities.postcopy_preempt, &service),
            vcpus: f64::from(guest.vcpus),
        }
    }
}

//! A migration with auto-converge that is tried and does not take place.

use std::net::SocketAddr;

use crate::fit::whole_size;
use crate::qemu::{Accel, Version};
use crate::replay::{MigrationRequest, ReplayPlan};
use crate::scenario::{Input, Scenario};
use crate::survey::SurveyedGuest;
use crate::units::{Rate, Span};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct TrialOptions {
    /// The destination, as the source's daemon reaches it.
    pub dest_uri: String,
    /// Where the stream ends.
    pub sink: SocketAddr,
    /// What may be sent.
    pub bandwidth: Rate,
    /// How long, after the first pass.
    pub time: Span,
    /// `downtime-limit` as it is, where the host tells.
    pub downtime: Option<Span>,
}

/// A trial that can begin.
#[derive(Clone, Debug)]
pub struct GuestTrial {
    scenario: Scenario,
    text: String,
    request: MigrationRequest,
    time: Span,
}

/// Where the destination's QEMU waits for a stream that never comes: an address at which only its own host could reach it, and
/// which is not the sink's, should both be one host.
const NOWHERE: &str = "127.0.0.2";
/// Between two looks.
const SAMPLE: Span = Span::from_ms(100);
/// QEMU's own limit.
const DOWNTIME: Span = Span::from_ms(300);

impl GuestTrial {
    /// Of a guest, on a host with that QEMU (major, minor).
    ///
    /// # Errors
    /// No scenario can say it: what is wrong, in words.
    pub fn new(guest: &SurveyedGuest, qemu: (u32, u32), options: &TrialOptions) -> Result<GuestTrial, String> {
        let text = text(guest, qemu, options);
        let input = Input::new("the trial", &text, &[]).map_err(|error| error.to_string())?;
        let scenario = input.load().map_err(|invalid| invalid.to_string())?.scenario;
        let migrate_uri = format!("tcp://{}", options.sink);
        let request = MigrationRequest::new(&scenario, &options.dest_uri, Some(&migrate_uri))
            .map_err(|refused| refused.join("; "))?;
        let request = MigrationRequest { listen_address: Some(NOWHERE.to_owned()), ..request };
        Ok(GuestTrial { scenario, text, request, time: options.time })
    }

    /// Flags and parameters.
    pub fn request(&self) -> &MigrationRequest {
        &self.request
    }

    /// What drives it.
    pub fn plan(&self) -> ReplayPlan<'_> {
        ReplayPlan {
            scenario: &self.scenario,
            request: self.request.clone(),
            sample: SAMPLE,
            text: self.text.clone(),
            sets: Vec::new(),
            of_fleet: None,
            trial: Some(self.time),
        }
    }

    /// The time that the first pass takes at most.
    pub fn first_pass(&self) -> Span {
        let bandwidth = self.scenario.qemu.params.max_bandwidth.0.max(1) as f64;
        Span::rounded_up(self.scenario.guest.memory.bytes().0 as f64 / bandwidth * 1e9)
    }
}

/// The scenario that stands in the recording: what is known of the guest, and nothing of what it writes.
fn text(guest: &SurveyedGuest, (major, minor): (u32, u32), options: &TrialOptions) -> String {
    let version = Version::nearest(&format!("{major}.{minor}")).map_or(Version::NEWEST, |(version, _)| version);
    let accel = if guest.accel == Accel::Tcg { "tcg" } else { "kvm" };
    let page_size = whole_size(guest.page_size.bytes().0);
    // libvirt counts in whole MiB/s.
    let bandwidth = options.bandwidth.0.div_ceil(1 << 20);
    let downtime = options.downtime.unwrap_or(DOWNTIME).whole_ms();
    format!(
        "# A trial: what the guest writes is to be found.\n[guest]\nmemory = \"{}\"\nvcpus = {}\npage-size = \"{page_size}\"\n\n\
         [link]\nbandwidth = \"100 Gbit/s\"\n\n\
         [qemu]\nversion = \"{version}\"\naccel = \"{accel}\"\nauto-converge = true\nmax-bandwidth = \"{bandwidth} MiB/s\"\n\
         downtime-limit = \"{downtime} ms\"\n",
        whole_size(guest.memory.0),
        guest.vcpus,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::PageSize;
    use crate::units::Bytes;

    #[test]
    fn nothing_is_sent_to_the_destination() {
        let guest = SurveyedGuest {
            name: "web1".to_owned(),
            memory: Bytes(512 << 20),
            vcpus: 2,
            page_size: PageSize::Small,
            accel: Accel::Tcg,
        };
        let options = TrialOptions {
            dest_uri: "qemu+ssh://host2/system".to_owned(),
            sink: "127.0.0.1:4711".parse().unwrap(),
            bandwidth: Rate(64_000_000),
            time: Span::from_ms(20_000),
            downtime: None,
        };
        let trial = GuestTrial::new(&guest, (7, 2), &options).unwrap();
        let calls = trial.request().calls("web1");
        assert_eq!(
            calls[1],
            "virDomainMigrateToURI3(web1, qemu+ssh://host2/system, flags LIVE | PEER2PEER | AUTO_CONVERGE, \
             migrate_uri=tcp://127.0.0.1:4711, listen_address=127.0.0.2, bandwidth=62, auto_converge.initial=20, \
             auto_converge.increment=10)"
        );
        assert_eq!(trial.first_pass().whole_ms(), 8258);
        assert!(GuestTrial::new(&guest, (99, 9), &options).is_ok(), "as the newest release that is known");
    }
}

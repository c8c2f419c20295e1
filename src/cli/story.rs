//! What `-v` tells: one line per thing that happened.

use crate::metrics::ms;
use crate::sim::{Event, Row, Timeline};
use crate::sink::terminal;
use crate::units::{Bytes, PageRate, Rate, Share};

/// A line for every row that is more than a sample.
pub(super) fn lines(timeline: &Timeline) -> impl Iterator<Item = String> {
    timeline.rows.iter().filter_map(line)
}

fn line(row: &Row) -> Option<String> {
    let remaining = Bytes(row.remaining_bytes);
    let what = match row.event {
        Event::Sample => return None,
        _ if !row.detail.is_empty() => row.detail.clone(),
        Event::Start => format!("migrate: {remaining} of RAM, downtime-limit {}", ms(row.downtime_limit_ms as f64)),
        Event::Sync if row.dirty_pages_rate == 0 => format!("pass {} begins: {remaining} to send", row.pass),
        Event::Sync => {
            let (dirty, bandwidth) = (PageRate(row.dirty_pages_rate as f64), Rate(row.bandwidth as u64));
            format!("pass {} begins: {remaining} to send; dirty rate {dirty}, bandwidth {bandwidth}", row.pass)
        }
        Event::Throttle => {
            let (throttle, left) = (Share(row.throttle_pct / 100.0), Share(row.guest_cpu_share_pct / 100.0));
            format!("throttle {throttle}: the guest keeps {left} of its CPU time")
        }
        Event::Link => "the link's bandwidth changes".to_owned(),
        Event::Set => format!("parameters set by hand; downtime-limit {}", ms(row.downtime_limit_ms as f64)),
        Event::Pause => "paused by hand: the guest is stopped".to_owned(),
        Event::Continue => "continued by hand: the guest runs".to_owned(),
        Event::StartPostcopy => "post-copy is asked for".to_owned(),
        Event::Abort => "aborted".to_owned(),
        Event::Repeat => "passes repeat".to_owned(),
        Event::Note => "noted".to_owned(),
        Event::Stop => format!("guest stopped: {remaining} to send"),
        Event::PostCopy => format!("post-copy: the guest runs at the destination, {remaining} to follow"),
        Event::End => format!("end: {} transferred, {remaining} left", Bytes(row.transferred_bytes)),
    };
    Some(terminal::entry(&ms(row.t_ms), &what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_leaves_samples_out() {
        let row = Row {
            t_ms: 10_108.1,
            pass: 2,
            event: Event::Sync,
            transferred_bytes: 340 << 20,
            remaining_bytes: 256 << 20,
            dirty_pages_rate: 11_600,
            bandwidth: 33_554_432.0,
            throttle_pct: 20.0,
            downtime_limit_ms: 300,
            guest_cpu_share_pct: 80.0,
            detail: String::new(),
        };
        let rows = [Event::Sync, Event::Sample, Event::Throttle, Event::Stop].map(|event| Row { event, ..row.clone() });
        let story: Vec<String> = lines(&Timeline { rows: rows.to_vec(), ..Timeline::default() }).collect();
        assert_eq!(
            story,
            [
                "      10.1 s  pass 2 begins: 256 MiB to send; dirty rate 11600 pages/s, bandwidth 268 Mbit/s",
                "      10.1 s  throttle 20 %: the guest keeps 80 % of its CPU time",
                "      10.1 s  guest stopped: 256 MiB to send",
            ]
        );
    }
}

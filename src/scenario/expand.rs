//! From a workload as it was written to the writers that it stands for.

use crate::guest::{self, DirtyCurve, Law, PhaseCourse, RateSchedule, Workload};
use crate::units::{PageRate, Pages, Share, Span};

use super::diagnostic::DiagnosticKind;
use super::faults::Faults;
use super::keys::RATE;
use super::measured::{MeasuredRow, MeasuredUnit};
use super::order::Stretch;
use super::workload_kind::{Order, WorkloadKind};
use super::workload_section::Draft;

/// A curve whose classes miss a point by more than this is worth a warning.
const MISS: f64 = 0.05;
/// Standard errors of a sample that are taken for noise.
const NOISE: f64 = 2.0;

/// What a count of 0 is taken for.
const NONE: f64 = 0.5;

/// What a workload stands for.
#[derive(Debug)]
pub(super) struct Expanded {
    pub workloads: Vec<Workload>,
    /// Its phases, if their lengths vary.
    pub course: Option<PhaseCourse>,
}

impl From<Vec<Workload>> for Expanded {
    fn from(workloads: Vec<Workload>) -> Expanded {
        Expanded { workloads, course: None }
    }
}

impl Draft {
    /// Its writers in a region of that length, their offsets counted from the beginning of the region; `None` if a key
    /// is missing or wrong.
    pub(super) fn expand(&self, region: Pages, faults: &mut Faults) -> Option<Expanded> {
        let workloads = match self.kind? {
            WorkloadKind::Idle => Some(vec![self.writer(Law::Idle, Pages(0), Pages(0), PageRate(0.0))]),
            WorkloadKind::Ordered(order) => {
                let stretches = self.order.stretches(order, region, faults)?;
                let rate = self.rate?;
                Some(self.writers(stretches, rate, &RateSchedule::default()))
            }
            WorkloadKind::Curve => self.curve(region, faults),
            WorkloadKind::Trace => self.trace(region, faults),
            WorkloadKind::Recording => {
                let order = self.recording.as_ref()?.order.clone();
                let rate = order.replay()?.rate;
                Some(vec![self.writer(Law::Own(order), Pages(0), region, rate)])
            }
            WorkloadKind::Phases => return self.in_phases(region, faults),
        };
        self.size.of(workloads?, faults).map(Expanded::from)
    }

    fn writer(&self, law: Law, offset: Pages, region: Pages, rate: PageRate) -> Workload {
        let cpu = self.cpu.unwrap_or(if law == Law::Idle { Share(0.0) } else { Share::ALL });
        let changed = self.changed.unwrap_or(Share::ALL);
        Workload { law, offset, region, rate, cpu, changed, schedule: RateSchedule::default(), catch_up: self.catch_up }
    }

    /// Writers that share `rate` equally.
    fn writers(&self, stretches: Vec<Stretch>, rate: PageRate, schedule: &RateSchedule) -> Vec<Workload> {
        let each = PageRate(rate.0 / stretches.len().max(1) as f64);
        let writer = |Stretch { offset, len, law }| Workload {
            schedule: schedule.clone(),
            ..self.writer(law, offset, len, each)
        };
        stretches.into_iter().map(writer).collect()
    }

    fn curve(&self, region: Pages, faults: &mut Faults) -> Option<Vec<Workload>> {
        let (_, rows) = self.rows.as_ref()?;
        let factor = f64::from(self.sample_factor) * self.scale;
        // None of what is counted: half of one.
        let points: Vec<(Span, f64)> = rows.iter().map(|row| (row.time, row.value.max(NONE) * factor)).collect();
        if let Some((row, point)) = rows.iter().zip(&points).find(|(_, point)| point.1 > region.0 as f64) {
            let title = format!("{} is more than the region", row.name);
            let label = format!("{} dirtied, and the region has {region}", Pages(point.1 as u64));
            faults.error(&row.place, title, label).note(self.region_place(), "the region");
            return None;
        }
        if rows.iter().all(|row| row.value == 0.0) {
            let title = format!("`{}` has no pages", self.path("points"));
            faults
                .error(&rows.first()?.place, title, "nothing is ever dirtied")
                .help("for such a guest use kind `idle`");
            return None;
        }
        let curve = DirtyCurve::new(&points, region).with_steepness(self.steepness);
        let fit = curve.fit();
        if fit.rate > RATE.form.most {
            let title = format!("{} is too steep", rows.first()?.name);
            faults.error(&rows.first()?.place, title, format!("would take more than {}", RATE.form.most));
            return None;
        }
        if !self.is_preset {
            self.doubt(&curve.errors(&fit), faults);
        }
        Some(vec![self.writer(Law::Classes(fit.classes), Pages(0), region, fit.rate)])
    }

    /// Warns of the point that is missed most, if it is missed by more than its noise.
    fn doubt(&self, errors: &[(Span, f64, f64)], faults: &mut Faults) {
        let Some((_, rows)) = &self.rows else { return };
        let excess = |pages: f64, error: f64| {
            let samples = pages / (f64::from(self.sample_factor) * self.scale);
            let noise = if self.sample_factor > 1 { NOISE / samples.sqrt() } else { 0.0 };
            error.abs() - MISS - noise
        };
        let worst = errors.iter().max_by(|a, b| excess(a.1, a.2).total_cmp(&excess(b.1, b.2)));
        if let Some(&(interval, pages, error)) = worst.filter(|worst| excess(worst.1, worst.2) > 0.0)
            && let Some(row) = rows.iter().find(|row| row.time == interval)
        {
            let more = if error > 0.0 { "more" } else { "fewer" };
            let title = format!("{} does not fit into a curve that bends only downwards", row.name);
            let label =
                format!("{:.0} % {more} than these {} will be dirtied", 100.0 * error.abs(), Pages(pages as u64));
            let falls = rows.windows(2).any(|pair| pair[1].value < pair[0].value);
            let help = match falls {
                true => {
                    "a count of different pages does not fall with time: it was sampled from too few pages, contents came back, \
                     which page sampling takes for clean, or the guest changed; measure again, or use kind `phases`"
                }
                false => {
                    "within twice the time a steady guest dirties no more than twice the pages; measure again, or use kind \
                     `phases`"
                }
            };
            faults.warn(&row.place, title, label).means(DiagnosticKind::BendsTooSharply).help(help);
        }
    }

    fn trace(&self, region: Pages, faults: &mut Faults) -> Option<Vec<Workload>> {
        let (unit, rows) = self.rows.as_ref()?;
        let stretches = self.order.stretches(self.law.unwrap_or(Order::Uniform), region, faults)?;
        // A row lasts until the next, the last one as long as the one before.
        let times: Vec<Span> = rows.iter().map(|row| row.time).collect();
        let last = times.windows(2).last().map(|pair| Span(pair[1].0 - pair[0].0));
        let cycle = last.map(|last| *times.last().unwrap_or(&Span::ZERO) + last);
        let mut rates = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let lasts = times.get(index + 1).map(|next| Span(next.0 - row.time.0)).or(last);
            rates.push(match unit {
                MeasuredUnit::WritesPerSecond => row.value * self.scale,
                MeasuredUnit::DirtiedPages => self.writes_of(row, region, &stretches, faults)? / lasts?.seconds(),
            });
        }
        let highest = rates.iter().copied().fold(0.0, f64::max);
        if let Some((row, _)) = rows.iter().zip(&rates).find(|(_, rate)| **rate > RATE.form.most.0) {
            faults.error(&row.place, format!("{} is too fast", row.name), format!("at most {}", RATE.form.most));
            return None;
        }
        if highest == 0.0 {
            let title = format!("{} and all others are zero", rows.first()?.name);
            faults
                .error(&rows.first()?.place, title, "nothing is ever written")
                .help("for such a guest use kind `idle`");
            return None;
        }
        let steps = times.into_iter().zip(rates.iter().map(|rate| rate / highest)).collect();
        let schedule = RateSchedule { steps, repeat: cycle.filter(|_| self.repeat) };
        Some(self.writers(stretches, PageRate(highest), &schedule))
    }

    /// Writes that dirty the pages of a row; `None`, with a fault, if there are not so many.
    fn writes_of(&self, row: &MeasuredRow, region: Pages, stretches: &[Stretch], faults: &mut Faults) -> Option<f64> {
        let pages = row.value * self.scale;
        // Equal stretches are dirtied alike; each has its part of the pages.
        let writes = stretches.first().and_then(|first| {
            let count = stretches.len() as f64;
            Some(first.law.writes_for(first.len, pages / count)? * count)
        });
        if writes.is_none() {
            let title = format!("{} is more than the region", row.name);
            let label = format!("{} dirtied, and the region has {region}", Pages(pages as u64));
            faults.error(&row.place, title, label).note(self.region_place(), "the region");
        }
        writes
    }

    /// The writers of every phase, each on while its phase lasts.
    fn in_phases(&self, region: Pages, faults: &mut Faults) -> Option<Expanded> {
        let sum = self.phases.iter().try_fold(Span::ZERO, |sum, phase| Some(sum + phase.time?));
        let cycle = sum.filter(|_| self.repeat);
        let mut start = Span::ZERO;
        let (mut workloads, mut phases) = (Some(Vec::new()), Vec::new());
        for phase in &self.phases {
            let end = phase.time.map(|time| start + time);
            // All phases are looked at, so that all their faults are found.
            let writers = self.phase(&phase.draft, region, faults).and_then(|mut writers| {
                let schedules = writers.iter().map(|writer| writer.schedule.clone()).collect();
                phases.push(guest::CoursePhase { time: phase.time, schedules });
                for writer in &mut writers {
                    writer.schedule = phase.draft.within(&writer.schedule, start, end, cycle, faults)?;
                }
                Some(writers)
            });
            workloads = workloads.zip(writers).map(|(mut all, writers)| {
                all.extend(writers);
                all
            });
            start = end.unwrap_or(start);
        }
        let course = self.time_spread.map(|spread| PhaseCourse { first: 0, phases, repeat: self.repeat, spread });
        workloads.map(|workloads| Expanded { workloads, course })
    }

    /// The writers of a phase in its own region, or in the one that all phases share.
    fn phase(&self, draft: &Draft, shared: Pages, faults: &mut Faults) -> Option<Vec<Workload>> {
        let own = draft.wanted_region().unwrap_or(shared);
        if own > shared || (own == Pages(0) && draft.writes()) {
            let what = if own > shared { "larger than the region of all phases" } else { "zero" };
            let label = format!("the phases share {}", shared.bytes());
            let fault = faults.error(draft.region_place(), format!("`{}` is {what}", draft.path("region")), label);
            fault.note(self.region_place(), "the phases");
            return None;
        }
        draft.expand(own, faults).map(|expanded| expanded.workloads)
    }

    fn within(
        &self,
        schedule: &RateSchedule,
        start: Span,
        end: Option<Span>,
        cycle: Option<Span>,
        faults: &mut Faults,
    ) -> Option<RateSchedule> {
        let within = schedule.within(start, end, cycle);
        if within.is_none() {
            let title = format!("`{}` repeats too often", self.path("repeat"));
            let label = format!("more than {} times a new rate", RateSchedule::MOST_STEPS);
            faults
                .error(&self.place, title, label)
                .help("give the phase a shorter `time`, or let the trace not repeat");
        }
        within
    }
}

//! How far long work is: a bar on a terminal, now and then a line elsewhere, and an estimate before it lasts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::sim::Watch;
use crate::units::Span;

/// How often is looked.
const LOOK: Duration = Duration::from_millis(200);
/// Work that is measured before anything is said of the rest.
const MEASURED: Duration = Duration::from_secs(2);
/// Work that is left from which on an estimate is given.
const LONG: Duration = Duration::from_secs(60);
/// The first line where there is no terminal; each later one waits twice as long, up to [`LONG`].
const FIRST_LINE: Duration = Duration::from_secs(30);

/// What tells how far the work is.
enum Measure {
    /// So many of some things; of an unknown number where the end is not known.
    Count { what: &'static str, done: Arc<AtomicU64>, before: u64, all: Option<u64> },
    /// Simulated time, up to a limit that most migrations do not reach.
    Time { watch: Arc<Watch>, limit: Span },
}

/// What makes the work shorter, found out only where it is long.
pub(super) type Hint = Box<dyn FnOnce() -> String + Send>;

/// Shows how far some work is until it is dropped.
pub(super) struct ProgressLine {
    shared: Arc<ProgressState>,
    ticker: Option<JoinHandle<()>>,
}

struct ProgressState {
    measure: Measure,
    hint: Mutex<Option<Hint>>,
    over: AtomicBool,
    /// The bar is not to be seen any more.
    cleared: AtomicBool,
    /// It is being found out what would be shorter, which takes as long as it takes.
    estimating: AtomicBool,
}

impl ProgressLine {
    /// Of `all` things, `before` of which were there already.
    pub(super) fn counted(
        what: &'static str,
        before: u64,
        all: impl Into<Option<u64>>,
        hint: &str,
        quiet: bool,
    ) -> ProgressLine {
        let (hint, done) = (hint.to_owned(), Arc::new(AtomicU64::new(before)));
        ProgressLine::of(Measure::Count { what, done, before, all: all.into() }, Box::new(|| hint), quiet)
    }

    /// Of things that another part counts, their number is not known beforehand.
    pub(super) fn counting(what: &'static str, done: &Arc<AtomicU64>, hint: &str, quiet: bool) -> ProgressLine {
        let (hint, done) = (hint.to_owned(), Arc::clone(done));
        ProgressLine::of(Measure::Count { what, done, before: 0, all: None }, Box::new(|| hint), quiet)
    }

    /// Of one migration that lasts for `limit` at most.
    pub(super) fn timed(watch: &Arc<Watch>, limit: Span, hint: Hint, quiet: bool) -> ProgressLine {
        ProgressLine::of(Measure::Time { watch: Arc::clone(watch), limit }, hint, quiet)
    }

    fn of(measure: Measure, hint: Hint, quiet: bool) -> ProgressLine {
        let shared = Arc::new(ProgressState {
            measure,
            hint: Mutex::new(Some(hint)),
            over: AtomicBool::new(false),
            cleared: AtomicBool::new(false),
            estimating: AtomicBool::new(false),
        });
        let ticker = (!quiet).then(|| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.tick())
        });
        ProgressLine { shared, ticker }
    }

    /// So many are there.
    pub(super) fn at(&self, count: u64) {
        if let Measure::Count { done, .. } = &self.shared.measure {
            done.store(count, Ordering::Relaxed);
        }
    }

    /// One more is there.
    pub(super) fn more(&self) {
        if let Measure::Count { done, .. } = &self.shared.measure {
            done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many are there; of one migration, none.
    pub(super) fn count(&self) -> u64 {
        match &self.shared.measure {
            Measure::Count { done, .. } => done.load(Ordering::Relaxed),
            Measure::Time { .. } => 0,
        }
    }

    /// Clears the bar away.
    pub(super) fn end(self) {}
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        let Some(ticker) = self.ticker.take() else { return };
        ticker.thread().unpark();
        // The bar is cleared away before anything else is printed; nothing waits for an estimate under way.
        while !self.shared.cleared.load(Ordering::Relaxed) && !self.shared.estimating.load(Ordering::Relaxed) {
            if ticker.is_finished() {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Measure {
    /// Share of the work that is done, of what was left at the start [0..=1].
    fn share(&self) -> Option<f64> {
        let share = |done: u64, all: u64| (all > 0).then(|| (done as f64 / all as f64).min(1.0));
        match self {
            Measure::Count { done, before, all, .. } => {
                share(done.load(Ordering::Relaxed).saturating_sub(*before), all.as_ref()?.saturating_sub(*before))
            }
            Measure::Time { watch, limit } => share(watch.now().0, limit.0),
        }
    }

    fn words(&self) -> String {
        match self {
            Measure::Count { what, done, all: Some(all), .. } => {
                format!("{} of {} {what}", HumanCount(done.load(Ordering::Relaxed)), HumanCount(*all))
            }
            Measure::Count { what, done, all: None, .. } => match done.load(Ordering::Relaxed) {
                0 => format!("no {what} yet"),
                done => format!("{} {what} so far", HumanCount(done)),
            },
            Measure::Time { watch, limit } => format!("{} of at most {limit} simulated", Span(watch.now().0)),
        }
    }

    /// Words before an estimate: whether the work may be over sooner.
    fn bound(&self) -> &'static str {
        match self {
            Measure::Count { .. } => "about",
            Measure::Time { .. } => "at most about",
        }
    }
}

impl ProgressState {
    /// Until the work is over.
    fn tick(&self) {
        let start = Instant::now();
        let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::hidden());
        let (mut line_at, mut pause) = (FIRST_LINE, FIRST_LINE);
        loop {
            thread::park_timeout(LOOK);
            if self.over.load(Ordering::Relaxed) {
                bar.finish_and_clear();
                return self.cleared.store(true, Ordering::Relaxed);
            }
            let passed = start.elapsed();
            let share = self.measure.share();
            let left = share.filter(|share| *share > 0.0).map(|share| passed.mul_f64((1.0 - share) / share));
            if passed >= LOOK * 2 && bar.is_hidden() {
                // Work that is over at once shows nothing.
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.set_style(style(share.is_some()));
            }
            bar.set_position((share.unwrap_or(0.0) * 1000.0) as u64);
            bar.set_message(
                self.measure.words() + &left.map_or(String::new(), |left| format!(", {} left", human(left))),
            );
            if passed >= MEASURED && left.is_none_or(|left| left > LONG) {
                // Where the end is not known, only the first line tells.
                self.estimate(&bar, left, passed >= FIRST_LINE);
            }
            if bar.is_hidden() && passed >= line_at {
                let left =
                    left.map_or(String::new(), |left| format!(", {} {} left", self.measure.bound(), human(left)));
                super::note(&format!("{}{left}", self.measure.words()));
                pause = (pause * 2).min(LONG);
                line_at = passed + pause;
            }
        }
    }

    /// Says once how long the rest takes, and what would be shorter.
    fn estimate(&self, bar: &ProgressBar, left: Option<Duration>, is_due: bool) {
        if left.is_none() && !is_due {
            return;
        }
        let hint = self.hint.lock().ok().and_then(|mut hint| hint.take());
        self.estimating.store(true, Ordering::Relaxed);
        let hint = hint.map(|hint| hint()).filter(|hint| !hint.is_empty());
        self.estimating.store(false, Ordering::Relaxed);
        // Work that was over meanwhile needs no estimate.
        let Some(hint) = hint.filter(|_| !self.over.load(Ordering::Relaxed)) else { return };
        let time = match left {
            Some(left) => format!("{} {}", self.measure.bound(), human(left)),
            None => "it is not known how long this takes".to_owned(),
        };
        bar.suspend(|| super::note(&format!("{time}; {hint}")));
    }
}

fn human(time: Duration) -> String {
    HumanDuration(time).to_string()
}

fn style(has_share: bool) -> ProgressStyle {
    let layout = if has_share { "{bar:32} {percent:>3} %  {msg}" } else { "{spinner} {msg}, {elapsed}" };
    let style = ProgressStyle::with_template(layout).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("█▌ ")
}

//! Keys at the top of a file, and of the link, `[[at]]`, `[limits]` and `[sweep]`.

use crate::scenario::Limits;
use crate::scenario::design::{Design, Extent};
use crate::scenario::key::{ChoiceForm, Key, KeyRow, NumberForm, TextForm, keys};
use crate::scenario::words::OperatorAction;
use crate::units::{Rate, Share, Span, SpreadLaw};

/// Any time at all.
const EVER: NumberForm<Span> = NumberForm::new(Span::ZERO, Span(u64::MAX));

keys! {
    /// the question that the file asks, a text; it changes nothing
    QUESTION: TextForm = "question", TextForm, default("none");

    // The most is beyond any that exists: a petabit per second.
    /// what the link carries: one rate, `[time, rate]` steps of which the first is at `0 s`, or a
    /// [CSV file](workloads.md#csv-files)
    BANDWIDTH: NumberForm<Rate> = "link.bandwidth", NumberForm::new(Rate(1), Rate(125_000_000_000_000))
        .too_small("nothing could ever be sent",
            "for a link that is down for a while, give a very small rate such as \"1 kbit/s\""),
        written("rate up to 1000 Tbit/s, list of pairs, or a name that ends in `.csv`"), default("required");
    /// how many migrations share the link, this one among them; each gets an equal part ([`precopy drain`](drain.md) has
    /// them for real)
    MIGRATIONS: NumberForm<u32> = "link.migrations", NumberForm::new(1, 10_000).usual(1);
    /// time from one host to the other; counts twice to connect, twice for an answer
    LATENCY: NumberForm<Span> = "link.latency", NumberForm::new(Span::ZERO, Span::from_ms(10_000)), default("0");
    /// when the connection breaks
    FAILS_AT: NumberForm<Span> = "link.fails-at", EVER, written("time since the start"), default("never");
    /// shape of the distribution
    SPREAD_LAW: ChoiceForm<SpreadLaw> = "link.spread.law", ChoiceForm(&SpreadLaw::WORDS), default("required");
    /// standard deviation, as a share of the mean
    DEVIATION: NumberForm<Share> = "link.spread.deviation", NumberForm::new(Share(0.0), Share::ALL),
        written("share, above 0"), default("required, but not for `\"exponential\"`, which has its mean");
    /// from one draw to the next
    JITTER_EVERY: NumberForm<Span> = "link.jitter.every", NumberForm::new(Span::from_ms(10), Limits::MOST)
        .too_small("", "faster changes average out in a window"), written("time, at least 10 ms"), default("required");

    /// so long after the `migrate` command
    AT_TIME: NumberForm<Span> = "at.0.time", EVER;
    /// as soon as this pass has begun; 1 is the first
    AFTER_PASS: NumberForm<u32> = "at.0.after-pass", NumberForm::new(1, u32::MAX), written("1 or more");
    /// `"post-copy"` asks for the switch (needs `postcopy-ram`), `"pause"` stops the guest, `"continue"` lets a paused one
    /// run, `"abort"` ends the migration
    AT_ACTION: ChoiceForm<OperatorAction> = "at.0.action", ChoiceForm(&OperatorAction::WORDS);

    /// simulated time; a migration that is not over by then did not converge
    LIMITS_TIME: NumberForm<Span> = "limits.time", NumberForm::new(Span(1), Limits::MOST)
        .too_small("nothing can happen in no time", ""),
        default("1 h; with an orchestrator an hour from its last timeout on");

    /// how points are chosen
    DESIGN: ChoiceForm<Design> = "sweep.design", ChoiceForm(&Design::NAMES),
        default("`\"grid\"`, or with `points` `\"sobol\"`");
    /// how many points, for every design but a grid
    POINTS: NumberForm<u32> = "sweep.points", NumberForm::new(1, Extent::MOST), written("1 to 10^9"),
        default("required but for a grid");
    /// runs at each point, with seeds from `--seed` on
    REPEATS: NumberForm<u32> = "sweep.repeats", NumberForm::new(1, Extent::MOST).usual(1), written("1 to 10^9");
    // Of a range between two values.
    SCALE_OF_AXIS: ChoiceForm<bool> = "sweep.axis.scale", ChoiceForm(&[("linear", false), ("log", true)]);
}

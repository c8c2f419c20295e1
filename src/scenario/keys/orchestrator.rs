//! Keys of rules of one's own; those of products are their own [options](crate::orchestrator::ProductOption).

use crate::orchestrator::Act;
use crate::scenario::Limits;
use crate::scenario::key::{ChoiceForm, Key, KeyRow, NumberForm, SwitchForm, TextForm, keys};
use crate::scenario::words::{ACTS, RuleOccasion};
use crate::units::{Rate, Span};

/// Any time at all.
const EVER: NumberForm<Span> = NumberForm::new(Span::ZERO, Span(u64::MAX));

keys! {
    /// between two polls
    POLL: NumberForm<Span> = "orchestrator.poll", NumberForm::new(Span::from_ms(10), Limits::MOST).usual(Span::from_ms(1000)),
        written("time, at least 10 ms");
    /// the first one, since the start
    FIRST_POLL: NumberForm<Span> = "orchestrator.first-poll", EVER, default("as `poll`");
    /// at one event all rules that hold fire, or the first one only
    MATCH: ChoiceForm<bool> = "orchestrator.match", ChoiceForm(&[("all", false), ("first", true)]);

    /// name in the list of actions
    RULE_NAME: TextForm = "orchestrator.rule.0.name", TextForm, default("`rule 1`, ...");
    /// the event at which it is looked at
    RULE_ON: ChoiceForm<RuleOccasion> = "orchestrator.rule.0.on", ChoiceForm(&RuleOccasion::WORDS),
        written("a word of the table below");
    /// when a timer rings; it rings once
    RULE_TIME: NumberForm<Span> = "orchestrator.rule.0.time", EVER, default("required with `\"timer\"`");
    /// for how long they must have held, and again after each time
    HOLD: NumberForm<Span> = "orchestrator.rule.0.hold", EVER, default("at once");
    /// what it does: this, or one of the next two
    RULE_ACTION: ChoiceForm<Act> = "orchestrator.rule.0.action", ChoiceForm(&ACTS), written("a word of the table below"),
        default("");
    /// sets the limit of the bandwidth; 0: none
    RULE_BANDWIDTH: NumberForm<Rate> = "orchestrator.rule.0.max-bandwidth",
        NumberForm::new(Rate(0), Rate(u64::MAX)).bare("B/s");
    /// highest `downtime-limit`
    CAP: NumberForm<Span> = "orchestrator.rule.0.cap", EVER, default("2000 s, as in QEMU");
    /// fires once only
    ONCE: SwitchForm = "orchestrator.rule.0.once", SwitchForm(false);
    /// only after the rule of that name, above it, has fired
    AFTER: TextForm = "orchestrator.rule.0.after", TextForm;
    /// when it fires, later rules are not looked at
    LAST: SwitchForm = "orchestrator.rule.0.last", SwitchForm(false);
    /// when it fires, `rises` starts anew
    RESET_RISES: SwitchForm = "orchestrator.rule.0.reset-rises", SwitchForm(false);
}

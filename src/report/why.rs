//! Why a migration ended as it did, for a person and for a program.

use std::io;

use serde::Serialize;
use serde_json::json;

use super::assumed::{Assumed, HingeEntry, range_of};
use super::plan::{Handed, Taker};
use crate::compare::{Fate, ToldEnd};
use crate::metrics;
use crate::scenario::Setting;
use crate::sink::terminal;
use crate::units::{Bytes, Rate};
use crate::why::{Cause, Evidence, Hindrance, HingedAttempt, Lever, Remedy, StreamBound, Sureness, WhyAnswer};

/// Columns of a paragraph.
const WIDTH: usize = 100;

/// A paragraph, what would have helped, what was assumed, what to measure, the next command, and the change as `taker` takes it;
/// without one as the product does that the log shows.
pub fn text(answer: &WhyAnswer, next: &[String], taker: Option<&'static Taker>) -> String {
    let mut out = format!("{}: {}\n", terminal::word(&answer.trace), what(answer));
    for line in terminal::wrapped(&paragraph(answer), WIDTH) {
        out += &format!("{line}\n");
    }
    let helps: Vec<String> = answer
        .remedies
        .iter()
        .filter(|remedy| remedy.helps)
        .map(|remedy| {
            let down = remedy.downtime_ms.map_or(String::new(), |ms| format!(", downtime {}", metrics::ms(ms)));
            let lost = remedy.guest_work_lost_s;
            let lost = if lost < 0.5 { String::new() } else { format!(", costs the guest {lost:.0} s of work") };
            let when = metrics::ms(remedy.total_time_s * 1e3);
            let likely = remedy.likely.as_ref().map_or(String::new(), |likely| format!(" ({})", range_of(likely)));
            format!("{}: {} after {when}{down}{lost}{likely}", remedy.setting, remedy.verdict.as_str())
        })
        .collect();
    let no_help: Vec<&str> =
        answer.remedies.iter().filter(|remedy| !remedy.helps).map(|remedy| remedy.setting.as_str()).collect();
    out += &list(if answer.cause == Cause::Running { "what helps:" } else { "what would have helped:" }, &helps);
    if !no_help.is_empty() {
        out += &format!("\nnot enough alone: {}\n", no_help.join("; "));
    }
    out += &list("hangs on the host:", &hinge_words(answer));
    out += &list("taken for granted:", &answer.assumed);
    out += &list("to be surer, measure:", &answer.measure);
    out += &list("next:", next);
    if let Some((taker, remedy, handed)) = handed(answer, taker) {
        let lines = handed.text(WIDTH);
        out += &format!("\nas {} takes it: {}\n  {}\n{lines}", taker.name, taker.title, remedy.setting);
    }
    out
}

/// What helps first of all that the taker can be told; or else why it cannot be told of what helps.
fn handed<'a>(answer: &'a WhyAnswer, taker: Option<&'static Taker>) -> Option<(&'static Taker, &'a Remedy, Handed)> {
    let taker = taker.or_else(|| Taker::of_product(answer.product))?;
    let helps = answer.remedies.iter().filter(|remedy| remedy.helps);
    // A whole call says what was on before, too.
    let on = answer.explained.as_ref().is_some_and(|explained| explained.scenario.qemu.capabilities.auto_converge);
    let was: Vec<Setting> = if on && taker.whole { Lever::AutoConverge.settings() } else { Vec::new() };
    let settings = |remedy: &Remedy| {
        let own = remedy.lever.settings();
        if own.is_empty() { own } else { [was.clone(), own].concat() }
    };
    let all = helps.map(|remedy| (taker, remedy, taker.hand(&settings(remedy))));
    let mut all: Vec<_> = all.filter(|(_, _, handed)| *handed != Handed::default()).collect();
    let first = all.iter().position(|(_, _, handed)| handed.cannot.is_empty()).unwrap_or(0);
    (first < all.len()).then(|| all.swap_remove(first))
}

fn list(head: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: Vec<String> = items.iter().map(|item| format!("  - {}\n", terminal::word(item))).collect();
    format!("\n{head}\n{}", items.concat())
}

/// Which ends hang on a constant of the host, and what settles it.
fn hinge_words(answer: &WhyAnswer) -> Vec<String> {
    let of = |attempt: &HingedAttempt| -> Vec<String> {
        let what = attempt.setting.as_deref().unwrap_or("as it was");
        hanging(attempt).hinge_words().iter().map(|words| format!("{what}: {words}")).collect()
    };
    answer.hinged.iter().flat_map(of).collect()
}

fn hanging(attempt: &HingedAttempt) -> Assumed {
    Assumed::of_one(&attempt.scenario).hanging_on(attempt.hinges.clone())
}

/// What the file is, and of whom.
fn what(answer: &WhyAnswer) -> String {
    let form = if answer.told.form.is_empty() { "recorded migration" } else { answer.told.form };
    let subject = answer.told.subject.as_deref().filter(|name| !name.is_empty());
    subject.map_or(form.to_owned(), |name| format!("{form}, {}", terminal::word(name)))
}

fn paragraph(answer: &WhyAnswer) -> String {
    let mut sentences = vec![end(answer)];
    if let Some(hindrance) = answer.hindrance {
        sentences.push(hindered(hindrance, &answer.evidence, answer.stream));
        sentences.extend(as_it_goes(answer));
        sentences.push(sure(answer));
    } else {
        sentences.push(went(&answer.evidence));
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences.join(" ")
}

/// How it ended.
fn end(answer: &WhyAnswer) -> String {
    let after = metrics::ms(answer.evidence.seen_s * 1e3);
    let who = answer.product.filter(|name| *name != "virsh").unwrap_or("whoever steered it");
    let said = match &answer.told.end {
        Some(ToldEnd::TimedOut(why) | ToldEnd::Stuck(why) | ToldEnd::Cancelled(why) | ToldEnd::Failed(why))
            if !why.is_empty() =>
        {
            format!(" (`{}`)", terminal::word(why))
        }
        _ => String::new(),
    };
    match answer.cause {
        Cause::Arrived if answer.evidence.fate == Fate::PostCopy => {
            format!("It arrived after {after}, with a switch to post-copy.")
        }
        Cause::Arrived => format!("It arrived after {after}."),
        Cause::Running if answer.evidence.fate == Fate::PostCopyRunning => {
            format!(
                "It was in post-copy {after} after it began: the guest runs at the destination, and not all of its RAM is there yet."
            )
        }
        Cause::Running => format!("It was still running {after} after it began; nothing ended it yet."),
        Cause::TimedOut => format!("It ran into a time limit of {who} and was cancelled after {after}{said}."),
        Cause::Stuck => format!("It was cancelled by {who} after {after}, because nothing moved on{said}."),
        Cause::Cancelled if said.is_empty() => {
            format!(
                "It was cancelled after {after}; these statistics do not say whether by a person or by a time limit."
            )
        }
        Cause::Cancelled => format!("It was cancelled after {after}{said}."),
        Cause::Failed => format!("It failed after {after}{said}."),
    }
}

/// What kept it from arriving.
fn hindered(hindrance: Hindrance, evidence: &Evidence, stream: Option<StreamBound>) -> String {
    let rate = |rate: Option<f64>| rate.map_or("an unknown amount a second".to_owned(), megabytes);
    let (dirtied, sent) = (rate(evidence.dirtied), rate(evidence.bandwidth));
    let at_least = if evidence.dirtied_told { "" } else { "at least " };
    let over = match stream {
        Some(StreamBound::Cap(limit)) => format!("a limit of {} MiB/s", limit / 1_048_576.0),
        Some(StreamBound::Link(link)) => format!("a link of {}", Rate(link as u64)),
        _ => "what the stream got".to_owned(),
    };
    let waits = evidence.remaining_s().map_or(String::new(), |seconds| {
        let left = Bytes(evidence.remaining_bytes.unwrap_or(0.0) as u64);
        format!(" {left} remained, which takes {}.", metrics::ms(seconds * 1e3))
    });
    match hindrance {
        Hindrance::DirtiesTooFast => format!(
            "The guest dirtied {at_least}{dirtied} while {sent} were sent over {over}, and no throttle was seen.{waits}"
        ),
        Hindrance::BandwidthCap => format!(
            "The stream was held to {over} (`max-bandwidth`): {sent} were sent while the guest dirtied \
             {at_least}{dirtied}, and no throttle was seen.{waits}"
        ),
        Hindrance::ThrottleCeiling => format!(
            "The throttle stood at {:.0} %, its ceiling here, and the guest still dirtied about as much as {sent} over \
             {over} carry away.{waits}",
            evidence.throttle_max_pct
        ),
        Hindrance::ThrottleUnderWay => format!(
            "The guest dirtied {at_least}{dirtied} against {sent} over {over}; the throttle had come to {:.0} % and was \
             still rising.{waits}",
            evidence.throttle_max_pct
        ),
        Hindrance::DowntimeLimit => format!(
            "The guest dirtied {at_least}{dirtied} and {sent} were sent over {over}: what remains settles above what the \
             downtime limit{} permits.{waits}",
            if evidence.downtime_limit_told {
                format!(" of {:.0} ms", evidence.downtime_limit_ms)
            } else {
                String::new()
            }
        ),
        Hindrance::SyncPerStep => format!(
            "QEMU counts dirty pages anew every {}, before what it found is sent: 11.1 does that as soon as post-copy is \
             permitted.{waits}",
            metrics::ms(evidence.pass_s.unwrap_or(0.0) * 1e3)
        ),
        Hindrance::FirstPass => {
            let all = evidence.memory_bytes.map_or(String::new(), |bytes| format!(" ({})", Bytes(bytes as u64)));
            let slow = if evidence.fate.is_over() { " are too little for the time it had" } else { "" };
            format!("The first pass over RAM{all} was not over: {sent} over {over}{slow}.{waits}")
        }
        Hindrance::Untold => {
            "What kept it from arriving does not show in this log: it has no figures of what was sent and \
                              dirtied."
                .to_owned()
        }
    }
}

/// What the explained guest does if all stays as it is.
fn as_it_goes(answer: &WhyAnswer) -> Option<String> {
    let outcome = &answer.explained.as_ref().filter(|_| answer.cause == Cause::Running)?.as_is;
    let after = metrics::ms(outcome.total_time_ms);
    Some(match Fate::from(outcome.verdict).is_completed() {
        true if contradicts(answer) => format!(
            "The guest that comes nearest to this log would have arrived after {after} already: the log is not explained, and what helps that guest is a guess."
        ),
        true => format!("Left alone, such a guest arrives after {after}."),
        false => format!("Left alone, such a guest has not arrived after {after} either."),
    })
}

/// Whether the guest that was found had arrived before the last look at one that still runs.
fn contradicts(answer: &WhyAnswer) -> bool {
    let explained = answer.explained.as_ref().filter(|_| answer.cause == Cause::Running);
    explained.is_some_and(|explained| {
        let as_is = &explained.as_is;
        Fate::from(as_is.verdict).is_completed() && as_is.total_time_ms < answer.evidence.seen_s * 1e3
    })
}

fn sure(answer: &WhyAnswer) -> String {
    let (end, beneath) = (answer.cause_sureness, answer.hindrance_sureness);
    let looks = answer.evidence.late_looks;
    let of = match looks {
        0 => "no look after the first pass".to_owned(),
        1 => "one look after the first pass".to_owned(),
        _ => format!("{looks} looks after the first pass"),
    };
    let running = answer.cause == Cause::Running;
    match (end, beneath) {
        _ if answer.hindrance == Some(Hindrance::Untold) => String::new(),
        _ if running && contradicts(answer) => format!("Why it has not arrived yet is a guess ({of})."),
        _ if running => format!("Why it has not arrived yet is {} ({of}).", beneath.as_str()),
        (Sureness::Certain, Sureness::Certain) => format!("Both are certain ({of})."),
        _ => format!("How it ended is {}, why it had not arrived {} ({of}).", end.as_str(), beneath.as_str()),
    }
}

/// How one that arrived went.
fn went(evidence: &Evidence) -> String {
    let mut parts = Vec::new();
    parts.extend(evidence.bandwidth.map(|rate| format!("{} were sent", megabytes(rate))));
    parts.extend(evidence.dirtied.map(|rate| {
        format!("the guest dirtied {}{}", if evidence.dirtied_told { "" } else { "at least " }, megabytes(rate))
    }));
    if evidence.throttle_max_pct > 0.0 {
        parts.push(format!("the throttle went up to {:.0} %", evidence.throttle_max_pct));
    }
    if parts.is_empty() { String::new() } else { format!("On the way {}.", parts.join(", ")) }
}

/// Bytes a second, as storage people write them.
fn megabytes(rate: f64) -> String {
    if rate >= 1e7 { format!("{:.0} MB/s", rate / 1e6) } else { format!("{:.2} MB/s", rate / 1e6) }
}

/// The answer as an indented object and a newline.
///
/// # Errors
/// A figure cannot be written.
pub fn json(answer: &WhyAnswer, next: &[String], taker: Option<&'static Taker>) -> io::Result<String> {
    #[derive(Serialize)]
    struct WithNext<'a> {
        #[serde(flatten)]
        answer: &'a WhyAnswer,
        hangs_on_host: Vec<Hanging<'a>>,
        says: String,
        next: &'a [String],
        #[serde(rename = "as")]
        handed: Option<serde_json::Value>,
    }
    #[derive(Serialize)]
    struct Hanging<'a> {
        setting: Option<&'a str>,
        hangs_on_it: Vec<HingeEntry<'a>>,
    }
    fn entry(attempt: &HingedAttempt) -> Hanging<'_> {
        Hanging {
            setting: attempt.setting.as_deref(),
            hangs_on_it: attempt.hinges.iter().map(HingeEntry::of).collect(),
        }
    }
    let handed = handed(answer, taker).map(|(taker, remedy, handed)| {
        json!({
            "product": taker.name, "setting": remedy.setting, "lines": handed.lines, "cannot": handed.cannot,
        })
    });
    let hangs_on_host = answer.hinged.iter().map(entry).collect();
    let whole = WithNext { answer, hangs_on_host, says: paragraph(answer), next, handed };
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

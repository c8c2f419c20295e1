//! The answer in plain words, and what it rests on.

use super::super::super::assumed::named;
use super::super::super::metrics;
use super::super::answer::{AnswerTone, DrainAnswer, words};
use super::super::owed;
use super::super::stays::stay_or_stays;
use super::Rolled;
use crate::orchestrator::scheduler::LinkDivision;
use crate::scenario::FleetNode;
use crate::units::Time;
use crate::units::spelling::count;

impl Rolled<'_> {
    /// The answer, for a heading and a line.
    pub(in super::super) fn answer(&self) -> DrainAnswer {
        let rolling = self.rolling;
        let (hosts, stay) = (rolling.hosts.len(), rolling.stay());
        let failed = rolling.migrations() - rolling.hosts.iter().map(|host| host.moved()).sum::<usize>();
        let failed = if failed > 0 { format!(", {failed} of them in vain") } else { String::new() };
        let moves = format!("{}{failed}", count(rolling.migrations(), "migration"));
        let end = rolling.end;
        let (title, rest) = match rolling.done() {
            Some(at) => ("all hosts done", format!(" after {at}, {} emptied by {moves}", count(hosts, "host"))),
            None => {
                let (emptied, guests, verb) = (rolling.emptied(), count(stay, "guest"), stay_or_stays(stay));
                let hosts = count(hosts, "host");
                ("hosts not empty", format!(": {emptied} of {hosts} emptied after {end}, {guests} {verb}, {moves}"))
            }
        };
        let is_met = self.judgement.map_or(stay == 0, |judgement| judgement.is_met());
        let is_open = self.provenance.assumed.condition().is_some();
        let holds_at_worst = self.worst.is_some_and(|worst| worst.is_met) && !self.provenance.assumed.is_inexact();
        let word = self.judgement.map(|_| match (is_met, is_open && !holds_at_worst) {
            (false, _) => "no",
            (true, true) => "cannot tell",
            (true, false) => "yes",
        });
        let tone = match (is_met, word) {
            (false, _) => AnswerTone::Bad,
            (true, Some("yes")) => AnswerTone::Good,
            (true, _) if is_open => AnswerTone::Open,
            (true, _) => AnswerTone::Good,
        };
        let condition = self.provenance.assumed.condition().filter(|_| word != Some("yes") || !is_open);
        let condition = match (condition, self.worst) {
            (None, Some(worst)) if is_open => {
                format!(", whether those of unknown workload are idle or {}", worst.words)
            }
            (condition, _) => condition.map_or_else(String::new, |condition| format!(", {condition}")),
        };
        DrainAnswer { word, title, rest: format!("{rest}{}{condition}", self.clause()), tone }
    }

    /// Whether it is as wanted for sure.
    pub fn is_sure(&self) -> bool {
        self.answer().word.is_none_or(|word| word == "yes")
    }

    /// A sentence for standard error: what is not as it was wanted.
    pub fn missed(&self) -> String {
        let answer = self.answer();
        let misses = self.misses().into_iter().map(|line| format!("; {line}"));
        format!("{}: {}{}{}", answer.word.unwrap_or_default(), answer.title, answer.rest, misses.collect::<String>())
    }

    /// What follows the answer: `within 45 min, all goals met`.
    fn clause(&self) -> String {
        let Some(judgement) = self.judgement else { return String::new() };
        let window = self.goal.window.zip(judgement.in_window);
        let end = self.rolling.end - Time::ZERO;
        let window = window.map(|(window, kept)| format!(", {}", owed::in_window(window, end, kept)));
        let missed = judgement.hosts.iter().map(|host| host.missed.len()).sum::<usize>();
        let goals = (!self.goal.owed.is_empty()).then(|| match missed {
            0 if self.rolling.stay() == 0 => ", all goals met".to_owned(),
            0 => ", no goal missed by those moved".to_owned(),
            some => format!(", goals missed {}", if some == 1 { "once".to_owned() } else { format!("{some} times") }),
        });
        window.into_iter().chain(goals).collect()
    }

    /// A line for each comparison that does not hold as guests leave a host.
    fn misses(&self) -> Vec<String> {
        let of_host = |drained: super::Drained| {
            let name = drained.of_host.map_or("", |of| self.name(of.node)).to_owned();
            owed::lines(&drained).into_iter().map(move |line| format!("leaving {name}: {line}")).collect::<Vec<_>>()
        };
        self.hosts().flat_map(of_host).collect()
    }

    /// What stands under the answer: whose rules, what it costs the guests, what is not kept, what is taken of the hosts.
    pub(super) fn grounds(&self) -> Vec<String> {
        let first = [self.rules(), self.cost()].into_iter();
        first.chain(self.misses()).chain(self.at_worst()).chain(self.taken()).collect()
    }

    fn rules(&self) -> String {
        let scheduler = self.host.scheduler();
        let limits = [
            Some(format!("{} at a time from a host", scheduler.slots)),
            scheduler.inbound.map(|inbound| format!("{inbound} to a host")),
            scheduler.per_cluster.map(|cluster| format!("{} in the cluster", cluster.max(scheduler.slots))),
        ];
        let limits = limits.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let shares = match scheduler.bandwidth {
            LinkDivision::Fair => "fair shares of the uplinks".to_owned(),
            LinkDivision::Cap(rate) => format!("at most {rate} each"),
            LinkDivision::Split | LinkDivision::OvirtSplit => {
                format!("each at most the slower uplink split by {}", scheduler.slots)
            }
        };
        let order = words(Some(scheduler.order));
        format!(
            "{}: {limits}, {order}, {shares}; {} at a time",
            scheduler.name,
            count(scheduler.hosts as usize, "host")
        )
    }

    fn cost(&self) -> String {
        let tables = || self.rolling.hosts.iter().map(|host| &host.timetable);
        let lost = metrics::ms(tables().map(|table| table.work_lost_ms()).sum());
        let lost = if tables().any(|table| table.is_cut_off()) { format!("at least {lost}") } else { lost };
        let downtimes: Vec<(f64, f64)> = tables().filter_map(|table| table.downtime_ms()).collect();
        let longest = downtimes.iter().map(|(longest, _)| *longest).reduce(f64::max);
        let sum: f64 = downtimes.iter().map(|(_, sum)| sum).sum();
        let downtime = longest.map_or("no guest was moved, so that there is no downtime".to_owned(), |longest| {
            format!("downtime up to {}, {} in sum", metrics::ms(longest), metrics::ms(sum))
        });
        let again = match self.move_again() {
            0 => String::new(),
            some => format!(
                "; {} more than once",
                if some == 1 { "1 guest moves".to_owned() } else { format!("{some} guests move") }
            ),
        };
        format!("{downtime}; {lost} of the guests' work not done{again}")
    }

    /// Guests that leave more than one host.
    fn move_again(&self) -> usize {
        let mut moves = vec![0; self.host.guests().len()];
        let attempts = self.rolling.hosts.iter().flat_map(|host| &host.timetable.attempts);
        attempts.filter(|attempt| attempt.is_gone()).for_each(|attempt| moves[attempt.guest] += 1);
        moves.into_iter().filter(|moves| *moves > 1).count()
    }

    fn at_worst(&self) -> Option<String> {
        let worst = self.worst?;
        let ends = match (worst.rolling.done(), worst.rolling.stay()) {
            (Some(at), _) => format!("all hosts done after {at}"),
            (None, stay) => {
                let (guests, verb) = (count(stay, "guest"), stay_or_stays(stay));
                format!("hosts not empty after {}, {guests} {verb}", worst.rolling.end)
            }
        };
        let goal = match (self.judgement, worst.is_met) {
            (Some(_), true) => ", as wanted",
            (Some(_), false) => ", not as wanted",
            (None, _) => "",
        };
        Some(format!("at worst, if those of unknown workload {}: {ends}{goal}", worst.words))
    }

    /// What nobody says of the hosts, and what is taken instead.
    pub(super) fn taken(&self) -> Option<String> {
        type IsOpen = fn(&FleetNode) -> bool;
        let open: [(&str, IsOpen); 4] = [
            ("RAM is enough", |node| node.memory.is_none()),
            ("vCPUs are enough", |node| node.vcpus.is_none()),
            ("the uplink is that of `[link]`", |node| node.uplink.is_none()),
            ("an upgrade takes no time", |node| node.drains && node.upgrade.is_none()),
        ];
        let nodes = self.host.nodes();
        let words = open.iter().filter_map(|(words, is_open)| {
            let names: Vec<&str> = nodes.iter().filter(|node| is_open(node)).map(|node| node.name.as_str()).collect();
            match names.len() {
                0 => None,
                some if some == nodes.len() => Some((*words).to_owned()),
                _ => Some(format!("{words} ({})", named(&names))),
            }
        });
        let words = words.collect::<Vec<_>>().join(", ");
        (!words.is_empty()).then(|| format!("assumed of hosts: {words}; `[[node]]` says it"))
    }
}

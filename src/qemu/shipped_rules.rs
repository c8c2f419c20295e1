//! Rules that stand beside QEMU's own under a name: bounds, and what was proposed.

/// A rule under a name.
#[derive(Clone, Copy, Debug)]
pub struct ShippedRule {
    /// Its name.
    pub name: &'static str,
    /// As an expression.
    pub rule: &'static str,
    /// What it does, in a few words.
    pub means: &'static str,
    /// Who came up with it, where somebody else did.
    pub source: &'static str,
}

/// Rules for the throttle, as [`ThrottleExpression`](super::ThrottleExpression)s.
pub const SHIPPED_THROTTLES: [ShippedRule; 7] = [
    ShippedRule { name: "none", rule: "0", means: "no throttle: a bound of what the guest can be spared", source: "" },
    ShippedRule {
        name: "proportional",
        rule: "clamp(1 - (1 - throttle) * limit / dirty, 0, max)",
        means: "as much as brings the dirtied bytes to the limit, and less again as they fall",
        source: "the ideal share that bounds the last steps of `cpu-throttle-tailslow` (QEMU commit cbbf8182, 2020), as the rule itself",
    },
    ShippedRule {
        name: "aimd",
        rule: "if(dirty > limit, max(initial, min(throttle + increment, max)), floor(50 * throttle) / 100)",
        means: "QEMU's steps at every hit; half of it after a period without one",
        source: "additive increase and multiplicative decrease: Chiu and Jain, Computer Networks and ISDN Systems 17 (1989)",
    },
    ShippedRule {
        name: "deadline",
        rule: "free = dirty / period / (1 - throttle); \
               left = max(deadline - time, 0.001); \
               clamp(1 - max(bandwidth - remaining / left, 0) / free, 0, max)",
        means: "as little as lets what remains, with what is dirtied meanwhile, be sent until `policy.deadline`",
        source: "",
    },
    ShippedRule {
        name: "dirty-quota",
        rule: "clamp(1 - (1 - throttle) * sent / dirty, 0, max)",
        means: "no more is dirtied than is sent",
        source: "the aim of the dirty quota (Shivam Kumar, qemu-devel, 20 November 2022), there for each vCPU alone",
    },
    ShippedRule {
        name: "next-pass",
        rule: "free = dirty / period / (1 - throttle); \
               clamp(1 - threshold * bandwidth / (remaining * free), 0, max)",
        means: "as much as lets no more be dirtied during the next pass than may be left",
        source: "the aim of Jin et al., Journal of Network and Computer Applications 34 (2011), which slow vCPUs by the speed of the \
                 copy until what remains is small",
    },
    ShippedRule {
        name: "steps",
        rule: "if(syncs < 4, 0, min(floor((syncs - 2) / 2) / 10, 99 %))",
        means: "10 % more every second pass from the fourth on, whatever is dirtied",
        source: "a fork of Cloud Hypervisor (orchestrators, table of section 6)",
    },
];

/// Rules for the moment of the switchover, as [`SwitchoverExpression`](super::SwitchoverExpression)s.
pub const SHIPPED_SWITCHOVERS: [ShippedRule; 3] = [
    ShippedRule {
        name: "none",
        rule: "0",
        means: "never while anything is left: a bound of what further passes bring",
        source: "",
    },
    ShippedRule {
        name: "no-gain",
        rule: "was = last; last = remaining; qemu or (was > 0 and remaining >= was)",
        means: "as QEMU, and after a pass that left no less than the one before",
        source: "the aim of ITC-LM (Zhu et al., NPC 2013): no passes that bring nothing",
    },
    ShippedRule {
        name: "five-passes",
        rule: "remaining < 50 * page or syncs > 5",
        means: "fewer than 50 pages are left, or five passes are over",
        source: "Xen's policy (orchestrators, table of section 6)",
    },
];

impl ShippedRule {
    /// The rule of that name in a list.
    pub fn named(list: &'static [ShippedRule], name: &str) -> Option<&'static ShippedRule> {
        list.iter().find(|rule| rule.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SwitchoverExpression, ThrottleExpression};
    use super::*;

    #[test]
    fn every_rule_can_be_read() {
        for rule in SHIPPED_THROTTLES {
            ThrottleExpression::parse(rule.rule).unwrap_or_else(|error| panic!("{}: {error}", rule.name));
        }
        for rule in SHIPPED_SWITCHOVERS {
            SwitchoverExpression::parse(rule.rule).unwrap_or_else(|error| panic!("{}: {error}", rule.name));
        }
    }
}

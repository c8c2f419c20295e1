//! What each product calls the settings that would have helped.

use super::Lever;

/// A product's words for each lever, in the order of [`Lever::index`]; `{}` is the value. `None`: it has no such setting.
struct SettingNames {
    products: &'static [&'static str],
    words: [Option<&'static str>; 8],
}

const QEMU: SettingNames = SettingNames {
    products: &["qemu"],
    words: [
        Some("`auto-converge` on"),
        Some("`max-bandwidth` 0 (no limit)"),
        Some("`downtime-limit` {} ms"),
        Some("{} before it is cancelled"),
        Some("`postcopy-ram` on, and `migrate-start-postcopy` after the first pass"),
        Some("a link of {}, or `multifd` where one stream does not fill the link"),
        Some("`cpu-throttle-initial` 50 and `cpu-throttle-increment` 25"),
        Some("`postcopy-ram` off"),
    ],
};

const PRODUCTS: [SettingNames; 5] = [
    SettingNames {
        products: &["virsh"],
        words: [
            Some("`virsh migrate --auto-converge`"),
            Some("`virsh migrate-setspeed` to the link's own speed, no `--bandwidth`"),
            Some("`virsh migrate-setmaxdowntime DOMAIN {}`"),
            Some("`--timeout` of {}"),
            Some("`virsh migrate --postcopy --postcopy-after-precopy`"),
            Some("a link of {}, or `--parallel` where one stream does not fill the link"),
            Some("`--auto-converge-initial 50 --auto-converge-increment 25`"),
            Some("no `--postcopy`"),
        ],
    },
    SettingNames {
        products: &["nova"],
        words: [
            Some("`live_migration_permit_auto_converge = true`"),
            Some("`live_migration_bandwidth = 0`"),
            Some("`live_migration_downtime = {}`"),
            Some("`live_migration_completion_timeout` that comes to {} for this guest"),
            Some("`live_migration_permit_post_copy = true` and `live_migration_timeout_action = force_complete`"),
            Some("a link of {}, or `live_migration_parallel_connections` where one stream does not fill the link"),
            None,
            Some("`live_migration_permit_post_copy = false`"),
        ],
    },
    SettingNames {
        products: &["kubevirt", "openshift", "harvester"],
        words: [
            Some("`allowAutoConverge: true`"),
            Some("`bandwidthPerMigration: 0`"),
            Some("`maxDowntimeMs: {}`"),
            Some("`completionTimeoutPerGiB` that comes to {} for this guest"),
            Some("`allowPostCopy: true`"),
            Some("a link of {}, or `parallelMigrationThreads` where one stream does not fill the link"),
            None,
            Some("`allowPostCopy: false`"),
        ],
    },
    SettingNames {
        products: &["proxmox"],
        words: [
            None,
            Some("`migrate_speed: 0`, and no `bwlimit` for migrations"),
            Some("`migrate_downtime` of {} ms"),
            None,
            None,
            Some("a link of {}, or `migration: insecure` where ssh does not fill the link"),
            None,
            None,
        ],
    },
    SettingNames {
        products: &["ovirt"],
        words: [
            Some("`auto_converge: true`"),
            Some("a larger `migration_max_bandwidth`, or another `assignment_method`"),
            Some("`migration_downtime = {}`"),
            Some("`migration_max_time_per_gib_mem` that comes to {} for this guest"),
            Some("the policy `post-copy`"),
            Some("a link of {}"),
            None,
            None,
        ],
    },
];

/// A lever in the words of a product; of one without words of its own, in QEMU's.
pub(super) fn setting(product: Option<&str>, lever: Lever) -> Option<String> {
    let known = product.and_then(|name| PRODUCTS.iter().find(|names| names.products.contains(&name)));
    let words = known.unwrap_or(&QEMU).words.get(lever.index()).copied().flatten()?;
    Some(words.replacen("{}", &lever.value(), 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orchestrator::Product;
    use crate::qemu::MigrationOption;

    /// Names in backticks that are keys of options, without their values.
    fn keys(words: &str) -> Vec<String> {
        let quoted = words.split('`').skip(1).step_by(2);
        let key = |text: &str| text.split([' ', ':', '=']).next().unwrap_or_default().to_owned();
        quoted.map(key).filter(|key| key.contains(|c: char| c.is_uppercase() || c == '_')).collect()
    }

    #[test]
    fn a_product_knows_the_settings_that_are_named() {
        for names in PRODUCTS.iter().filter(|names| names.products[0] != "virsh") {
            let product = Product::find(names.products[0]).unwrap();
            let options: Vec<&str> = (product.options)().iter().map(|(option, _)| option.key).collect();
            for key in names.words.iter().flatten().flat_map(|words| keys(words)) {
                assert!(options.contains(&key.as_str()), "{}: {key}", product.kind);
            }
        }
        for words in QEMU.words.iter().flatten() {
            let name = words.split('`').nth(1).unwrap_or("multifd").split(' ').next().unwrap_or_default();
            assert!(MigrationOption::find(name).is_some(), "{name}");
        }
    }
}

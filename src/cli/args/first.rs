//! The words of a first answer: flags in place of a scenario, `precopy presets`, `precopy init`.

use std::path::PathBuf;

use clap::Args;

use super::Manners;
use crate::scenario::FirstGuest;

/// A guest in a few flags.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "In place of a scenario, or over it")]
pub struct FirstArgs {
    /// RAM of the guest, such as 32GiB
    #[arg(long, value_name = "SIZE")]
    pub ram: Option<String>,

    /// Virtual CPUs of the guest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub vcpus: Option<u32>,

    /// The guest's dirty rate, such as 1480MiB/s, taken for uniform writes to all of RAM
    #[arg(long, value_name = "RATE")]
    pub dirty_rate: Option<String>,

    /// What runs in the guest: a preset of `precopy presets`, or a word such as nginx
    #[arg(long, value_name = "PRESET", conflicts_with = "dirty_rate", long_help = LOAD)]
    pub load: Option<String>,

    /// Speed of the link, such as 25G for 25 Gbit/s
    #[arg(long, value_name = "RATE")]
    pub link: Option<String>,
}

/// The long help of `--load`, with the words of the program's own table.
const LOAD: &str = "\
What runs in the guest: a preset of `precopy presets`, or a word such as nginx

Presets, and the words for which each is taken:
  idle-linux: idle, none, standby, spare, unused, dev idle
  redis-get-1m: nginx, apache, httpd, php, web, webserver, static,
    proxy, haproxy, varnish, cache, cdn
  redis-set-1m: redis, valkey, keydb
  memcached-50-set: memcached, memcache
  jvm-17-young: java, jvm, tomcat, jboss, wildfly, spring, jenkins,
    elasticsearch, cassandra
  build-farm: build, builds, ci, compile, compiler, runner,
    gitlab-runner, buildbot
  sqlite-update: sqlite
  python-cpu: python, batch python
  compress-batch: compress, compression, backup, archive";

impl FirstArgs {
    /// What they say.
    pub fn guest(&self) -> FirstGuest {
        let FirstArgs { ram, vcpus, dirty_rate, load, link } = self.clone();
        FirstGuest { memory: ram, vcpus, rate: dirty_rate, load, link, fills_link: false }
    }
}

/// `precopy presets`
#[derive(Debug, Args)]
#[command(
    long_about = "What workloads are known by name?\n\nWithout a name all presets, with one its keys and where they come from.",
    after_help = "Examples:\n  precopy presets\n  precopy presets redis-set-1m"
)]
pub struct PresetsArgs {
    /// Show this preset
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// Of all commands.
    #[command(flatten)]
    pub manners: Manners,
}

/// `precopy init`
#[derive(Debug, Args)]
#[command(
    long_about = "A first scenario to go on from.\n\n\
                  Writes a scenario that explains itself: from the log of a migration, from the flags, from a guest of a list as \
                  products write it, or from nothing.",
    after_help = "Examples:\n  precopy init -o guest.toml\n  precopy init nova-compute.log -o guest.toml\n  \
                  precopy init --ram 32GiB --dirty-rate 1480MiB/s --link 25G\n  virsh dumpxml web-1 | precopy init --from -"
)]
pub struct InitArgs {
    /// The log of a migration of the guest (docs/logs.md), or `-` for standard input
    #[arg(value_name = "LOG", conflicts_with = "from")]
    pub log: Option<PathBuf>,

    /// Which migration of the log, counted from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), default_value_t = 1)]
    pub nth: u32,

    /// A list of guests that has it (docs/inventories.md), or `-` for standard input
    #[arg(long, value_name = "LIST")]
    pub from: Option<PathBuf>,

    /// Which guest of the list; the first one if there is no other
    #[arg(long, value_name = "NAME", requires = "from")]
    pub guest: Option<String>,

    /// The guest.
    #[command(flatten)]
    pub first: FirstArgs,

    /// Where it goes; a file appears when it is complete
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Of all commands.
    #[command(flatten)]
    pub manners: Manners,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Loads;

    #[test]
    fn the_words_in_the_help_are_those_of_the_table() {
        let lines = Loads::known().map(|(words, taken)| format!("{taken}: {}", words.join(", ")));
        let (_, listed) = LOAD.split_once("taken:").unwrap();
        let words: Vec<&str> = listed.split_whitespace().collect();
        assert_eq!(words.join(" "), lines.collect::<Vec<_>>().join(" "));
    }
}

#!/usr/bin/env bash
# run.sh SECONDS [TARGET...]: builds the fuzz targets with the compiler that is there, replays the corpus of each (or of those
# named), and lets it look for new inputs for so many seconds, as many targets at a time as there are cores. What it keeps goes
# to `target/fuzz/TARGET`, what breaks something to `artifacts/TARGET`; the committed corpus is left as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=$1
shift
[[ $# -gt 0 ]] || set -- $(cargo fuzz list)

# fuzz TARGET: false if something was found.
fuzz() {
    local target=$1
    local kept=target/fuzz/$target words=dictionaries/$target.dict
    local log=$kept.log
    mkdir -p "$kept"
    [[ -f $words ]] || words=dictionaries/scenario.dict
    # Four seconds for one input is slow on any machine, and 2 GiB are more than any of so few bytes should take.
    if cargo fuzz run --sanitizer none "$target" "$kept" "corpus/$target" -- -dict="$words" -timeout=4 \
        -rss_limit_mb=2048 -max_len=8192 -max_total_time="$seconds" -print_final_stats=1 >"$log" 2>&1; then
        echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, nothing found"
    else
        tail -n 40 "$log"
        echo "$target: FOUND, see above and $log"
        return 1
    fi
}
export -f fuzz
export seconds

cargo fuzz build --sanitizer none
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'set -euo pipefail; fuzz {}'

#!/usr/bin/env bash
# Applies the changes of all pages here to a copy of the checkout and runs the tests that they bring. `.ci/run` calls it.
# Dependencies are taken from the target folder of the checkout, so that only `precopy` itself is compiled.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$top/target}

cd "$top"
cp -r Cargo.toml Cargo.lock src tests benches docs scenarios "$copy"
cd "$copy"
for page in docs/adding/*.md; do
    sed -n '/^```diff$/,/^```$/p' "$page" | sed '1d;$d' >change.patch
    git apply --verbose change.patch
done
cargo test --locked --lib -- scenario::order::tests auto_converge::tests maintenance::tests strip::tests | tee tested
grep -q '^test result: ok. 4 passed' tested

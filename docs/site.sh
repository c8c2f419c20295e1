#!/usr/bin/env bash
# Builds the documentation as a site with mdBook: docs/site.sh [FOLDER], target/site without one. The pages keep their places
# relative to each other, so a link that works in the checkout works in the site.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

site=${1:-${CARGO_TARGET_DIR:-target}/site}
rm -rf "$site"
mkdir -p "$site/book/src"
cp docs/book.toml "$site/book"
# Pages, and the files outside docs/ that they link to.
cp -r README.md CHANGELOG.md CONTRIBUTING.md CITATION.cff LICENSE-APACHE LICENSE-MIT docs deploy "$site/book/src"
rm "$site/book/src/docs/book.toml" "$site/book/src/docs/site.sh"
grep -rhoE '\]\((\.\./)*(src|scenarios|tests)/[^)#]+' --include='*.md' README.md CONTRIBUTING.md docs | sed -E 's#^\]\((\.\./)*##' | sort -u |
    while read -r file; do [[ ! -f $file ]] || install -D -m 644 "$file" "$site/book/src/$file"; done
# Links of SUMMARY.md are relative to docs/.
sed -e 's#](#](docs/#' -e 's#](docs/\.\./#](#' docs/SUMMARY.md >"$site/book/src/SUMMARY.md"
rm "$site/book/src/docs/SUMMARY.md"

warnings=$(mktemp)
trap 'rm -f "$warnings"' EXIT
"${MDBOOK:-mdbook}" build "$site/book" 2>&1 | tee "$warnings"
if grep -qE '(WARN|ERROR)' "$warnings"; then
    echo "mdBook warned: see above" >&2
    exit 1
fi
rm -rf "$site/book"
echo "$site/html/index.html"

#!/usr/bin/env bash
# Installs the files of a release in fresh trees and uses them: deploy/release/try.sh [FOLDER], the folder of build.sh.
#
# The archive is installed by install.sh, alone and by the steps of the GitHub action and the GitLab template; a damaged one is refused; the
# Debian package is unpacked; a static program runs in an empty root, so it needs no library of an image.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

files=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release-files}")
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# uses PRECOPY SCENARIOS: the program at a path answers with nothing but its own files.
uses() {
    [[ $(cd "$work" && env -i "$1" --version) == "precopy $version" ]]
    (cd "$work" && env -i "$1" run "$2/web-server.toml") | grep -q '^converged'
    (cd "$2/.." && env -i "$1" why tests/data/logs/nova.txt) | grep -q '^what would have helped'
    (cd "$work" && env -i "$1" check "$2/defaults" --only '*/qemu-8.2') | grep -q '^10 cases: 0 worse'
}

(cd "$files" && sha256sum --check --quiet SHA256SUMS)

PRECOPY_RELEASES=file://$files sh deploy/install.sh "$version" "$work/prefix" >/dev/null
uses "$work/prefix/bin/precopy" "$work/prefix/share/precopy/scenarios"
for file in man/man1/precopy-run.1 bash-completion/completions/precopy zsh/site-functions/_precopy fish/vendor_completions.d/precopy.fish; do
    [[ -s $work/prefix/share/$file ]]
done
echo "install.sh: installs, and the program answers"

mkdir "$work/damaged"
cp "$files"/* "$work/damaged"
printf x >>"$(echo "$work"/damaged/*.tar.gz)"
if PRECOPY_RELEASES=file://$work/damaged sh deploy/install.sh "$version" "$work/none" >/dev/null 2>"$work/said"; then
    echo "install.sh installed a damaged archive" >&2
    exit 1
fi
grep -q 'nothing was installed' "$work/said"
[[ ! -e $work/none ]]
echo "install.sh: refuses a damaged archive"

# The steps of the GitHub action and of the GitLab template, as they are written there, on a small folder of policies.
mkdir -p "$work/action" "$work/job/policies" "$work/job/ci"
cp deploy/github/action.yml deploy/install.sh "$work/action"
cp deploy/install.sh "$work/job/ci"
cp scenarios/defaults/idle.toml "$work/job/policies"
(cd "$work/job" && "$work/prefix/bin/precopy" check policies --bless --quiet) >/dev/null
(
    cd "$work/job"
    export GITHUB_ACTION_PATH=$work/action RUNNER_TEMP=$work/runner GITHUB_PATH=$work/added VERSION=$version FOLDER=policies
    export PRECOPY_RELEASES=file://$files
    sh -euc "$(awk '/^      run: \|/ { on = 1; next } !/^        / { on = 0 } on { print substr($0, 9) }' "$work/action/action.yml")"
    PATH=$(cat "$work/added"):$PATH sh -euc "$(sed -n 's/^      run: \(precopy .*\)$/\1/p' "$work/action/action.yml")"
    [[ -s precopy-check.xml ]]
) >/dev/null
echo "GitHub action: installs, and checks a folder"
(
    export PRECOPY_RELEASES=file://$files PRECOPY_FOLDER=policies PRECOPY_VERSION=$version
    template=$PWD/deploy/gitlab/precopy.yml
    cd "$work/job"
    sh -euc "$(sed -n 's#^    - \(sh ci/install.sh .*\) /usr/local$#\1 '"$work/job/local"'#p' "$template")"
    PATH=$work/job/local/bin:$PATH sh -euc "$(sed -n 's/^    - \(precopy .*\)$/\1/p' "$template" | grep ' check ')"
    [[ -s precopy-check.md ]]
) >/dev/null
echo "GitLab template: installs, and checks a folder"

if package=$(ls "$files"/*.deb 2>/dev/null); then
    dpkg-deb --extract "$package" "$work/deb"
    uses "$work/deb/usr/bin/precopy" "$work/deb/usr/share/doc/precopy/examples/scenarios"
    [[ $(dpkg-deb --field "$package" Version) == "$version" ]]
    zcat "$work/deb/usr/share/man/man1/precopy-run.1.gz" | grep -q '^.TH'
    echo "Debian package: unpacks, and the program answers"
fi

program=$work/prefix/bin/precopy
if libraries=$(ldd "$program" 2>/dev/null) && [[ $libraries != *"statically linked"* ]]; then
    echo "SKIPPED: the program in an empty root; it is not static"
elif ((EUID != 0)); then
    echo "SKIPPED: the program in an empty root; chroot needs root"
else
    mkdir -p "$work/empty/usr/bin" "$work/empty/usr/share/precopy"
    cp "$program" "$work/empty/usr/bin"
    cp -r "$work/prefix/share/precopy/scenarios" "$work/empty/usr/share/precopy"
    chroot "$work/empty" /usr/bin/precopy run /usr/share/precopy/scenarios/web-server.toml | grep -q '^converged'
    echo "empty root: the program answers"
fi

if docker info >/dev/null 2>&1; then
    docker build --quiet -f deploy/Containerfile -t precopy-try "$files" >/dev/null
    docker run --rm precopy-try run /usr/share/precopy/scenarios/web-server.toml | grep -q '^converged'
    docker image rm precopy-try >/dev/null
    echo "container image: the program answers"
else
    echo "SKIPPED: the container image; no container engine runs here"
fi

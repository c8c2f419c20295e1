#!/usr/bin/env bash
# Makes the files of a release: deploy/release/build.sh [--binary FILE] [FOLDER], target/release-files without a FOLDER.
#
#   precopy-VERSION-x86_64-linux.tar.gz   program, manual pages, completions, licences, and what the pages' commands read
#   precopy_VERSION_amd64.deb             the same as a Debian package, without dependencies
#   SHA256SUMS                            of both
#
# The program is static: built for musl where that target is installed, else for glibc with everything linked in. --binary
# takes a program that is there already, as a quick look at the files; it needs the libraries that it was built with. PROFILE=dev
# builds without optimisation, to try the rest sooner.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

binary=
if [[ ${1:-} == --binary ]]; then
    binary=$2
    shift 2
fi
out=${1:-${CARGO_TARGET_DIR:-target}/release-files}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
machine=$(uname -m)
name=precopy-$version-$machine-linux

# static_program: builds it, and says where it is.
static_program() {
    local target=$machine-unknown-linux-musl flags=${RUSTFLAGS:-}
    if ! rustc --print target-libdir --target "$target" | xargs -I{} find {} -name 'libstd-*.rlib' 2>/dev/null | grep -q .; then
        target=$machine-unknown-linux-gnu
        flags+=" -C target-feature=+crt-static"
    fi
    echo "static program for $target" >&2
    local profile=${PROFILE:-release} folder=${PROFILE:-release}
    [[ $profile != dev ]] || folder=debug
    RUSTFLAGS=$flags cargo build --locked --profile "$profile" --bin precopy --target "$target" >&2
    echo "${CARGO_TARGET_DIR:-target}/$target/$folder/precopy"
}

# Owner, modes and times are fixed, so that the archive depends on its files alone.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
archive() {
    tar --sort=name --owner=0 --group=0 --numeric-owner --mode='u+rwX,go=rX' --mtime="@$epoch" -C "$1" -cf - "$2" | gzip -n9
}

# samples FOLDER: the files that commands of README and docs name, under the names that they have there.
samples() {
    mkdir -p "$1/tests/data"
    cp -r scenarios "$1"
    cp -r tests/data/{traces,logs,survey,inventories} "$1/tests/data"
}

[[ -n $binary ]] || binary=$(static_program)
rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

top=$work/$name
mkdir "$top"
install -m 755 "$binary" "$top/precopy"
cp -r README.md CHANGELOG.md CITATION.cff LICENSE-MIT LICENSE-APACHE man completions "$top"
samples "$top"
mkdir -p "$top/src/plot/font"
cp src/plot/font/LICENSE "$top/src/plot/font"
archive "$work" "$name" >"$out/$name.tar.gz"

debian() {
    local root=$work/deb doc=$work/deb/usr/share/doc/precopy architecture
    architecture=$(dpkg --print-architecture)
    install -D -m 755 "$binary" "$root/usr/bin/precopy"
    mkdir -p "$root/usr/share/man/man1" "$doc/examples" "$root/DEBIAN"
    for page in man/*.1; do gzip -n9c "$page" >"$root/usr/share/man/man1/${page#man/}.gz"; done
    install -D -m 644 completions/precopy.bash "$root/usr/share/bash-completion/completions/precopy"
    install -D -m 644 completions/_precopy "$root/usr/share/zsh/vendor-completions/_precopy"
    install -D -m 644 completions/precopy.fish "$root/usr/share/fish/vendor_completions.d/precopy.fish"
    samples "$doc/examples"
    cat LICENSE-MIT LICENSE-APACHE src/plot/font/LICENSE >"$doc/copyright"
    gzip -n9c CHANGELOG.md >"$doc/changelog.gz"
    cat >"$root/DEBIAN/control" <<CONTROL
Package: precopy
Version: $version
Architecture: $architecture
Maintainer: The precopy authors <precopy@localhost>
Section: utils
Priority: optional
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Description: discrete-event simulator of QEMU live migration
 Predicts whether the live migration of a guest converges, how long it takes,
 and what it costs the guest; plans changes, and drains of whole hosts.
CONTROL
    find "$root" -exec touch -h -d "@$epoch" {} +
    SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Zgzip --build "$root" "$out/precopy_${version}_$architecture.deb" >/dev/null
}
if command -v dpkg-deb >/dev/null; then debian; else echo "SKIPPED: the Debian package; there is no dpkg-deb here"; fi

(cd "$out" && sha256sum -- *.tar.gz $(ls -- *.deb 2>/dev/null) >SHA256SUMS && cat SHA256SUMS)

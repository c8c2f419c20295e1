#!/bin/sh
# Installs a release of precopy: program, manual pages, completions, and the files that the documentation's commands read.
#
#   PRECOPY_RELEASES=URL sh install.sh VERSION [PREFIX]
#
# URL is the folder that holds the files of that version: an archive and SHA256SUMS, over https:// or as file://. PREFIX is
# ~/.local without one. The archive is unpacked only if its checksum is the one in SHA256SUMS.
set -eu

if [ $# -lt 1 ] || [ -z "${PRECOPY_RELEASES:-}" ]; then
    echo "usage: PRECOPY_RELEASES=URL sh install.sh VERSION [PREFIX]" >&2
    exit 2
fi
version=$1
prefix=${2:-$HOME/.local}
name=precopy-$version-$(uname -m)-linux
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for file in SHA256SUMS "$name.tar.gz"; do
    if ! curl --fail --silent --show-error --location --output "$work/$file" "${PRECOPY_RELEASES%/}/$file"; then
        echo "error: cannot fetch $file from $PRECOPY_RELEASES; check the address and the version" >&2
        exit 3
    fi
done
cd "$work"
if ! grep " $name.tar.gz\$" SHA256SUMS | sha256sum --check --quiet -; then
    echo "error: $name.tar.gz is not the file that SHA256SUMS names; nothing was installed" >&2
    exit 3
fi
tar -xzf "$name.tar.gz"
mkdir -p "$prefix/bin" "$prefix/share/man/man1" "$prefix/share/bash-completion/completions" \
    "$prefix/share/zsh/site-functions" "$prefix/share/fish/vendor_completions.d"
cp "$name/precopy" "$prefix/bin/precopy"
cp "$name"/man/*.1 "$prefix/share/man/man1"
cp "$name/completions/precopy.bash" "$prefix/share/bash-completion/completions/precopy"
cp "$name/completions/_precopy" "$prefix/share/zsh/site-functions"
cp "$name/completions/precopy.fish" "$prefix/share/fish/vendor_completions.d"
rm -rf "$prefix/share/precopy"
mkdir "$prefix/share/precopy"
cp -r "$name/scenarios" "$name/tests" "$prefix/share/precopy"
echo "$prefix/bin/precopy"

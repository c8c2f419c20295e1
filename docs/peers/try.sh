#!/usr/bin/env bash
# Makes a table of migrations, builds the example for SimGrid, and holds the times that SimGrid comes to against the table.
#
#   docs/peers/try.sh PRECOPY     PRECOPY is the program
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
precopy=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if ! c++ -O1 -o "$folder/migrations" "$here/simgrid.cpp" -lsimgrid 2>"$folder/complaint"; then
    if echo '#include <simgrid/s4u.hpp>' | c++ -fsyntax-only -x c++ - 2>/dev/null; then
        cat "$folder/complaint" >&2
        exit 1
    fi
    echo "SKIPPED: there is no C++ compiler, or no SimGrid (libsimgrid-dev) here"
    exit 0
fi
cd "$folder"
# The scenario and the sweep of the page.
sed -n '/^# guest.toml$/,/^```$/p' "$here/../peers.md" | grep -v '^```$' >guest.toml
sweep=$(sed -n 's/^\$ precopy \(sweep .*\)$/\1/p' "$here/../peers.md")
eval "\"$precopy\" $sweep"
./migrations table.csv 2>/dev/null | tee migrations.txt
# NAME: A s, stopped for B ms; the table has C s and D ms
awk '
    function off(a, b) { return a > 1.01 * b || b > 1.01 * a }
    { rows++; if (off($2, $11) || off($6, $14)) { print "off: " $0; bad = 1 } }
    END { exit rows != 3 || bad }
' migrations.txt

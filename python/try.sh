#!/usr/bin/env bash
# Builds the wheel, installs it into a fresh environment, and runs the tests of the package there, the notebook among them.
#
#   python/try.sh FOLDER     FOLDER is made anew; the wheel is in FOLDER/dist afterwards
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
rm -rf "$folder/dist" "$folder/builds" "$folder/uses"

python3 -m venv "$folder/builds"
if ! "$folder/builds/bin/pip" install --quiet --disable-pip-version-check 'maturin>=1.9,<2'; then
    echo "SKIPPED: pip cannot install maturin here"
    exit 0
fi
export CARGO_TARGET_DIR=$folder/cargo
"$folder/builds/bin/maturin" build --quiet --locked --profile dev --manifest-path "$here/Cargo.toml" --out "$folder/dist"

python3 -m venv "$folder/uses"
"$folder/uses/bin/pip" install --quiet --disable-pip-version-check "$folder"/dist/*.whl
# With nothing but the wheel.
cd "$folder"
"$folder/uses/bin/python" -c 'import precopy; print(precopy.run({"guest": {"memory": "4 GiB"}, "link": {"bandwidth": "10 Gbit/s"}}))' >/dev/null
"$folder/uses/bin/pip" install --quiet --disable-pip-version-check pytest pandas polars pyarrow nbclient nbformat ipykernel mypy pandas-stubs
"$folder/uses/bin/python" -m pytest --quiet --import-mode=importlib -p no:cacheprovider "$here/tests"
"$folder/uses/bin/mypy" --strict --cache-dir "$folder/mypy" -p precopy

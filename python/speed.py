"""Times 100 000 runs of a sweep from Python and by the command.

    python python/speed.py target/release/precopy

Prints the least of three times of each [s] and how often the one is the other; ends with 1 above 1.2.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import precopy

SCENARIO = Path(__file__).parents[1] / "scenarios" / "throttle-decides.toml"
RATES = "link.bandwidth=1..100 Gbit/s/100000"
MOST = 1.2


def least(work) -> float:
    """The least of three times [s]."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def command(program: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = os.path.join(folder, "rows.csv")
        subprocess.run([program, "sweep", SCENARIO, "--vary", RATES, "--quiet", "-o", rows], check=True)


def main() -> int:
    python = least(lambda: precopy.sweep(SCENARIO, RATES))
    program = least(lambda: command(sys.argv[1]))
    print(f"python {python:.2f} s, command {program:.2f} s: {python / program:.2f}")
    return int(python > MOST * program)


if __name__ == "__main__":
    sys.exit(main())

"""The geometric model of pre-copy of geometric.c, statement by statement: python3 geometric.py ROUNDS."""

import sys
import time


def total_time(memory, bandwidth, dirty_rate, downtime_limit):
    left, elapsed = memory, 0.0
    for _ in range(1000):
        if left <= bandwidth * downtime_limit:
            break
        takes = left / bandwidth
        elapsed += takes
        left = min(dirty_rate * takes, memory)
    return elapsed + left / bandwidth


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    total, count = 0.0, 0
    start = time.perf_counter()
    for _ in range(rounds):
        for gib in (4, 8, 12, 16):
            for gbits in (1, 4, 7, 10):
                for tenths in range(10):
                    bandwidth = gbits * 125e6
                    total += total_time(gib * 1073741824.0, bandwidth, bandwidth * tenths / 10.0, 0.3)
                    count += 1
    print(f"{count} {time.perf_counter() - start:.9f} {total / count:.6f}")


main()

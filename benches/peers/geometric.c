/* The geometric model of pre-copy, and nothing else: each pass sends what was dirtied during the one before, at a
 * constant rate, until what is left fits into the downtime limit.
 *
 *   cc -O2 -o geometric geometric.c && ./geometric ROUNDS
 *
 * Runs ROUNDS times over the grid of peers.rs and prints migrations, seconds and the mean total time. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double total_time(double memory, double bandwidth, double dirty_rate, double downtime_limit)
{
    double left = memory, elapsed = 0.0;
    for (int pass = 0; pass < 1000 && left > bandwidth * downtime_limit; pass++) {
        double takes = left / bandwidth;
        elapsed += takes;
        left = dirty_rate * takes;
        if (left > memory) {
            left = memory;
        }
    }
    return elapsed + left / bandwidth;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    static const double gib[] = {4, 8, 12, 16}, gbits[] = {1, 4, 7, 10};
    long rounds = argc > 1 ? atol(argv[1]) : 1;
    /* Read anew each time, so that nothing is computed ahead. */
    volatile double downtime_limit = 0.3;
    double sum = 0.0, start = now();
    long count = 0;
    for (long round = 0; round < rounds; round++) {
        for (int memory = 0; memory < 4; memory++) {
            for (int link = 0; link < 4; link++) {
                for (int tenths = 0; tenths < 10; tenths++) {
                    double bandwidth = gbits[link] * 125e6;
                    sum += total_time(gib[memory] * 1073741824.0, bandwidth, bandwidth * tenths / 10.0, downtime_limit);
                    count++;
                }
            }
        }
    }
    printf("%ld %.9f %.6f\n", count, now() - start, sum / count);
    return 0;
}

/* The rig's guest, and its whole user space: it writes to pages of a buffer at a set rate, and says so.
 *
 * It reads its settings from the kernel's command line: rig.mib, rig.rate [page writes a second], rig.model (random,
 * sequential, hot-cold), rig.hot and rig.share [%], rig.rest. Between two writes it is busy, so that a throttled guest writes as
 * much less as it gets less CPU time. With rig.rest=1 it sleeps instead, ten milliseconds after each batch: then it
 * leaves the CPU to others, and keeps its rate where CPU time is short. A rate of 0 writes nothing.
 *
 * Ten times a second it writes a line to the second serial port: its time [ms], the page writes so far, and how many
 * of them found the page other than it had been left, which says that a migration lost an update.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_WORDS = 512, REPORT_MS = 100, REST_US = 10000 };

static char settings[4096];

static const char *setting(const char *name, const char *otherwise)
{
    static char found[64];
    char key[32];
    snprintf(key, sizeof key, "rig.%s=", name);
    const char *at = strstr(settings, key);
    if (!at)
        return otherwise;
    at += strlen(key);
    size_t length = strcspn(at, " \n");
    if (length >= sizeof found)
        length = sizeof found - 1;
    memcpy(found, at, length);
    found[length] = 0;
    return found;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t state = 88172645463325252u;

static uint64_t below(uint64_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 32) * limit >> 32;
}

static void spin(uint64_t steps)
{
    for (volatile uint64_t step = 0; step < steps; step++)
        ;
}

int main(void)
{
    mount("proc", "/proc", "proc", 0, "");
    mount("dev", "/dev", "devtmpfs", 0, "");
    int file = open("/proc/cmdline", O_RDONLY);
    if (file >= 0 && read(file, settings, sizeof settings - 1) < 0)
        settings[0] = 0;

    uint64_t pages = strtoull(setting("mib", "64"), 0, 10) * 256;
    double rate = strtod(setting("rate", "6000"), 0);
    uint64_t hot = pages * strtoull(setting("hot", "10"), 0, 10) / 100;
    uint64_t share = strtoull(setting("share", "90"), 0, 10);
    char model = setting("model", "random")[0];

    int out = open("/dev/ttyS1", O_WRONLY | O_NOCTTY);
    struct termios port;
    if (tcgetattr(out, &port) == 0) {
        cfmakeraw(&port);
        tcsetattr(out, TCSANOW, &port);
    }

    uint64_t *ram = mmap(0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t *last = calloc(pages, sizeof *last);
    if (ram == MAP_FAILED || !last)
        return 1;
    /* No page may be zero, or it would be sent as nothing. */
    for (uint64_t page = 0; page < pages; page++)
        for (int word = 1; word < PAGE_WORDS; word++)
            ram[page * PAGE_WORDS + word] = page * PAGE_WORDS + word;

    /* A look at the clock is dear under emulation: the time between two writes is that of a loop of known length. */
    double step_ns = 1e9;
    for (int round = 0; round < 20; round++) {
        uint64_t begin = now_ns();
        spin(100000);
        double ns = (double)(now_ns() - begin) / 100000;
        step_ns = ns < step_ns ? ns : step_ns;
    }
    int rest = setting("rest", "0")[0] == '1';
    uint64_t steps = rest ? 0 : (uint64_t)(1e9 / rate / step_ns);
    uint64_t batch = rate > 2000 ? (uint64_t)rate / 1000 : 1;

    uint64_t start = now_ns(), report = start, writes = 0, lost = 0, next = 0;
    for (;;) {
        uint64_t now = now_ns();
        if (now >= report) {
            dprintf(out, "%llu %llu %llu\n", (unsigned long long)((now - start) / 1000000),
                    (unsigned long long)writes, (unsigned long long)lost);
            report = now + REPORT_MS * 1000000u;
        }
        if (rest) {
            uint64_t due = (uint64_t)((double)(now - start) / 1e9 * rate);
            batch = due > writes ? due - writes : 0;
            usleep(REST_US);
        }
        for (uint64_t write = 0; write < batch; write++) {
            uint64_t page = next;
            if (model == 's')
                next = (next + 1) % pages;
            else if (model == 'h' && hot > 0 && hot < pages)
                page = below(100) < share ? below(hot) : hot + below(pages - hot);
            else
                page = below(pages);
            volatile uint64_t *word = ram + page * PAGE_WORDS;
            lost += *word != last[page];
            *word = last[page] = ++writes;
            spin(steps);
        }
    }
}

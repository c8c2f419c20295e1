/* Guests of a data centre in SimGrid that migrate as precopy says.
 *
 *   c++ -O2 -o migrations simgrid.cpp -lsimgrid && ./migrations table.csv
 *
 * table.csv is a sweep over RAM, dirty rate, link and auto-converge. A guest looks its migration up by the nearest row: so many
 * bytes go over the link at the mean rate of the row, the guest computes at what the throttle leaves it, and is stopped for the
 * downtime. The link is SimGrid's own: other traffic on it makes the migration longer. */
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <simgrid/s4u.hpp>
#include <simgrid/s4u/VirtualMachine.hpp>

namespace s4u = simgrid::s4u;

/* The cells of a line of CSV; one with commas has quotes around it. */
static std::vector<std::string> cells(const std::string &line)
{
    std::vector<std::string> all{""};
    bool quoted = false;
    for (char c : line) {
        if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            all.emplace_back();
        else
            all.back() += c;
    }
    return all;
}

/* What is asked of the table. */
struct Migrating {
    double ram;        /* [bytes] */
    double dirty_rate; /* [pages/s] */
    double bandwidth;  /* of the link [bytes/s] */
    bool auto_converge;
};

/* A migration that ended. */
struct Migration {
    Migrating of;
    double total;    /* [s] */
    double downtime; /* [s] */
    double bytes;
    double slowdown; /* of the guest while it ran [0..1] */
};

class Table {
    std::vector<Migration> rows;

  public:
    explicit Table(const std::string &path)
    {
        std::ifstream file(path);
        std::string line;
        if (!std::getline(file, line))
            throw std::runtime_error("cannot read " + path);
        std::map<std::string, size_t> at;
        for (const std::string &name : cells(line))
            at.emplace(name, at.size());
        while (std::getline(file, line)) {
            std::vector<std::string> row = cells(line);
            auto number = [&](const char *name) { return std::atof(row[at.at(name)].c_str()); };
            /* Without an end there is no downtime, and nothing to look up. */
            if (row[at.at("downtime_ms")].empty())
                continue;
            rows.push_back({{number("guest.memory"), number("guest.workload.0.rate"), number("link.bandwidth"),
                             row[at.at("qemu.auto-converge")] == "true"},
                            number("total_time_ms") / 1e3,
                            number("downtime_ms") / 1e3,
                            number("transferred_bytes"),
                            number("running_slowdown_pct") / 100});
        }
    }

    /* The nearest row, in ratios of what differs; none where no migration of that policy ended. */
    const Migration *nearest(const Migrating &asked) const
    {
        const Migration *found = nullptr;
        double least = std::numeric_limits<double>::infinity();
        for (const Migration &row : rows) {
            if (row.of.auto_converge != asked.auto_converge)
                continue;
            double away = std::abs(std::log(row.of.ram / asked.ram)) + std::abs(std::log(row.of.dirty_rate / asked.dirty_rate)) +
                          std::abs(std::log(row.of.bandwidth / asked.bandwidth));
            if (away < least) {
                least = away;
                found = &row;
            }
        }
        return found;
    }
};

/* Sends what a migration sends in so much of its time, no faster than it does, and waits for the end. The caller is on the source. */
static void send(s4u::Host *to, const Migration &row, double time)
{
    auto *mailbox = s4u::Mailbox::by_name("migration to " + to->get_name());
    s4u::Actor::create("destination", to, [mailbox] { mailbox->get<int>(); });
    int pages = 0;
    mailbox->put_init(&pages, uint64_t(row.bytes * time / row.total))->set_rate(row.bytes / row.total)->wait();
}

/* Moves a guest as the table says. */
static void migrate(s4u::VirtualMachine *vm, s4u::Host *to, const Migration &row)
{
    double start = s4u::Engine::get_clock();
    s4u::Host *from = vm->get_pm();
    double running = row.total - row.downtime;
    vm->set_bound(from->get_speed() * (1 - row.slowdown));
    send(to, row, running);
    vm->suspend();
    double stopped = s4u::Engine::get_clock();
    send(to, row, row.downtime);
    vm->set_pm(to);
    vm->set_bound(-1);
    vm->resume();
    double end = s4u::Engine::get_clock();
    std::printf("%s: %.1f s, stopped for %.0f ms; the table has %.1f s and %.0f ms\n", vm->get_cname(), end - start,
                (end - stopped) * 1e3, row.total, row.downtime * 1e3);
}

int main(int argc, char **argv)
{
    s4u::Engine engine(&argc, argv);
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s TABLE.csv\n", argv[0]);
        return 2;
    }
    Table table(argv[1]);
    /* A row's bytes and rate are those of the wire already, so SimGrid takes no share of the link for headers and acknowledgements. */
    s4u::Engine::set_config("network/bandwidth-factor:1");
    s4u::Engine::set_config("network/crosstraffic:0");
    const double bandwidth = 1.25e9;
    auto *zone = s4u::create_full_zone("hosts");
    auto *source = zone->create_host("source", 1e9)->set_core_count(16)->seal();
    auto *destination = zone->create_host("destination", 1e9)->set_core_count(16)->seal();
    auto *link = zone->create_link("link", bandwidth)->seal();
    zone->add_route(source->get_netpoint(), destination->get_netpoint(), nullptr, nullptr, {s4u::LinkInRoute(link)});
    zone->seal();

    s4u::Actor::create("controller", source, [&] {
        for (double gib : {4.0, 8.0, 16.0}) {
            auto *vm = source->create_vm("guest-" + std::to_string(int(gib)), 4, size_t(gib) << 30);
            vm->start();
            s4u::ActorPtr work = s4u::Actor::create("work", vm, [] { s4u::this_actor::execute(1e18); });
            const Migration *row = table.nearest({gib * (1 << 30), 100000, bandwidth, true});
            if (row == nullptr)
                std::printf("%s: no migration of the table ends\n", vm->get_cname());
            else
                migrate(vm, destination, *row);
            work->kill();
            vm->destroy();
        }
    });
    engine.run();
    return 0;
}

/* The same grid with SimGrid's live-migration plugin: for each link two hosts, and one guest after the other between
 * them.
 *
 *   c++ -O2 -o simgrid simgrid.cpp -lsimgrid && ./simgrid ROUNDS
 *
 * Prints migrations, seconds of the whole simulation and the mean total time. A guest dirties RAM in proportion to what
 * it computes, and it computes all the time: at `intensity` times the migration's speed. */
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <simgrid/plugins/live_migration.h>
#include <simgrid/s4u.hpp>
#include <simgrid/vm.h>

namespace s4u = simgrid::s4u;

static long migrations = 0;
static double simulated = 0.0;

static void migrate_all(long rounds, s4u::Host *source, s4u::Host *destination, double bandwidth)
{
    for (long round = 0; round < rounds; round++) {
        for (int gib : {4, 8, 12, 16}) {
            for (int tenths = 0; tenths < 10; tenths++) {
                sg_size_t memory = sg_size_t(gib) << 30;
                s4u::VirtualMachine *vm = source->create_vm("guest" + std::to_string(migrations++), 1, memory);
                sg_vm_set_working_set_memory(vm, memory);
                sg_vm_set_dirty_page_intensity(vm, tenths / 10.0);
                sg_vm_set_migration_speed(vm, bandwidth);
                vm->start();
                s4u::ActorPtr work = s4u::Actor::create("work", vm, [] { s4u::this_actor::execute(1e18); });
                double start = s4u::Engine::get_clock();
                sg_vm_migrate(vm, destination);
                simulated += s4u::Engine::get_clock() - start;
                work->kill();
                vm->destroy();
            }
        }
    }
}

int main(int argc, char **argv)
{
    s4u::Engine engine(&argc, argv);
    sg_vm_live_migration_plugin_init();
    long rounds = argc > 1 ? atol(argv[1]) : 1;
    auto *zone = s4u::create_full_zone("hosts");
    for (int gbits : {1, 4, 7, 10}) {
        std::string name = std::to_string(gbits);
        s4u::Host *source = zone->create_host("source" + name, 1e9)->seal();
        s4u::Host *destination = zone->create_host("destination" + name, 1e9)->seal();
        s4u::Link *link = zone->create_link("link" + name, gbits * 125e6)->seal();
        zone->add_route(source->get_netpoint(), destination->get_netpoint(), nullptr, nullptr, {s4u::LinkInRoute(link)});
        s4u::Actor::create("controller", source, migrate_all, rounds, source, destination, gbits * 125e6);
    }
    zone->seal();
    auto start = std::chrono::steady_clock::now();
    engine.run();
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%ld %.9f %.6f\n", migrations, took.count(), simulated / migrations);
    return 0;
}

"""Questions that need many runs, or logs."""

import threading
import time

import precopy


def test_a_plan_names_the_changes_that_are_enough(scenarios):
    plan = precopy.plan(scenarios / "never-converges.toml", pairs=0)
    enough = {found["changes"][0]["lever"]: found["changes"][0]["to"] for found in plan["single"]}
    assert enough["qemu.max-cpu-throttle"] == "77 %"
    assert plan["scenario"] == "never-converges"


def test_a_plan_of_a_dict_takes_goals_and_keys(guest):
    plan = precopy.plan(guest, goal="downtime_ms <= 100", by="qemu.downtime-limit=300..30 ms", pairs=0)
    assert not plan["as_is"]["met"]
    assert precopy.plan(guest, goal="downtime_ms <= 100", qemu__downtime_limit=50, pairs=0)["as_is"]["met"]
    assert precopy.plan(precopy.load(guest, qemu__downtime_limit=50), goal="downtime_ms <= 100", pairs=0)["as_is"]["met"]


def test_a_drain_says_when_the_host_is_empty(scenarios):
    drain = precopy.drain(scenarios / "fleets" / "small-host.csv", link="25G", orchestrator="kubevirt")
    assert drain["empty_ms"] == max(row["end_ms"] for row in drain["migrations"])
    late = precopy.drain(scenarios / "fleets" / "small-host.csv", link="25G", window="1s")
    assert late["goal"]["met"] is False


def test_logs_are_explained(scenarios):
    log = scenarios.parent / "tests" / "data" / "traces" / "02-throttle-random.json"
    answer = precopy.why(log)[0]
    assert answer["text"].startswith("02-throttle-random")
    assert answer["cause"] == "arrived"


def test_the_interpreter_goes_on_meanwhile(guest):
    """The lock is released while migrations are simulated."""
    ticks, over = [], threading.Event()

    def tick():
        while not over.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.01)

    ticker = threading.Thread(target=tick)
    ticker.start()
    start = time.monotonic()
    precopy.run(guest, memory="exact", guest__memory="16 GiB", guest__workload=[{"kind": "uniform", "rate": "400000 pages/s"}])
    length = time.monotonic() - start
    over.set()
    ticker.join()
    within = [at for at in ticks if start < at < start + length]
    assert length < 0.2 or len(within) > 5


def test_a_guest_is_fitted_to_a_recorded_migration(scenarios, tmp_path):
    fitted = precopy.fit(scenarios.parent / "tests" / "data" / "traces" / "02-throttle-random.json")
    assert fitted["finished"] is True
    path = tmp_path / "fitted.toml"
    path.write_text(fitted["scenario"])
    assert precopy.run(path).verdict == "converged"

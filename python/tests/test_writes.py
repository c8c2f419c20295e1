"""Orders of writes as callables, and recordings."""

import traceback

import precopy
import pytest


@pytest.fixture
def small() -> dict:
    """8 MiB that are written at random, in a guest of 64 MiB on a slow link."""
    return {
        "guest": {"memory": "64 MiB", "workload": [{"kind": "uniform", "region": "8 MiB", "rate": "3000 pages/s"}]},
        "link": {"bandwidth": "60 Mbit/s"},
        "qemu": {"max-bandwidth": 0, "auto-converge": True},
        "limits": {"time": "2 min"},
    }


def anywhere(step: precopy.WriteStep) -> int:
    return step.below(step.region)


def in_turn(step: precopy.WriteStep) -> int:
    return step.write % step.region


def walk(step: precopy.WriteStep) -> int:
    step.registers[0] = (step.registers[0] + 100 * step.share()) % step.region
    return int(step.registers[0])


def test_an_order_gives_the_numbers_of_the_same_order_in_rust(small):
    for seed in (1, 2):
        assert precopy.run(small, writes=anywhere, memory="exact", seed=seed) == precopy.run(
            small, memory="exact", seed=seed
        )
    sequential = {"guest.workload": [{"kind": "sequential", "region": "8 MiB", "rate": "3000 pages/s"}]}
    assert precopy.run(small, writes=in_turn, memory="exact") == precopy.run(small, memory="exact", sets=sequential)


def test_the_expected_memory_has_the_curve_of_the_order(small):
    own, uniform = precopy.run(small, writes=anywhere), precopy.run(small)
    assert own.total_time_ms == pytest.approx(uniform.total_time_ms, rel=0.05)
    exact, expected = (precopy.run(small, writes=walk, memory=memory) for memory in ("exact", "expected"))
    assert expected.total_time_ms == pytest.approx(exact.total_time_ms, rel=0.25)


def test_an_order_is_asked_again_for_a_timeline_and_by_every_question(small):
    called = precopy.run(small, writes=anywhere, memory="exact")
    assert called.timeline().to_dicts() == precopy.run(small, memory="exact").timeline().to_dicts()
    rows = precopy.repeat(small, 3, writes=anywhere, memory="exact").to_dicts()
    assert rows == precopy.repeat(small, 3, memory="exact").to_dicts()
    vary = {"link.bandwidth": ["60 Mbit/s", "200 Mbit/s"]}
    rows = precopy.sweep(small, vary, writes={0: anywhere}, memory="exact").to_dicts()
    assert rows == precopy.sweep(small, vary, memory="exact").to_dicts()


def test_what_is_no_order_is_refused(small):
    for wrong in ("zipf", {0: 1}, {"first": anywhere}):
        with pytest.raises(precopy.InputError, match="`writes` is a callable, or a dict"):
            precopy.run(small, writes=wrong)
    with pytest.raises(precopy.InputError, match="`guest.workload.1` is no workload that writes"):
        precopy.run(small, writes={1: anywhere})
    with pytest.raises(TypeError, match="returns the number of a page, not str"):
        precopy.run(small, writes=lambda step: "first")
    with pytest.raises(ValueError, match="page 2048 lies beyond the region, which has 2048 pages"):
        precopy.run(small, writes=lambda step: step.region)


def test_an_exception_ends_the_run_and_reaches_the_caller(small):
    def wrong(step):
        raise KeyError("a slip of mine")

    with pytest.raises(KeyError, match="a slip of mine") as caught:
        precopy.run(small, writes=wrong)
    assert "wrong" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_a_recording_is_a_workload(scenarios):
    outcome = precopy.run(scenarios / "recordings/journal.toml", memory="exact")
    assert outcome.verdict == "converged"
    with pytest.raises(precopy.InputError, match="is no recording of writes"):
        precopy.run(scenarios / "recordings/journal.toml", guest__workload=[{"kind": "recording", "file": "journal.toml"}])

"""Rules of one's own as callables."""

import ast
import math
import traceback
from dataclasses import fields
from pathlib import Path

import precopy
import pytest

HALF_THE_OVERSHOOT = "throttle + (dirty / sent - 1) / 2"


def half_the_overshoot(step: precopy.ThrottleStep) -> float:
    return step.throttle + (step.dirty / step.sent - 1) / 2


def qemus_own(step: precopy.ThrottleStep) -> float | None:
    """The rule of QEMU 8.2."""
    hits = step.registers[0] + (step.dirty > step.limit)
    fires = hits >= 2
    step.registers[0] = 0 if fires else hits
    if not fires:
        return None
    if step.throttle == 0:
        return step.initial
    share = round(100 * (1 - step.throttle))
    ideal = math.trunc(share * (step.limit / step.dirty))
    increment = min(step.increment, (share - ideal) / 100) if step.tailslow else step.increment
    return min(max(step.throttle + increment, 0.01), step.max)


def never(step):
    return None


@pytest.fixture
def throttled(guest) -> dict:
    """A guest that needs a throttle."""
    guest["guest"]["workload"][0]["rate"] = "160000 pages/s"
    guest["link"]["bandwidth"] = "2.5 Gbit/s"
    guest["qemu"]["auto-converge"] = True
    return guest


@pytest.fixture
def two_hundred(scenarios):
    """The 200 guests of the shipped sweep under one rule: a row each."""

    def rows(rule: str = "qemu", **how) -> list[dict]:
        sets = {"policy.throttle": rule, "limits.time": "5 min"}
        return precopy.sweep(scenarios / "policies/two-hundred.toml", sets=sets, **how).to_dicts()

    return rows


def test_a_callable_and_an_expression_give_equal_numbers_on_200_guests(two_hundred):
    called, written, qemu = two_hundred(throttle=half_the_overshoot), two_hundred(HALF_THE_OVERSHOOT), two_hundred()
    assert len(called) == 200
    assert called == written
    assert sum(own != other for own, other in zip(called, qemu)) >= 100


def test_qemus_own_rule_as_a_callable_gives_qemus_figures_on_200_guests(two_hundred):
    called, qemu = two_hundred(throttle=qemus_own), two_hundred()
    assert called == qemu
    assert sum(row["throttle_max_pct"] > 0 for row in qemu) >= 50


def test_one_run_is_told_and_repeated_under_its_rule(throttled):
    called = precopy.run(throttled, throttle=half_the_overshoot)
    written = precopy.run(throttled, policy__throttle=HALF_THE_OVERSHOOT)
    assert called == written != precopy.run(throttled)
    assert called.timeline().to_dicts() == written.timeline().to_dicts()
    assert str(called) == str(written)
    varied = {**throttled, "guest": {**throttled["guest"], "rate-spread": {"law": "log-normal", "deviation": "20 %"}}}
    rows = precopy.repeat(varied, 8, throttle=half_the_overshoot).to_dicts()
    assert rows == precopy.repeat(varied, 8, policy__throttle=HALF_THE_OVERSHOOT).to_dicts()
    assert rows == precopy.repeat(varied, 8, jobs=1, throttle=half_the_overshoot).to_dicts()


def test_a_switchover_is_asked_with_its_own_quantities_and_registers(throttled):
    def no_gain(step: precopy.SwitchoverStep) -> bool:
        was, step.registers[3] = step.registers[3], step.remaining
        return bool(step.qemu) or 0 < was <= step.remaining

    throttled["qemu"]["auto-converge"] = False
    called = precopy.run(throttled, switchover=no_gain)
    assert called == precopy.run(throttled, policy__switchover="no-gain") != precopy.run(throttled)


def test_a_deadline_is_that_of_the_scenario(throttled):
    seen = set()
    precopy.run(throttled, policy__deadline="2 min", throttle=lambda step: seen.add(step.deadline))
    precopy.run(throttled, switchover=lambda step: seen.add(step.deadline) or step.qemu)
    assert seen == {120.0, math.inf}


def test_none_and_nan_leave_the_throttle_as_it_is(throttled):
    still = precopy.run(throttled, throttle=never, limits__time="1 min")
    assert still == precopy.run(throttled, throttle=lambda step: math.nan, limits__time="1 min")
    assert still.throttle_max_pct == 0


@pytest.mark.parametrize("question", [precopy.run, lambda guest, **rule: precopy.repeat(guest, 4, **rule)])
def test_an_exception_ends_the_run_and_reaches_the_caller(throttled, question):
    asked = []

    def wrong(step):
        asked.append(step.syncs)
        raise KeyError("a slip of mine")

    for rule in ("throttle", "switchover"):
        asked.clear()
        with pytest.raises(KeyError, match="a slip of mine") as caught:
            question(throttled, **{rule: wrong})
        assert "wrong" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
        assert len(asked) <= 4


def test_what_is_no_rule_is_refused(throttled, scenarios):
    with pytest.raises(precopy.InputError, match="`throttle` is a callable.*`policy__throttle`"):
        precopy.run(throttled, throttle=HALF_THE_OVERSHOOT)
    with pytest.raises(TypeError, match="a rule returns a number or None, not str"):
        precopy.run(throttled, throttle=lambda step: "20 %")
    with pytest.raises(AttributeError, match="dirt"):
        precopy.run(throttled, throttle=lambda step: step.dirt)
    questions = (precopy.run, lambda guest, **rule: precopy.repeat(guest, 2, **rule))
    for question in questions:
        with pytest.raises(precopy.InputError, match="auto-converge"):
            question(throttled, throttle=never, qemu__auto_converge=False)
    del throttled["qemu"]["auto-converge"]
    for question in questions:
        with pytest.raises(precopy.InputError, match="the orchestrator stops the guest itself"):
            question(throttled, switchover=never, orchestrator="xen")


def test_a_rule_may_ask_a_question_itself(throttled):
    def looks_ahead(step):
        faster = precopy.run(throttled, link__bandwidth="25 Gbit/s")
        return 0.5 if faster.verdict == "converged" else None

    rows = precopy.repeat(throttled, 2, jobs=1, throttle=looks_ahead, limits__time="40 s").to_dicts()
    assert [row["throttle_max_pct"] for row in rows] == [50, 50]


def test_fields_are_those_of_the_page_with_unit_and_words(scenarios):
    page = (scenarios.parent / "docs" / "policies.md").read_text()
    source = ast.parse((Path(precopy.__file__).parent / "rules.py").read_text())
    classes = {node.name: node for node in source.body if isinstance(node, ast.ClassDef)}
    for kind, word in ((precopy.ThrottleStep, "throttle"), (precopy.SwitchoverStep, "switchover")):
        table = page.split(f"<!-- drawn: {word} quantities -->\n")[1].split("<!-- end -->")[0]
        rows = [[cell.strip() for cell in row.strip("|\n").split(" | ")] for row in table.splitlines()[2:]]
        assert [field.name for field in fields(kind)] == [row[0].strip("`") for row in rows] + ["registers"]
        told = [node.value.value for node in classes[kind.__name__].body if isinstance(node, ast.Expr)][1:-1]
        for text, (_, unit, means) in zip(told, rows, strict=True):
            text = text.replace("`", "").lower()
            assert text.startswith(means.replace("`", "").lower()), means
            assert text.endswith(f" [{unit}]."), text


def test_plan_and_drain_say_what_stands_for_a_callable(throttled):
    for name, instead in [("throttle", "policy__throttle"), ("switchover", "policy__switchover"), ("writes", "a recording")]:
        for question in (precopy.plan, precopy.drain):
            with pytest.raises(TypeError, match=f"'{name}' is an argument of run, repeat and sweep; .*{instead}"):
                question(throttled, **{name: never})

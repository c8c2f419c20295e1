"""The questions that ``precopy`` answers, a function each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from . import _native, _words
from ._native import Frame, Outcome, Scenario
from .errors import InputError
from .rules import SwitchoverRule, ThrottleRule, WriteOrder

Given = Scenario | Mapping[str, Any] | str | os.PathLike[str]
"""A scenario: one that was loaded, a dict of sections, or the path of a file."""
Path = str | os.PathLike[str]
Memory = Literal["expected", "exact"]
Document = dict[str, Any]


def load(
    scenario: Given,
    *,
    orchestrator: Path | None = None,
    sets: Mapping[str, Any] | None = None,
    **keys: Any,
) -> Scenario:
    """Reads and checks a scenario once, for many runs of it."""
    over = _words.sets(sets, keys)
    if isinstance(scenario, Scenario):
        if not over and orchestrator is None:
            return scenario
        raise InputError("keys are set where a scenario is read: precopy.load(file, link__bandwidth='10 Gbit/s')")
    return Scenario(_plain(scenario), over, orchestrator)


def run(
    scenario: Given,
    *,
    seed: int = 1,
    memory: Memory = "expected",
    throttle: ThrottleRule | None = None,
    switchover: SwitchoverRule | None = None,
    writes: WriteOrder | Mapping[int, WriteOrder] | None = None,
    orchestrator: Path | None = None,
    sets: Mapping[str, Any] | None = None,
    **keys: Any,
) -> Outcome:
    """What happens if this guest is migrated? As ``precopy run``.

    Keys of the scenario are set by ``sets={"link.bandwidth": "10 Gbit/s"}`` or by ``link__bandwidth="10 Gbit/s"``.
    ``throttle`` and ``switchover`` decide in the place of QEMU, and of a rule that the scenario names. ``writes`` says which
    page each write of the first workload hits, or of each workload in a dict.
    """
    return load(scenario, orchestrator=orchestrator, sets=sets, **keys).run(
        seed, memory, throttle, switchover, writes
    )


def repeat(
    scenario: Given,
    repeats: int,
    *,
    seed: int = 1,
    memory: Memory = "expected",
    jobs: int | None = None,
    throttle: ThrottleRule | None = None,
    switchover: SwitchoverRule | None = None,
    writes: WriteOrder | Mapping[int, WriteOrder] | None = None,
    orchestrator: Path | None = None,
    sets: Mapping[str, Any] | None = None,
    **keys: Any,
) -> Frame:
    """The same with seeds from ``seed`` on, a row for each run. As ``precopy run --repeats``."""
    return load(scenario, orchestrator=orchestrator, sets=sets, **keys).repeat(
        repeats, seed, memory, jobs, throttle, switchover, writes
    )


def sweep(
    scenario: Given,
    vary: Mapping[str, Any] | Iterable[str] | str | None = None,
    *,
    design: Literal["grid", "random", "latin-hypercube", "sobol"] | None = None,
    points: int | None = None,
    repeats: int | None = None,
    summary: bool = False,
    seed: int = 1,
    memory: Memory = "expected",
    jobs: int | None = None,
    throttle: ThrottleRule | None = None,
    switchover: SwitchoverRule | None = None,
    writes: WriteOrder | Mapping[int, WriteOrder] | None = None,
    orchestrator: Path | None = None,
    sets: Mapping[str, Any] | None = None,
    **keys: Any,
) -> Frame:
    """How does that change over these ranges? As ``precopy sweep``.

    ``vary`` maps keys to lists of values or to ranges: ``{"link.bandwidth": "1..100 Gbit/s/20 log"}``.
    """
    over = _words.sets(sets, keys)
    if isinstance(scenario, Scenario) and orchestrator is not None:
        raise InputError("an orchestrator is named where a scenario is read: precopy.load(file, orchestrator='nova')")
    return _native.sweep(
        _plain(scenario), over, orchestrator, _words.varied(vary), design, points, repeats, summary, seed, memory, jobs,
        throttle, switchover, writes,
    )  # fmt: skip


def plan(
    scenario: Given,
    *,
    goal: Iterable[str] | str = (),
    by: Iterable[str] | str = (),
    pairs: int | None = None,
    repeats: int | None = None,
    share: str | None = None,
    as_: str | None = None,
    link: str | None = None,
    vm: str | None = None,
    scheduler: str | None = None,
    window: str | None = None,
    seed: int = 1,
    memory: Memory = "expected",
    jobs: int | None = None,
    orchestrator: Path | None = None,
    sets: Mapping[str, Any] | None = None,
    **keys: Any,
) -> Document:
    """What is the smallest change that makes it work? The document of ``precopy plan --format json``."""
    flags = _words.flags(
        goal=_several(goal), by=_several(by), pairs=pairs, repeats=repeats, in_=share, as_=as_, link=link, vm=vm,
        scheduler=scheduler, window=window, seed=seed, memory=memory,
    )  # fmt: skip
    return _asked("plan", scenario, flags, orchestrator, _words.sets(sets, keys), jobs)


def drain(
    fleet: Given,
    *,
    link: str | None = None,
    scheduler: str | None = None,
    window: str | None = None,
    within: str | None = None,
    goal: Iterable[str] | str = (),
    share: str | None = None,
    slots: int | None = None,
    order: str | None = None,
    host: str | None = None,
    assume: str | None = None,
    loads: Path | None = None,
    flavors: Path | None = None,
    search: bool = False,
    repeats: int | None = None,
    seed: int = 1,
    memory: Memory = "expected",
    jobs: int | None = None,
    orchestrator: Path | None = None,
    sets: Mapping[str, Any] | None = None,
    **keys: Any,
) -> Document:
    """How long until this host is empty? The document of ``precopy drain --format json``."""
    flags = _words.flags(
        link=link, scheduler=scheduler, window=window, within=within, goal=_several(goal), in_=share, slots=slots,
        order=order, host=host, assume=assume, loads=loads, flavors=flavors, search=search, repeats=repeats, seed=seed,
        memory=memory,
    )  # fmt: skip
    return _asked("drain", fleet, flags, orchestrator, _words.sets(sets, keys), jobs)


def fit(
    traces: Iterable[Path] | Path,
    *,
    scenario: Given | None = None,
    nth: int = 1,
    seed: int = 1,
    jobs: int | None = None,
) -> Document:
    """Which scenario explains these real migrations? The document of ``precopy fit --format json``, and ``scenario``: its text."""
    known = None if scenario is None else load(scenario)
    text, report = _native.fit([os.fspath(path) for path in _paths(traces)], known, nth, seed, jobs)
    return {**json.loads(report), "scenario": text}


def why(log: Path, *, orchestrator: str | None = None, nth: int | None = None, jobs: int | None = None) -> list[Document]:
    """Why did these migrations end as they did? The documents of ``precopy why --format json``, and ``text``: the page."""
    return [{**json.loads(answer), "text": text} for answer, text in _native.why(os.fspath(log), orchestrator, nth, jobs)]


def _asked(
    command: str, given: Given, flags: list[str], orchestrator: Path | None, sets: list[str], jobs: int | None
) -> Document:
    path, texts = (os.fspath(given), None) if isinstance(given, (str, os.PathLike)) else ("-", _plain(given))
    words = [command, path, *flags, "--format=json", "--quiet", *_words.flags(orchestrator=orchestrator, set=sets)]
    document: Document = json.loads(_native.ask(words, texts, jobs))
    return document


def _plain(given: Given) -> Any:
    """A scenario as the native half takes it."""
    return dict(given) if isinstance(given, Mapping) and not isinstance(given, dict) else given


def _several(given: Iterable[str] | str) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _paths(given: Iterable[Path] | Path) -> list[Path]:
    return [given] if isinstance(given, (str, os.PathLike)) else list(given)

"""Arguments of Python in the words of the command line."""

from __future__ import annotations

import json
import numbers
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import InputError

AS_SPELLED = ("orchestrator", "scheduler")
"""Sections whose keys are spelled as the products spell them, with their underscores."""
CALLABLES = {
    "throttle": "plan and drain take a rule as a text, as in policy__throttle='throttle + 5 %' (docs/policies.md)",
    "switchover": "plan and drain take a rule as a text, as in policy__switchover='qemu or time > 60' (docs/policies.md)",
    "writes": "plan and drain take a recording of it, a workload of the kind 'recording' (docs/own-workloads.md)",
}
"""Arguments that are callables, and what stands for each where none can be asked."""


def key(name: str) -> str:
    """A keyword as a key of the scenario: two underscores are a dot, one is a dash.

    >>> key("qemu__auto_converge"), key("orchestrator__live_migration_downtime")
    ('qemu.auto-converge', 'orchestrator.live_migration_downtime')
    """
    section, *rest = name.split("__")
    words = rest if section in AS_SPELLED else [word.replace("_", "-") for word in rest]
    return ".".join([section, *words])


def sets(given: Mapping[str, Any] | None, keys: Mapping[str, Any]) -> list[str]:
    """Values for keys of the scenario, each as ``--set`` takes it."""
    named = {}
    for name, value in keys.items():
        if name in CALLABLES:
            raise TypeError(f"{name!r} is an argument of run, repeat and sweep; {CALLABLES[name]}")
        if "__" not in name and "." not in name:
            raise TypeError(
                f"{name!r} is no argument; a key of the scenario has its section in front, as in link__bandwidth='10 Gbit/s'"
            )
        named[name if "." in name else key(name)] = value
    return [
        f"{path}={written(value)}"
        for path, value in flat({**(given or {}), **named})
    ]


def flat(values: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    """Values of nested dicts, each with its whole path."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def written(value: Any, inner: bool = False) -> str:
    """A value as ``--set`` takes it."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(name)} = {written(item, inner=True)}" for name, item in value.items()) + " }"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if inner else value
    if isinstance(value, (bool, numbers.Number)) or hasattr(value, "__float__"):
        return number(value)
    if isinstance(value, Iterable):
        return "[" + ", ".join(written(item, inner=True) for item in value) + "]"
    raise InputError(f"a value of the type {type(value).__name__} is no value of a scenario")


def number(value: Any) -> str:
    """A number, or true and false."""
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return "true" if value else "false"
    return repr(int(value)) if hasattr(value, "__index__") else repr(float(value))


def varied(vary: Mapping[str, Any] | Iterable[str] | str | None) -> list[str]:
    """Ranges, each as ``--vary`` takes it: a list of values is written with commas."""
    if vary is None:
        return []
    if isinstance(vary, str):
        return [vary]
    if not isinstance(vary, Mapping):
        return list(vary)
    return [
        f"{name}={values if isinstance(values, str) else ','.join(map(written, values))}"
        for name, values in vary.items()
    ]


def flags(**given: Any) -> list[str]:
    """Arguments as flags: what is None or False is left out, and a list gives its flag several times."""
    words = []
    for name, value in given.items():
        flag = "--" + name.rstrip("_").replace("_", "-")
        if value is True:
            words.append(flag)
        elif isinstance(value, (list, tuple)):
            words += [f"{flag}={item}" for item in value]
        elif value is not None and value is not False:
            words.append(f"{flag}={value}")
    return words

"""The package as a whole."""

import doctest
import importlib
import importlib.metadata
import json
from pathlib import Path

import precopy
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


@pytest.mark.parametrize("name", ["precopy", "precopy._words"])
def test_examples_hold(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted and not found.failed


def test_all_versions_are_one(guest):
    document = json.loads(precopy.run(guest).to_json())
    assert document["precopy"] == precopy.__version__ == importlib.metadata.version("precopy")


def test_the_page_shows_what_happens(monkeypatch):
    """Every block of Python on the page runs, and what a comment gives as a value is the value."""
    monkeypatch.chdir(PAGE.parents[1])
    text = PAGE.read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in text.split("```python\n")[1:]]
    assert len(blocks) >= 4
    names: dict = {}
    checked = 0
    for block in blocks:
        exec(block, names)  # noqa: S102
        for line in block.splitlines():
            code, _, said = line.partition("  # ")
            if said and not line.startswith("print"):
                value = repr(eval(code, names)) if not code.startswith(" ") else None  # noqa: S307
                checked += value is not None and said.strip().startswith(value)
                assert value is None or said.strip().startswith(value), line
    assert checked >= 4


def test_the_page_lists_every_function():
    text = PAGE.read_text(encoding="utf-8")
    for name in ("run", "repeat", "sweep", "plan", "drain", "fit", "why", "load"):
        assert f"| `{name}(" in text

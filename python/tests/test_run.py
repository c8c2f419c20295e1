"""One migration."""

import ast
import json
from pathlib import Path

import precopy
import pytest


def test_a_file_a_dict_and_a_loaded_scenario_are_the_same_guest(tmp_path, guest):
    loaded = precopy.load(guest)
    path = tmp_path / "guest.toml"
    path.write_text(loaded.text)
    outcome = precopy.run(guest)
    assert outcome.verdict == "converged"
    assert precopy.run(path) == precopy.run(str(path)) == loaded.run() == outcome
    assert precopy.run(path).scenario.name == "guest"


def test_keys_are_set_by_name_or_by_path(guest):
    by_name = precopy.run(guest, link__bandwidth="1 Gbit/s", qemu__auto_converge=True)
    by_path = precopy.run(guest, sets={"link.bandwidth": "1 Gbit/s", "qemu": {"auto-converge": True}})
    assert by_name == by_path != precopy.run(guest)
    assert by_name.scenario.sets == ["link.bandwidth=1 Gbit/s", "qemu.auto-converge=true"]


def test_an_orchestrator_is_a_word_and_its_options_are_spelled_as_it_spells_them(guest):
    outcome = precopy.run(
        guest,
        orchestrator="nova",
        orchestrator__live_migration_completion_timeout=1,
        guest__workload=[{"kind": "uniform", "rate": "900000 pages/s"}],
    )
    assert outcome.verdict == "aborted"
    assert outcome.actions[-1]["action"] == "abort"


def test_a_figure_that_there_is_none_of_is_none(scenarios):
    outcome = precopy.run(scenarios / "never-converges.toml")
    assert (outcome.verdict, outcome.downtime_ms, outcome.xbzrle_pages) == ("not-converged", None, None)
    assert outcome.to_dict()["downtime_ms"] is None
    with pytest.raises(AttributeError, match="no `downtime`"):
        outcome.downtime


def test_seeds_and_memory_models(scenarios):
    varied = {"guest.rate-spread": {"law": "log-normal", "deviation": "20 %"}}
    run = lambda **how: precopy.run(scenarios / "throttle-decides.toml", sets=varied, **how)  # noqa: E731
    assert run(seed=3) == run(seed=3) != run(seed=4)
    assert run(seed=3).seed == 3
    with pytest.raises(precopy.InputError, match="`expected` or `exact`"):
        run(memory="some")


def test_the_page_and_the_document_are_those_of_the_command(scenarios):
    outcome = precopy.run(scenarios / "database-1g.toml")
    assert str(outcome).startswith("converged, 113 s in total\n")
    document = json.loads(outcome.to_json())
    assert document["scenario"] == "database-1g"
    assert document["downtime_ms"] == outcome.downtime_ms


def test_the_timeline_ends_where_the_migration_does(guest):
    outcome = precopy.run(guest)
    rows = outcome.timeline().to_dicts()
    assert (rows[0]["event"], rows[-1]["event"]) == ("start", "end")
    assert rows[-1]["t_ms"] == outcome.total_time_ms
    assert rows[-1]["detail"] is None


def test_the_stub_has_every_field(guest):
    outcome = precopy.run(guest)
    stub = ast.parse((Path(precopy.__file__).parent / "_native.pyi").read_text())
    declared = next(node for node in stub.body if isinstance(node, ast.ClassDef) and node.name == "Outcome")
    names = [node.name for node in declared.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    assert sorted(names) == sorted(dir(outcome))
    returned = {node.name: ast.unparse(node.returns) for node in declared.body if isinstance(node, ast.FunctionDef)}
    kinds = {"Verdict": str, "str": str, "int": int, "float": float}
    for name, value in outcome.to_dict().items():
        assert isinstance(value, kinds[returned[name].removesuffix(" | None")]) or value is None, name
        assert value is not None or returned[name].endswith("None"), name

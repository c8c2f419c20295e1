"""What is refused."""

import os
import pickle
import signal
import subprocess
import sys
import time

import precopy
import pytest


def test_a_fault_has_its_place_and_what_to_do(tmp_path):
    path = tmp_path / "guest.toml"
    path.write_text('[guest]\nmemory = "16 GiBs"\n[link]\nbandwith = "1 Gbit/s"\n')
    with pytest.raises(precopy.InputError) as caught:
        precopy.run(path)
    error = caught.value
    assert (error.file, error.line, error.column, error.remedy) == (str(path), 2, 10, "did you mean `GiB`?")
    assert [(fault.line, fault.column, fault.remedy) for fault in error.faults] == [
        (2, 10, "did you mean `GiB`?"),
        (4, 1, "did you mean `bandwidth`?"),
    ]
    assert f"--> {path}:2:10" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.faults) == (str(error), error.faults)
    assert isinstance(error, (ValueError, precopy.PrecopyError))


def test_a_flag_is_named_with_its_value(guest):
    with pytest.raises(precopy.InputError) as caught:
        precopy.run(guest, link__bandwith="1 Gbit/s")
    assert (caught.value.file, caught.value.line) == ("--set 'link.bandwith=1 Gbit/s'", None)
    with pytest.raises(TypeError, match="has its section in front"):
        precopy.run(guest, bandwidth="1 Gbit/s")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"guest": {"memory": None}}, "`guest.memory` is None; leave the key out"),
        ({"guest": {"memory": object()}}, "`guest.memory` is of the type object"),
        ({"guest": {1: 2}}, "a key of guest is no text: 1"),
        ({"guest": {"memory": 1 << 70}}, "`guest.memory` is larger than"),
        ("nowhere.toml", "cannot read `nowhere.toml`"),
        (3, "the path of a file, a dict or a Scenario, not int"),
    ],
)
def test_what_is_no_scenario_is_told(given, words):
    with pytest.raises(precopy.InputError) as caught:
        precopy.run(given)
    assert words in str(caught.value)


def test_what_is_odd_is_a_warning(guest):
    with pytest.warns(precopy.ScenarioWarning, match="xbzrle-cache-size") as caught:
        precopy.run(guest, qemu__xbzrle_cache_size="64 MiB")
    assert caught[0].filename.endswith("questions.py") or caught[0].filename == __file__


def test_questions_in_words_of_the_command_complain_as_it_does(scenarios, guest):
    with pytest.raises(precopy.InputError) as caught:
        precopy.plan(guest, goal="downtime <= 3")
    assert caught.value.remedy == "did you mean `downtime_ms`?"
    with pytest.raises(precopy.InputError, match="does not say how fast the link is"):
        precopy.drain(scenarios / "fleets" / "small-host.csv")
    with pytest.raises(precopy.InputError, match="invalid value 'some' for '--scheduler"):
        precopy.drain(scenarios / "fleets" / "small-host.csv", link="25G", scheduler="some")


LONG = """
import sys, precopy
guest = {"guest": {"memory": "64 GiB", "workload": [{"kind": "uniform", "rate": "2000000 pages/s"}]},
         "link": {"bandwidth": "10 Gbit/s"}, "limits": {"time": "100 h"}, "qemu": {"max-bandwidth": 0}}
print("begun", flush=True)
try:
    if sys.argv[1] == "run":
        precopy.run(guest, memory="exact")
    else:
        precopy.sweep(guest, {"guest.workload.0.rate": "1000000..2000000 pages/s/100"}, memory="exact")
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("question", ["run", "sweep"])
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_work_that_is_under_way(question):
    program = subprocess.Popen([sys.executable, "-c", LONG, question], stdout=subprocess.PIPE, text=True)
    assert program.stdout.readline() == "begun\n"
    time.sleep(1)
    start = time.monotonic()
    program.send_signal(signal.SIGINT)
    assert program.communicate(timeout=60)[0] == "interrupted\n"
    assert time.monotonic() - start < 5

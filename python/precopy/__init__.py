"""QEMU live migration, simulated: will it converge, how long will it take, and what does it cost the guest?

>>> import precopy
>>> outcome = precopy.run(
...     {"guest": {"memory": "8 GiB"}, "link": {"bandwidth": "10 Gbit/s"}, "qemu": {"max-bandwidth": 0}}
... )
>>> outcome.verdict
'converged'
"""

from ._native import VERSION as __version__
from ._native import Frame, Outcome, Scenario
from .errors import Fault, InputError, OutsideError, PrecopyError, ScenarioWarning
from .questions import drain, fit, load, plan, repeat, run, sweep, why
from .rules import SwitchoverRule, SwitchoverStep, ThrottleRule, ThrottleStep, WriteOrder, WriteStep

__all__ = [
    "Fault",
    "Frame",
    "InputError",
    "Outcome",
    "OutsideError",
    "PrecopyError",
    "Scenario",
    "ScenarioWarning",
    "SwitchoverRule",
    "SwitchoverStep",
    "ThrottleRule",
    "ThrottleStep",
    "WriteOrder",
    "WriteStep",
    "__version__",
    "drain",
    "fit",
    "load",
    "plan",
    "repeat",
    "run",
    "sweep",
    "why",
]

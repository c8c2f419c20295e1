"""What a rule of one's own is given, and what it may return.

>>> import precopy
>>> def half_the_overshoot(step: precopy.ThrottleStep) -> float:
...     return step.throttle + (step.dirty / step.sent - 1) / 2
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ._native import WriteStep

__all__ = ["SwitchoverRule", "SwitchoverStep", "ThrottleRule", "ThrottleStep", "WriteOrder", "WriteStep"]


@dataclass
class ThrottleStep:
    """A period that has closed, as a throttle rule sees it."""

    throttle: float
    """The throttle in force [share]."""
    dirty: float
    """Dirtied in the period [bytes]."""
    sent: float
    """Sent in the period [bytes]."""
    limit: float
    """What ``dirty`` must exceed for QEMU: ``trigger`` of ``sent``, cut to whole bytes [bytes]."""
    initial: float
    """``cpu-throttle-initial`` [share]."""
    increment: float
    """``cpu-throttle-increment`` [share]."""
    max: float
    """``max-cpu-throttle`` [share]."""
    tailslow: float
    """``cpu-throttle-tailslow`` [0 or 1]."""
    trigger: float
    """``throttle-trigger-threshold`` [share]."""
    syncs: float
    """``dirty-sync-count`` [count]."""
    period: float
    """How long the period was [s]."""
    time: float
    """Since the migration began [s]."""
    deadline: float
    """``policy.deadline``; infinite where none is given [s]."""
    memory: float
    """The guest's RAM [bytes]."""
    remaining: float
    """Left to be sent, after the sync [bytes]."""
    bandwidth: float
    """Of the last window, as QEMU reckons it [bytes/s]."""
    threshold: float
    """What may be left when the guest is stopped [bytes]."""
    page: float
    """Of a page [bytes]."""
    registers: list[float]
    """Four numbers: 0 when a migration begins, then what the rule left in them."""


@dataclass
class SwitchoverStep:
    """A sync that ends a pass, as a switchover rule sees it."""

    remaining: float
    """Left to be sent, after the sync [bytes]."""
    threshold: float
    """What may be left for QEMU [bytes]."""
    qemu: float
    """QEMU's own rule would stop the guest [0 or 1]."""
    bandwidth: float
    """Of the last window, as QEMU reckons it [bytes/s]."""
    dirtied: float
    """``dirty-pages-rate`` of the last period [bytes/s]."""
    throttle: float
    """The throttle in force [share]."""
    syncs: float
    """``dirty-sync-count`` [count]."""
    time: float
    """Since the migration began [s]."""
    deadline: float
    """``policy.deadline``; infinite where none is given [s]."""
    downtime_limit: float
    """``downtime-limit`` [s]."""
    memory: float
    """The guest's RAM [bytes]."""
    page: float
    """Of a page [bytes]."""
    registers: list[float]
    """Four numbers: 0 when a migration begins, then what the rule left in them."""


ThrottleRule = Callable[[ThrottleStep], float | None]
"""Returns the throttle from now on, as a share of the vCPUs' time; None or NaN leaves it as it is."""
SwitchoverRule = Callable[[SwitchoverStep], float | None]
"""Returns whether the guest is stopped now: True, or a number that is not 0."""
WriteOrder = Callable[[WriteStep], int]
"""Returns the page of the region that a write hits, from 0 on."""

"""The native half of the package."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal, final

import pandas
import polars
import pyarrow  # type: ignore[import-untyped]

from .rules import SwitchoverRule, ThrottleRule, WriteOrder

VERSION: str

Verdict = Literal["converged", "post-copy", "paused", "aborted", "not-converged"]
_Path = str | PathLike[str]
_Memory = Literal["expected", "exact"]

@final
class Frame:
    """Rows and columns; pandas, polars, pyarrow and others read them through ``__arrow_c_stream__``, texts without a copy."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    def to_arrow(self) -> pyarrow.Table:
        """As a table of pyarrow."""

    def to_pandas(self) -> pandas.DataFrame:
        """As a frame of pandas, by way of pyarrow. Words stay in Arrow's memory; a number that is not there is NaN."""

    def to_polars(self) -> polars.DataFrame:
        """As a frame of polars."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """Every row as a dict, for those without a library for data frames."""

@final
class WriteStep:
    """A write, as an order of writes sees it."""

    registers: list[float]
    """Four numbers: 0 when a migration begins, then what the order left in them."""

    @property
    def write(self) -> int:
        """Number of the write, from 0 on [count]."""

    @property
    def region(self) -> int:
        """Pages of the region [pages]."""

    def below(self, end: int) -> int:
        """A whole number below ``end``, each with the same chance, from the workload's own random stream."""

    def share(self) -> float:
        """A number from 0 up to 1, without 1, from the workload's own random stream."""

@final
class Scenario:
    """A scenario, read and checked once."""

    def __new__(cls, scenario: object, sets: Sequence[str] = ..., orchestrator: _Path | None = None) -> Scenario: ...
    @property
    def name(self) -> str:
        """The name under which results speak of it."""

    @property
    def text(self) -> str:
        """The scenario's text: TOML."""

    @property
    def sets(self) -> list[str]:
        """The values that are set over the text, each as ``--set`` takes it."""

    def run(
        self,
        seed: int = 1,
        memory: _Memory = "expected",
        throttle: ThrottleRule | None = None,
        switchover: SwitchoverRule | None = None,
        writes: WriteOrder | Mapping[int, WriteOrder] | None = None,
    ) -> Outcome:
        """One migration."""

    def repeat(
        self,
        repeats: int,
        seed: int = 1,
        memory: _Memory = "expected",
        jobs: int | None = None,
        throttle: ThrottleRule | None = None,
        switchover: SwitchoverRule | None = None,
        writes: WriteOrder | Mapping[int, WriteOrder] | None = None,
    ) -> Frame:
        """Many migrations, with seeds from ``seed`` on: a row each."""

@final
class Outcome:
    """How a migration ended. Times are in ms, sizes in bytes, shares in per cent; what there is none of is None."""

    @property
    def verdict(self) -> Verdict:
        """How it ended."""

    @property
    def reason(self) -> str:
        """One sentence: what decided it."""

    @property
    def total_time_ms(self) -> float:
        """As `query-migrate` defines it: from the command to the end [ms]."""

    @property
    def setup_time_ms(self) -> float | None:
        """Phase 1 [ms]; none if it was over before phase 1 was."""

    @property
    def downtime_ms(self) -> float | None:
        """From the decision to stop the guest to completion, on the source's clock [ms]; none without an end."""

    @property
    def longest_stall_ms(self) -> float:
        """Longest time in which no vCPU ran, blackout or throttle sleep [ms]."""

    @property
    def dirty_sync_count(self) -> int:
        """Syncs, the first and the final one included."""

    @property
    def transferred_bytes(self) -> int:
        """RAM counter up to 8.1, all wire bytes from 8.2 [bytes]."""

    @property
    def mean_rate_bytes_per_s(self) -> float | None:
        """Those by the time behind the setup [bytes/s]; none if nothing is behind it."""

    @property
    def normal_pages(self) -> int:
        """Full pages sent, a page sent twice counted twice [pages]."""

    @property
    def duplicate_pages(self) -> int:
        """Zero pages sent [pages]."""

    @property
    def xbzrle_pages(self) -> int | None:
        """`xbzrle-cache.pages`, which releases count differently [pages]; this and the next three: none without XBZRLE."""

    @property
    def xbzrle_bytes(self) -> int | None:
        """`xbzrle-cache.bytes`: what those pages took [bytes]."""

    @property
    def xbzrle_cache_miss(self) -> int | None:
        """`xbzrle-cache.cache-miss`: pages that were sent whole, as the cache had no copy [pages]."""

    @property
    def xbzrle_overflow(self) -> int | None:
        """`xbzrle-cache.overflow`: pages that were sent whole, as the difference was longer [pages]."""

    @property
    def remaining_bytes(self) -> int:
        """Still to send at the end; 0 after completion [bytes]."""

    @property
    def throttle_max_pct(self) -> float:
        """Highest throttle [%]; for 1.6 to 2.4, whose throttle has no percentage, its share of sleep at full speed."""

    @property
    def throttle_final_pct(self) -> float | None:
        """Throttle when the guest was stopped [%]; none without an end."""

    @property
    def throttled_time_ms(self) -> float:
        """Time with a throttle [ms]."""

    @property
    def throttled_over_90_ms(self) -> float:
        """Time with a throttle of 90 % or more [ms]."""

    @property
    def guest_work_lost_ms(self) -> float:
        """Work that the guest was asked for and did not get done, as time of its own pace [ms]."""

    @property
    def guest_slowdown_pct(self) -> float | None:
        """Work not done as a share of the migration's time [%]; none if it took no time."""

    @property
    def running_slowdown_pct(self) -> float | None:
        """Work not done while the guest ran, as a share of that time [%]: the slowdown without the blackout; none if it did not run."""

    @property
    def expected_downtime_ms(self) -> float | None:
        """Last `expected-downtime` [ms]; none before the first window is over, and where an orchestrator decides the end."""

    @property
    def threshold_bytes(self) -> int | None:
        """`threshold_size` at the end: what must remain for QEMU to stop the guest [bytes]; none without an end, and where an orchestrator decides it."""

    @property
    def postcopy_time_ms(self) -> float:
        """Time in post-copy [ms]."""

    @property
    def postcopy_faults(self) -> int:
        """Pages that the destination asked for [pages]."""

    @property
    def postcopy_stall_ms(self) -> float:
        """vCPU time spent waiting for those pages [ms]."""

    @property
    def scenario(self) -> Scenario:
        """The scenario that was run."""

    @property
    def seed(self) -> int:
        """The root of every random stream."""

    @property
    def actions(self) -> list[dict[str, Any]]:
        """What the orchestrator did, when and why: a dict each, as in the JSON of the command."""

    def to_dict(self) -> dict[str, Any]:
        """Every field."""

    def to_json(self) -> str:
        """The document that ``precopy run --format json`` writes."""

    def timeline(self) -> Frame:
        """What happened when: a row per sync, per throttle step and per sample."""

    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

def sweep(
    scenario: object,
    sets: Sequence[str],
    orchestrator: _Path | None,
    varies: Sequence[str],
    design: str | None,
    points: int | None,
    repeats: int | None,
    summary: bool,
    seed: int,
    memory: str,
    jobs: int | None,
    throttle: ThrottleRule | None = None,
    switchover: SwitchoverRule | None = None,
    writes: WriteOrder | Mapping[int, WriteOrder] | None = None,
) -> Frame: ...
def ask(words: Sequence[str], given: object = None, jobs: int | None = None) -> str: ...
def fit(
    traces: Sequence[str], scenario: Scenario | None, nth: int, seed: int, jobs: int | None
) -> tuple[str, str]: ...
def why(log: str, orchestrator: str | None, nth: int | None, jobs: int | None) -> list[tuple[str, str]]: ...

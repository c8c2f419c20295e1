"""What is refused, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Fault", "InputError", "OutsideError", "PrecopyError", "ScenarioWarning"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a scenario, a fleet or a goal."""

    message: str
    """What is wrong, in a sentence."""
    label: str
    """A few words on the text at that place."""
    file: str
    """The file, or the flag with its value."""
    line: int | None
    """Line in the file, from 1; None of a flag, and of what is missing from the file as a whole."""
    column: int | None
    """Column in that line, from 1."""
    remedy: str | None
    """What to do."""


class PrecopyError(Exception):
    """Base of all exceptions of this package."""


class InputError(PrecopyError, ValueError):
    """An argument or a file is wrong; the command would end with exit code 2.

    ``faults`` has every fault with its place. ``file``, ``line``, ``column`` and ``remedy`` are those of the first one, and None
    where no place can be told. ``str()`` draws all faults with the lines that they are in.
    """

    faults: list[Fault]
    file: str | None
    line: int | None
    column: int | None
    remedy: str | None

    def __init__(self, text: str, faults: list[Fault] | None = None) -> None:
        super().__init__(text)
        self.faults = faults or []
        first = self.faults[0] if self.faults else None
        self.file = first.file if first else None
        self.line = first.line if first else None
        self.column = first.column if first else None
        self.remedy = first.remedy if first else None

    def __reduce__(self) -> tuple[type[InputError], tuple[str, list[Fault]]]:
        return (type(self), (str(self), self.faults))


class OutsideError(PrecopyError):
    """Something outside of the program failed; the command would end with exit code 3."""

    def __init__(self, text: str, faults: None = None) -> None:
        super().__init__(text)


class ScenarioWarning(UserWarning):
    """A scenario is used, and something in it is most likely not what was meant."""

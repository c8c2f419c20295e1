"""What all tests share."""

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def scenarios() -> Path:
    return CHECKOUT / "scenarios"


@pytest.fixture
def guest() -> dict:
    """A guest that converges."""
    return {
        "guest": {"memory": "4 GiB", "workload": [{"kind": "uniform", "region": "1 GiB", "rate": "20000 pages/s"}]},
        "link": {"bandwidth": "10 Gbit/s"},
        "qemu": {"version": "8.2", "max-bandwidth": 0},
    }

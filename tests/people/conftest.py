"""The time, for the tests of people."""

from collections.abc import Iterator

import pytest

from junzi.kit import clock
from tests.support.house import Running


@pytest.fixture
def time(served: Running) -> Iterator[clock.SimulatedClock]:
    """The time as the test tells it, once a house is served."""
    simulated = clock.SimulatedClock(clock.now())
    clock.use(simulated)
    yield simulated
    clock.use(None)

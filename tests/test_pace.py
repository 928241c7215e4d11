"""As many workers as pay: half of them at first, then all, then whichever is faster."""

from __future__ import annotations

import pytest

from artstylenet.extraction.pace import SAMPLE, WARM_UP, Pace


def settle(pace: Pace, rate_of: dict[int, float], now: list[float]) -> list[int]:
    """Finish files at the rates of so many workers; return how many workers there were."""
    seen = []
    for _ in range(20 * (WARM_UP + SAMPLE) * max(rate_of)):
        now[0] += 1 / rate_of[pace.n_workers]
        pace.file_done()
        if not seen or seen[-1] != pace.n_workers:
            seen.append(pace.n_workers)
    return seen


@pytest.mark.parametrize(
    ("most", "rate_of", "expected"),
    [
        (8, {4: 10.0, 8: 19.0}, [4, 8]),
        (8, {4: 10.0, 8: 10.2}, [4, 8, 4]),
        (8, {4: 10.0, 8: 6.0}, [4, 8, 4]),
        (5, {3: 10.0, 5: 10.0}, [3, 5, 3]),
        (3, {3: 10.0}, [3]),
        (1, {1: 10.0}, [1]),
    ],
)
def test_what_is_faster_goes_on(most, rate_of, expected):
    now = [0.0]
    assert settle(Pace(most, clock=lambda: now[0]), rate_of, now) == expected


def test_who_names_a_number_gets_it():
    now = [0.0]
    pace = Pace(8, is_settled=True, clock=lambda: now[0])
    assert settle(pace, {8: 10.0}, now) == [8]

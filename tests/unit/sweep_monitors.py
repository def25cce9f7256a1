"""Monitors of scripted sweeps, and what is seen of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from nbtrain.widgets.sweep_monitor import SweepMonitor
from tests.scripted_sweep import ScriptedSweep


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def monitor_of(sweep: ScriptedSweep) -> SweepMonitor:
    given: Any = sweep
    return SweepMonitor(given)


def part(monitor: SweepMonitor, name: str) -> Any:
    return monitor.explorer._parts[name]


def snapshot(monitor: SweepMonitor) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(monitor.chart.get_state()["snapshot"])
    return told

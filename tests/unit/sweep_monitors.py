"""Monitors of scripted sweeps, and what is seen of them."""

from __future__ import annotations

import json
from typing import Any

from nbtrain.widgets.sweep_monitor import SweepMonitor
from tests.scripted_sweep import ScriptedSweep


def monitor_of(sweep: ScriptedSweep) -> SweepMonitor:
    given: Any = sweep
    return SweepMonitor(given)


def part(monitor: SweepMonitor, name: str) -> Any:
    return monitor.explorer._parts[name]


def snapshot(monitor: SweepMonitor) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(monitor.chart.get_state()["snapshot"])
    return told

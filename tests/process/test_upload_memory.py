"""The service's memory doesn't grow with what is uploaded.

The benchmark upload_memory sends twenty times as much.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks.upload_memory import MEBIBYTE, cases, peak, send
from tests.daemon_process import start_daemon

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")

SIZE = 24 * MEBIBYTE


def test_large_uploads(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        daemon.token()
        at_rest = peak(daemon)
        for name, body in cases(SIZE).items():
            if name == "larger than the limit":
                continue  # a gibibyte
            status, message = send(daemon, body)
            assert status == 400, (name, message)
            assert peak(daemon) < at_rest + 12, name
            assert list((tmp_path / "runs").iterdir()) == []

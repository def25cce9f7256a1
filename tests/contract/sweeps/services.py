"""Services that sweep in their ways, and what a sweep has made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nbtrain import KnovvuService, LocalService, Sweep, TrainingRequest
from nbtrain.home import ServiceRecord
from nbtrain.progress import RunState, RunStatus


class PlainLocalService(LocalService):
    """The local service as one that knows only runs; notes what is handed in."""

    capabilities = replace(LocalService.capabilities, sweep=False)

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.model_ids: list[str] = []

    def submit(self, request: TrainingRequest) -> RunStatus:
        self.model_ids.append(request.model_id)
        return super().submit(request)


def knovvu(service: LocalService) -> KnovvuService:
    service.health()
    record = ServiceRecord.load(service.home)
    assert record is not None
    return KnovvuService(record.url, record.client_id, record.client_secret)


def done(swept: Sweep) -> list[int]:
    return [fit.n_clusters for fit in swept.fits() if fit.state is RunState.SUCCEEDED]

"""Einstein's usage call: how many predictions were made, by month."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...protocols.einstein_predictions import UNLIMITED, USAGE_PATH, usage_to_json
from ..model_store import usage
from ..storage import StoreThread

__all__ = ["EinsteinUsage"]


@dataclass(frozen=True, slots=True)
class EinsteinUsage:
    """Predictions by calendar month; ``limit`` is the most of them in one."""

    db: StoreThread
    limit: int = UNLIMITED

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route(USAGE_PATH, self.usage, methods=["GET"])]

    async def usage(self, request: Request) -> Response:
        """List the months in which predictions were made, and this one."""
        return JSONResponse(usage_to_json(await self.db(usage), self.limit))

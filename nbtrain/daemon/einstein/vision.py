"""Einstein Vision, the sister of Einstein Language: not here, and it says so."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...protocols.einstein_access import VISION_PREFIX
from .forms import EinsteinError

__all__ = ["vision_routes"]

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def vision_routes() -> list[Route]:
    """Return routes for all that is about images."""
    return [
        Route(VISION_PREFIX, _nothing, methods=_METHODS),
        Route(f"{VISION_PREFIX}/{{rest:path}}", _nothing, methods=_METHODS),
    ]


async def _nothing(request: Request) -> Response:
    text = "This service is Einstein Language only: it reads texts, and no images."
    raise EinsteinError(404, text)

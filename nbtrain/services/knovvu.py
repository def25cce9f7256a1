"""Knovvu: text clustering in the vendor's cloud, or at any service that speaks its protocol."""

from __future__ import annotations

from urllib.parse import quote

from ..errors import NotSupported, RunNotFound
from ..progress import EpochStats, RunState, RunStatus
from ..protocols import knovvu
from ..results import TrainingResult
from ..training import TrainingRequest
from .base import Capabilities
from .http import Connection, Http
from .secrets import Secret

__all__ = ["KnovvuService"]

ALREADY_TRAINING = "This model is in training already; this is that run."


def train(
    http: Http, request: TrainingRequest, *, product_name: str, with_random_state: bool
) -> dict[str, object] | None:
    """Send a training request; the experiment object, or None if the model is training already."""
    fields = knovvu.form_fields(
        request, product_name=product_name, with_random_state=with_random_state
    )
    files = {knovvu.DATA_FILE: request.data.path}
    if request.secondary_data is not None:
        files[knovvu.SECONDARY_DATA_FILE] = request.secondary_data.path
    answer = http.post_files(knovvu.TRAIN_PATH, fields, files)
    if knovvu.is_still_training(answer.status, answer.message):
        return None
    return answer.object()


class KnovvuService:
    """The vendor's service, by the calls that its pages document.

    A model has one training at a time, so the run id is the model id. The vendor tells progress
    and stage, but no statistics of iterations, has no call to cancel, and hands out no clusters.

    Parameters
    ----------
    base_url : str
        Host of the training API.
    client_id : str
    client_secret : str or Secret
    identity_url : str, optional
        Host that gives access tokens; ``base_url`` if they are the same.
    product_name : str
        The vendor's name of the product that the model is for.
    """

    name = "knovvu"
    capabilities = Capabilities(epochs=False, cancel=False, result=False, random_state=False)

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str | Secret,
        *,
        identity_url: str | None = None,
        product_name: str = "CA",
    ) -> None:
        connection = Connection(
            base_url, identity_url or base_url, client_id, Secret(client_secret)
        )
        self._http = Http(connection)
        self._product_name = product_name

    def __repr__(self) -> str:
        return f"KnovvuService({self._http.connection.base_url!r})"

    def submit(self, request: TrainingRequest) -> RunStatus:
        """Hand in a request; see :class:`TrainingService`."""
        experiment = train(
            self._http, request, product_name=self._product_name, with_random_state=False
        )
        if experiment is None:
            return RunStatus(
                request.model_id, request.model_id, RunState.RUNNING, "training",
                message=ALREADY_TRAINING,
            )  # fmt: skip
        return knovvu.status_from_progress(
            request.model_id,
            {
                "percent": experiment.get("percent", 0),
                "trainingStatus": experiment.get("statusMessage"),
            },
        )

    def status(self, run_id: str) -> RunStatus:
        """Return a snapshot; the vendor publishes a trained model at the first such call."""
        answer = self._http.get(knovvu.progress_path(quote(run_id, safe="")))
        if answer.status == 404:
            raise RunNotFound(f"The service knows no model {run_id!r}.")
        return knovvu.status_from_progress(run_id, answer.object())

    def epochs(self, run_id: str, after: int = 0) -> tuple[EpochStats, ...]:
        """Return nothing: the vendor tells no statistics."""
        return ()

    def result(self, run_id: str) -> TrainingResult:
        """Raise NotSupported."""
        raise NotSupported(
            "Knovvu documents no call that hands out clusters. The local service does."
        )

    def cancel(self, run_id: str) -> RunStatus:
        """Raise NotSupported."""
        raise NotSupported("Knovvu documents no call that cancels a training.")

"""The models that come with the service: trained from texts of our own when first asked."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections import defaultdict
from pathlib import Path
from uuid import uuid4

from ..._version import __version__
from ...errors import DataError
from ...protocols.einstein_datasets import TEXT_INTENT, TEXT_SENTIMENT
from ...protocols.einstein_files import read_examples
from ...protocols.einstein_training import DEFAULT_ALGORITHM
from ..model_store import StoredModel, add_training, find_model
from ..storage import StoreThread
from ..supervisor import Supervisor
from .forms import EinsteinError
from .training_data import write_training_data

__all__ = ["BUILT_IN", "BuiltInModels"]

BUILT_IN = {"CommunitySentiment": TEXT_SENTIMENT, "GlobalIntentModel": TEXT_INTENT}
"""The vendor's models by id, and what they are."""

_FOLDER = Path(__file__).with_name("built_in")
_LANGUAGE = "en-US"
_POLL_SECONDS = 0.05
_WAIT_SECONDS = 25.0


class BuiltInModels:
    """Finds a model by the vendor's name for it; each is an ordinary run without a data set.

    It is trained again if it was deleted, if its training failed, if its texts are others than
    those it was trained from, or if another version of nbtrain did it, whose models may be of
    another form.

    Parameters
    ----------
    db : StoreThread
    supervisor : Supervisor
    patience : float
        Seconds that a call waits for the training.
    """

    def __init__(
        self, db: StoreThread, supervisor: Supervisor, *, patience: float = _WAIT_SECONDS
    ) -> None:
        self._db = db
        self._supervisor = supervisor
        self._patience = patience
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __call__(self, model_id: str) -> StoredModel | None:
        """Return a model that answers; None if there is no such built-in model.

        Raises
        ------
        EinsteinError
            503 while it is being trained, 500 if that failed.
        """
        if model_id not in BUILT_IN:
            return None
        source = _FOLDER / f"{model_id}.csv"
        texts = await asyncio.to_thread(source.read_bytes)
        sha256 = hashlib.sha256(__version__.encode() + b"\n" + texts).hexdigest()
        async with self._locks[model_id]:
            model = await self._db(find_model, model_id)
            if model is None or (model.newest.status.state.ended and not _is_good(model, sha256)):
                await self._train(model_id, source, sha256)
        return await self._trained(model_id, sha256)

    async def _trained(self, model_id: str, sha256: str) -> StoredModel:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while True:
            model = await self._db(find_model, model_id)
            if model is not None and _is_good(model, sha256):
                return model
            if model is None or model.newest.status.state.ended:
                why = "it was deleted" if model is None else model.newest.status.message
                raise EinsteinError(500, f"{model_id} could not be trained: {why}")
            if loop.time() > deadline:
                text = f"{model_id} is being trained, for it is new; try again in a moment."
                raise EinsteinError(503, text, {"Retry-After": "5"})
            await asyncio.sleep(_POLL_SECONDS)

    async def _train(self, model_id: str, source: Path, sha256: str) -> None:
        kind = BUILT_IN[model_id]
        run_id = str(uuid4())
        folder = self._supervisor.folder(run_id)
        try:
            await asyncio.to_thread(write_training_data, read_examples(source), folder)
        except (DataError, OSError):
            shutil.rmtree(folder, ignore_errors=True)
            raise
        await self._db(
            add_training,
            run_id=run_id,
            model_id=model_id,
            name=model_id,
            dataset_id=None,
            fields={
                "type": kind,
                "language": _LANGUAGE,
                "algorithm": DEFAULT_ALGORITHM if kind == TEXT_INTENT else "",
                "sha256": sha256,
            },
        )
        self._supervisor.wake()


def _is_good(model: StoredModel, sha256: str) -> bool:
    return model.trained is not None and model.trained.fields.get("sha256") == sha256

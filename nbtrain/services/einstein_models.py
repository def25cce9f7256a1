"""Models at an Einstein Language service: trained, looked at, asked and deleted."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from ..errors import RunNotFound
from ..evaluation import Evaluation
from ..progress import EpochStats
from ..protocols import einstein_metrics, einstein_models, einstein_predictions
from ..protocols.einstein_datasets import read_list
from ..protocols.einstein_metrics import CURVE_PAGE
from ..protocols.einstein_models import MODELS_PAGE, Training, training_from_json
from ..protocols.einstein_predictions import PredictForm
from ..protocols.einstein_training import RETRAIN_PATH, TRAIN_PATH, retrain_fields, train_fields
from ..results import Inference
from ..tasks import IntentClassification
from .answers import Answer, reading
from .http import Http

__all__ = ["EinsteinModels", "training_of"]

# Predictions that are asked for at the same time.
_AT_ONCE = 4


class EinsteinModels:
    """The calls about trainings and models.

    Parameters
    ----------
    http : Http
    ours : bool
        Whether the service is the local one, which knows fields that the vendor doesn't.
    """

    def __init__(self, http: Http, *, ours: bool = False) -> None:
        self._http = http
        self._ours = ours

    def check(self, task: IntentClassification) -> None:
        """Raise RequestError if the calls have no field for what a task asks for."""
        train_fields(0, "", task, ours=self._ours)

    def train(self, dataset_id: int, name: str, task: IntentClassification) -> Training:
        """Start the training of a new model; it is sent at most once."""
        return training_of(self.send_train(dataset_id, name, task))

    def send_train(self, dataset_id: int, name: str, task: IntentClassification) -> Answer:
        """Do as :meth:`train`, and return the answer as it is."""
        return self._http.post_form(
            TRAIN_PATH, train_fields(dataset_id, name, task, ours=self._ours)
        )

    def retrain(self, model_id: str, task: IntentClassification | None = None) -> Training:
        """Start the training of a model with its data set as it is now; it keeps its id.

        Without a task the service takes its defaults, and the algorithm that the model has.
        """
        return training_of(self.send_retrain(model_id, task))

    def send_retrain(self, model_id: str, task: IntentClassification | None = None) -> Answer:
        """Do as :meth:`retrain`, and return the answer as it is."""
        fields = {"modelId": model_id}
        if task is not None:
            fields = retrain_fields(model_id, task, ours=self._ours)
        return _found(self._http.post_form(RETRAIN_PATH, fields), model_id)

    def training(self, model_id: str) -> Training:
        """Return the newest training of a model; RunNotFound if there is none."""
        path = einstein_models.training_path(quote(model_id, safe=""))
        return training_of(_found(self._http.get(path), model_id))

    def of_dataset(self, dataset_id: int) -> list[Training]:
        """Return all models of a data set, newest first."""
        path = einstein_models.models_path(dataset_id)
        found: list[Training] = []
        while True:
            answer = self._http.get(path, offset=len(found), count=MODELS_PAGE).object()
            with reading("the models"):
                listed = read_list(answer)
                found += map(training_from_json, listed)
            if len(listed) < MODELS_PAGE:
                break
        return sorted(found, key=lambda training: -training.created)

    def evaluation(self, model_id: str, training: Training | None = None) -> Evaluation:
        """Return the metrics of a trained model; RequestRejected with status 404 before that."""
        answer = self._http.get(_path(model_id)).object()
        with reading("the metrics"):
            return einstein_metrics.evaluation_from_metrics(answer, training)

    def epochs(self, model_id: str, after: int = 0) -> tuple[EpochStats, ...]:
        """Return the epochs of the newest training after number ``after``; none if none are told.

        A service may have no learning curve before a training has ended: it says so with 404.
        """
        path = einstein_metrics.curve_path(quote(model_id, safe=""))
        found: list[EpochStats] = []
        while True:
            # Epochs count from 1 without gaps, so that their number is also their place.
            answer = self._http.get(path, offset=after, count=CURVE_PAGE)
            if answer.status == 404:
                return tuple(found)
            told = answer.object()
            with reading("the learning curve"):
                listed = len(read_list(told))
                page = einstein_metrics.epochs_from_curve(told)
            new = [stats for stats in page if stats.epoch > after]
            found += new
            if not new or listed < CURVE_PAGE:
                return tuple(found)
            after = new[-1].epoch

    def delete(self, model_id: str) -> None:
        """Delete a model, and stop its training if there is one."""
        _found(self._http.delete(_path(model_id)), model_id).check()

    def predict(
        self, model_id: str, texts: Iterable[str], *, top_n: int | None = None, sentiment: bool
    ) -> list[Inference]:
        """Label texts, a few at a time; a text that comes several times is asked for once.

        Parameters
        ----------
        model_id : str
        texts : iterable of str
        top_n : int, optional
            Labels wanted per text; all of them by default.
        sentiment : bool
            Whether the model is one of sentiments.

        Returns
        -------
        list of Inference
            One per text, in their order; without predictions where a text has none of the labels.
        """
        calls = einstein_predictions
        path = calls.SENTIMENT_PATH if sentiment else calls.INTENT_PATH
        wanted = list(texts)

        def ask(text: str) -> Inference:
            form = PredictForm(text, model_id, top_n)
            if not text.strip():
                return Inference(text, text, ())
            answer = self._http.post(path, lambda: calls.predict_fields(form), repeatable=True)
            told = _found(answer, model_id).object()
            with reading("the labels"):
                return Inference(text, text, calls.predictions_from_json(told)[:top_n])

        failures: list[Exception] = []

        def ask_unless_failed(text: str) -> Inference:
            # Where one call fails for good so would the others, each after its own repetitions.
            if failures:
                raise failures[0]
            try:
                return ask(text)
            except Exception as error:
                failures.append(error)
                raise

        distinct = list(dict.fromkeys(wanted))
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="nbtrain-predict")
        try:
            found = dict(zip(distinct, pool.map(ask_unless_failed, distinct), strict=True))
        finally:
            # After a failure, or when the user stops it, those that wait are not asked any more.
            pool.shutdown(cancel_futures=True)
        return [found[text] for text in wanted]


def _path(model_id: str) -> str:
    return einstein_models.model_path(quote(model_id, safe=""))


def _found(answer: Answer, model_id: str) -> Answer:
    if answer.status == 404:
        raise RunNotFound(f"The service knows no model {model_id!r}.")
    return answer


def training_of(answer: Answer) -> Training:
    """Read the answer of train, retrain or status; raise what fits if it is none."""
    told = answer.object()
    with reading("the training"):
        return training_from_json(told)

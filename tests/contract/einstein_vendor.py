"""A stand-in for Einstein Language: a real HTTP server with quirks by script, and hardly a model.

It shows what the hosted service does and the local one doesn't: no learning curve before the end,
answers that get lost, refused tokens. Section numbers are those of the protocol's reference.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from .vendor import Call, Quirk, Vendor, read_form

Json = dict[str, Any]

_ROUTES = {
    "POST /v2/oauth2/token": "token",
    "POST /v2/language/datasets/upload": "upload",
    "GET /v2/language/datasets": "datasets",
    r"GET /v2/language/datasets/\d+": "dataset",
    r"DELETE /v2/language/datasets/\d+": "delete_dataset",
    r"PUT /v2/language/datasets/\d+/upload": "add",
    r"GET /v2/language/datasets/\d+/examples": "examples",
    r"GET /v2/language/datasets/\d+/models": "models",
    "POST /v2/language/train": "train",
    "POST /v2/language/retrain": "retrain",
    r"GET /v2/language/train/\w+": "training",
    r"GET /v2/language/models/\w+": "metrics",
    r"GET /v2/language/models/\w+/lc": "lc",
    r"DELETE /v2/language/models/\w+": "delete_model",
    "POST /v2/language/intent": "intent",
    "POST /v2/language/sentiment": "sentiment",
    "POST /v2/language/feedback": "feedback",
}


@cache
def private_key() -> str:
    """Make an RSA key, once."""
    key = rsa.generate_private_key(65537, 2048)
    form = PrivateFormat.PKCS8
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


@dataclass
class Data:
    """A data set."""

    fields: dict[str, str]
    rows: list[tuple[str, str]] = field(default_factory=list)
    looks: int = 0
    files: list[bytes] = field(default_factory=list)


@dataclass
class Model:
    """A model, and its newest training."""

    model_id: str
    dataset_id: int
    fields: dict[str, str]
    step: int = -1
    version: int = 0
    trained: bool = False


class Einstein(Vendor):
    """The server, from ``with`` on.

    Attributes
    ----------
    data : dict of int to Data
    models : dict of str to Model
    started : list of dict
        The fields of every train and retrain that was carried out.
    last : int
        A training has succeeded at this step; each look at its status is one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[int, Data] = {}
        self.models: dict[str, Model] = {}
        self.started: list[dict[str, str]] = []
        self.claims: list[Json] = []
        self.refresh_tokens = {"r3fresh-1"}
        self.loading = 0
        self.last = 4
        self.failure = ""
        self.token_extra: Json = {}

    def route(self, method: str, path: str) -> str:
        """Name the call that a path stands for."""
        for pattern, name in _ROUTES.items():
            if re.fullmatch(pattern, f"{method} {path}"):
                return name
        return "unknown"

    def refusal(self, call: Call) -> Quirk | None:
        """Return what is said to a call without a good token (14)."""
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if call.route == "token" or token in self.tokens:
            return None
        return Quirk(status=401, body={"message": "Invalid access token"})

    # --- tokens (4) ----------------------------------------------------------------------

    def _token(self, call: Call) -> tuple[int, Any]:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.refresh_tokens:
                return 401, {"message": f"Invalid Token {form['refresh_token']}"}
        else:
            public = _public_key()
            audience = f"{self.url}/v2/oauth2/token"
            try:
                self.claims.append(
                    jwt.decode(form["assertion"], public, algorithms=["RS256"], audience=audience)
                )
            except jwt.InvalidTokenError:
                return 401, {"errors": [f"Invalid Token {form['assertion']}"]}
        self._issued += 1
        token = f"t0ken-{self._issued}"
        self.tokens[token] = "einstein"
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": form["valid_for"]}
        offline = {"refresh_token": "r3fresh-1"} if form.get("scope") == "offline" else {}
        return 200, {**answer, **offline, **self.token_extra}

    # --- data sets (6, 7) ----------------------------------------------------------------

    def _upload(self, call: Call) -> tuple[int, Any]:
        fields, files = read_form(call)
        dataset_id = 1_000_001 + len(self.data)
        self.data[dataset_id] = Data(fields)
        self._take(self.data[dataset_id], files["data"])
        return 200, self._dataset_object(dataset_id)

    def _add(self, call: Call) -> tuple[int, Any]:
        dataset_id = int(call.path.split("/")[4])
        self._take(self.data[dataset_id], read_form(call)[1]["data"])
        return 200, self._dataset_object(dataset_id)

    def _take(self, data: Data, content: bytes) -> None:
        data.files.append(content)
        data.looks = 0
        data.rows += [(text, label) for text, label in csv.reader(io.StringIO(content.decode()))]

    def _datasets(self, call: Call) -> tuple[int, Any]:
        start = int(call.query.get("offset", 0))
        ids = list(self.data)[start : start + min(25, int(call.query.get("count", 25)))]
        return 200, {"object": "list", "data": [self._dataset_object(i) for i in ids]}

    def _dataset(self, call: Call) -> tuple[int, Any]:
        dataset_id = int(call.path.split("/")[4])
        if dataset_id not in self.data:
            return 404, None
        self.data[dataset_id].looks += 1
        return 200, self._dataset_object(dataset_id)

    def _dataset_object(self, dataset_id: int) -> Json:
        data = self.data[dataset_id]
        shared = {"id": dataset_id, "name": data.fields["name"], "type": data.fields["type"],
                  "language": data.fields["language"], "createdAt": "2020-04-02T02:33:22.000+0000",
                  "updatedAt": "2020-04-02T02:33:22.000+0000", "object": "dataset"}  # fmt: skip
        if data.looks <= self.loading:
            return {**shared, "available": False, "statusMsg": "UPLOADING", "totalExamples": 0,
                    "labelSummary": {"labels": []}}  # fmt: skip
        if self.failure:
            return {**shared, "available": False, "statusMsg": f"FAILED: {self.failure}"}
        distinct = dict.fromkeys(data.rows)
        labels = [
            {"id": place, "datasetId": dataset_id, "name": name,
             "numExamples": sum(label == name for _, label in distinct)}
            for place, name in enumerate(dict.fromkeys(label for _, label in distinct))
        ]  # fmt: skip
        return {**shared, "available": True, "statusMsg": "SUCCEEDED", "totalLabels": len(labels),
                "totalExamples": len(distinct), "labelSummary": {"labels": labels},
                "numOfDuplicates": len(data.rows) - len(distinct)}  # fmt: skip

    # --- trainings (9, 10, 11) -----------------------------------------------------------

    def _train(self, call: Call) -> tuple[int, Any]:
        fields, _ = read_form(call)
        dataset_id = int(fields["datasetId"])
        if any(m.dataset_id == dataset_id and m.step < self.last for m in self.models.values()):
            return 400, {"message": "no"}
        number = len(self.models)
        model_id = f"{'M' * 24}{chr(65 + number // 26)}{chr(65 + number % 26)}"
        self.models[model_id] = Model(model_id, dataset_id, fields)
        self.started.append(fields)
        return 200, self._training_object(self.models[model_id])

    def _retrain(self, call: Call) -> tuple[int, Any]:
        fields, _ = read_form(call)
        model = self.models.get(fields["modelId"])
        if model is None:
            return 404, None
        if model.step < self.last:
            return 400, {"message": "no"}
        model.step, model.version = -1, model.version + 1
        self.started.append(fields)
        return 200, self._training_object(model)

    def _training(self, call: Call) -> tuple[int, Any]:
        model = self.models.get(call.path.split("/")[-1])
        if model is None:
            return 404, {"message": "no such model"}
        model.step = min(self.last, model.step + 1)
        model.trained = model.trained or model.step == self.last
        return 200, self._training_object(model)

    def _models(self, call: Call) -> tuple[int, Any]:
        dataset_id = int(call.path.split("/")[4])
        found = [
            self._training_object(m) for m in self.models.values() if m.dataset_id == dataset_id
        ]
        return 200, {"object": "list", "data": found}

    def _training_object(self, model: Model) -> Json:
        done, queued = model.step >= self.last, model.step < 1
        status = "QUEUED" if queued else "SUCCEEDED" if done else "RUNNING"
        number = list(self.models).index(model.model_id)
        told: Json = {
            "datasetId": model.dataset_id, "datasetVersionId": 0 if queued else 6001,
            "name": model.fields["name"], "status": status,
            "progress": 1 if done else max(0, model.step) / self.last,
            "createdAt": f"2024-05-02T09:31:{number:02}.000+0000",
            "updatedAt": f"2024-05-02T10:31:{10 * model.version + max(0, model.step):02}.000+0000",
            "learningRate": 0, "epochs": 0 if queued else 1000, "modelId": model.model_id,
            "modelType": self.data[model.dataset_id].fields["type"], "trainStats": None,
            "algorithm": "multilingual-intent", "language": "en_US", "trainParams": None,
            "object": "training",
        }  # fmt: skip
        if queued:
            told["queuePosition"] = 1
        if done:
            told["trainStats"] = {"labels": 2, "examples": 6, "totalTime": "00:00:03:500",
                                  "earlyStopping": True, "lastEpochDone": 30, "trainSplitSize": 4,
                                  "testSplitSize": 2}  # fmt: skip
        return told

    # --- models (12, 13) -----------------------------------------------------------------

    def _metrics(self, call: Call) -> tuple[int, Any]:
        model = self.models.get(call.path.split("/")[-1])
        if model is None or not model.trained:
            return 404, None
        return 200, {"id": model.model_id, "object": "metrics", "metricsData": _metrics(12)}

    def _lc(self, call: Call) -> tuple[int, Any]:
        model = self.models.get(call.path.split("/")[-2])
        if model is None or not model.trained:
            return 404, None
        start, count = int(call.query["offset"]), min(25, int(call.query["count"]))
        epochs = range(1, 31)[start : start + count]
        listed = [
            {"epoch": e, "epochResults": [], "metricsData": _metrics(e), "object": "learningcurve"}
            for e in epochs
        ]
        return 200, {"object": "list", "data": listed}

    def _delete_model(self, call: Call) -> tuple[int, Any]:
        found = self.models.pop(call.path.split("/")[-1], None)
        return (404, None) if found is None else (200, {"status": "QUEUED", "object": "deletion"})

    def _intent(self, call: Call) -> tuple[int, Any]:
        asked = json.loads(call.body)
        said = [{"label": "b", "probability": 0.3}, {"label": "a", "probability": 0.7}]
        # A text outside all labels: an empty array (13).
        said = [] if "weather" in asked["document"] else said
        return 200, {"probabilities": said, "object": "predictresponse"}

    def _sentiment(self, call: Call) -> tuple[int, Any]:
        return 200, {"probabilities": [{"label": "positive", "probability": 0.9}]}

    def _feedback(self, call: Call) -> tuple[int, Any]:
        fields, _ = read_form(call)
        label = {"id": 0, "datasetId": 1_000_001, "name": fields["expectedLabel"]}
        return 200, {"id": 7, "name": "text-intent", "location": fields["document"], "label": label}


def _public_key() -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(private_key().encode(), None).public_key()


def _metrics(epoch: int) -> Json:
    # The best epoch is 12: from there on the loss on the test texts rises.
    return {"labels": ["a", "b"], "f1": [1.0, 1.0], "precision": [1.0, 1.0], "recall": [1.0, 1.0],
            "macroF1": 1.0, "confusionMatrix": [[1, 0], [0, 1]], "testAccuracy": 1.0,
            "trainingAccuracy": 1.0, "testLoss": 0.5 + abs(epoch - 12) / 100,
            "trainingLoss": 1 / epoch, "threshold": {"a": 0.5, "b": 0.5},
            "precisionRecallCurve": {"f1": [1.0], "recall": [1.0], "precision": [1.0],
                                     "threshold": [0.5]}}  # fmt: skip

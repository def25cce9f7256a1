"""Our own OpenAPI description of Einstein Language's calls, from which tests generate a client.

It says what the reference says: sections 4 to 13 of it. ``data`` is a plain string at one of the
two uploads, as the vendor's own description has it, and a file at the other.
"""

from __future__ import annotations

from typing import Any

__all__ = ["description"]

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "number"}
INTEGER: Json = {"type": "integer"}
TRUTH: Json = {"type": "boolean"}
FILE: Json = {"type": "string", "format": "binary"}
ANY_OBJECT: Json = {"type": "object", "additionalProperties": True}


def obj(*required: str, **properties: Json) -> Json:
    """Describe an object; ``required`` are the properties that are always there."""
    described: Json = {"type": "object", "properties": properties}
    return described | ({"required": list(required)} if required else {})


def array(items: Json) -> Json:
    """Describe an array."""
    return {"type": "array", "items": items}


def ref(name: str) -> Json:
    """Name one of :data:`SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Json) -> Json:
    """Describe what may be null."""
    return {**schema, "nullable": True}


LABEL = obj(
    *("id", "datasetId", "name", "numExamples"),
    id=INTEGER,
    datasetId=INTEGER,
    name=TEXT,
    numExamples=INTEGER,
)
METRICS_DATA = obj(
    *("labels", "f1", "precision", "recall", "macroF1", "confusionMatrix", "testAccuracy"),
    *("trainingAccuracy", "testLoss", "trainingLoss"),
    labels=array(TEXT),
    f1=array(NUMBER),
    precision=array(NUMBER),
    recall=array(NUMBER),
    macroF1=NUMBER,
    confusionMatrix=array(array(INTEGER)),
    testAccuracy=NUMBER,
    trainingAccuracy=NUMBER,
    testLoss=NUMBER,
    trainingLoss=NUMBER,
    threshold=ANY_OBJECT,
    precisionRecallCurve=obj(
        *("f1", "recall", "precision", "threshold"),
        f1=array(NUMBER),
        recall=array(NUMBER),
        precision=array(NUMBER),
        threshold=array(NUMBER),
    ),
)
TRAIN_STATS = obj(
    *("labels", "examples", "totalTime", "trainingTime", "datasetLoadTime", "modelSaveTime"),
    *("earlyStopping", "lastEpochDone", "trainSplitSize", "testSplitSize"),
    labels=INTEGER,
    examples=INTEGER,
    totalTime=TEXT,
    trainingTime=TEXT,
    datasetLoadTime=TEXT,
    modelSaveTime=TEXT,
    earlyStopping=TRUTH,
    lastEpochDone=INTEGER,
    trainSplitSize=INTEGER,
    testSplitSize=INTEGER,
)
SCHEMAS: Json = {
    "Token": obj(
        *("access_token", "token_type", "expires_in"),
        access_token=TEXT,
        token_type=TEXT,
        expires_in=INTEGER,
        refresh_token=TEXT,
    ),
    "Label": LABEL,
    "LabelSummary": obj("labels", labels=array(ref("Label"))),
    "Dataset": obj(
        *("id", "name", "createdAt", "updatedAt", "labelSummary", "totalExamples", "available"),
        *("statusMsg", "type", "language", "numOfDuplicates", "object"),
        id=INTEGER,
        name=TEXT,
        createdAt=TEXT,
        updatedAt=TEXT,
        labelSummary=ref("LabelSummary"),
        totalExamples=INTEGER,
        totalLabels=INTEGER,
        available=TRUTH,
        statusMsg=TEXT,
        type=TEXT,
        language=TEXT,
        numOfDuplicates=INTEGER,
        object=TEXT,
    ),
    "Example": obj(
        *("id", "name", "location", "createdAt", "label", "object"),
        id=INTEGER,
        name=TEXT,
        location=TEXT,
        createdAt=TEXT,
        label=ref("Label"),
        object=TEXT,
    ),
    "TrainStats": TRAIN_STATS,
    "Training": obj(
        *("datasetId", "datasetVersionId", "name", "status", "progress", "createdAt"),
        *("updatedAt", "learningRate", "epochs", "modelId", "modelType", "language"),
        *("trainParams", "trainStats", "object"),
        datasetId=INTEGER,
        datasetVersionId=INTEGER,
        name=TEXT,
        status=TEXT,
        progress=NUMBER,
        createdAt=TEXT,
        updatedAt=TEXT,
        learningRate=NUMBER,
        epochs=INTEGER,
        queuePosition=INTEGER,
        modelId=TEXT,
        modelType=TEXT,
        algorithm=TEXT,
        language=TEXT,
        failureMsg=TEXT,
        trainParams=or_null(ANY_OBJECT),
        trainStats={"nullable": True, "allOf": [ref("TrainStats")]},
        earlyStopping=TRUTH,
        lastEpochDone=INTEGER,
        object=TEXT,
    ),
    "Model": obj(
        *("datasetId", "datasetVersionId", "name", "status", "progress", "createdAt"),
        *("updatedAt", "modelId", "modelType", "language", "object"),
        datasetId=INTEGER,
        datasetVersionId=INTEGER,
        name=TEXT,
        status=TEXT,
        progress=NUMBER,
        createdAt=TEXT,
        updatedAt=TEXT,
        modelId=TEXT,
        modelType=TEXT,
        algorithm=TEXT,
        language=TEXT,
        object=TEXT,
    ),
    "MetricsData": METRICS_DATA,
    "Metrics": obj(
        *("id", "createdAt", "metricsData", "object"),
        id=TEXT,
        createdAt=TEXT,
        algorithm=TEXT,
        language=TEXT,
        metricsData=ref("MetricsData"),
        object=TEXT,
    ),
    "LearningCurve": obj(
        *("epoch", "epochResults", "metricsData", "object"),
        epoch=INTEGER,
        epochResults=array(ANY_OBJECT),
        metricsData=ref("MetricsData"),
        object=TEXT,
    ),
    "Probability": obj("label", "probability", label=TEXT, probability=NUMBER),
    "Prediction": obj(
        *("probabilities", "object"),
        probabilities=array(ref("Probability")),
        object=TEXT,
        sampleId=TEXT,
    ),
    "Deletion": obj(
        *("id", "type", "status", "progress", "object", "deletedObjectId"),
        id=TEXT,
        type=TEXT,
        status=TEXT,
        progress=NUMBER,
        message=TEXT,
        object=TEXT,
        organizationId=TEXT,
        deletedObjectId=TEXT,
    ),
    "Usage": obj(
        *("id", "startsAt", "endsAt", "planData", "object", "predictionsUsed", "predictionsMax"),
        id=TEXT,
        organizationId=TEXT,
        startsAt=TEXT,
        endsAt=TEXT,
        planData=array(obj(plan=TEXT, amount=INTEGER, source=TEXT)),
        licenseId=TEXT,
        object=TEXT,
        predictionsUsed=INTEGER,
        predictionsRemaining=INTEGER,
        predictionsMax=INTEGER,
    ),
    "Error": obj("message", message=TEXT),
}
LISTED = ("Dataset", "Example", "Model", "LearningCurve", "Usage")
SCHEMAS |= {
    f"{name}List": obj("object", "data", object=TEXT, data=array(ref(name))) for name in LISTED
}


def form(*required: str, **properties: Json) -> Json:
    """Describe a multipart body."""
    content = {"multipart/form-data": {"schema": obj(*required, **properties)}}
    return {"required": True, "content": content}


def call(
    name: str, answer: str, *, body: Json | None = None, query: str = "", path: str = ""
) -> Json:
    """Describe a call; names of parameters are separated by spaces, and those of ids are texts."""
    numbers = {"offset", "count", "datasetId", "labelId"}
    parameters = [
        {
            "name": each,
            "in": where,
            "required": where == "path",
            "schema": INTEGER if each in numbers else TEXT,
        }
        for where, names in (("path", path), ("query", query))
        for each in names.split()
    ]
    content = {"application/json": {"schema": ref(answer)}}
    error = {"description": "error", "content": {"application/json": {"schema": ref("Error")}}}
    codes = ("400", "401", "404", "429")
    described: Json = {
        "operationId": name,
        "tags": ["language"],
        "parameters": parameters,
        "responses": {"200": {"description": "ok", "content": content}}
        | dict.fromkeys(codes, error),
    }
    return described | ({"requestBody": body} if body else {})


def description() -> Json:
    """Return the description as an OpenAPI 3.0 document."""
    options = {"algorithm": TEXT, "epochs": INTEGER, "learningRate": NUMBER, "trainParams": TEXT}
    upload = {"type": TEXT, "name": TEXT, "language": TEXT, "path": TEXT}
    predict = form(
        *("modelId", "document"),
        modelId=TEXT,
        document=TEXT,
        numResults=INTEGER,
        sampleId=TEXT,
    )
    token = obj(
        "grant_type",
        grant_type=TEXT,
        assertion=TEXT,
        scope=TEXT,
        refresh_token=TEXT,
        valid_for=INTEGER,
    )
    revoke = call("revoke_token", "Error", path="token")
    revoke["responses"]["204"] = {"description": "revoked"}
    dataset, model = "/v2/language/datasets/{datasetId}", "/v2/language/models/{modelId}"
    token_body = {"content": {"application/x-www-form-urlencoded": {"schema": token}}}
    feedback = form(
        *("modelId", "document", "expectedLabel"),
        modelId=TEXT,
        document=TEXT,
        expectedLabel=TEXT,
        name=TEXT,
    )
    page = "offset count"
    paths = {
        "/v2/oauth2/token": {"post": call("get_token", "Token", body=token_body)},
        "/v2/oauth2/tokens/{token}": {"delete": revoke},
        "/v2/apiusage": {"get": call("get_usage", "UsageList")},
        "/v2/language/datasets": {"get": call("get_datasets", "DatasetList", query=page)},
        "/v2/language/datasets/upload": {
            "post": call("upload", "Dataset", body=form("type", data=TEXT, **upload))
        },
        "/v2/language/datasets/upload/sync": {
            "post": call("upload_sync", "Dataset", body=form("type", data=FILE, **upload))
        },
        dataset: {
            "get": call("get_dataset", "Dataset", path="datasetId"),
            "delete": call("delete_dataset", "Deletion", path="datasetId"),
        },
        f"{dataset}/upload": {
            "put": call("add_examples", "Dataset", path="datasetId", body=form(data=FILE))
        },
        f"{dataset}/examples": {
            "get": call(
                "get_examples", "ExampleList", path="datasetId", query="offset count source"
            )
        },
        f"{dataset}/models": {"get": call("get_models", "ModelList", path="datasetId", query=page)},
        "/v2/language/examples": {
            "get": call("get_label_examples", "ExampleList", query="labelId datasetId offset count")
        },
        "/v2/language/feedback": {"post": call("give_feedback", "Example", body=feedback)},
        "/v2/language/train": {
            "post": call(
                "train",
                "Training",
                body=form("datasetId", "name", datasetId=INTEGER, name=TEXT, **options),
            )
        },
        "/v2/language/retrain": {
            "post": call("retrain", "Training", body=form("modelId", modelId=TEXT, **options))
        },
        "/v2/language/train/{modelId}": {"get": call("get_status", "Training", path="modelId")},
        model: {
            "get": call("get_metrics", "Metrics", path="modelId"),
            "delete": call("delete_model", "Deletion", path="modelId"),
        },
        f"{model}/lc": {"get": call("get_curve", "LearningCurveList", path="modelId", query=page)},
        "/v2/language/deletion/{id}": {"get": call("get_deletion", "Deletion", path="id")},
        "/v2/language/intent": {"post": call("predict_intent", "Prediction", body=predict)},
        "/v2/language/sentiment": {"post": call("predict_sentiment", "Prediction", body=predict)},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Einstein Language of nbtrain", "version": "2"},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }

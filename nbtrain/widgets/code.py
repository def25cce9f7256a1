"""The Python that does what a form does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..tasks import Clustering, IntentClassification

__all__ = ["intent_code", "label_code", "training_code"]


def training_code(
    *,
    columns: Mapping[str, Any] | None,
    data_path: str,
    schema: str,
    model_id: str,
    task: Clustering,
    language: str,
    secondary_path: str | None,
    force_train: bool,
    service: str = "",
    with_result: bool = True,
    llm_code: Sequence[str] = (),
) -> str:
    """Write the statements that submit a request and label ``df`` with its result.

    Parameters
    ----------
    columns : mapping, optional
        Arguments of the function that writes ``df``; None where the data file exists already.
    data_path, schema : str
        The data file.
    service : str
        The expression of a service; empty for the default.
    with_result : bool
        Whether the service hands out results.
    llm_code : sequence of str
        Statements that tell ``service`` which language model to use.

    Examples
    --------
    >>> print(training_code(columns={"text": "said"}, data_path="topics.json", schema="intent",
    ...       model_id="topics", task=Clustering(8), language="en-US", secondary_path=None,
    ...       force_train=True))
    import nbtrain
    <BLANKLINE>
    data = nbtrain.write_intents(df, 'topics.json', text='said')
    request = nbtrain.TrainingRequest(
        model_id='topics',
        data=data,
        task=nbtrain.Clustering(n_clusters=8),
        language='en-US',
    )
    run = nbtrain.submit(request)
    result = run.result()
    labelled = nbtrain.label(df, result)
    """
    lines = ["import nbtrain", ""]
    if columns is None:
        lines.append(f"data = nbtrain.read_data_file({data_path!r}, {schema!r})")
    else:
        writer = "write_dialogues" if schema == "dialogue" else "write_intents"
        named = "".join(f", {name}={value!r}" for name, value in columns.items())
        lines.append(f"data = nbtrain.{writer}(df, {data_path!r}{named})")
    options = asdict(task.llm) if task.llm else {}
    given = ", ".join(
        f"{name}={value!r}" for name, value in options.items() if value not in (None, "openai")
    )
    llm = f", llm=nbtrain.LLM({given})" if task.llm else ""
    plain = Clustering()
    chosen = "".join(
        f", {name}={getattr(task, name)!r}"
        for name in ("embedder", "turns", "unit")
        if getattr(task, name) != getattr(plain, name)
    )
    lines += [
        "request = nbtrain.TrainingRequest(",
        f"    model_id={model_id!r},",
        "    data=data,",
        f"    task=nbtrain.Clustering(n_clusters={task.n_clusters!r}{llm}{chosen}),",
        f"    language={language!r},",
    ]
    if secondary_path and schema == "dialogue":
        lines.append(f"    secondary_data=nbtrain.read_data_file({secondary_path!r}, 'intent'),")
    if not force_train:
        lines.append("    force_train=False,")
    lines.append(")")
    if llm_code:
        lines.insert(0, "import os")
        if service != "service":
            lines.append(f"service = {service or 'nbtrain.LocalService()'}")
        lines += llm_code
        service = "service"
    lines.append(f"run = nbtrain.submit(request{f', {service}' if service else ''})")
    lines.append("result = run.result()" if with_result else "run.wait()")
    if with_result and columns is not None:
        lines.append(f"labelled = {label_code('result', task, columns)}")
    return "\n".join(lines)


def label_code(result: str, task: Clustering, columns: Mapping[str, Any]) -> str:
    """Write the call that labels ``df``.

    Examples
    --------
    >>> label_code("result", Clustering(unit="utterance"), {"text": "said", "timestamp": "at"})
    "nbtrain.label(df, result, timestamp='at')"
    """
    sorted_by = columns.get("timestamp") if task.unit == "utterance" else None
    return f"nbtrain.label(df, {result}{f', timestamp={sorted_by!r}' if sorted_by else ''})"


def intent_code(
    *,
    columns: Mapping[str, Any] | None,
    data_path: str,
    model_id: str,
    task: IntentClassification,
    language: str,
    mode: str,
    service: str = "",
    with_result: bool = True,
) -> str:
    """Write the statements that train an intent model, anew or again.

    Parameters
    ----------
    columns : mapping, optional
        Arguments of the function that writes ``df``; None where the data file exists already.
    mode : {"new", "reuse", "retrain"}
    service : str
        The expression of a service; empty for the default.
    with_result : bool
        Whether the service hands out results.

    Examples
    --------
    >>> print(intent_code(columns={"text": "said", "intent": "label"}, data_path="in.json",
    ...       model_id="intents", task=IntentClassification(20), language="en-US", mode="new"))
    import nbtrain
    <BLANKLINE>
    data = nbtrain.write_intents(df, 'in.json', text='said', intent='label', schema='utterance')
    request = nbtrain.TrainingRequest(
        model_id='intents',
        data=data,
        task=nbtrain.IntentClassification(epochs=20),
        language='en-US',
    )
    run = nbtrain.submit(request)
    result = run.result()
    nbtrain.EvaluationView(result.evaluation)
    """
    lines = ["import nbtrain", ""]
    if columns is None:
        lines.append(f"data = nbtrain.read_data_file({data_path!r}, 'utterance')")
    else:
        named = "".join(f", {name}={value!r}" for name, value in columns.items())
        lines.append(f"data = nbtrain.write_intents(df, {data_path!r}{named}, schema='utterance')")
    default = asdict(IntentClassification())
    given = ", ".join(
        f"{name}={value!r}" for name, value in asdict(task).items() if value != default[name]
    )
    written = f"nbtrain.IntentClassification({given})"
    at = f", {service}" if service else ""
    if mode == "retrain":
        lines.append(f"run = nbtrain.attach({model_id!r}{at}).retrain({written}, data)")
    else:
        lines += [
            "request = nbtrain.TrainingRequest(",
            f"    model_id={model_id!r},",
            "    data=data,",
            f"    task={written},",
            f"    language={language!r},",
            *(["    force_train=False,"] if mode == "reuse" else []),
            ")",
            f"run = nbtrain.submit(request{at})",
        ]
    if with_result:
        lines += ["result = run.result()", "nbtrain.EvaluationView(result.evaluation)"]
    else:
        lines.append("run.wait()")
    return "\n".join(lines)

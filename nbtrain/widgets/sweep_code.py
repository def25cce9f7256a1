"""The Python that does what the sweep panel does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sweep_results import Choice
from ..tasks import Clustering
from .sweep_form import SweepForm

__all__ = ["sweep_code"]


def sweep_code(
    form: SweepForm,
    *,
    columns: Mapping[str, Any] | None,
    data_path: str,
    schema: str,
    service: str = "",
    choice: Choice | None = None,
) -> str:
    """Write the statements that sweep, choose and train as the panel does.

    Parameters
    ----------
    form : SweepForm
    columns : mapping, optional
        Arguments of the function that writes ``df``; None where the data file exists already.
    data_path, schema : str
        The data file.
    service : str
        The expression of a service; empty for the default.
    choice : Choice, optional
        What the user took; by default the recommendation is.

    Examples
    --------
    >>> from nbtrain.documents import DataSchema
    >>> form = SweepForm(DataSchema.INTENT, 400, model_id="topics")
    >>> print(sweep_code(form, columns={"text": "said"}, data_path="t.json", schema="intent"))
    import nbtrain
    <BLANKLINE>
    data = nbtrain.write_intents(df, 't.json', text='said')
    request = nbtrain.TrainingRequest('topics', data, nbtrain.Clustering())
    sweep = nbtrain.sweep(request, range(2, 51))
    nbtrain.SweepMonitor(sweep)  # the live chart; leave it out in a script
    sweep.wait()
    sweep.recommendation()  # the short list, with reasons
    n_clusters = sweep.recommendation().n_clusters
    sweep.choose(n_clusters, 'the first of the short list')
    result = sweep.train(n_clusters).result()
    >>> form.close()
    """
    values = {name: control.value for name, control in form.fields.items()}
    lines = ["import nbtrain", ""]
    if columns is None:
        lines.append(f"data = nbtrain.read_data_file({data_path!r}, {schema!r})")
    else:
        writer = "write_dialogues" if schema == "dialogue" else "write_intents"
        named = "".join(f", {name}={value!r}" for name, value in columns.items())
        lines.append(f"data = nbtrain.{writer}(df, {data_path!r}{named})")
    language = f", language={values['language']!r}" if values["language"] != "en-US" else ""
    model_id = values["model_id"]
    task, plain = form.task(), Clustering()
    chosen = ", ".join(
        f"{name}={getattr(task, name)!r}"
        for name in ("turns", "unit")
        if getattr(task, name) != getattr(plain, name)
    )
    request = f"nbtrain.TrainingRequest({model_id!r}, data, nbtrain.Clustering({chosen}){language})"
    lines.append(f"request = {request}")
    seeds = form.random_state
    options = {
        "random_state": None if seeds == (0,) else seeds[0] if len(seeds) == 1 else list(seeds),
        "embedder": form.embedder,
        "budget_seconds": form.budget_seconds,
        "budget_fits": form.budget_fits,
    }
    given = "".join(f", {name}={v!r}" for name, v in options.items() if v is not None)
    at = f", service={service}" if service else ""
    lines += [
        f"sweep = nbtrain.sweep(request, {form.n_clusters!r}{given}{at})",
        "nbtrain.SweepMonitor(sweep)  # the live chart; leave it out in a script",
        "sweep.wait()",
        "sweep.recommendation()  # the short list, with reasons",
    ]
    if choice is None:
        lines.append("n_clusters = sweep.recommendation().n_clusters")
        chosen, why = "n_clusters", "the first of the short list"
    else:
        chosen, why = str(choice.n_clusters), choice.reason
    lines.append(f"sweep.choose({chosen}, {why!r})")
    lines.append(f"result = sweep.train({chosen}).result()")
    return "\n".join(lines)

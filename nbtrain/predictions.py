"""A trained model labels the rows of a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .columns import column_problem
from .documents import is_missing
from .errors import DataError, Problem, RequestError
from .runs import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["predict"]

_UNLABELLED = "The rows can't be labelled:"


def predict(
    df: pd.DataFrame,
    run: Run,
    *,
    text: str,
    intent: str = "intent",
    confidence: str = "confidence",
    out_of_domain: str = "out_of_domain",
) -> pd.DataFrame:
    """Label the texts of a DataFrame with the model of a run.

    Parameters
    ----------
    df : DataFrame
        One row a text; any, not only those that were trained on.
    run : Run
        Made by :func:`nbtrain.submit` or :func:`nbtrain.attach`; it has succeeded.
    text : str
        Name of the column that holds the texts.
    intent : str
        Name of the new column of labels: of the likeliest intent, or cluster.
    confidence : str
        Name of the new column that tells how sure the model is, 0 to 1.
    out_of_domain : str
        Name of the new column that tells whether a text is unlike all that the model has learned
        from. There, a cluster says little, and intents are not given.

    Returns
    -------
    DataFrame
        A copy: same rows, same order, same index. Where a text has none of the labels, or a row
        has no text, it holds ``<NA>`` as label and NaN as confidence; where the service doesn't
        tell it, ``<NA>`` as ``out_of_domain``.

    Raises
    ------
    DataError
        If there is no such column, it holds what is no text, or a new one is there already.
    RequestError
        If it is no run.
    NotSupported
        If its service can't label texts.
    ServiceError
        If the model isn't trained, or does not answer.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbtrain import attach
    >>> from nbtrain.results import Prediction
    >>> from nbtrain.testing import ScriptedService, training_script
    >>> said = {"where is my card": [Prediction("card_lost", None, 0.9)]}
    >>> service = ScriptedService(training_script(), predictions=said)
    >>> df = pd.DataFrame({"said": ["where is my card", None]})
    >>> predict(df, attach("r1", service), text="said")["intent"].tolist()
    ['card_lost', <NA>]
    """
    import pandas as pd

    given: object = run
    if not isinstance(given, Run):
        fix = "Make one with submit or attach."
        raise RequestError(_UNLABELLED, [Problem("run", f"is a {type(given).__name__}", fix)])
    if not isinstance(cast(object, df), pd.DataFrame):
        what = f"is a {type(df).__name__}, not a pandas DataFrame"
        raise DataError(_UNLABELLED, [Problem("df", what)])
    if problem := column_problem(df, "text", text):
        raise DataError(_UNLABELLED, [problem])
    problems = []
    new = {"intent": intent, "confidence": confidence, "out_of_domain": out_of_domain}
    for parameter, name in new.items():
        if not isinstance(cast(object, name), str):
            problems.append(Problem(parameter, f"is {name!r}", "Give the name of a new column."))
        elif name in df.columns:
            fix = f"Name another: {parameter}='...'."
            problems.append(Problem(name, "is a column of these data already", fix))
    names = list(new.values())
    for place, (parameter, name) in enumerate(new.items()):
        if name in names[:place]:
            other = list(new)[names.index(name)]
            problems.append(Problem(parameter, f"is {name!r} as {other} is", "Name another."))
    values = df[text].tolist()
    bad = [
        row for row, value in enumerate(values) if not (isinstance(value, str) or is_missing(value))
    ]
    if bad:
        fix = "Convert these values to str first."
        problems.append(Problem(text, "holds what is no text", fix, tuple(bad[:5]), len(bad)))
    if problems:
        raise DataError(_UNLABELLED, problems)
    rows = [row for row, value in enumerate(values) if isinstance(value, str) and value.strip()]
    # A text that comes often is asked for once.
    distinct = list(dict.fromkeys(values[row] for row in rows))
    told = dict(zip(distinct, run.predict(distinct, top_n=1), strict=True)) if distinct else {}
    labels: list[Any] = [pd.NA] * len(values)
    sure = [float("nan")] * len(values)
    away: list[Any] = [pd.NA] * len(values)
    for row in rows:
        outside = told[values[row]].out_of_domain
        away[row] = pd.NA if outside is None else outside
        if found := told[values[row]].predictions:
            labels[row], sure[row] = found[0].label, found[0].confidence
    labelled = df.copy()
    labelled[intent] = pd.array(labels, dtype="string")
    labelled[confidence] = pd.array(sure, dtype="float64")
    labelled[out_of_domain] = pd.array(away, dtype="boolean")
    return labelled

"""What the held-out texts say of an intent model, to look into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets

from ..evaluation import Evaluation
from ..evaluation_svg import curve_chart, curve_points, evaluation_bundle, evaluation_sentence
from ..intent_tables import INTENT_TABLE_STYLE, evaluation_html
from ..markup import escape
from .chart import LiveChart
from .closing import close_parts
from .confusion import ConfusionView
from .fields import subheading

__all__ = ["EvaluationView", "evaluation_tables"]


def evaluation_tables(evaluation: Evaluation) -> Mapping[str, Any]:
    """Write the tables as a mime bundle, for ``display(..., raw=True)``."""
    return {
        "text/plain": evaluation_sentence(evaluation),
        "text/html": f"<style>{INTENT_TABLE_STYLE}</style>{evaluation_html(evaluation)}",
    }


class EvaluationView(widgets.VBox):  # type: ignore[misc]
    """Confusion matrix, and precision and recall, of an intent model.

    Displayed, it leaves a picture and tables of the same in the notebook, which show without a
    kernel; as long as the matrix itself is on the page the picture is hidden.

    Parameters
    ----------
    evaluation : Evaluation
        From ``run.result().evaluation``.

    Attributes
    ----------
    matrix : ConfusionView
    curve : LiveChart or None
        None where the service tells no curve.

    Examples
    --------
    >>> from nbtrain.evaluation import ConfusionMatrix
    >>> matrix = ConfusionMatrix(("card", "loan"), ((0, 0, 8), (0, 1, 2), (1, 1, 5)))
    >>> view = EvaluationView(Evaluation(matrix))
    >>> view
    <EvaluationView: Of 15 held-out texts 86.7% were labelled correctly (macro-F1 0.861).>
    >>> view.close()
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.matrix = ConfusionView(evaluation)
        self.curve: LiveChart | None = None
        parts = [
            subheading("What the held-out texts say"),
            widgets.HTML(f"<div>{escape(evaluation_sentence(evaluation))}</div>"),
            self.matrix,
        ]
        if evaluation.curve.threshold:
            self.curve = LiveChart(curve_chart())
            self.curve.append(curve_points(evaluation.curve))
            self.curve.finish()
            parts += [subheading("Precision and recall, all labels together"), self.curve]
        # A box with a fraction of a pixel too much would get a scrollbar of its own.
        super().__init__(parts, layout={"width": "100%", "overflow": "visible"})
        self.add_class("nbt-evaluation")

    def __repr__(self) -> str:
        return f"<EvaluationView: {evaluation_sentence(self.evaluation)}>"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        show: Any = display
        show(self._repr_mimebundle_(), raw=True)
        show(evaluation_bundle(self.evaluation), raw=True)
        show(evaluation_tables(self.evaluation), raw=True)

    def close(self) -> None:
        """Take it off the page, with all its parts."""
        close_parts(self)
        super().close()

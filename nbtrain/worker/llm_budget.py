"""The cap on tokens and cost: no call is made that might pass it."""

from __future__ import annotations

from threading import Condition

from ..llm import LLMSettings

__all__ = ["Budget"]


class Budget:
    """What calls have taken, and what those under way may take. Safe to use from several threads.

    Before a call the most that it can take is reserved; afterwards what it took is settled.

    Parameters
    ----------
    settings : LLMSettings
        Its prices turn tokens into cost.
    max_tokens : int or None
    max_cost : float or None
        Without prices in the settings, any such cap lets no call through.

    Examples
    --------
    >>> settings = LLMSettings("vllm", "m", base_url="http://127.0.0.1:1/v1")
    >>> budget = Budget(settings, max_tokens=1000)
    >>> budget.reserve(600, 100), budget.settle(600, 100, 200, 50), budget.reserve(700, 100)
    (True, None, False)
    """

    def __init__(
        self,
        settings: LLMSettings,
        max_tokens: int | None = None,
        max_cost: float | None = None,
    ) -> None:
        self._settings = settings
        self._max_tokens = max_tokens
        self._max_cost = max_cost
        self._changed = Condition()
        self._held = [0, 0]
        self._spent = [0, 0]
        self._under_way = 0

    def reserve(self, inputs: int, outputs: int) -> bool:
        """Reserve the most tokens that a call can take; False if the cap doesn't allow it.

        Waits for calls under way where what they leave over may be enough.
        """
        with self._changed:
            while not self._fits(inputs, outputs, self._held):
                if not self._under_way or not self._fits(inputs, outputs, [0, 0]):
                    return False
                self._changed.wait()
            self._held[0] += inputs
            self._held[1] += outputs
            self._under_way += 1
            return True

    def settle(self, inputs: int, outputs: int, took_inputs: int, took_outputs: int) -> None:
        """Put what a call took in the place of what was reserved for it."""
        with self._changed:
            self._held[0] -= inputs
            self._held[1] -= outputs
            self._spent[0] += took_inputs
            self._spent[1] += took_outputs
            self._under_way -= 1
            self._changed.notify_all()

    def _fits(self, inputs: int, outputs: int, held: list[int]) -> bool:
        total_in = self._spent[0] + held[0] + inputs
        total_out = self._spent[1] + held[1] + outputs
        if self._max_tokens is not None and total_in + total_out > self._max_tokens:
            return False
        if self._max_cost is None:
            return True
        cost = self._settings.cost(total_in, total_out)
        return cost is not None and cost <= self._max_cost

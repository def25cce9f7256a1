"""Bundled sample data: made-up customer-service dialogues of a web shop with true intents.

Nothing is downloaded or read from a file: a seeded grammar writes the texts.

>>> from nbtrain import samples
>>> turns = samples.conversations(200, language="tr-TR", n_intents=8, random_state=1)
>>> turns["intent"].nunique()
8
"""

from .tables import LANGUAGES, conversations, intents, sentences

__all__ = ["LANGUAGES", "conversations", "intents", "sentences"]

"""The local service's process: ``python -m nbtrain.daemon``.

It is started, never imported, by the notebook side. README.md beside this file says what it
serves, which of that is vendor fact, and what its files are.
"""

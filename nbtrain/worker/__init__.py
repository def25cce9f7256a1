"""The training process: ``python -m nbtrain.worker``.

Started by the local service, one process per run, and never imported by a notebook.
"""

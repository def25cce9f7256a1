"""``python -m nbtrain`` is the ``nbtrain`` command."""

from .cli import main

raise SystemExit(main())

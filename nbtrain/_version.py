"""The version of nbtrain, read by the build."""

__version__ = "0.1.0"

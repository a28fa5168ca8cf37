"""Bad input of every kind, through the real commands: nothing crashes, hangs, runs or gets out."""

from trust.hostile_input.trial import PART

__all__ = ["PART"]

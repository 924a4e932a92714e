"""The SMSC that other people's clients drive."""

from tests.smsc.conftest import start

__all__ = ["start"]

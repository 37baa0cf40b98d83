"""The client of the Bellows API."""

from .client import Bellows
from .errors import BellowsError, NoAnswer, WaitTimeout

__all__ = ["Bellows", "BellowsError", "NoAnswer", "WaitTimeout"]

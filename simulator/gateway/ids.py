"""Message ids: 24 hexadecimal digits, as the documented sample has them.

Nothing is stored: the last sixteen digits are the message's key, the first eight a function of it. So a text that
merely looks like an id is told from one without a table.
"""

import re

from simulator.engine.chance import prefix_of

_ID = re.compile(r"[0-9a-f]{24}")
_LARGEST_KEY = (1 << 63) - 1


def message_id(key: int) -> str:
    """The id of the message with this key."""
    return "%024x" % (prefix_of(key) << 64 | key)


def key_of(identifier: str) -> int | None:
    """The key that `message_id` spelled so; None: this is nobody's id."""
    if _ID.fullmatch(identifier) is None:
        return None
    key = int(identifier[8:], 16)
    return key if key <= _LARGEST_KEY and prefix_of(key) == int(identifier[:8], 16) else None

"""What the simulator logs, on standard error: one line an event, as text or as JSON."""

import json
import logging

from simulator.cli.options import LogFormat, LogLevel


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def set_up(form: LogFormat, level: LogLevel) -> None:
    """Log in this form, from this level on."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        _JsonFormatter() if form is LogFormat.JSON else logging.Formatter("%(levelname)-7s %(name)s: %(message)s")
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)

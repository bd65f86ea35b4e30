"""Logs of every process: JSON lines on stderr."""

import logging
import warnings
from typing import Any

import structlog


def write_logs(level: str) -> None:
    """JSON lines on stderr, of our logs and the libraries'."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=steps,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("nameko.containers").setLevel(logging.ERROR)  # a refusal is an answer, not a warning
    logging.getLogger("amqp").setLevel(logging.WARNING)

"""Commands that deliver: send, outbox, subscribers, run, schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

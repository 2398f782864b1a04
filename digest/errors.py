"""The errors Daily Dose raises.

DigestError                  anything we can say in one sentence; exit code 1
├── UsageError               the command or its arguments are wrong; exit code 2
│   ├── ConfigError          the configuration is wrong, every problem listed
│   ├── UnknownEditionError  no edition of that name
│   └── AddressError         no email address, or not one we can send to
├── SourceError              a source, file or page could not be used
│   ├── FetchError           it could not be fetched
│   └── NoStoryError         it was read, but holds no story
├── EditionError             the edition's state forbids the step (approved, not approved, no such story)
│   └── StaleEditionError    someone changed it since it was looked at
├── NoAnswerError            a remote summarizer gave no answer that can be used
├── RenderError              a layout or its data could not be rendered
├── PreflightError           the edition has error findings and the send was not forced
├── DeliveryError            the server could not be used at all
├── CallError                a webhook or ping did not answer, or not with a success
└── StoreError               the store could not be opened, read or written
"""

from __future__ import annotations

from datetime import datetime


class DigestError(Exception):
    """Say what happened, to what, and what to do next, in one sentence."""

    exit_code = 1


class UsageError(DigestError):
    """Refuse a command that is not right as typed."""

    exit_code = 2


class ConfigError(UsageError):
    """Refuse a configuration, with one sentence a problem in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnknownEditionError(UsageError):
    """Refuse the name of an edition that is not in the store."""


class AddressError(UsageError):
    """Refuse what is no email address, or one that no message can go to."""


class SourceError(DigestError):
    """Report a source that could not be used."""


class FetchError(SourceError):
    """Report a source that could not be fetched. `retry_at` is when its server asked to be called again."""

    def __init__(self, message: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class NoStoryError(SourceError):
    """Report a document without a story in it."""


class EditionError(DigestError):
    """Refuse a step that the edition's state or content does not allow."""


class StaleEditionError(EditionError):
    """Refuse a change to an edition that someone changed since it was looked at; `newest` is its revision now."""

    def __init__(self, message: str, *, newest: int) -> None:
        super().__init__(message)
        self.newest = newest


class NoAnswerError(DigestError):
    """Report that a remote summarizer did not answer, or not with a text.

    `kind` says it in a few words; `ends_run` is true where asking again, for any story, would change nothing.
    """

    def __init__(self, message: str, *, kind: str, ends_run: bool = False) -> None:
        super().__init__(message)
        self.kind = kind
        self.ends_run = ends_run


class RenderError(DigestError):
    """Report a layout that failed, with the story and line where known."""


class PreflightError(DigestError):
    """Refuse to send an edition with error findings."""


class DeliveryError(DigestError):
    """Report a mail server that could not be used at all."""


class CallError(DigestError):
    """Report a webhook or a ping that was not answered with a success."""


class StoreError(DigestError):
    """Report a store that could not be opened, read or written."""

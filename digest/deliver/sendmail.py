"""Hand messages to the machine's own `sendmail` command."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess

from digest.deliver.loop import Call
from digest.errors import DeliveryError
from digest.mailbox import one_line
from digest.model import DeliveryState, Envelope, Outcome
from digest.ports import BeforeDot, always

_REFUSED = frozenset({os.EX_DATAERR, os.EX_NOUSER, os.EX_NOHOST, os.EX_NOPERM})


class SendmailTransport:
    """Run the command once a message: `sendmail -i -f SENDER -- RECIPIENT`, the message on its input."""

    def __init__(self, command: str = "/usr/sbin/sendmail", *, timeout_seconds: float = 60) -> None:
        try:
            self._command = shlex.split(command)
        except ValueError as exc:
            raise DeliveryError(
                f"smtp.path: '{command}' is no command ({str(exc).lower()}). Write it as a shell would take it."
            ) from exc
        self._timeout = timeout_seconds

    async def open(self) -> None:
        """Look whether the command is there; raise DeliveryError where it is not."""
        if not self._command or shutil.which(self._command[0]) is None:
            raise DeliveryError(
                f"There is no command '{shlex.join(self._command)}' to send with. Set smtp.path to your sendmail."
            )

    async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
        """Hand over one message.

        `before_dot` is called before the command runs: it takes the end of its input for the end of the
        message, and our own sudden death would be that end.
        """
        await self.open()
        if not await before_dot():
            return Outcome(state=DeliveryState.QUEUED, reply="another process took the delivery over")
        try:
            done = await Call(lambda: self._run(envelope))
        except subprocess.TimeoutExpired:
            return Outcome(state=DeliveryState.DOUBT, reply="the command did not end in time")
        except OSError as exc:
            raise DeliveryError(
                f"Cannot run '{shlex.join(self._command)}' ({(exc.strerror or str(exc)).lower()}). Check smtp.path."
            ) from exc
        return _judge(done.returncode, done.stderr)

    def _run(self, envelope: Envelope) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*self._command, "-i", "-f", envelope.sender, "--", envelope.recipient],
            input=envelope.content.replace(b"\r\n", b"\n"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=self._timeout,
            check=False,
        )

    async def close(self) -> None:
        """Nothing is held open."""


def _judge(code: int, errors: bytes) -> Outcome:
    """Read an exit code as sysexits.h has it."""
    if code == os.EX_OK:
        return Outcome(state=DeliveryState.SENT, reply="taken by sendmail")
    if code < 0:
        return Outcome(state=DeliveryState.DOUBT, reply=f"the command was ended by signal {-code}")
    words = one_line(errors.decode("utf-8", "replace"))[:300]
    state = DeliveryState.FAILED if code in _REFUSED else DeliveryState.DEFERRED
    return Outcome(state=state, reply=f"exit code {code} {words}".rstrip())

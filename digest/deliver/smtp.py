"""Carry messages by SMTP or LMTP, with the final dot held back until the outbox has it in writing.

A server takes a message when it answers the dot that ends it (RFC 5321, 6.1). So all but the dot is sent
first, then `before_dot` commits that the message is in flight, then the dot follows. Whatever happens
before the dot did not happen at all; only a line lost between the dot and its answer leaves doubt.
Where the server offers it, sender, recipient and DATA go out together (RFC 2920); a server that trips over that
is spoken to one command at a time from then on.
"""

from __future__ import annotations

import contextlib

from digest.deliver.line import Line, LineLost, Reply, stuffed
from digest.deliver.loop import Call
from digest.deliver.session import MailServer, open_session
from digest.errors import DeliveryError
from digest.model import DeliveryState, Envelope, Outcome
from digest.ports import BeforeDot, always

ANSWER_FACTOR = 10
GOODBYE_SECONDS = 2.0


class SmtpTransport:
    """One connection to a mail server, kept open between messages and opened anew when it breaks."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._line: Line | None = None
        self._is_fresh = True
        self._needs_reset = False
        self._pipelines = True

    async def open(self) -> None:
        """Connect and log in, unless that is done; raise DeliveryError when the server cannot be used."""
        await self._ready()

    async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
        """Try once to hand over a message.

        Raises DeliveryError when the server cannot be reached, or refuses our sender: that is nobody's
        fault whom the message is for.
        """
        content = envelope.content if envelope.is_plain else stuffed(envelope.content)
        try:
            line, refusal = await self._begin(envelope, len(content))
            if refusal is not None:
                return refusal
            await line.put(content)
        except LineLost as lost:
            self._drop()
            return Outcome(state=DeliveryState.QUEUED, reply=str(lost))
        except BaseException:
            self._drop()
            raise
        return await self._finish(line, before_dot)

    async def close(self) -> None:
        """Say goodbye, if the server still listens."""
        if self._line is not None:
            with contextlib.suppress(LineLost):
                await self._line.ask("QUIT", timeout_seconds=GOODBYE_SECONDS)
        self._drop()

    async def _begin(self, envelope: Envelope, size: int) -> tuple[Line, Outcome | None]:
        """Bring a message to where its content may follow; return the refusal, where there is one.

        A line that the server closed or spoiled since the last message is replaced once.
        """
        line = await self._ready()
        was_fresh, self._is_fresh = self._is_fresh, False
        command = self._mail_command(line, envelope, size)
        if isinstance(command, Outcome):
            return line, command
        commands = [command, f"RCPT TO:<{envelope.recipient}>", "DATA"]
        is_pipelined = self._pipelines and "pipelining" in line.features
        try:
            await line.put(
                "".join(f"{one}\r\n" for one in (commands if is_pipelined else commands[:1])).encode()
            )
            reply: Reply | None = await line.reply()
        except LineLost:
            if was_fresh:
                raise
            reply = None
        if not was_fresh and (reply is None or reply.code == 421 or reply.code // 100 not in (2, 4)):
            self._drop()
            return await self._begin(envelope, size)
        assert reply is not None
        if reply.code // 100 == 5:
            if command.endswith(
                (" SMTPUTF8", " SMTPUTF8 BODY=8BITMIME")
            ):  # it claimed to take such addresses
                return line, self._refused(reply)
            self._drop()
            raise DeliveryError(
                f"{self._server.where} takes no mail from {envelope.sender}: {reply}. "
                "Set the newsletter's 'from' (or smtp.return_path) to an address this account may send as."
            )
        if is_pipelined:
            return line, await self._judge_pipelined(line, reply)
        return line, await self._ask_on(line, reply, commands[1:])

    async def _ask_on(self, line: Line, reply: Reply, commands: list[str]) -> Outcome | None:
        """Give the other commands one by one, each only when the one before was taken."""
        for command in commands:
            if reply.code // 100 != 2:
                return self._refused(reply)
            reply = await line.ask(command)
        return None if reply.code == 354 else self._refused(reply)

    async def _judge_pipelined(self, line: Line, mail: Reply) -> Outcome | None:
        """Hear the replies to RCPT and DATA, which came without waiting for that to MAIL."""
        try:
            rcpt, data = await line.reply(), await line.reply()
        except LineLost:
            self._pipelines = False
            raise
        refusal = next((reply for reply in (mail, rcpt) if reply.code // 100 != 2), None)
        if refusal is None:
            return None if data.code == 354 else self._refused(data)
        outcome = self._refused(refusal)
        if data.code == 354 and self._line is not None:
            await self._end_empty(line)
        return outcome

    async def _end_empty(self, line: Line) -> None:
        """End at once the message that a server wants although it refused its sender or recipient."""
        try:
            await line.put(b".\r\n")
            await line.reply()
        except LineLost:
            self._pipelines = False
            self._drop()

    def _mail_command(self, line: Line, envelope: Envelope, size: int) -> str | Outcome:
        """Return MAIL with what the server offers, or why this message cannot go through it."""
        command = f"MAIL FROM:<{envelope.sender}>"
        if "size" in line.features:
            limit = int(line.features["size"]) if line.features["size"].isdigit() else 0
            if 0 < limit < size:
                raise DeliveryError(
                    f"The message has {size:,} bytes, and {self._server.where} takes at most {limit:,}. "
                    'Set images = "link" or "none", or fewer stories.'
                )
            command += f" SIZE={size}"
        if not (envelope.sender + envelope.recipient).isascii():
            if "smtputf8" not in line.features:
                return Outcome(
                    state=DeliveryState.FAILED,
                    reply="the server takes no addresses beyond ASCII (no SMTPUTF8)",
                )
            command += " SMTPUTF8"
        if not envelope.content.isascii() and "8bitmime" in line.features:
            command += " BODY=8BITMIME"
        return command

    async def _finish(self, line: Line, before_dot: BeforeDot) -> Outcome:
        """Commit, then send the dot and hear the answer."""
        try:
            may_end = await before_dot()
        except BaseException:
            self._drop()
            raise
        if not may_end:
            self._drop()
            return Outcome(state=DeliveryState.QUEUED, reply="another process took the delivery over")
        if line.has_spoken():
            return await self._answered_early(line)
        try:
            await line.put(b".\r\n")
            reply = await line.reply(timeout_seconds=self._server.timeout_seconds * ANSWER_FACTOR)
        except LineLost as lost:
            self._drop()
            return Outcome(state=DeliveryState.DOUBT, reply=f"no answer to the whole message: {lost}")
        if reply.code == 421:
            self._drop()
        match reply.code // 100:
            case 2:
                return Outcome(state=DeliveryState.SENT, reply=str(reply))
            case 4:
                return Outcome(state=DeliveryState.DEFERRED, reply=str(reply))
            case 5:
                return Outcome(state=DeliveryState.FAILED, reply=str(reply))
        self._drop()
        return Outcome(state=DeliveryState.DOUBT, reply=f"an answer that means nothing here: {reply}")

    async def _answered_early(self, line: Line) -> Outcome:
        """Take what a server said in the middle of the message: without the dot it has taken nothing."""
        try:
            reply = await line.reply()
        except LineLost as lost:
            return Outcome(state=DeliveryState.QUEUED, reply=str(lost))
        finally:
            self._drop()
        state = DeliveryState.FAILED if reply.code // 100 == 5 else DeliveryState.DEFERRED
        return Outcome(state=state, reply=str(reply))

    def _refused(self, reply: Reply) -> Outcome:
        """Judge a refusal before the message: a reply out of place, or 421, also ends the connection."""
        self._needs_reset = True
        if reply.code == 421 or reply.code // 100 not in (4, 5):
            self._drop()
        state = DeliveryState.FAILED if reply.code // 100 == 5 else DeliveryState.DEFERRED
        return Outcome(state=state, reply=str(reply))

    async def _ready(self) -> Line:
        """Return an open line with no message begun on it."""
        if self._line is not None and self._needs_reset:
            try:
                is_reset = (await self._line.ask("RSET")).code // 100 == 2
            except LineLost:
                is_reset = False
            if not is_reset:
                self._drop()
        if self._line is None:
            self._line = await Call(lambda: open_session(self._server))
            self._is_fresh = True
        self._needs_reset = False
        return self._line

    def _drop(self) -> None:
        if self._line is not None:
            self._line.hang_up()
        self._line = None
        self._needs_reset = False

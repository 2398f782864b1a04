"""Condense stories with a remote model, and let nothing of it pass that the story does not bear out.

Each story is asked about once; what does not come, or may not be printed, is extracted instead, and the blurb
says why (`fell_back`, `note`). Requests run on an event loop in a thread of its own, which ends with the process:
a killed run leaves nothing behind, and the next one asks anew.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace

from digest.errors import NoAnswerError
from digest.model import Blurb, Story, StoryId
from digest.ports import Summarizer
from digest.summarize.allowance import Allowance
from digest.summarize.chat import BROKEN, BUSY, LATE, TRANSIENT, UNREACHABLE, Chat, ModelServer
from digest.summarize.judging import judge_answer, verbatim_sentences
from digest.summarize.prompt import material_of, name_request, speaks_to_models, write_messages

log = logging.getLogger(__name__)

GIVEN_UP_AFTER = 3
"""So many stories in a row without an answer, and the server is left alone for the rest of the run."""
NOT_ASKED = "not asked"
_DOWN = frozenset([LATE, UNREACHABLE, BUSY, BROKEN])
_CLOSING_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """One story on its way: what it is asked as, and the answer that is awaited or was given before."""

    story: Story
    name: str
    told: str = ""
    answer: Future[str] | None = None
    known: Blurb | None = None
    why_not: str = ""


class RemoteSummarizer:
    """The summarizer that asks a model server first and falls back to extraction. One object serves one run."""

    def __init__(
        self, server: ModelServer, allowance: Allowance, *, extractive: Summarizer, at_once: int = 4
    ) -> None:
        self._server, self._allowance = server, allowance
        self._extractive, self._at_once = extractive, at_once
        self._made: dict[str, Blurb] = {}

    @property
    def method(self) -> str:
        """Return what its blurbs name as their method."""
        return f"remote/{self._server.model}"

    def summarize(self, story: Story, *, words: int, sentences: int | None = None) -> Blurb:
        """Return a blurb of at most `words` words and `sentences` sentences."""
        return next(iter(self.summarize_all([story], words=words, sentences=sentences)))

    def summarize_all(
        self,
        stories: Iterable[Story],
        *,
        words: int,
        sentences: int | None = None,
        known: Iterable[Blurb] = (),
        told: Mapping[StoryId, str] | None = None,
    ) -> Iterator[Blurb]:
        """Yield the blurbs of stories, in order, a few asked about at once.

        `known` are blurbs made before: where the same was asked, the answer is taken from there. `told` is, by
        story, what readers know already; the model is shown it, and an answer that repeats it is not taken.
        """
        self._made |= {blurb.asked: blurb for blurb in known if blurb.asked}
        waiting: deque[_Wanted] = deque()
        with _Line(self._server, self._allowance, at_once=self._at_once) as line:
            for story in stories:
                before = told.get(story.id, "") if told else ""
                waiting.append(self._ask(line, story, words, sentences, before))
                while len(waiting) > 2 * self._at_once:
                    yield self._finish(waiting.popleft(), words, sentences)
            while waiting:
                yield self._finish(waiting.popleft(), words, sentences)

    def _ask(self, line: _Line, story: Story, words: int, sentences: int | None, told: str) -> _Wanted:
        name = name_request(story, model=self._server.model, words=words, sentences=sentences, told=told)
        wanted = _Wanted(story=story, name=name, told=told)
        if name in self._made:
            return replace(wanted, known=self._made[name])
        if spoken := speaks_to_models(story, told):
            why_not = f"The story speaks to models (“{spoken[:60]}”), and was not shown to one."
            return replace(wanted, why_not=why_not)
        if len(material_of(story).split()) <= words // 2:
            return wanted
        messages = write_messages(story, words=words, sentences=sentences, told=told)
        return replace(wanted, answer=line.ask(messages))

    def _finish(self, wanted: _Wanted, words: int, sentences: int | None) -> Blurb:
        """Make the blurb of one story, as soon as its answer is there."""
        story, known = wanted.story, wanted.known
        if wanted.why_not:
            return self._extracted(wanted, words, sentences, kind=NOT_ASKED, why=wanted.why_not)
        if known is not None and known.fell_back:
            blurb = self._extracted(wanted, words, sentences, kind=known.fell_back, why=known.note)
            return replace(blurb, asked=wanted.name)
        if known is None and wanted.answer is None:
            return self._extract(wanted, words, sentences)
        try:
            text = known.text if known is not None else _result(wanted.answer)
        except NoAnswerError as exc:
            blurb = self._extracted(wanted, words, sentences, kind=exc.kind, why=str(exc))
            return blurb if exc.kind in TRANSIENT else self._kept(blurb, wanted.name)
        judged = judge_answer(text, story, words=words, sentences=sentences, told=wanted.told)
        if judged.kind:
            blurb = self._extracted(wanted, words, sentences, kind=judged.kind, why=judged.why)
            return self._kept(blurb, wanted.name)
        blurb = Blurb(
            story_id=story.id,
            text=judged.text,
            sentences=verbatim_sentences(judged.text, story),
            image=story.lead_image,
            method=self.method,
        )
        return self._kept(blurb, wanted.name)

    def _kept(self, blurb: Blurb, name: str) -> Blurb:
        self._made[name] = replace(blurb, asked=name)
        return self._made[name]

    def _extract(self, wanted: _Wanted, words: int, sentences: int | None) -> Blurb:
        told = {wanted.story.id: wanted.told}
        return next(
            self._extractive.summarize_all([wanted.story], words=words, sentences=sentences, told=told)
        )

    def _extracted(self, wanted: _Wanted, words: int, sentences: int | None, *, kind: str, why: str) -> Blurb:
        blurb = self._extract(wanted, words, sentences)
        log.info("extracted instead of %s story=%s why='%s'", self.method, wanted.story.id, kind)
        note = why if blurb.text else f"{why} {blurb.note}"
        return replace(blurb, fell_back=kind, note=note.strip())


def _result(answer: Future[str] | None) -> str:
    assert answer is not None
    try:
        return answer.result()
    except CancelledError:
        raise NoAnswerError("The run ended before the answer came.", kind=LATE) from None


class _Line:
    """Requests under way, on an event loop in a thread that does not keep the process from ending."""

    def __init__(self, server: ModelServer, allowance: Allowance, *, at_once: int) -> None:
        self._server, self._allowance = server, allowance
        self._places = asyncio.Semaphore(at_once)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._chat: Chat | None = None
        self._thread: threading.Thread | None = None
        self._without_answer = 0
        self._ended: NoAnswerError | None = None

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop)
        self._thread.join(_CLOSING_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    def ask(self, messages: list[dict[str, str]]) -> Future[str]:
        """Start asking; the future gives the answer's text or raises NoAnswerError."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="remote-summarizer", daemon=True
            )
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._ask(messages), self._loop)

    async def _ask(self, messages: list[dict[str, str]]) -> str:
        async with self._places:
            if self._ended is not None:
                raise self._ended
            self._chat = self._chat or Chat(self._server, self._allowance)
            try:
                answer = await self._chat.ask(messages)
            except NoAnswerError as exc:
                self._without_answer += exc.kind in _DOWN
                if exc.ends_run:
                    self._end(exc, exc.kind)
                elif self._without_answer >= GIVEN_UP_AFTER:
                    self._end(exc, NOT_ASKED)
                raise
            self._without_answer = 0
            return answer

    def _end(self, failure: NoAnswerError, kind: str) -> None:
        """Ask no more in this run; said once, here, however many stories are left."""
        if self._ended is None:
            log.warning("%s The rest of this run is extracted.", failure)
            message = f"It was not asked about: {failure}"
            self._ended = NoAnswerError(message, kind=kind, ends_run=True)

    async def _close(self) -> None:
        loop = asyncio.get_running_loop()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._chat is not None:
            await self._chat.close()
        loop.call_soon(loop.stop)

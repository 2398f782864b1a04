"""Let the editor correct how a story was read, see the rule that comes of it and what it changes, and write it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from digest import app
from digest.config import SourceSettings
from digest.errors import SourceError, UsageError
from digest.extract.site_rules import SiteRules
from digest.extract.story import read_story
from digest.extract.teaching import Correction
from digest.model import Capture, Story, StoryId
from digest.pipeline.site_checks import check_rule
from digest.pipeline.site_effects import Effect, effect_on, find_page, others_of, with_rule
from digest.pipeline.site_teaching import TaughtSite, learn_rule, write_rule
from digest.store.story_tallies import StoryTallies
from digest.web.desk.room import Room
from digest.web.desk.source_pages import source_named
from digest.web.desk.teaching_form import corrections_of, filled_in, form_of
from digest.web.forms import Fields, read_fields

Form = Annotated[Fields, Depends(read_fields)]
PAGES_KEPT = 12
OTHERS = 5
AMONG = 200
FIELD_WORDS = {
    "title": "Headline",
    "text": "Text",
    "authors": "Authors",
    "published_at": "Date",
    "lead_image": "Lead picture",
    "images": "Pictures",
}


@dataclass(slots=True)
class Lessons:
    """The pages that are being learned from, kept a while so that a site is not asked again at each step."""

    room: Room
    _pages: OrderedDict[tuple[str, str], Capture] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page_of(self, story: Story, source: SourceSettings, rules: SiteRules) -> Capture:
        """Return the page of a kept story; raise SourceError where it is not to be had."""
        key = (source.name, str(story.id))
        with self._lock:
            if key in self._pages:
                return self._pages[key]
        config = self.room.config
        capture = find_page(
            story,
            source,
            config=config,
            rules=rules,
            make_fetcher=lambda: app.make_fetcher(config),
            now=app.now(),
        )
        with self._lock:
            self._pages[key] = capture
            while len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        return capture

    def forget(self) -> None:
        """Fetch pages anew from now on."""
        with self._lock:
            self._pages.clear()

    def effects(
        self, taught: TaughtSite, kept: Story, source: SourceSettings, rules: SiteRules
    ) -> list[Effect]:
        """Return what a rule changes on the story it was taught on, and on the newest others of its site."""
        after = with_rule(rules, taught.rule)
        newest = StoryTallies(self.room.stores.engine).newest(source.name, limit=AMONG)
        made = []
        for story in (kept, *others_of(taught.rule, newest, but=kept, limit=OTHERS)):
            try:
                capture = self.page_of(story, source, rules)
            except (SourceError, UsageError) as exc:
                made.append(Effect(story=story, problem=str(exc)))
                continue
            made.append(effect_on(story, capture, before=rules, after=after))
        return made


def teaching_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes, lessons = APIRouter(), Lessons(room)

    @routes.get("/sources/{name}/teach/{story_id}")
    def show(name: str, story_id: str) -> Response:
        source, story = source_named(room, name), _story(room, story_id)
        lessons.forget()
        read = _read(lessons, story, source)
        return _page(room, source, story, form=form_of(read), read=read)

    @routes.post("/sources/{name}/teach/{story_id}")
    def teach(name: str, story_id: str, form: Form) -> Response:
        source, story = source_named(room, name), _story(room, story_id)
        rules = app.make_site_rules(room.config)
        read = _read(lessons, story, source)
        sent = filled_in(blank := form_of(read), form)
        try:
            taught = _learn(lessons, story, source, rules, corrections_of(blank, sent))
        except (SourceError, UsageError) as exc:
            return _page(room, source, story, form=sent, read=read, problem=str(exc), status=422)
        effects = lessons.effects(taught, story, source, rules)
        mark = sha256(taught.text.encode()).hexdigest()
        if form.one("do") == "write" and form.one("mark") == mark:
            _write(room, taught, source, effects)
            return RedirectResponse(f"/sources/{source.name}/?told=taught", status_code=303)
        check = check_rule(taught.rule, lessons.page_of(story, source, rules), is_example=True)
        return _page(
            room,
            source,
            story,
            form=sent,
            read=read,
            taught=taught,
            effects=effects,
            mark=mark,
            check=check.message,
        )

    return routes


def _story(room: Room, story_id: str) -> Story:
    story = room.stores.stories.find(StoryId(story_id))
    if story is None:
        raise UsageError(f"No story '{story_id}' is kept. Choose one on its source's page.")
    return story


def _read(lessons: Lessons, story: Story, source: SourceSettings) -> Story:
    """Return the story as its page is read now; where it holds none, as it is kept."""
    rules = app.make_site_rules(lessons.room.config)
    capture = lessons.page_of(story, source, rules)
    try:
        return read_story(capture, rules=rules)
    except SourceError:
        return story


def _learn(
    lessons: Lessons, story: Story, source: SourceSettings, rules: SiteRules, corrections: list[Correction]
) -> TaughtSite:
    if not corrections:
        raise UsageError("Nothing was corrected. Change what was read wrongly, then try again.")
    capture, problem = lessons.page_of(story, source, rules), ""
    for correction in corrections:
        try:
            return learn_rule(capture, correction, rules=rules, folder=lessons.room.config.sites)
        except SourceError as exc:
            problem = problem or str(exc)
    raise SourceError(problem)


def _write(room: Room, taught: TaughtSite, source: SourceSettings, effects: list[Effect]) -> None:
    """Write a rule, and keep the stories that it changes as they are read with it."""
    write_rule(taught)
    changed = [one.story for one in effects if one.changes]
    is_picked = source.kind != "feed"
    room.stores.stories.save(changed, source=source.name, now=app.now(), is_hand_picked=is_picked)


def _page(room: Room, source: SourceSettings, story: Story, **shown: Any) -> Response:
    told: dict[str, Any] = {"taught": None, "effects": [], "mark": "", "check": "", "problem": ""}
    return room.page(
        "teach.html", here="/sources/", source=source, story=story, words=FIELD_WORDS, **(told | shown)
    )

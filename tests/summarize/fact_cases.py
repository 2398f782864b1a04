"""The table of texts with what their stories do not bear out, and how well that is told.

Each file of `tests/data/summarize/facts` holds a story (`key: value` lines, a blank line, the text), a line of
equal signs, and lines of `text => kind:words / kind!words`: what is missing (:) or contradicted (!).
`python -m tests.summarize.fact_cases` prints precision, recall and every failure.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime

from digest.model import Story, StoryId
from digest.summarize.facts import Fact, Verdict, check_facts, unsupported
from tests.conftest import DATA


@dataclass(frozen=True)
class FactCase:
    """A text about a story, and the facts in it that the story does not bear out."""

    story: Story
    text: str
    expected: tuple[str, ...]


def read_cases() -> list[FactCase]:
    cases = []
    for path in sorted((DATA / "summarize/facts").glob("*.txt")):
        told, _, table = path.read_text(encoding="utf-8").partition("\n====\n")
        head, _, text = told.partition("\n\n")
        keys = dict(line.split(": ", 1) for line in head.splitlines())
        story = Story(
            id=StoryId(path.stem),
            source="table",
            title=keys["title"],
            text=text.strip().replace("\n", "\n\n"),
            language=keys["language"],
            published_at=datetime.fromisoformat(keys["published"]),
        )
        for line in table.splitlines():
            said, _, expected = line.partition("=>")
            parts = tuple(part.strip() for part in expected.split(" / ") if part.strip())
            cases.append(FactCase(story=story, text=said.strip(), expected=parts))
    return cases


def said_of(fact: Fact) -> str:
    return f"{fact.kind}{'!' if fact.verdict is Verdict.CONTRADICTED else ':'}{fact.text}"


def measure(cases: list[FactCase]) -> tuple[int, int, int, list[str]]:
    """Return how many facts were found rightly, wrongly, and not at all, and the cases that failed."""
    right, wrong, lost, failed = 0, 0, 0, []
    for case in cases:
        found = [said_of(fact) for fact in unsupported(check_facts(case.text, case.story))]
        left = list(case.expected)
        for said in found:
            match = next((one for one in left if _is_same(one, said)), None)
            if match is None:
                wrong += 1
            else:
                right += 1
                left.remove(match)
        lost += len(left)
        if sorted(found) != sorted(case.expected):
            failed.append(
                f"{case.story.id}: {case.text} => {' / '.join(case.expected)} GOT {' / '.join(found)}"
            )
    return right, wrong, lost, failed


def _is_same(one: str, other: str) -> bool:
    """Say whether two are the same fact, whichever way the story fails to bear it out."""
    first, second = one.replace("!", ":", 1), other.replace("!", ":", 1)
    kind, _, words = first.partition(":")
    other_kind, _, other_words = second.partition(":")
    return kind == other_kind and (words in other_words or other_words in words)


def main() -> None:
    cases = read_cases()
    right, wrong, lost, failed = measure(cases)
    precision, recall = right / max(1, right + wrong), right / max(1, right + lost)
    sys.stdout.write("\n".join(failed) + "\n")
    sys.stdout.write(
        f"{len(cases)} cases, precision {precision:.3f}, recall {recall:.3f}, {len(failed)} not exact\n"
    )


if __name__ == "__main__":
    main()

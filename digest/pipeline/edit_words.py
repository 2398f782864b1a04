"""Say an edit in words, as an edition's history has it: "moved 'Harbour reopens'"."""

from __future__ import annotations

from digest.model import Edit, Edition, EditKind

FIELDS = {
    "headline": "the headline",
    "text": "the blurb",
    "caption": "the caption",
    "credit": "the credit",
    "alt": "the alternative text",
}
LINES = {EditKind.SUBJECT: "subject", EditKind.PREHEADER: "preheader", EditKind.NOTE: "note"}
_PLAIN = {
    EditKind.PIN: "pinned",
    EditKind.UNPIN: "took the pin off",
    EditKind.DROP: "dropped",
    EditKind.RESTORE: "restored",
    EditKind.INCLUDE: "put in",
}
_LONGEST = 60


def tell_edit(edition: Edition, edit: Edit) -> str:
    """Return what an edit did, in the past tense; the edition names its story."""
    if edit.kind in LINES:
        line = LINES[edit.kind]
        return f"wrote the {line}" if (edit.text or "").strip() else f"took the {line} back"
    if edit.kind is EditKind.GO_BACK:
        return f"went back to revision {edit.revision}"
    story = f"'{_headline(edition, edit)}'"
    match edit.kind:
        case EditKind.MOVE:
            return f"moved {story}" + (f" to {edit.section}" if edit.section else "")
        case EditKind.REWRITE:
            verb = "took back" if edit.text is None else "rewrote"
            return f"{verb} {FIELDS.get(edit.field or '', 'the words')} of {story}"
        case EditKind.SENTENCES:
            what = "chose the sentences of" if edit.sentences else "took back the sentences of"
            return f"{what} {story}"
        case EditKind.PICTURE:
            what = "chose a picture of" if edit.image is not None else "took the picture off"
            return f"{what} {story}"
        case _:
            return f"{_PLAIN.get(edit.kind, str(edit.kind))} {story}"


def _headline(edition: Edition, edit: Edit) -> str:
    """Return a story's headline as it is shown or, of one that is not in, as it was made."""
    known = {item.story_id: item.headline for item in (*edition.chosen, *edition.items)}
    if edit.item is not None:
        known.setdefault(edit.item.story_id, edit.item.headline)
    line = known.get(edit.story_id, "a story that is gone") if edit.story_id is not None else "the edition"
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"

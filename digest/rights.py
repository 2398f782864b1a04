"""Decide by who is credited what may be done with a picture.

The decision is about names: each agency or owner that the credit names, and who passed the picture on, has a
line in `[photo_rights]`, or is ours, or is the story's own outlet, or falls under the default. The strictest
of their lines decides, since a picture of two owners needs the leave of both. Photographers count where they
have a line or are ours; one who is named alone counts as the outlet's. What stands behind a stroke
(`Jo Bloggs/Halcyon Wire`) is taken for an owner even where its name could be a person's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from digest.model import Credit, PictureRuling, PictureUse

DEFAULTS = {"outlet": PictureUse.SHOW, "default": PictureUse.LINK, "unknown": PictureUse.LINK}
"""What holds where the configuration is silent: no copy of an agency's picture, or of one nobody is credited for."""

_STRICTNESS = (PictureUse.SHOW, PictureUse.LINK, PictureUse.DROP)
_ENDING = re.compile(r"(?<=\w)\.(?:com|org|net|co\.\w\w|\w{2}|example)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRights:
    """The lines of `[photo_rights]`.

    `names` gives a use for each name, by its letters (`letters_of`) with the key as it is written; `own` are the
    letters of our own names; `general` holds those of `outlet`, `default` and `unknown` that are written.
    """

    names: Mapping[str, tuple[str, PictureUse]] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    general: Mapping[str, PictureUse] = field(default_factory=dict)


def decide_use(credit: Credit, rights: PhotoRights, *, printed: str | None, site: str) -> PictureRuling:
    """Return what may be done with a picture, from the names in its credit.

    `printed` is the credit as it stands under the picture, which may have a line of its own; `site` is the
    story's outlet, by its name or host.
    """
    whole = rights.names.get(letters_of(printed or ""))
    if whole is not None:
        return PictureRuling(use=whole[1], rule=whole[0], is_configured=True, about=whole[0], credit=credit)
    owners = [*credit.agencies, *([credit.via] if credit.via else [])]
    owners += [
        name for name in credit.photographers[1:] if re.search(rf"/\s*{re.escape(name)}", printed or "")
    ]
    people = [name for name in credit.photographers if name not in owners]
    rulings = [_ruling_of(name, rights, site=site, credit=credit) for name in owners]
    rulings += [
        _ruling_of(name, rights, site=site, credit=credit)
        for name in people
        if letters_of(name) in rights.names or letters_of(name) in rights.own
    ]
    if not rulings:
        key = "outlet" if people else "unknown"
        rulings = [_general(key, rights, about=people[0] if people else "", credit=credit)]
    elif any(ruling.rule == "own" for ruling in rulings):
        rulings = [ruling for ruling in rulings if ruling.rule not in ("default", "outlet")]
    return max(rulings, key=lambda ruling: (_STRICTNESS.index(ruling.use), not ruling.is_configured))


def way_of(use: PictureUse, mode: str) -> str:
    """Return how a picture goes to readers, of host, attach, link and none.

    `mode` is the newsletter's way. Pictures that may not be copied are linked in every mode but none.
    """
    if mode == "none" or use is PictureUse.DROP:
        return "none"
    return "link" if use is PictureUse.LINK else mode


def letters_of(name: str) -> str:
    """Reduce a name to the letters and digits that names are compared by: case, marks and "the" are left out."""
    bare = _ENDING.sub("", " ".join(name.casefold().split()).removeprefix("www."))
    letters = "".join(char for char in bare if char.isalnum())
    return letters.removeprefix("the") or letters


def _ruling_of(name: str, rights: PhotoRights, *, site: str, credit: Credit) -> PictureRuling:
    letters = letters_of(name)
    line = rights.names.get(letters)
    if line is not None:
        return PictureRuling(use=line[1], rule=line[0], is_configured=True, about=name, credit=credit)
    if letters in rights.own:
        return PictureRuling(use=PictureUse.SHOW, rule="own", is_configured=True, about=name, credit=credit)
    return _general("outlet" if letters == letters_of(site) else "default", rights, about=name, credit=credit)


def _general(key: str, rights: PhotoRights, *, about: str, credit: Credit) -> PictureRuling:
    use = rights.general.get(key)
    return PictureRuling(
        use=use or DEFAULTS[key], rule=key, is_configured=use is not None, about=about, credit=credit
    )

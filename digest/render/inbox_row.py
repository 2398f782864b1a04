"""Cut sender, subject and preheader as mail programs do in their lists, by the widths of letters.

Programs fill what room a list leaves behind the preheader with the email's first words, which is why layouts put
blanks behind it. Widths are those of Arial, in thousandths of its size; the lists' are of usual windows.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lxml import etree

DOTS = "…"
_WIDTHS = {
    letter: width
    for width, letters in (
        (191, "'"),
        (222, "ijl’‘"),
        (260, "|"),
        (278, " !,./:;I[\\]ft·\u00a0"),
        (333, "()-`r“”{}"),
        (355, '"'),
        (389, "*"),
        (469, "^"),
        (500, "Jcksvxyz"),
        (556, "#$0123456789?L_abdeghnopqu–€"),
        (584, "+<=>~"),
        (611, "FTZ"),
        (667, "&ABEKPSVXY"),
        (722, "CDHNRUw"),
        (778, "GOQ"),
        (833, "Mm"),
        (889, "%"),
        (944, "W"),
        (1015, "@"),
        (1000, "—…"),
    )
    for letter in letters
}
_OTHER_SMALL, _OTHER_CAPITAL, _OTHER_SIGN, _WIDE = 578, 725, 450, 1000
_BOLD = 1.088
"""How much wider bold is."""
_MOST_READ = 1000
"""Characters of an email that a list looks at; the longest row shows fewer than 200."""
_UNSEEN = frozenset({"script", "style", "head", "title", "template"})
_BREAKS = frozenset({"p", "div", "td", "tr", "table", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How a program's list shows a message. Widths and sizes are pixels of CSS; `lines` are those of the preview.

    In `is_one_line` the subject and the preview share a line, as wide as `subject_width`.
    """

    name: str
    where: str
    key: str
    size: int
    sender_size: int
    sender_width: int
    subject_width: int
    lines: int = 1
    is_one_line: bool = False
    is_subject_bold: bool = True


PROGRAMS = (
    Program(
        name="Gmail",
        where="in a browser 1366 pixels wide",
        key="gmail",
        size=14,
        sender_size=14,
        sender_width=168,
        subject_width=780,
        is_one_line=True,
    ),
    Program(
        name="Gmail",
        where="on a phone",
        key="gmail-phone",
        size=14,
        sender_size=16,
        sender_width=230,
        subject_width=290,
    ),
    Program(
        name="Apple Mail",
        where="on an iPhone",
        key="apple",
        size=15,
        sender_size=17,
        sender_width=250,
        subject_width=340,
        lines=2,
        is_subject_bold=False,
    ),
    Program(
        name="Outlook",
        where="on a desktop, its list beside the message",
        key="outlook",
        size=14,
        sender_size=15,
        sender_width=240,
        subject_width=280,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message in a program's list. `preview` is by lines; `is_cut` names what of the message is not shown whole.

    `runs_on` is what is shown of the email's own text behind the preheader, empty where its blanks keep it away.
    """

    program: Program
    sender: str
    subject: str
    preview: tuple[str, ...]
    is_cut: frozenset[str]
    runs_on: str


def make_row(program: Program, *, sender: str, subject: str, preheader: str, opening: str) -> Row:
    """Return the row of a message; `opening` is the `opening_text` of its HTML."""
    shown_sender = cut(sender, program.sender_width, size=program.sender_size, is_bold=True)
    shown_subject = cut(subject, program.subject_width, size=program.size, is_bold=program.is_subject_bold)
    width = program.subject_width
    if program.is_one_line:
        used = width_of(f"{shown_subject} – ", size=program.size, is_bold=program.is_subject_bold)
        width = max(0, round(width - used))
    preview = _preview(opening, width, program)
    seen = " ".join(preview).removesuffix(DOTS)
    behind = _behind(seen, preheader)
    cuts = {
        "sender": shown_sender != sender,
        "subject": shown_subject != subject,
        "preheader": len(_plain(seen)) < len(_plain(preheader)),
    }
    return Row(
        program=program,
        sender=shown_sender,
        subject=shown_subject,
        preview=preview,
        is_cut=frozenset(name for name, is_cut in cuts.items() if is_cut),
        runs_on=behind,
    )


def opening_text(html: str) -> str:
    """Return the first words of an email's HTML as lists read them: hidden ones too, no-break spaces kept."""
    root = etree.fromstring(html, etree.HTMLParser(remove_comments=True))
    body = root.find("body")
    pieces: list[str] = []
    length = 0
    for event, element in etree.iterwalk(root if body is None else body, events=("start", "end")):
        if any(parent in _UNSEEN for parent in (element.tag, *(one.tag for one in element.iterancestors()))):
            piece = element.tail or "" if event == "end" and element.tag in _UNSEEN else ""
        elif event == "start":
            piece = (" " if element.tag in _BREAKS else "") + (element.text or "")
        else:
            piece = (" " if element.tag in _BREAKS else "") + (element.tail or "")
        pieces.append(piece)
        length += len(piece)
        if length > 4 * _MOST_READ:
            break
    return _BLANKS.sub(" ", "".join(pieces)).strip(" ")[:_MOST_READ]


def width_of(text: str, *, size: int, is_bold: bool = False) -> float:
    """Return about how wide a text is, in pixels."""
    return sum(map(_letter_width, text)) * size * (_BOLD if is_bold else 1) / 1000


def cut(text: str, width: float, *, size: int, is_bold: bool = False) -> str:
    """Return a text cut to a width, with an ellipsis where it does not fit."""
    if width_of(text, size=size, is_bold=is_bold) <= width:
        return text
    fitting = _fitting(text, width - width_of(DOTS, size=size, is_bold=is_bold), size=size, is_bold=is_bold)
    return text[:fitting].rstrip() + DOTS if fitting else ""


def _fitting(text: str, width: float, *, size: int, is_bold: bool = False) -> int:
    """Return how many characters of a text fit."""
    room = width * 1000 / (size * (_BOLD if is_bold else 1))
    for place, letter in enumerate(text):
        room -= _letter_width(letter)
        if room < 0:
            return place
    return len(text)


def _letter_width(letter: str) -> int:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.category(letter) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return _WIDE
    base = unicodedata.normalize("NFD", letter)[0]
    if base in _WIDTHS:
        return _WIDTHS[base]
    if not letter.isalpha():
        return _OTHER_SIGN
    return _OTHER_CAPITAL if letter.isupper() else _OTHER_SMALL


def _preview(text: str, width: float, program: Program) -> tuple[str, ...]:
    """Return the preview's lines: all but the last are broken at a word, the last is cut anywhere."""
    lines = []
    for _ in range(program.lines - 1):
        fitting = _fitting(text, width, size=program.size)
        if fitting < len(text):
            fitting = max(text.rfind(" ", 0, fitting + 1), 0) or fitting
        lines.append(text[:fitting].strip(" "))
        text = text[fitting:].lstrip(" ")
    lines.append(cut(text, width, size=program.size))
    return tuple(seen for line in lines if (seen := _without_blanks(line)))


def _without_blanks(line: str) -> str:
    """Return a line without the blanks at its end, and without the ellipsis that stands for more of them."""
    told = line.removesuffix(DOTS)
    kept = len(told)
    while kept and (told[kept - 1].isspace() or _letter_width(told[kept - 1]) == 0):
        kept -= 1
    return line if kept == len(told) and kept else told[:kept]


def _plain(text: str) -> str:
    """Return a text without what nobody sees, its blanks single."""
    return " ".join("".join(one for one in text if unicodedata.category(one) not in ("Mn", "Cf")).split())


def _behind(shown: str, preheader: str) -> str:
    """Return what is seen behind the preheader, where it is shown whole."""
    told, wanted = _plain(shown), _plain(preheader)
    return told[len(wanted) :].strip() if wanted and told.startswith(wanted) else ("" if wanted else told)

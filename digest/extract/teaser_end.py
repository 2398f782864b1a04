"""Know how a teaser ends ("[…]", "Read more"), and the line that a feed puts under each of its entries."""

from __future__ import annotations

import re
from collections.abc import Sequence

_POINTER = (
    r"(?:(?:read|see|view|learn|find out) more(?: (?:at|on|here|about)\b.{0,100})?|more|read on|keep reading|"
    r"continue(?: reading\b.{0,150})?|(?:read|view|see) (?:the )?(?:full|rest|original|whole|entire|complete)\b.{0,80}|"
    r"weiter(?:lesen)?|weiter lesen|mehr lesen|mehr erfahren|zum (?:ganzen |vollständigen )?artikel|"
    r"lire (?:la suite|plus|l[’']article)\b.{0,80}|en savoir plus|leer más|(?:seguir|sigue|continuar) leyendo\b.{0,80}|"
    r"leggi (?:tutto|di più|l[’']articolo\b.{0,80})|continua a leggere|lees (?:meer|verder)|verder lezen|"
    r"(?:leia|ler) mais|continue? (?:lendo|a ler)|läs mer|les mer|læs mere|lue lisää|czytaj (?:dalej|więcej)|"
    r"číst (?:dále|více)|devamını oku|читать (?:далее|дальше|полностью)|続きを読む|もっと読む|阅读(?:更多|全文))"
)
_IS_POINTER = re.compile(rf"\W*{_POINTER}\W*", re.I)
_ENDS_WITH_POINTER = re.compile(rf"(?<=[.!?…»”\"\])])\s+(?=\W*[A-ZÀ-ÝА-Я])(?i:\W*{_POINTER}\W*)$")
_CUT = re.compile(rf"(?:\[\s*(?:…|\.\.\.)\s*\]|\(more\)|\[\+\d+ chars\])\W*(?:{_POINTER}\W*)?$", re.I)
_TRAILING_OFF = re.compile(rf"(?:…|\.\.\.)\W*(?:{_POINTER}\W*)?$", re.I)
_TRAILING_WORDS = 400
_SIGNATURE = re.compile(
    r"(?:^|(?<=[.!?…»”\"\])])\s+)(?:"
    r"The (?:post|article) .{1,300}? (?:first appeared|appeared first) on|"
    r"Der Beitrag .{1,300}? erschien zuerst auf|L[’']article .{1,300}? est apparu en premier sur|"
    r"La entrada .{1,300}? (?:se publicó primero|apareció primero) en|L[’']articolo .{1,300}? proviene da|"
    r"O (?:post|artigo) .{1,300}? apareceu primeiro (?:em|no|na)|Het bericht .{1,300}? verscheen eerst op|"
    r"Inlägget .{1,300}? dök först upp på|Indlægget .{1,300}? blev først udgivet på|"
    r"Innlegget .{1,300}? dukket først opp på|Artykuł .{1,300}? pochodzi z serwisu|"
    r"Сообщение .{1,300}? появил[аио]сь? сначала на"
    r") .{1,120}$"
)


def without_signature(paragraphs: Sequence[str]) -> list[str]:
    """Drop "The post … appeared first on …", wherever a paragraph is it or ends with it."""
    cut = (_SIGNATURE.sub("", text) for text in paragraphs)
    return [text for text in cut if text]


def without_pointers(paragraphs: Sequence[str]) -> list[str]:
    """Drop "Read more" and its like, as paragraphs and as the end of the last one."""
    kept = [text for text in paragraphs if not _IS_POINTER.fullmatch(text)]
    if kept:
        kept[-1] = _ENDS_WITH_POINTER.sub("", kept[-1])
    return kept


def is_cut(paragraphs: Sequence[str]) -> bool:
    """Say whether a text ends as a teaser does. A long one may end with a plain ellipsis of its own."""
    if not paragraphs:
        return True
    last = paragraphs[-1][-300:]
    if _IS_POINTER.fullmatch(last) or _CUT.search(last) or _ENDS_WITH_POINTER.search(last):
        return True
    return (
        bool(_TRAILING_OFF.search(last)) and sum(len(text.split()) for text in paragraphs) < _TRAILING_WORDS
    )

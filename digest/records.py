"""Turn the model's values into JSON and back, exactly."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from digest.errors import StoreError
from digest.model import Edition, Rendered, Story

T = TypeVar("T")
Encoder = Callable[[Any], Any]


def edition_to_dict(edition: Edition) -> dict[str, Any]:
    """Return an edition as JSON values."""
    return to_record(edition)


def edition_from_dict(record: Mapping[str, Any]) -> Edition:
    """Return the edition that `edition_to_dict` made a record of."""
    return from_record(Edition, record)


def story_to_dict(story: Story) -> dict[str, Any]:
    """Return a story as JSON values."""
    return to_record(story)


def story_from_dict(record: Mapping[str, Any]) -> Story:
    """Return the story that `story_to_dict` made a record of."""
    return from_record(Story, record)


def rendered_to_dict(rendered: Rendered) -> dict[str, Any]:
    """Return a rendering as JSON values, its pictures in base64."""
    return to_record(rendered)


def rendered_from_dict(record: Mapping[str, Any]) -> Rendered:
    """Return the rendering that `rendered_to_dict` made a record of."""
    return from_record(Rendered, record)


def to_record(value: Any) -> dict[str, Any]:
    """Return a dataclass as JSON values, every field by its name.

    Moments and days are in ISO 8601 (a moment keeps its offset, not its zone's name), bytes in base64,
    paths as text.
    """
    kind: Any = type(value)
    record = _encoder(kind)(value)
    assert isinstance(record, dict)
    return record


def from_record(kind: type[T], record: Mapping[str, Any]) -> T:
    """Return the value of type `kind` that `to_record` made a record of.

    A field the record lacks takes its default and one that the type lacks is passed over, so that older
    and newer records can be read. Raises StoreError where the record does not fit the type.
    """
    target: Any = kind
    try:
        value = _decoder(target)(record)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise StoreError(
            f"A stored {kind.__name__.lower()} cannot be read ({exc}). "
            "It was written by another version, or the store is damaged."
        ) from exc
    assert isinstance(value, kind)
    return value


def _same(value: Any) -> Any:
    return value


def _scalar(kind: Any) -> tuple[Encoder, Encoder] | None:
    if kind in (str, int, bool):
        return _same, _same
    if kind is float:
        return _same, float
    if kind in (datetime, date):
        return kind.isoformat, kind.fromisoformat
    if kind is bytes:
        return (lambda value: b64encode(value).decode("ascii")), (lambda text: b64decode(text, validate=True))
    if isinstance(kind, type) and issubclass(kind, Path):
        return str, Path
    if isinstance(kind, type) and issubclass(kind, Enum):
        return (lambda value: value.value), kind
    return None


@cache
def _encoder(kind: Hashable) -> Encoder:
    return _codec(kind, _encoder, dataclass_codec=_dataclass_encoder, make_sequence=list, position=0)


@cache
def _decoder(kind: Hashable) -> Encoder:
    return _codec(kind, _decoder, dataclass_codec=_dataclass_decoder, make_sequence=tuple, position=1)


def _codec(
    kind: Any,
    part: Callable[[Any], Encoder],
    *,
    dataclass_codec: Callable[[Any], Encoder],
    make_sequence: Callable[[Any], Any],
    position: int,
) -> Encoder:
    if isinstance(kind, NewType):
        return part(kind.__supertype__)
    scalar = _scalar(kind)
    if scalar is not None:
        return scalar[position]
    if is_dataclass(kind):
        return dataclass_codec(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union) and len(arguments) == 2 and type(None) in arguments:
        inner = part(next(argument for argument in arguments if argument is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is tuple and arguments[1:] == (...,):
        inner = part(arguments[0])
        return lambda values: make_sequence(map(inner, values))
    if origin is Mapping and arguments[0] is str:
        inner = part(arguments[1])
        return lambda mapping: {key: inner(value) for key, value in mapping.items()}
    raise TypeError(f"no record is defined for {kind!r}")


def _dataclass_encoder(kind: Any) -> Encoder:
    """Return an encoder that looks at the type's fields when it is first used: a type may hold its own kind."""

    @cache
    def parts() -> list[tuple[str, Encoder]]:
        hints = get_type_hints(kind)
        return [(field.name, _encoder(hints[field.name])) for field in fields(kind)]

    return lambda value: {name: encode(getattr(value, name)) for name, encode in parts()}


def _dataclass_decoder(kind: Any) -> Encoder:
    @cache
    def parts() -> list[tuple[str, Encoder, bool]]:
        hints = get_type_hints(kind)
        return [
            (
                field.name,
                _decoder(hints[field.name]),
                field.default is MISSING and field.default_factory is MISSING,
            )
            for field in fields(kind)
        ]

    def decode(record: Mapping[str, Any]) -> Any:
        return kind(
            **{name: part(record[name]) for name, part, is_needed in parts() if is_needed or name in record}
        )

    return decode

"""Reads one YAML file.

The parser's events are read one by one, so that hostile input is refused while it is read: composing first and
checking later would cost seconds (deep nesting) or never end (aliases). Duplicate keys, which a composer
swallows, are seen here as well. Whatever can be read is read, so that one pass finds every mistake.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from opsctl.config.document import Document, Path, Place

if TYPE_CHECKING:
    from ruamel.yaml import YAML
    from ruamel.yaml.events import Event

MAX_BYTES = 128 * 1024  # keeps the worst refusal under a second
MAX_DEPTH = 40
MAX_EVENTS = 20_000


def read(raw: bytes, file: str) -> Document:
    """Parse `raw`; mistakes are collected in the document, never raised. `file` is only named."""
    document = Document(file)
    if len(raw) > MAX_BYTES:
        document.refuse(f"too large; at most {MAX_BYTES:,} bytes are read", (1, 1))
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.refuse("not UTF-8 text", (raw[: error.start].count(b"\n") + 1, 1))
        return document
    _parse(text, document)
    return document


def _parse(text: str, document: Document) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    yaml = YAML(typ="safe", pure=True)
    try:
        _Reader(yaml, yaml.parse(text), document).top()
    except _Refused:
        pass  # already noted
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.refuse(_plain(error), (mark.line + 1, mark.column + 1) if mark else (0, 0))
    except YAMLError as error:  # a character that YAML does not allow, found before the first event
        position = getattr(error, "position", 0)
        document.refuse("a control character, which YAML does not allow", (text.count("\n", 0, position) + 1, 1))


def _plain(error: Any) -> str:
    problem = str(error.problem or error.context or "cannot be read")
    if "'\\t'" in problem:
        return "a tab; YAML is indented with blanks"
    if "end of stream" in problem or "stream end" in problem:
        return "not YAML: a bracket or quote before here is never closed"
    return f"not YAML: {problem}"


class _Refused(Exception):
    """The rest of the file is not worth reading."""


class _Reader:
    """Turns events into data, noting places and mistakes."""

    def __init__(self, yaml: YAML, events: Iterator[Event], document: Document) -> None:
        self.yaml, self.events, self.document = yaml, events, document
        self.count = 0

    def next(self) -> Any:
        self.count += 1
        event = next(self.events)
        if self.count > MAX_EVENTS:
            self.document.refuse(f"more than {MAX_EVENTS:,} values", _place(event))
            raise _Refused
        return event

    def top(self) -> None:
        from ruamel.yaml.events import MappingStartEvent, StreamEndEvent

        self.next()  # start of the stream
        start = self.next()
        if isinstance(start, StreamEndEvent):
            return  # an empty file: every default
        if start.version or start.tags:
            self.document.refuse("directives (%YAML, %TAG) are not read; remove them", _place(start))
            raise _Refused
        first = self.next()
        data = self.value(first, ())
        if isinstance(first, MappingStartEvent):
            self.document.data = data
        elif data is not None:
            self.document.mistake((), "the file must hold keys and values, such as `stage: production`", _place(first))
        self.next()  # end of the document
        after = self.next()
        if not isinstance(after, StreamEndEvent):
            self.document.mistake((), "a second document; one file holds one", _place(after))

    def value(self, event: Any, path: Path) -> Any:
        from ruamel.yaml.events import AliasEvent, MappingStartEvent, SequenceStartEvent

        self._refuse_extras(event, path)
        if isinstance(event, AliasEvent):
            return None
        if len(path) >= MAX_DEPTH:
            self.document.refuse(f"nested more than {MAX_DEPTH} deep", _place(event))
            raise _Refused
        if isinstance(event, MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(event, path)

    def mapping(self, path: Path) -> dict[str, Any]:
        from ruamel.yaml.events import MappingEndEvent

        data: dict[str, Any] = {}
        while not isinstance(event := self.next(), MappingEndEvent):
            key = self.key(event, path)
            if key is None:
                self.value(self.next(), (*path, "?"))
                continue
            inner = (*path, key)
            seen = self.document.places.get(inner)
            if seen:
                self.document.mistake(inner, f"written twice; first on line {seen[0]}", _place(event))
            self.document.places.setdefault(inner, _place(event))
            data[key] = self.value(self.next(), inner)
        return data

    def key(self, event: Any, path: Path) -> str | None:
        key = self.value(event, (*path, "?"))
        if isinstance(key, str) and key != "<<":
            return key
        message = "merge keys (<<) are not read; `extends` does that" if key == "<<" else "a key must be text"
        self.document.mistake(path, message, _place(event))
        return None

    def sequence(self, path: Path) -> list[Any]:
        from ruamel.yaml.events import SequenceEndEvent

        data: list[Any] = []
        while not isinstance(event := self.next(), SequenceEndEvent):
            inner = (*path, len(data))
            self.document.places[inner] = _place(event)
            data.append(self.value(event, inner))
        return data

    def scalar(self, event: Any, path: Path) -> Any:
        from ruamel.yaml.nodes import ScalarNode

        tag = str(self.yaml.resolver.resolve(ScalarNode, event.value, event.implicit))
        node = ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        kind = tag.rsplit(":")[-1]
        try:
            value = _BUILD[kind](self.yaml.constructor, node) if kind in _BUILD else event.value
            str(value).encode()  # half a character, written as an escape, cannot be passed on
            if "\0" in str(value):
                raise ValueError("no program takes it")
        except ValueError:
            self.document.mistake(path, "cannot be read as a value", _place(event))
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self.document.mistake(path, f"{event.value} is not a finite number", _place(event))
            return None
        return value

    def _refuse_extras(self, event: Any, path: Path) -> None:
        if getattr(event, "anchor", None):
            self.document.mistake(
                path, "anchors and aliases (& and *) are not read; `extends` does that", _place(event)
            )
        if getattr(event, "tag", None):
            self.document.mistake(path, f"tags ({event.tag}) are not read; remove it", _place(event))


# Everything else (dates among it) stays the text that was written.
_BUILD: dict[str, Any] = {
    "null": lambda constructor, node: None,
    "bool": lambda constructor, node: node.value.lower() == "true",
    "int": lambda constructor, node: constructor.construct_yaml_int(node),
    "float": lambda constructor, node: constructor.construct_yaml_float(node),
}


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1

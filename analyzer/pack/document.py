"""Rule files as YAML documents whose every key knows its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from analyzer.pack.errors import PackError, Problem

MAX_FILE_BYTES = 1024 * 1024
MAX_DEPTH = 20
MAX_PLACES = 50_000
"""Keys and entries of one document, aliases expanded (a chain of aliases grows exponentially)."""

Path_ = tuple[str | int, ...]


class Document(Struct):
    """One YAML document: its content and the line of every key and list entry, by path from the top."""

    file: str
    data: dict[str, Any]
    lines: dict[Path_, int]

    def line(self, *path: str | int) -> int:
        """The line of a place, or of the nearest known place above it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.lines[()]

    def problem(self, text: str, *path: str | int) -> Problem:
        """A fault at a place of this document."""
        return Problem(self.file, self.line(*path), text)


def read_documents(path: Path, name: str) -> list[Document]:
    """All documents of a rule file; ``name`` is what messages call it. Raises `PackError` for what is no rule file."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PackError([Problem(name, 0, f"cannot be read: {error.strerror or error}")]) from error
    if len(raw) > MAX_FILE_BYTES:
        raise PackError([Problem(name, 0, f"is larger than {MAX_FILE_BYTES} bytes")])
    return list(parse_documents(raw.decode("utf-8", "replace"), name))


def parse_documents(text: str, name: str) -> Iterator[Document]:
    """The documents of a text. Raises `PackError` with the line for broken YAML."""
    check_depth(text, name)
    loader = yaml.CSafeLoader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if not isinstance(node, yaml.MappingNode):
                raise PackError(
                    [Problem(name, node.start_mark.line + 1 if node else 0, "a rule is a mapping of keys to values")]
                )
            lines: dict[Path_, int] = {}
            _walk(node, (), lines, name)
            yield Document(name, loader.construct_document(node), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PackError([Problem(name, mark.line + 1 if mark else 0, f"no valid YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise PackError([Problem(name, 0, f"no valid YAML: {error}")]) from error
    finally:
        loader.dispose()


def check_depth(text: str, name: str) -> None:
    """Raises `PackError` for a text that is nested too deeply: the library composes by recursion, and ends the program then."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    mark = event.start_mark
                    raise PackError([Problem(name, mark.line + 1 if mark else 0, f"is nested deeper than {MAX_DEPTH}")])
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:  # what is broken is said where it is read
        return


def _walk(node: yaml.Node, path: Path_, lines: dict[Path_, int], name: str) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > MAX_DEPTH:
        raise PackError([Problem(name, node.start_mark.line + 1, f"is nested deeper than {MAX_DEPTH}")])
    if len(lines) > MAX_PLACES:
        raise PackError([Problem(name, node.start_mark.line + 1, f"has more than {MAX_PLACES} keys and entries")])
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*path, str(key.value))
            if place in lines:
                raise PackError([Problem(name, key.start_mark.line + 1, f"key {key.value!r} stands twice")])
            lines[place] = key.start_mark.line + 1
            _walk(value, place, lines, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), lines, name)

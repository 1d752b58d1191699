"""The text of a ticket file as plain keys and values. It comes from strangers: every size is bounded, nothing is built from it
but mappings, lists and texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 6
MAX_NODES = 20_000


class UnreadableError(ValueError):
    """The text is no ticket; the message says why and where."""


def read_mapping(raw: bytes) -> dict[str, Any]:
    """The keys of a YAML or JSON document (UTF-8, with or without byte-order mark).

    Scalars of YAML stay text, so that ``country: NO`` is Norway. Raises `UnreadableError`.
    """
    if len(raw) > MAX_BYTES:
        raise UnreadableError(f"larger than {MAX_BYTES} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"not UTF-8 text (byte {error.start})") from None
    data = _json(text) if text.lstrip().startswith("{") else _yaml(text)
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UnreadableError("not a mapping of keys to values ('tcxtriage ticket new' writes a template)")
    return data


def _json(text: str) -> Any:  # noqa: ANN401 - JSON
    import json

    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        try:
            return _yaml(text)  # a flow mapping of YAML also starts with a brace
        except UnreadableError:
            raise UnreadableError(f"no valid JSON: {error.msg} (line {error.lineno})") from None
    except RecursionError:
        raise UnreadableError(f"nested deeper than {MAX_DEPTH}") from None
    except UnreadableError:
        raise
    except ValueError:  # Python reads no numbers of thousands of digits
        raise UnreadableError("no valid JSON: a number is too long") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise UnreadableError(f"key {key!r} stands twice")
        found[key] = value
    return found


def _yaml(text: str) -> Any:  # noqa: ANN401 - YAML
    """Builds from parser events: the composers of the library recurse, and follow aliases that blow up."""
    import yaml

    stack: list[_Open] = []
    top: list[Any] = []
    nodes = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            nodes += 1
            if nodes > MAX_NODES or len(stack) > MAX_DEPTH:
                raise UnreadableError(f"more than {MAX_NODES} entries or nested deeper than {MAX_DEPTH}")
            if isinstance(event, yaml.AliasEvent):
                raise UnreadableError(f"aliases are not allowed (line {_line(event)})")
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], _line(event)))
            elif isinstance(event, yaml.ScalarEvent | yaml.MappingEndEvent | yaml.SequenceEndEvent):
                done = event.value if isinstance(event, yaml.ScalarEvent) else stack.pop().content
                if stack:
                    stack[-1].take(done, _line(event))
                else:
                    top.append(done)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = "; a text with a colon in it stands in quotation marks" if _COLON in (error.problem or "") else ""
        raise UnreadableError(f"no valid YAML: {error.problem} (line {mark.line + 1 if mark else 0}{hint})") from None
    except yaml.YAMLError:
        raise UnreadableError("no valid YAML: characters that are not allowed") from None
    if len(top) > 1:
        raise UnreadableError("more than one document")
    return top[0] if top and top[0] != "" else None


_COLON = "mapping values are not allowed"
"""What the library says of ``description: He says: no``."""


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


class _Open:
    """A mapping or list that is being filled."""

    def __init__(self, content: dict[str, Any] | list[Any], line: int) -> None:
        self.content = content
        self.line = line
        self.key: str | None = None

    def take(self, value: Any, line: int) -> None:  # noqa: ANN401 - YAML
        if isinstance(self.content, list):
            self.content.append(value)
        elif self.key is None:
            if not isinstance(value, str):
                raise UnreadableError(f"a key must be a word (line {line})")
            if value in self.content:
                raise UnreadableError(f"key {value!r} stands twice (line {line})")
            self.key = value
        else:
            self.content[self.key] = value
            self.key = None

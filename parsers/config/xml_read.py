"""XML from strangers: no DTD, no entities, no network, bounded depth and text size (libxml2's own limits stay on)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias, cast

from parsers import lazy
from parsers.api import Sink
from parsers.tree.member import Member
from parsers.tree.text import text_of, utf8_chunks, whole_text

if TYPE_CHECKING:
    from lxml import etree

    Element: TypeAlias = etree._Element  # noqa: SLF001 - the class has no public name

_DECLARATION = lazy.pattern(r"\A\s*<\?xml\s[^<>]{0,400}\?>")
FEED_BYTES = 64 * 1024
PROLOG_BYTES = 1024 * 1024
LAST_LINE = 0xFFFF
DTD_REFUSED = "the XML has a document type declaration (DTD), which 3CX never writes: not read"


class RefusedError(Exception):
    """XML that is not read at all."""


def root_name(text: str) -> str | None:
    """The name of the root element, without prefix; null where the text does not begin like XML.

    Raises RefusedError for a document type declaration before it.
    """
    at = 0
    for _ in range(1000):
        at = text.find("<", at)
        if at < 0:
            return None
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4)
        elif text.startswith("<?", at):
            end = text.find("?>", at + 2)
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            raise RefusedError(DTD_REFUSED)
        else:
            match = re.compile(r"<(?:[\w.\-]{1,80}:)?([\w.\-]{1,80})").match(text, at)
            return match[1] if match else None
        if end < 0:
            return None
        at = end + 2
    return None


def begins_xml(text: str, *roots: str) -> bool:
    """Whether the root element has one of these names (a document with a DTD counts too: its parser refuses it)."""
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        return False
    try:
        return root_name(text) in roots
    except RefusedError:
        return any(f"<{root}" in text for root in roots)


def parse_xml(member: Member, out: Sink) -> Element | None:
    """The root of a small document. Damage is said with its line; what can be read all the same is read then.

    Null where nothing can be read, with a problem.
    """
    text = whole_text(member)
    try:
        root_name(text)
    except RefusedError as error:
        out.problem(str(error))
        return None
    root, damage = parse_plain(text)
    if root is None:
        out.problem(f"XML damaged: {damage}")
        root, _ = parse_plain(text, recover=True)
    return root


def parse_plain(text: str, *, recover: bool = False) -> tuple[Element | None, str]:
    """The root of a text that `root_name` accepts, else null and why."""
    from lxml import etree

    # without the declaration (its encoding is no longer true), lines keep their numbers
    plain = _DECLARATION.sub(lambda match: "\n" * match[0].count("\n"), text, count=1).replace("\0", "")
    if not plain.strip():
        return None, "it is empty"
    try:
        return etree.fromstring(plain.encode("utf-8", "replace"), _parser(recover=recover)), ""
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, reason(error)


def _parser(*, recover: bool) -> etree.XMLParser:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def reason(error: Exception) -> str:
    """libxml2's sentence with line and column; it may quote names, never text."""
    return str(error).split("\n")[0].split(" (<string>")[0][:300]


def stream_xml(member: Member, out: Sink, root: str, tags: Collection[str]) -> Iterator[Element]:
    """The elements of these names in a large document, each when it is complete. ``root`` is the name of the root.

    What was given out and what nobody asked for is forgotten as the reading goes on, but for an element of ``tags`` that is
    still open. Damage ends the stream with a problem that names the line.
    """
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=[f"{{*}}{name}" for name in (root, *tags)],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    kept = frozenset(name.lower() for name in tags)
    top: Element | None = None
    pieces = _pieces(member)
    try:
        for piece in chain([_prolog(pieces)], pieces):
            failure = _feed(parser, piece)
            for event, element in _events(parser):
                top = element if top is None else top
                if event == "end" and element is not top:
                    yield element
            if failure:
                out.problem(f"XML damaged: {failure}; what stands before it is read")
                return
            _forget(top, kept)
        parser.close()
    except RefusedError as error:
        out.problem(str(error))
    except (etree.XMLSyntaxError, ValueError) as error:
        out.problem(f"XML damaged: {reason(error)}; what stands before it is read")


def _feed(parser: etree.XMLPullParser, piece: bytes) -> str | None:
    from lxml import etree

    try:
        parser.feed(piece)
    except (etree.XMLSyntaxError, ValueError) as error:
        return reason(error)
    return None


def _prolog(pieces: Iterator[bytes]) -> bytes:
    """The pieces up to the root element. Raises RefusedError for a DTD, or where no root comes soon."""
    head = b""
    for piece in pieces:
        head += piece
        if root_name(head.decode("utf-8", "replace")) is not None:
            return head
        if len(head) > PROLOG_BYTES:
            raise RefusedError("the XML has no root element in its first MiB: not read")
    return head


def _forget(top: Element | None, kept: Collection[str]) -> None:
    """Drop everything that is complete: all but the last child, down to an element that is still wanted."""
    while top is not None and len(top) and local_name(top) not in kept:
        del top[:-1]
        top = top[-1]


def _pieces(member: Member) -> Iterator[bytes]:
    """Pieces small enough that the parser never holds back more than its limit, and that events come soon. What is no UTF-8
    (an export that an editor saved in Windows-1252) is made so: libxml2 would end there.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in utf8_chunks(member):
        for start in range(0, len(chunk), FEED_BYTES):
            piece = bytes(chunk[start : start + FEED_BYTES])
            cut = decoder.getstate()[0]
            try:
                yield decoder.decode(piece).encode()
            except UnicodeDecodeError:
                decoder.reset()
                member.problem("not all of it is UTF-8: read as Windows-1252")
                yield b"<".join(text_of(part)[0].encode() for part in (cut + piece).split(b"<"))
    yield decoder.getstate()[0]


def _events(parser: etree.XMLPullParser) -> Iterator[tuple[str, Element]]:
    yield from cast("Iterator[tuple[str, Element]]", parser.read_events())


def line_of(element: Element) -> int | None:
    """The line on which an element begins; null from line 65,535 on, behind which libxml2 does not count."""
    line = cast("int | None", element.sourceline)
    return line if line and line < LAST_LINE else None


def child_named(element: Element, name: str) -> Element | None:
    """The first direct child of that name, in any spelling."""
    lowered = name.lower()
    for child in element:
        if _local(child.tag) == lowered:
            return child
    return None


def child_text(element: Element, name: str) -> str | None:
    """The text of a direct child, in any spelling of its name; null where it is missing or empty."""
    child = child_named(element, name)
    return None if child is None else (child.text or "").strip() or None


def local_name(element: Element) -> str:
    """The tag without namespace, in lower case."""
    return _local(element.tag)


@lru_cache(maxsize=4096)
def _local(tag: object) -> str:
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def all_text(element: Element) -> str:
    """All text inside an element."""
    return "".join(text for text in element.itertext() if isinstance(text, str))

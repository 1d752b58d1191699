"""Reads catalogues: YAML is the source, a compiled form in the user's cache makes the second start quick."""

from __future__ import annotations

import contextlib
import re
from datetime import date
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec import Struct

from analyzer import __version__
from analyzer.catalog.places import user_dir
from analyzer.catalog.schema import LISTS, List
from parsers import cache

LIMIT = 32 * 1024 * 1024
"""Bytes of one catalogue file that are read at most."""

_AS_OF = re.compile(rb"^as_of: *['\"]?(\d{4}-\d\d-\d\d)", re.MULTILINE)
_HEAD = 4096


class CatalogError(Exception):
    """A catalogue cannot be read or breaks its schema; the text names file and place."""


class Stored(Struct, frozen=True, dict=True):
    """One catalogue file. ``as_of`` is read from its head, ``content`` in full only when asked for."""

    name: str
    path: Path
    as_of: date
    data: bytes

    @cached_property
    def content(self) -> List:
        """The rows. Raises `CatalogError`."""
        kind = LISTS[self.name]
        form, name = f"{self.name}.catalog", cache.key(__version__, self.name, self.data)
        compiled = cache.read(form, name)
        if compiled is not None:
            with contextlib.suppress(msgspec.DecodeError):
                return msgspec.msgpack.decode(compiled, type=kind)
        content = parse(self.name, self.data, self.path)
        cache.write(form, name, msgspec.msgpack.encode(content), keep=1)
        return content


def packaged_dir() -> Path:
    """The catalogues that came with the program."""
    import signatures

    return Path(signatures.__file__).parent / "catalog"


def parse(name: str, data: bytes, path: Path) -> List:
    """Read a catalogue from YAML. Raises `CatalogError`."""
    import yaml

    class Loader(yaml.CSafeLoader):
        """Leaves days as text: the schema says which columns are days and which may be months."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in forms if not tag.endswith(":timestamp")]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        content = msgspec.convert(yaml.load(data, Loader=Loader), type=LISTS[name])  # noqa: S506 - a safe loader
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as wrong:
        raise CatalogError(f"{path}: {wrong}") from wrong
    if content.catalog != name:
        raise CatalogError(f"{path}: says that it is the catalogue {content.catalog}, not {name}")
    return content


def dump(content: List) -> bytes:
    """A catalogue as YAML, one row a line."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes equal values out each time they occur."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the library's signature
            return True

    def line(value: object) -> str:
        text: str = yaml.dump(
            value, Dumper=Dumper, default_flow_style=True, width=10**9, sort_keys=False, allow_unicode=True
        )
        return text.removesuffix("...\n").strip()

    values = msgspec.to_builtins(content, builtin_types=(date,))
    text = ""
    for name, value in values.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text += f"{name}:\n" + "".join(f"- {line(row)}\n" for row in value)
        else:
            text += f"{name}: {line(value)}\n"
    return text.encode()


def open_list(name: str, folder: Path) -> Stored:
    """The catalogue of that name in a folder. Raises `CatalogError`."""
    path = folder / f"{name}.yaml"
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as wrong:
        raise CatalogError(f"{path}: {wrong.strerror or wrong}") from wrong
    if len(data) > LIMIT:
        raise CatalogError(f"{path}: larger than {LIMIT} bytes")
    found = _AS_OF.search(data, 0, _HEAD)
    if found is None:
        raise CatalogError(f"{path}: no `as_of: YYYY-MM-DD` in its first lines")
    try:
        as_of = date.fromisoformat(found[1].decode())
    except ValueError as wrong:
        raise CatalogError(f"{path}: as_of is no day: {found[1].decode()}") from wrong
    return Stored(name=name, path=path, as_of=as_of, data=data)


def choose(name: str, *, problems: list[str] | None = None) -> Stored:
    """The packaged catalogue, or the user's own where that is as new or newer.

    A user's catalogue that cannot be read is named in ``problems`` and not used. Raises `CatalogError` for the packaged one.
    """
    packaged = open_list(name, packaged_dir())
    folder = user_dir()
    if not (folder / f"{name}.yaml").is_file():
        return packaged
    try:
        own = open_list(name, folder)
        if own.as_of < packaged.as_of:
            return packaged
        _ = own.content
    except CatalogError as wrong:
        if problems is not None:
            problems.append(f"Own catalogue not used: {wrong}")
        return packaged
    return own

"""Write the inputs of all sample cases: ``python -m sample_bundles.make [CASE…]``.

Each case folder has ``case.yaml`` (title, origin, ``site``: what `builder.site.Site` knows, ``extra``: files as they are),
``ticket.yaml`` and ``expect.yaml``; this script writes its ``input`` folder. ``capture`` names what the bundle's
``Logs/dump.pcap`` holds (`builder.captures.SCENARIOS`). The result is the same bytes each time.
"""

from __future__ import annotations

import io
import shutil
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from sample_bundles.builder import backup, bundle, export
from sample_bundles.builder.site import Site

HERE = Path(__file__).parent
WHEN = (2026, 11, 12, 17, 30, 0)


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip whose bytes depend on nothing but its members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


def inputs(case: Path) -> dict[str, bytes]:
    """Path below ``input`` to content, for one case folder."""
    described = yaml.safe_load((case / "case.yaml").read_text(encoding="utf-8"))
    made: dict[str, bytes] = {}
    if "site" in described:
        site = Site.of(described["site"])
        if "bundle" in site.parts:
            made["support.zip"] = zipped(bundle.files(site) | _dump(described.get("capture")))
        if "export" in site.parts:
            made |= {f"export/{name}": content for name, content in export.files(site).items()}
        if "backup" in site.parts:
            made["backup.zip"] = zipped(backup.files(site))
    for name, text in described.get("extra", {}).items():
        made[name] = text.encode()
    for name, members in described.get("extra_zip", {}).items():
        made[name] = zipped({member: text.encode() for member, text in members.items()})
    for name, text in described.get("extra_hex", {}).items():
        made[name] = bytes.fromhex(text)
    return made


def _dump(scenario: str | None) -> dict[str, bytes]:
    if scenario is None:
        return {}
    from sample_bundles.builder.captures import SCENARIOS

    return {"Logs/dump.pcap": SCENARIOS[scenario]()}


def cases() -> list[Path]:
    """All case folders, by name."""
    return sorted(path.parent for path in HERE.glob("*/case.yaml"))


def write(case: Path) -> None:
    """Write one case's ``input`` folder anew."""
    target = case / "input"
    shutil.rmtree(target, ignore_errors=True)
    for name, content in inputs(case).items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def main(names: list[str]) -> None:
    """Write the named cases, or all."""
    for case in cases():
        if not names or case.name in names:
            write(case)


if __name__ == "__main__":
    main(sys.argv[1:])

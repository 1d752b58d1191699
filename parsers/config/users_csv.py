"""The console's export of users as CSV.

``Number,FirstName,LastName,EmailAddress,…,MAC,Template,Model,Router,…``; ``Router`` is empty for a phone in the local
network, else it names the SBC or router phone. Whether an empty one also stands for STUN phones is not known, so that it
says nothing here. Spreadsheets write it back with semicolons.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.config.handset_names import read_handset
from parsers.config.secret_keys import conceal, is_secret
from parsers.config.weak import weak_credentials
from parsers.facts.base import Source
from parsers.facts.inventory import Extension, PhoneSeen
from parsers.tree.member import Member
from parsers.tree.text import lines

ROUTER_CONFIDENCE = 85
ROWS_LIMIT = 100_000

_NEEDED = {"number", "firstname", "lastname"}
_TELLING = {
    "mac",
    "template",
    "templatefilename",
    "vmpin",
    "emailaddress",
    "outboundcallerid",
    "router",
    "mobilenumber",
}


def columns(text: str) -> tuple[str, list[str]]:
    """The delimiter and the names of the columns out of the first line."""
    first = text.lstrip("\ufeff").partition("\n")[0].strip()[:8000]
    delimiter = max(",;\t", key=first.count)
    return delimiter, [name.strip().strip('"') for name in first.split(delimiter)]


class UsersCsvParser:
    """Export of users."""

    kind = "users_csv"

    def claims(self, probe: Probe) -> int:
        """By the names of the columns."""
        names = {name.lower() for name in columns(probe.text)[1]}
        return 85 if names >= _NEEDED and names & _TELLING else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """One user a row."""
        tally = Tally()
        texts = (line for _, line in lines(member, ends=True))
        first = next(texts, "")
        delimiter, names = columns(first)
        reader = csv.reader(texts, delimiter=delimiter)
        for cells in self.rows(reader, out):
            if not any(cells):
                continue
            tally.records += 1
            if tally.records > ROWS_LIMIT:
                out.problem(f"only the first {ROWS_LIMIT} rows are read")
                break
            row = {name.lower(): cell.strip() for name, cell in zip(names, cells, strict=False)}
            for name, cell in zip(names, cells, strict=False):
                if is_secret(name):
                    conceal(cell.strip(), out)
            tally.understood += self.user(row, tally.records, member.path, out)
        return tally

    @staticmethod
    def rows(reader: Iterator[list[str]], out: Sink) -> Iterator[list[str]]:
        """The rows up to the first that cannot be read."""
        try:
            yield from reader
        except csv.Error as error:
            out.problem(f"CSV damaged: {error}")

    @staticmethod
    def user(row: dict[str, str], number: int, artifact: str, out: Sink) -> bool:
        """A user, and a phone when there is one."""
        extension = values.text(row.get("number"))
        if extension is None:
            return False

        def source(name: str) -> Source:
            return Source(
                artifact=artifact, row=number, text=f"{name}={row.get(name.lower(), '')}"[: values.TEXT_LIMIT]
            )

        names = [name for name in (row.get("firstname"), row.get("lastname")) if name]
        weak = weak_credentials(extension, row.get("authid"), row.get("authpassword"), row.get("vmpin"))
        known = " ".join(names)[: values.TEXT_LIMIT] or None
        out.add(Extension(source=source("Number"), number=extension, name=known, weak=weak))
        template_name = "Template" if row.get("template") else "TemplateFilename"
        mac, template = values.mac(row.get("mac")), values.text(row.get(template_name.lower()))
        if mac is None and template is None:
            return True
        router = values.text(row.get("router"))
        handset = read_handset(values.text(row.get("model")), template)
        phone = PhoneSeen(
            source=source("Model"),
            sources={"mac": source("MAC"), "template": source(template_name), "extension": source("Number")},
            origin="users_csv",
            mac=mac,
            extension=extension,
            vendor=handset.vendor,
            model=handset.model,
            provision_type="sbc" if router else None,
            provision_confidence=ROUTER_CONFIDENCE,
            template=template,
            custom_template=handset.custom,
            sbc_name=router,
        )
        if router:
            phone.sources["provision_type"] = phone.sources["sbc_name"] = source("Router")
        out.add(phone)
        return True


PARSERS = (UsersCsvParser(),)

"""Users with their phones: how each phone is provisioned is the strongest sign of a STUN phone.

``{"value": [{"Number": "105", "Phones": [{"Name": "Yealink T53W", "Settings": {"ProvisionType": "RemoteExt"}}]}]}``
"""

from __future__ import annotations

from parsers.api import Sink
from parsers.config import values
from parsers.config.blf import count_keys
from parsers.config.handset_names import read_handset
from parsers.config.live import Family, Node, each, keys
from parsers.config.weak import AUTH_ID, PASSWORD, PIN, weak_credentials
from parsers.facts.base import Source
from parsers.facts.inventory import Extension, PhoneSeen
from parsers.facts.system import Setting

_PLACES = {AUTH_ID: "AuthID", PASSWORD: "AuthPassword", PIN: "VMPIN"}


def _user(node: Node, out: Sink) -> bool:
    number = node.text("Number")
    if number is not None:
        names = [name for name in (node.text("FirstName"), node.text("LastName")) if name]
        weak = weak_credentials(number, node.raw("AuthID"), node.raw("AuthPassword"), node.raw("VMPIN"))
        out.add(
            Extension(
                source=node.source("Number"),
                sources=node.sources(
                    registered="IsRegistered", teams="MS365TeamsEnabled", tags="Tags", in_queues="QueueStatus"
                )
                | ({"weak": node.source(_PLACES[weak[0]])} if weak else {}),
                number=number,
                name=" ".join(names) or node.text("DisplayName"),
                registered=node.flag("IsRegistered"),
                teams=node.flag("MS365TeamsEnabled"),
                tags=node.texts("Tags"),
                weak=weak,
                in_queues={"LoggedIn": True, "LoggedOut": False}.get(node.text("QueueStatus") or ""),
                phones=len(list(node.children("Phones"))) if isinstance(node.raw("Phones"), list) else None,
            )
        )
        blfs = node.raw("Blfs")
        count = count_keys(blfs) if isinstance(blfs, str) else None
        if count is not None:
            source = Source(artifact=node.artifact, path=node.at("Blfs"))
            out.add(Setting(source=source, object=f"Users[{number}]", name="BlfKeys", value=count))
    phones = 0
    for phone in node.children("Phones"):
        emit_phone(phone, number, node.source("Number"), out)
        phones += 1
    return number is not None or phones > 0


def emit_phone(phone: Node, number: str | None, number_source: Source | None, out: Sink) -> None:
    """A `PhoneSeen` from one element of ``Phones``."""
    settings = phone.child("Settings")
    handset = read_handset(phone.text("Name"), phone.text("TemplateName"))
    sources = phone.sources(
        mac="MacAddress", vendor="Name", model="Name", template="TemplateName", interface="Interface"
    )
    sources |= settings.sources(provision_type="ProvisionType", sbc_name="SbcName", firmware="Firmware")
    if handset.custom:
        sources["custom_template"] = phone.source("Name")
    if number is not None and number_source is not None:
        sources["extension"] = number_source
    out.add(
        PhoneSeen(
            source=phone.place("Name"),
            sources=sources,
            origin="xapi_users",
            mac=values.mac(phone.raw("MacAddress")),
            extension=number,
            vendor=handset.vendor,
            model=handset.model,
            provision_type=values.provision_type(settings.raw("ProvisionType")),
            template=phone.text("TemplateName"),
            custom_template=handset.custom,
            sbc_name=settings.text("SbcName"),
            interface=phone.text("Interface"),
        )
    )


def _phone(node: Node, out: Sink) -> None:
    emit_phone(node, None, None, out)


FAMILIES = (
    Family(
        "xapi_users",
        ("Users", "User", "MyUser"),
        keys(
            "Number Phones", "Number FirstName LastName", "Number AuthID AuthPassword", "Number DisplayName EmailAddress",
            "Number VMEnabled", "Number CurrentProfileName", "FirstName LastName Phones",
        ),
        each(_user),
    ),
    Family(
        "xapi_phones",
        ("Phones",),
        keys("MacAddress TemplateName", "ProvisioningLinkExt", "ProvisioningLinkLocal", "MacAddress Settings Name"),
        each(_phone),
    ),
)  # fmt: skip

"""Template lists of a PBX: for phones, FXS and DECT gateways, and trunks. ``IsCustom`` and ``TemplateType`` are 3CX's own
marks; that ``Id`` is the file's name is described, not documented.
"""

from __future__ import annotations

from parsers.api import Sink
from parsers.config import values
from parsers.config.live import Family, Node, each, keys
from parsers.facts.inventory import Template, TemplateKind

MODELS_LIMIT = 500
"""Models of one template that are kept."""


def _template(node: Node, kind: TemplateKind, out: Sink) -> bool:
    file = node.text("Id")
    models = list(node.children("Models"))[:MODELS_LIMIT]
    networks = {values.provision_type(word) for word in node.texts("AllowedNetConfigs")}
    if file is None and not models:
        return False
    out.add(
        Template(
            source=node.source("Id"),
            sources=node.sources(custom="IsCustom", template_type="TemplateType", models="Models", name="Name"),
            file=file,
            name=node.text("Name") or node.text("Brand"),
            kind=kind,
            template_type=node.text("TemplateType"),
            custom=node.flag("IsCustom"),
            models=[name for model in models if (name := model.text("Name") or model.text("DisplayName"))],
            user_agents=[agent for model in models if (agent := model.text("UserAgent"))],
            networks=sorted(word for word in networks if word),
            from_pbx=True,
        )
    )
    return True


def _phone_template(node: Node, out: Sink) -> bool:
    return _template(node, "phone", out)


def emit_fxs_template(node: Node, out: Sink) -> bool:
    """The template of an FXS or DECT gateway."""
    return _template(node, "fxs", out)


def _trunk_template(node: Node, out: Sink) -> bool:
    file = node.text("Id")
    if file is None and node.text("Name") is None:
        return False
    out.add(
        Template(
            source=node.source("Id"),
            sources=node.sources(custom="IsCustom", template_type="TemplateType", name="Name"),
            file=file,
            name=node.text("Name"),
            kind="provider",
            template_type=node.text("TemplateType"),
            custom=node.flag("IsCustom"),
            from_pbx=True,
        )
    )
    return True


FAMILIES = (
    Family(
        "xapi_phone_templates",
        ("PhoneTemplates", "PhoneTemplate"),
        keys("TemplateType Models", "AllowedNetConfigs Models", "IsCustom Models", "AllowSSLProvisioning Models"),
        each(_phone_template),
    ),
    Family(
        "xapi_fxs_templates",
        ("FxsTemplates", "FxsTemplate"),
        keys("DeviceType Models TemplateType", "DeviceType Models IsCustom", "NumberOfExtensions Models TemplateType"),
        each(emit_fxs_template),
    ),
    Family(
        "xapi_trunk_templates",
        ("TrunkTemplates", "TrunkTemplate"),
        keys(
            "TemplateType Countries", "DefaultRegistrarPort", "TemplateType Editors", "IsCustom Countries",
            "Name TemplateType IsCustom",
        ),
        each(_trunk_template),
    ),
)  # fmt: skip

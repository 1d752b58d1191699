from __future__ import annotations

import pytest

from parsers.config.handset_names import read_handset


@pytest.mark.parametrize(
    ("name", "template", "vendor", "model", "custom"),
    [
        ("Yealink T53W", "yealinkT5x.ph.xml", "Yealink", "T53W", None),
        ("Yealink SIP-T46S", None, "Yealink", "T46S", None),
        ("Yealink VP-T49G", None, "Yealink", "T49G", None),
        ("Yealink CP960", None, "Yealink", "CP960", None),
        ("Yealink T46S-tvs_yealinkt4x", "tvs_yealinkt4x.ph.xml", "Yealink", "T46S", True),
        ("Yealink T46S-TVS_yealinkt4x", "phones/tvs_yealinkt4x.ph.xml", "Yealink", "T46S", True),
        ("Fanvil X6U-V2", "fanvil.ph.xml", "Fanvil", "X6U-V2", None),
        ("GrandStream GXP-2170", None, "Grandstream", "GXP2170", None),
        ("Polycom SPIP501 (3.1.8 AET)", None, "Polycom", "SPIP501", None),
        ("Cisco CP-7841", None, "Cisco", "7841", None),
        ("Cisco SPA504G", None, "Cisco", "SPA504G", None),
        ("snom D785", None, "Snom", "D785", None),
        ("snom760", None, "Snom", "760", None),
        ("Gigaset N510 IP PRO", None, "Gigaset", "N510 IP PRO", None),
        ("Reception", None, None, "Reception", None),
        ("Yealink", None, "Yealink", None, None),
        (None, "x.ph.xml", None, None, None),
    ],
)
def test_names(
    name: str | None, template: str | None, vendor: str | None, model: str | None, custom: bool | None
) -> None:
    handset = read_handset(name, template)
    assert (handset.vendor, handset.model, handset.custom) == (vendor, model, custom)

from __future__ import annotations

from datetime import date

import pytest

from analyzer.catalog import Catalog, PhoneMarks, load

STOCK = PhoneMarks(template="yealinkT4x.ph.xml", template_type="Supported", custom_template=False)


def test_days_of_all_lists(catalog: Catalog) -> None:
    assert catalog.as_of["builds"] == "2026-08-22"
    assert sorted(catalog.as_of) == [
        "agents", "builds", "cves", "eol", "gateways", "hardware", "integrations", "phone_status", "phones", "templates",
        "trunk_status", "trunks",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("version", "outdated"),
    [
        ("20.0.9.995", False),
        ("20.0.7.1080", True),
        ("20.0.9.994", True),
        ("20.0.10.1", False),
        ("20.0.100.12", False),
        ("21.0.0.1", False),
        ("18.0.9.45", True),
        ("16", True),
        ("20.0", None),
        ("20", None),
        ("XXXX", None),
        ("20.0.x.x", None),
        (None, None),
    ],
)
def test_outdated(catalog: Catalog, version: str | None, outdated: bool | None) -> None:
    assert catalog.is_outdated(version) is outdated


def test_a_build_that_was_first_known_later_does_not_count() -> None:
    before = load(date(2026, 6, 15))
    latest = before.latest_build()
    assert latest is not None
    assert latest.version == "20.0.8.1131"
    assert before.is_outdated("20.0.8.1131") is False
    assert load(date(2026, 6, 16)).is_outdated("20.0.8.1131") is True


def test_before_every_known_build_nothing_is_said() -> None:
    early = load(date(2010, 1, 1))
    assert early.latest_build() is None
    assert early.is_outdated("20.0.9.995") is None


def test_a_t46g_is_past_its_end_and_a_t46s_is_not(catalog: Catalog) -> None:
    dead = catalog.phone_standing("Yealink", "T46G", STOCK)
    assert dead.name == "eol"
    assert "fusionpbx" in dead.why
    assert catalog.phone_standing("Yealink", "T46S", STOCK).name == "supported"
    assert catalog.phone_standing("Yealink", "T46U", STOCK._replace(template_type=None)).name == "supported"


def test_an_end_of_life_that_was_first_known_later_does_not_count() -> None:
    assert load(date(2020, 1, 1)).phone_standing("Yealink", "T46G", STOCK).name == "supported"
    assert load(date(2021, 3, 15)).phone_standing("Yealink", "T46G", STOCK).name == "eol"


def test_general_knowledge_asks_and_never_excludes(catalog: Catalog) -> None:
    believed = catalog.phone_standing("Yealink", "T46S")
    assert believed.name == "believed_eol"
    assert "confirm on the vendor's page" in believed.why
    assert catalog.phone_standing("Yealink", "T46S", STOCK._replace(template_type=None)).name == "listed"
    weak = catalog.phone_standing("Snom", "D315")
    assert weak.name == "unknown"
    assert "general knowledge, confidence 60" in weak.why


def test_an_announced_end_is_not_yet_one_and_becomes_one() -> None:
    assert load(date(2026, 11, 16)).phone_standing("Cisco", "7811").name == "believed_eol"
    assert load(date(2031, 11, 1)).phone_standing("Cisco", "7811").name == "eol"
    assert load(date(2026, 4, 1)).phone_standing("Cisco", "7811").name == "unknown"


@pytest.mark.parametrize(
    ("marks", "standing"),
    [
        (PhoneMarks(listed_unsupported=True), "marked_unsupported"),
        (PhoneMarks(template_type="ThirdParty"), "marked_unsupported"),
        (PhoneMarks(template_type="Deleted"), "marked_unsupported"),
        (PhoneMarks(template_type="Preferred"), "supported"),
        (PhoneMarks(template_type="Dedicated"), "unknown"),
        (PhoneMarks(template_type="Unknown"), "unknown"),
        (
            PhoneMarks(template_type="supported"),
            "unknown",
        ),  # the word of a template file's header, not of a live export
        (PhoneMarks(template_type="Supported", custom_template=True), "unknown"),
        (PhoneMarks(template="x.ph.xml", custom_template=False, in_stock_template=True), "listed"),
        (PhoneMarks(), "unknown"),
    ],
)
def test_marks_of_a_model_that_no_list_names(catalog: Catalog, marks: PhoneMarks, standing: str) -> None:
    assert catalog.phone_standing("Zetavox", "ZX-900", marks).name == standing


def test_marks_in_the_case_go_before_lists_but_not_before_end_of_life(catalog: Catalog) -> None:
    assert catalog.phone_standing("Yealink", "T54W", PhoneMarks(template_type="Deleted")).name == "marked_unsupported"
    assert catalog.phone_standing("Yealink", "T46G", PhoneMarks(template_type="Preferred")).name == "eol"
    assert catalog.phone_standing("Yealink", "T54W").name == "supported"


def test_formerly_supported_asks(catalog: Catalog) -> None:
    assert catalog.phone_standing("Grandstream", "GXP2160").name == "dropped"
    assert catalog.phone_standing("Cisco", "SPA504G").name == "dropped"


@pytest.mark.parametrize(
    ("vendor", "model"),
    [
        ("Yealink", "SIP-T46G"),
        ("YEALINK", "t46g"),
        ("Polycom", "SoundPoint IP 301"),
        ("Poly", "SPIP_301"),
        ("snom", "snom720"),
    ],
)
def test_spellings_of_one_model(catalog: Catalog, vendor: str, model: str) -> None:
    assert catalog.phone_standing(vendor, model).name == "eol"


@pytest.mark.parametrize("model", ["T46", "T46GN", "46G", "T46G-X", "", None])
def test_what_is_another_model(catalog: Catalog, model: str | None) -> None:
    assert catalog.eol("Yealink", model) == []


def test_names_are_split(catalog: Catalog) -> None:
    assert catalog.split_name("Yealink T53W") == ("Yealink", "T53W")
    assert catalog.split_name("Alcatel-Lucent 8001") == ("Alcatel-Lucent", "8001")
    assert catalog.split_name("snom720") == ("Snom", "720")
    assert catalog.split_name("T46S") == (None, "T46S")
    assert catalog.vendor_of("T46S") == "Yealink"
    assert catalog.vendor_of("300") is None
    assert catalog.vendor_of(None) is None


@pytest.mark.parametrize(
    ("trunk", "standing"),
    [
        ({"template": "GenericVoIPProvider.pv.xml", "template_type": "Supported", "custom_template": False}, "generic"),
        ({"template": "genericsiptrunk.pv.xml"}, "generic"),
        ({"template": "nordtel.pv.xml", "template_type": "Supported", "custom_template": False}, "supported"),
        ({"template": "nordtel.pv.xml", "template_type": "Preferred"}, "preferred"),
        ({"template": "nordtel.pv.xml", "template_type": "ThirdParty"}, "marked"),
        ({"template": "nordtel.pv.xml", "template_type": "Dedicated", "custom_template": False}, "unknown"),
        ({"template": "GenericVoIPProvider"}, "generic"),
        ({"template": "VoipProviders/GENERICSIPTRUNK.XML", "template_type": "Supported"}, "generic"),
        ({"template": "nordtel.pv.xml", "custom_template": False}, "unknown"),
        ({"template": "nordtel.pv.xml", "custom_template": False, "listed": True}, "stock"),
        ({"template": "nordtel.pv.xml"}, "unknown"),
        ({"template": "nordtel.pv.xml", "template_type": "Supported", "custom_template": True}, "unknown"),
        ({"template": "peoplefonech.pv.xml"}, "stock"),
        ({"template": "peoplefonech.pv.xml", "custom_template": True}, "unknown"),
        ({"host": "sip.telnyx.com"}, "dropped"),
        ({"host": "TORONTO.voip.ms."}, "supported"),
        ({"host": "acme.pstn.twilio.com"}, "unknown"),
        ({"name": "solutions2az"}, "unsupported"),
        ({"host": "voip.easybell.de"}, "unknown"),
        ({"host": "evilvoip.ms"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_trunks(catalog: Catalog, trunk: dict[str, str | bool], standing: str) -> None:
    assert catalog.trunk_standing(**trunk).name == standing  # type: ignore[arg-type]


def test_providers_by_host(catalog: Catalog) -> None:
    provider = catalog.provider("anything.pstn.twilio.com")
    assert provider is not None
    assert provider.provider == "Twilio"
    assert catalog.provider("pstn.twilio.com") is None
    assert catalog.provider("a." * 5000) is None
    assert catalog.provider(None) is None


def test_stock_list_that_is_not_whole_says_nothing_of_other_names(catalog: Catalog) -> None:
    assert catalog.is_stock("fanvil.ph.xml", "phone") is True
    assert catalog.is_stock("FANVIL.PH.XML", "phone") is True
    assert catalog.is_stock("kestrel_t54.ph.xml", "phone") is None
    assert catalog.is_stock(None, "phone") is None
    assert catalog.is_stock("snom.ph.xml", "phone") is True


def _cves(catalog: Catalog, version: str | None, components: tuple[str, ...], platform: str | None) -> list[str] | None:
    found = catalog.cves_for(version, components, platform)
    return None if found is None else [row.id for row in found]


def test_advisories_need_their_component_and_platform(catalog: Catalog) -> None:
    pbx = ("pbx", "management_console")
    assert _cves(catalog, "20.0.0.1400", pbx, "linux") == []
    assert _cves(catalog, "20.0.0.1400", (*pbx, "crm_integration"), "linux") == ["CVE-2023-49954"]
    assert _cves(catalog, "20.0.0.1494", (*pbx, "crm_integration"), "linux") == []
    old = "CVE-2021-45491"  # through 17 March 2022
    assert _cves(catalog, "18.0.2.1", pbx, "linux") == [old]
    assert _cves(catalog, "18.0.2.1", pbx, None) == [old]
    windows = _cves(catalog, "18.0.2.1", pbx, "windows") or []
    assert sorted(windows) == [old, "CVE-2022-28005", "CVE-2022-48482", "CVE-2022-48483"]
    assert [_cves(catalog, version, pbx, "linux") for version in ("18.0.2.314", "18.0.2.315")] == [[old], []]
    assert _cves(catalog, "20.0.9.995", (*pbx, "crm_integration"), "windows") == []
    assert _cves(catalog, "XXXX", pbx, "windows") is None


def test_an_advisory_of_later_does_not_count() -> None:
    early = load(date(2022, 6, 1))
    assert _cves(early, "18.0.2.1", ("management_console",), "windows") == ["CVE-2022-28005"]


def test_machines_are_sized_by_extensions(catalog: Catalog) -> None:
    assert catalog.hardware_minimum(10).size.size == "small"
    medium = catalog.hardware_minimum(11)
    assert (medium.size.size, medium.machine.vcpus, medium.machine.memory_gb, medium.size.storage_gb) == (
        "medium",
        4,
        4,
        160,
    )
    assert catalog.hardware_minimum(50, windows=True).machine.vcpus == 6
    assert catalog.hardware_minimum(100_000).size.size == "enterprise_plus"


def test_operating_systems(catalog: Catalog) -> None:
    assert catalog.os_supported("20.0.9.995", "Debian GNU/Linux 12 (bookworm)") is True
    assert catalog.os_supported("20.0.9.995", "Debian GNU/Linux 10 (buster)") is False
    assert catalog.os_supported("20.0.9.995", "Ubuntu 22.04.3 LTS") is False
    assert catalog.os_supported("20.0.9.995", "Linux 5.10.0-28-amd64 #1 SMP Debian 5.10.209-2") is None
    assert catalog.os_supported("20.0.9.995", "Microsoft Windows 10.0.20348") is None
    assert catalog.os_supported("20.0.9.995", "Linux") is None
    assert catalog.os_supported("20.0.9.995", "Debian GNU/Linux 120") is None
    assert catalog.os_supported(None, "Debian GNU/Linux 12 (bookworm)") is None


def test_integrations(catalog: Catalog) -> None:
    assert catalog.integration_standing("crm", "zoho crm")[0] == "supported"
    unknown = catalog.integration_standing("crm", "Homemade CRM")
    assert unknown == ("unknown", "Homemade CRM: no list decides")
    status, why = catalog.integration_standing("pms", "tcxpms")
    assert status == "unknown"
    assert "the system behind it is not known" in why
    assert catalog.integration_standing("teams", None)[0] == "supported"

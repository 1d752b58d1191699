"""The backup zip: one ``*Db.xml`` with the whole configuration (root ``PhoneSystem``, V18 and V20)."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from sample_bundles.builder.site import DAY, FQDN, Phone, Site, Trunk

PROVISION_NUMBER = {"LocalLan": 0, "RemoteExt": 1, "RemoteExtSipProxyMgr": 2, "SBC": 3}
"""The number in ``ProvType``; that it follows the order of the API's enumeration is inferred."""


def files(site: Site) -> dict[str, bytes]:
    """Member name to content."""
    return {
        "7f3a20Db.xml": _database(site).encode(),
        "Certificates/readme.txt": b"no keys in samples\n",
        "DbTables/cl_calls": b"",
    }


def _database(site: Site) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<PhoneSystem>'
        f"<header><version>{escape(site.version)}</version><Date>{DAY} 02:00:00</Date></header>"
        f"<fqdn><externalFqdn>{FQDN}</externalFqdn></fqdn><license><company>Hollybrook Joinery</company></license>"
        f"<Gateways>{''.join(map(_gateway, site.trunks))}</Gateways>"
        f"<Tenants><Tenant><Name>Sample</Name><DN>{''.join(map(_extension, site.phones))}"
        "<Queue><Number>800</Number><Name>Front desk</Name></Queue>"
        f"{''.join(map(_line, site.trunks))}</DN></Tenant></Tenants></PhoneSystem>\n"
    )


def _gateway(trunk: Trunk) -> str:
    return (
        f"<VoipProvider><Name>{escape(trunk.name)}</Name><Host>{trunk.host}</Host><Port>5060</Port><Lines>10</Lines>"
        f"<Type>{trunk.kind}</Type><RequireRegistrationFor>{trunk.registration}</RequireRegistrationFor>"
        f"<TemplateFilename>{trunk.template}</TemplateFilename></VoipProvider>"
    )


def _extension(phone: Phone) -> str:
    settings = f"<PhoneDevice ProvType={quoteattr(str(PROVISION_NUMBER[phone.provision]))} />"
    return (
        f"<Extension><Number>{phone.extension}</Number><FirstName>Sample</FirstName><LastName>User {phone.extension}</LastName>"
        f"<Enabled>True</Enabled><AuthID>s{phone.extension}</AuthID><AuthPassword>sample-{phone.extension}-pass</AuthPassword>"
        f"<PhoneDevices><PhoneDevice><MAC>{phone.mac}</MAC><ProvisioningFilename2>{phone.vendor} {phone.model}</ProvisioningFilename2>"
        f"<TemplateFilename>{phone.template}</TemplateFilename><Interface>{FQDN}</Interface>"
        f"<Settings>{escape(settings)}</Settings></PhoneDevice></PhoneDevices></Extension>"
    )


def _line(trunk: Trunk) -> str:
    return (
        f"<ExternalLine><Number>{trunk.number}</Number><Gateway>{escape(trunk.name)}</Gateway><Direction>Both</Direction>"
        "<SimultaneousCalls>10</SimultaneousCalls><AuthID>sample-auth</AuthID><AuthPassword>sample-trunk-pass</AuthPassword></ExternalLine>"
    )

"""Phones by the address from which they reach the PBX: whether one of a site, all of it, or all of them are gone."""

from __future__ import annotations

from collections import defaultdict

from parsers.capture.address import host_of
from parsers.facts import Facts
from parsers.facts.capture import Registration


def join_sites(facts: Facts) -> None:
    """Registrations with the PBX get ``site`` (the client's address), ``site_users`` and ``site_up`` (users of it, and those
    whose registration works), ``other_users`` and ``other_up`` of all other sites.
    """
    up: dict[str, dict[str, bool]] = defaultdict(dict)
    rows = [row for row in facts.of(Registration) if row.derived.get("to_pbx") and not row.derived.get("by_pbx")]
    for row in rows:
        users = up[host_of(row.client) or ""]
        users[row.aor] = users.get(row.aor, False) or _works(row)
    whole = sum(len(users) for users in up.values())
    working = sum(sum(users.values()) for users in up.values())
    for row in rows:
        site = host_of(row.client) or ""
        row.derived["site"], row.derived["site_users"] = site, len(up[site])
        row.derived["site_up"] = sum(up[site].values())
        row.derived["other_users"] = whole - row.derived["site_users"]
        row.derived["other_up"] = working - row.derived["site_up"]


def _works(row: Registration) -> bool:
    """Whether the PBX answers to the end and nothing ran out; a refusal is an answer."""
    ran_out = row.derived.get("not_renewed") or row.derived.get("renewal_unanswered")
    return row.status != "no_response" and not ran_out

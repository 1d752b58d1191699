"""The verdict on the installation alone: what is installed counts, whoever asks about whatever."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analyzer.scope.making import crm, generic_trunk, judged, phone, stun_phone, trunk, unknown_phone

OUT, OPEN, IN = "out_of_scope", "needs_information", "in_scope"


@pytest.mark.parametrize(
    ("case", "scope", "installation"),
    [
        ({}, IN, IN),
        ({"ticket_given": False}, OPEN, IN),
        # the ticket is about extension 231; the part in question is not involved
        ({"rows": [trunk(), unknown_phone("233")]}, IN, OPEN),
        ({"rows": [phone(), trunk(), unknown_phone("233")]}, IN, IN),  # one of several that no list knows
        ({"rows": [phone(), generic_trunk()]}, IN, OUT),
        ({"rows": [phone(), trunk(), crm()]}, IN, OUT),
        ({"rows": [phone(), trunk(), crm(enabled=False)]}, IN, IN),
        ({"rows": [stun_phone(), trunk()]}, OUT, OUT),
        ({"rows": [stun_phone(), trunk()], "ticket_given": False}, OUT, OUT),
        ({"fields": {"outdated": True}, "ticket_given": False}, OUT, OUT),
        ({"fields": {"outdated": None}, "system": {"version": None}, "ticket_given": False}, OPEN, OPEN),
        ({"system": {"verbose_logs": "no"}}, OPEN, OPEN),
        # what only a ticket can say is not asked of an installation
        ({"without": ["vendor_contacted", "description", "requester_is_admin"]}, OPEN, IN),
        ({"ticket": {"requests": ["remote_install"]}}, OUT, IN),
    ],
)
def test_of_the_ticket_nothing_counts(case: dict[str, Any], scope: str, installation: str) -> None:
    verdict = judged(**case).verdict
    assert (verdict.scope, verdict.installation) == (scope, installation)

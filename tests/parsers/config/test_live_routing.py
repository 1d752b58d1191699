from __future__ import annotations

import json
from typing import Any

from parsers.config.live_export import PARSERS
from parsers.facts.routing import OutboundRule, Queue
from tests.parsers.config.reading import Result, read

CONTEXT = "https://pbx.example.com/xapi/v1/$metadata#"


def listed(kind: str, *rows: Any) -> Result:
    return read(PARSERS, json.dumps({"@odata.context": CONTEXT + kind, "value": list(rows)}))


def test_an_outbound_rule_with_limits() -> None:
    got = listed(
        "OutboundRules",
        {
            "Id": 1, "Name": "Mobile", "Prefix": "6,7", "Priority": 2, "NumberLengthRanges": "9", "EmergencyRule": False,
            "DNRanges": [{"From": "100", "To": "199"}], "GroupIds": [3, 4],
            "Routes": [{"TrunkId": 7, "TrunkName": "Brightline"}, {"TrunkId": -1}, {"StripDigits": 0}],
        },
    )  # fmt: skip
    assert got.kind == "xapi_outbound_rules"
    rule = got.one(OutboundRule)
    assert (rule.name, rule.prefix, rule.lengths, rule.ranges, rule.groups, rule.routes, rule.priority, rule.emergency) == (
        "Mobile", "6,7", "9", 1, 2, 1, 2, False,
    )  # fmt: skip
    assert rule.source_of("prefix").path == "value[0].Prefix"
    assert got.settings()["OutboundRules[Mobile].GroupIds"] == "3,4"


def test_limits_that_are_left_out_are_not_none_at_all() -> None:
    empty = listed("OutboundRules", {"Name": "All", "Prefix": "", "DNRanges": [], "GroupIds": [], "Routes": []})
    rule = empty.one(OutboundRule)
    assert (rule.prefix, rule.lengths, rule.ranges, rule.groups, rule.routes) == (None, None, 0, 0, 0)
    partial = listed("OutboundRules", {"Name": "All", "Prefix": "0", "Priority": 1}).one(OutboundRule)
    assert (partial.ranges, partial.groups, partial.routes) == (None, None, None)


def test_rules_of_the_old_interface_are_rules_too() -> None:
    got = read(
        PARSERS, json.dumps({"list": [{"Name": "Out", "Prefix": "0", "Priority": "1"}]}), "OutboundRuleList.json"
    )
    assert got.kind == "rest_outbound_rules"
    rule = got.one(OutboundRule)
    assert (rule.name, rule.prefix, rule.priority, rule.groups) == ("Out", "0", 1, None)


def test_a_queue_with_its_agents() -> None:
    got = listed(
        "Queues",
        {
            "Number": "800", "Name": "Sales", "IsRegistered": True, "MaxCallersInQueue": 12, "MasterTimeout": 300,
            "Agents": [{"Number": "101"}, {"Number": "102"}, {"Name": "nobody"}], "VMEmailList": "someone@example.com",
        },
    )  # fmt: skip
    assert got.kind == "xapi_queues"
    queue = got.one(Queue)
    assert (queue.number, queue.name, queue.registered, queue.max_callers, queue.max_wait_s, queue.agents) == (
        "800", "Sales", True, 12, 300, ["101", "102"],
    )  # fmt: skip
    assert "someone@example.com" not in repr(got.rows)


def test_wrong_types_are_no_values() -> None:
    queue = listed("Queues", {"Number": {"a": 1}, "MasterTimeout": "soon", "Agents": "101", "SLATime": 1}).one(Queue)
    assert (queue.number, queue.max_wait_s, queue.agents) == (None, None, None)
    rule = listed("OutboundRules", {"Name": "x", "DNRanges": {"From": 1}, "Routes": "all", "EmergencyRule": 1}).one(
        OutboundRule
    )
    assert (rule.ranges, rule.routes) == (None, None)

"""What changes in the audit log are about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.tables.audit_data import DATA_LIMIT, changed_keys, roles_given

OWNER = '{"Groups": [{"Rights": {"RoleName": "system_owners"}}], "Pin": "4711"}'


def test_members_of_both_sides() -> None:
    assert changed_keys('{"MailServer": "a"}', '{"MailServer": "b", "Port": 25}') == ["MailServer", "Port"]
    assert changed_keys("", OWNER) == ["Groups", "Pin", "Rights", "RoleName"]
    assert changed_keys('VMPIN: "661144"', "null") == []
    assert changed_keys("", '{"a": "' + "x" * DATA_LIMIT + '"}') == []


def test_roles_that_were_not_there_before() -> None:
    assert roles_given('{"RoleName": "users"}', OWNER) == ["system_owners"]
    assert roles_given(OWNER, OWNER) == roles_given(OWNER, "") == roles_given("", '{"RoleName": 7}') == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_raises(before: str, after: str) -> None:
    changed_keys(before, after)
    roles_given(before, after)

"""The signatures that come with the program."""

from __future__ import annotations

import pytest

from analyzer.pack.build import Built, build_pack
from analyzer.pack.folder import open_folder, own_folder


@pytest.fixture(scope="module")
def shipped() -> Built:
    """All signatures, compiled anew with all their samples."""
    return build_pack([open_folder(own_folder(), own=True)])


def test_every_signature_loads_and_its_samples_hold(shipped: Built) -> None:
    assert [str(item) for item in shipped.problems] == []


@pytest.mark.parametrize(
    ("name", "code"), [("sys_01", "SYS-01"), ("scope_07", "SCOPE-07"), ("trk_07", "TRK-07"), ("cor_18", "COR-18")]
)
def test_signatures_of_every_sort(shipped: Built, name: str, code: str) -> None:
    assert shipped.drafts[name].rule.code == code

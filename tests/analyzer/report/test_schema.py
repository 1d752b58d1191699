"""The published schema is what the code makes, and is a valid one."""

from __future__ import annotations

import json

import jsonschema

from analyzer.report.schema import FILE, schema


def test_published_schema_is_current() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == schema(), "run: python -m analyzer.report.schema"


def test_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_evidence_is_required() -> None:
    finding = schema()["properties"]["findings"]["items"]["properties"]
    assert finding["evidence"]["minItems"] == 1

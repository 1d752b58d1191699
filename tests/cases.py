"""Runs whole cases the way a user does, and compares them with what their folder expects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from analyzer.finding import SEVERITIES
from sample_bundles.make import HERE as SAMPLES
from tests.conftest import ROOT

AS_OF = "2026-11-12"


def tool(*arguments: str | Path, locale: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    """Run the program in its own process, as a user would, away from any terminal."""
    environment = {**os.environ, "NO_COLOR": "1", "LC_ALL": locale}
    return subprocess.run(
        [sys.executable, "-m", "analyzer", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def analyze(case: str, *more: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON report of a sample case."""
    folder = SAMPLES / case
    inputs = sorted(p.relative_to(ROOT) for p in (folder / "input").iterdir())
    arguments: list[str | Path] = ["analyze", *inputs, "--as-of", AS_OF, "--format", "json", *more]
    if (folder / "ticket.yaml").exists():
        arguments += ["--ticket", (folder / "ticket.yaml").relative_to(ROOT)]
    done = tool(*arguments)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def expectation(case: str) -> dict[str, Any]:
    """What the case's folder says."""
    loaded: dict[str, Any] = yaml.safe_load((SAMPLES / case / "expect.yaml").read_text(encoding="utf-8"))
    return loaded


def differences(report: dict[str, Any], code: int, want: dict[str, Any]) -> list[str]:
    """Every point in which a report is not what its case expects; an unknown key of the expectation is one too."""
    verdict = report["verdict"]
    codes = {f["code"] for f in report["findings"]}

    def clauses(effect: str) -> set[str]:
        return {r["clause"] for r in verdict["reasons"] if r["effect"] == effect}

    worst = min((SEVERITIES.index(f["severity"]) for f in report["findings"]), default=len(SEVERITIES))
    checks: dict[str, Any] = {
        "verdict": lambda w: verdict["scope"] == w,
        "installation": lambda w: verdict["installation"] == w,
        "exit_code": lambda w: code == w,
        "excludes": lambda w: clauses("excludes") == set(w),
        "limits": lambda w: clauses("limits") == set(w),
        "advises": lambda w: set(w) <= clauses("advises"),
        "missing_any": lambda w: set(w) <= {m["clause"] for m in verdict["missing"]},
        "missing": lambda w: {m["clause"] for m in verdict["missing"]} == set(w),
        "codes": lambda w: set(w) <= codes,
        "not_codes": lambda w: not set(w) & codes,
        "max_severity": lambda w: worst >= SEVERITIES.index(w),
        "levels": lambda w: report["route"]["levels"] == w,
        "sla_due": lambda w: (report["route"]["sla"] or {}).get("due") == w,
        "way_back": lambda w: {s["clause"] for s in verdict["way_back"] or []} == set(w),
        "system": lambda w: all((report["system"][k] or {}).get("value") == v for k, v in w.items()),
        "artifacts": lambda w: all(
            any(a["path"].endswith(k) and (a["kind"], a["status"]) == tuple(v) for a in report["artifacts"])
            for k, v in w.items()
        ),
        "problems": lambda w: all(any(text in p for a in report["artifacts"] for p in a["problems"]) for text in w),
    }
    seen = {
        "verdict": verdict["scope"],
        "excludes": clauses("excludes"),
        "missing": verdict["missing"],
        "codes": codes,
        "way_back": verdict["way_back"],
        "max_severity": [(f["code"], f["severity"], f["message"]) for f in report["findings"]],
    }
    return [
        f"{key}: expected {value!r}, got {seen.get(key, '?')!r}"
        for key, value in want.items()
        if key not in checks or not checks[key](value)
    ]

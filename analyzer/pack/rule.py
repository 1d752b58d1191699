"""One YAML document to one rule: Sigma's keys by pySigma, our own keys by hand, each fault with its line."""

from __future__ import annotations

import difflib
import re
from typing import Any, Literal, TypeVar, get_args

from msgspec import Struct
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from analyzer.finding import Owner, Severity
from analyzer.pack import correlation, ir, tables
from analyzer.pack.document import Document
from analyzer.pack.errors import Problem, RuleError
from analyzer.pack.lower import lower
from analyzer.pack.template import PLACEHOLDER

SIGMA_KEYS = frozenset(
    {
        "title", "id", "name", "related", "status", "description", "references", "author", "date", "modified", "tags",
        "falsepositives", "level", "logsource", "detection", "correlation", "fields", "license", "taxonomy", "scope",
    }
)  # fmt: skip
OWN_KEYS = frozenset(
    {
        "code", "message", "remedy", "owner", "confidence", "severity_from", "confidence_from", "samples", "aliases",
        "subject", "group_by", "grade", "texts", "role", "explains", "root",
    }
)  # fmt: skip
REQUIRED = ("title", "id", "name", "status", "level", "owner", "message", "remedy", "samples")
OWNERS: tuple[Owner, ...] = get_args(Owner)
STATUSES = ("experimental", "test", "stable")
ROLES: tuple[Literal["root", "context"], ...] = ("root", "context")
GRADES = ("verbatim", "documented", "standard", "inferred")
LEVELS: dict[str, Severity] = {
    "critical": "critical", "high": "high", "medium": "medium", "low": "low", "informational": "info",
}  # fmt: skip
DEFAULT_CONFIDENCE = 75
"""Where a rule with ``confidence_from`` gives no number of its own."""

CODE = re.compile(r"[A-Z][A-Z0-9]*-\d{2,3}[a-z]?")
_ERROR_WORDS = (
    ("condition", "condition"), ("timespan", "timespan"), ("logsource", "logsource"), ("log source", "logsource"),
    ("tag", "tags"), ("level", "level"), ("status", "status"), ("identifier", "id"),
)  # fmt: skip
"""Words of pySigma's errors and the keys that they are about."""

W = TypeVar("W", bound=str)


class Draft(Struct):
    """A rule as read, with its document (for lines, samples) and Sigma object (for converting)."""

    rule: ir.Rule
    document: Document
    sigma: SigmaRule | SigmaCorrelationRule


def nearest(word: str, known: frozenset[str] | dict[str, Any] | tuple[str, ...]) -> str:
    """A hint for a mistyped name, empty where nothing is near."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def read_rule(document: Document) -> tuple[Draft | None, list[Problem]]:
    """The rule of a document, or null with what is wrong with it."""
    reader = _Reader(document)
    try:
        draft = reader.read()
    except RuleError as fault:
        reader.fault(str(fault), *fault.path)
        draft = None
    return (None if reader.problems else draft), reader.problems


class _Reader:
    """Reads one document and collects its faults."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.data = document.data
        self.problems: list[Problem] = []

    def fault(self, text: str, *path: str | int) -> None:
        self.problems.append(self.document.problem(text, *path))

    def read(self) -> Draft | None:
        for key in self.data:
            if key not in SIGMA_KEYS | OWN_KEYS:
                self.fault(f"key {key!r} is not known{nearest(str(key), SIGMA_KEYS | OWN_KEYS)}", str(key))
        self._plain_names()
        code = self._code()
        for key in REQUIRED if code else ():
            if self.data.get(key) in (None, "", [], {}):
                self.fault(f"key {key!r} is missing", key)
        sigma = None if self.problems else self._sigma()
        if sigma is None:
            return None
        table, condition, joined = None, None, None
        if isinstance(sigma, SigmaCorrelationRule):
            for key in set(self.data["correlation"]) - correlation.KEYS:
                self.fault(f"key {key!r} is not known{nearest(str(key), correlation.KEYS)}", "correlation", str(key))
            joined = correlation.lower(sigma, self.data["correlation"].get("condition"))
        else:
            table = self._table()
            condition = self._condition(sigma, table) if table else None
        if self.problems:
            return None
        rule = ir.Rule(
            code=code,
            name=self._text("name"),
            id=self._text("id"),
            status=self._word("status", STATUSES, "experimental"),
            level=LEVELS[self._word("level", tuple(LEVELS), "medium")],
            owner=self._word("owner", OWNERS, "partner"),
            confidence=self._confidence(required=bool(code) and "confidence_from" not in self.data),
            confidence_from=self._text("confidence_from") or None,
            severity_from=self._text("severity_from") or None,
            clause=self._clause(),
            areas=tuple(self._tags("area")),
            aliases=self._texts("aliases") or (),
            tables=(table,) if table else (),
            condition=condition,
            correlation=joined,
            group_by=self._texts("group_by"),
            subject=self._texts("subject"),
            role=self._word("role", ROLES, "root"),
            explains=self._texts("explains") or (),
            roots=self._roots(joined),
            texts=self._languages(),
            description=self._text("description"),
            grade=self._word("grade", GRADES, "") or None,
            falsepositives=self._texts("falsepositives") or (),
            references=self._texts("references") or (),
            file=self.document.file,
            line=self.document.line(),
        )
        return Draft(rule, self.document, sigma)

    def _sigma(self) -> SigmaRule | SigmaCorrelationRule | None:
        kind = SigmaCorrelationRule if "correlation" in self.data else SigmaRule
        try:
            sigma = kind.from_dict(self.data, collect_errors=True)
        except (SigmaError, TypeError, ValueError, AttributeError) as error:
            self.fault(f"is no Sigma rule: {error}", *self._guess(str(error)))
            return None
        except RecursionError:
            self.fault("an expression or a condition is nested too deeply", "detection")
            return None
        for fault in sigma.errors:
            text = " ".join(str(fault).split())
            self.fault(text, *self._guess(f"{type(fault).__name__} {text}"))
        return sigma if not sigma.errors else None

    def _guess(self, text: str) -> tuple[str | int, ...]:
        """The place that an error of pySigma, which has no line, most likely speaks of: it quotes a key or a value."""
        paths = [path for path in self.document.lines if path]
        for path in reversed(paths):
            quoted = (path[-1], str(path[-1]).split("|")[-1], self._value(path))
            if any(f"'{word}'" in text for word in quoted if isinstance(word, str)):
                return path
        for word, key in _ERROR_WORDS:
            found = next((path for path in paths if path[-1] == key), None)
            if word in text.lower() and found is not None:
                return found
        return ("correlation" if "correlation" in self.data else "detection",)

    def _value(self, path: tuple[str | int, ...]) -> object:
        value: Any = self.data
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            else:
                value = value[step] if isinstance(value, list) and isinstance(step, int) else None
        return value

    def _plain_names(self) -> None:
        """YAML reads ``off`` and ``no`` as truth values, ``1`` as a number."""
        detection = self.data.get("detection")
        for name in detection if isinstance(detection, dict) else ():
            if not isinstance(name, str):
                self.fault(f"YAML reads the name of this detection as {name!r}: take another word", "detection")

    def _code(self) -> str:
        """The code, empty for a part of correlations. A second rule of a code bears its name and a word: ``scope_10_trunk``."""
        code, name = self._text("code"), self._text("name")
        if not name:
            self.fault("key 'name' is missing", "name")
        if not code and "code" not in self.data:
            return ""
        if not CODE.fullmatch(code):
            self.fault(f"code {code!r} is not of the form TRK-07", "code")
            return code
        wanted = code.lower().replace("-", "_")
        if name and name != wanted and not name.startswith(f"{wanted}_"):
            text = f"name must be {wanted!r}, the code in lower case with underscores; further rules of it {wanted}_…"
            self.fault(text, "name")
        return code

    def _table(self) -> str | None:
        source = self.data.get("logsource")
        source = source if isinstance(source, dict) else {}
        if source.get("product") != "3cx":
            self.fault("logsource.product must be '3cx'", "logsource", "product")
        table = source.get("category")
        if table not in tables.classes():
            self.fault(f"table {table!r} is not known{nearest(str(table), tables.classes())}", "logsource", "category")
            return None
        return str(table)

    def _condition(self, sigma: SigmaRule, table: str) -> ir.Expr | None:
        try:
            condition = lower(sigma.detection, keywords=table == tables.LOG)
        except RuleError as fault:
            self.fault(str(fault), *fault.path)
            return None
        kind = tables.classes()[table]
        names = tables.columns(kind)
        if tables.open_names(kind) is None:
            for name in ir.fields_of(condition):
                if name not in names:
                    self.fault(f"table {table!r} has no field {name!r}{nearest(name, names)}", *self._field(name))
        return condition

    def _field(self, name: str) -> tuple[str | int, ...]:
        for path in self.document.lines:
            if path[:1] == ("detection",) and str(path[-1]).split("|")[0] == name:
                return path
        return ("detection",)

    def _text(self, key: str) -> str:
        value = self.data.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(f"{key} must be a text", key)
            return ""
        return " ".join(value.split()) if key in ("message", "remedy", "title") else value.strip()

    def _texts(self, key: str) -> tuple[str, ...] | None:
        value = self.data.get(key)
        if value is None:
            return None
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            self.fault(f"{key} must be a list of texts", key)
            return None
        return tuple(values)

    def _word(self, key: str, known: tuple[W, ...], default: W) -> W:
        value = self._text(key)
        for word in known:
            if word == value:
                return word
        if value:
            self.fault(f"{key} {value!r} is not known (one of {', '.join(known)}){nearest(value, known)}", key)
        return default

    def _confidence(self, *, required: bool) -> int:
        value = self.data.get("confidence")
        if value is None:
            if required:
                self.fault("key 'confidence' (0-100) or 'confidence_from' is missing", "confidence")
            return DEFAULT_CONFIDENCE
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
            self.fault("confidence must be a whole number from 0 to 100", "confidence")
            return DEFAULT_CONFIDENCE
        return value

    def _roots(self, joined: ir.Correlation | None) -> tuple[str, ...]:
        roots = self._texts("root") or ()
        known = (*joined.rules, self._text("name")) if joined else ()
        for name in roots:
            if name not in known:
                text = (
                    f"root {name!r} is none of the correlation's rules" if joined else "root belongs to a correlation"
                )
                self.fault(text, "root")
        return roots

    def _tags(self, namespace: str) -> list[str]:
        return [tag.split(".", 1)[1] for tag in self._texts("tags") or () if tag.startswith(f"{namespace}.")]

    def _clause(self) -> str | None:
        found = self._tags("scope")
        if len(found) > 1:
            self.fault(f"more than one tag scope.…: {', '.join(found)}", "tags")
        return found[0] if found else None

    def _languages(self) -> dict[str, ir.Texts]:
        english = ir.Texts(self._text("title"), self._text("message"), self._text("remedy"))
        texts = {"en": english}
        others = self.data.get("texts") or {}
        if not isinstance(others, dict):
            self.fault("texts must be a mapping of language to title, message and remedy", "texts")
            return texts
        wanted = {"title", "message", "remedy"}
        for language, entry in others.items():
            if (
                not isinstance(entry, dict)
                or set(entry) != wanted
                or not all(isinstance(v, str) for v in entry.values())
            ):
                self.fault(f"texts of {language!r} need just title, message and remedy", "texts", str(language))
                continue
            known = set(PLACEHOLDER.findall(english.message))
            if extra := set(PLACEHOLDER.findall(entry["message"])) - known:
                self.fault(f"the message has placeholders that the English one has not: {', '.join(sorted(extra))}", "texts", str(language), "message")  # fmt: skip
            texts[str(language)] = ir.Texts(*(" ".join(entry[key].split()) for key in ("title", "message", "remedy")))
        return texts

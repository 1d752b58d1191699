"""Codes of findings that the scope makes: from clauses of the policy, and by itself."""

from __future__ import annotations

from analyzer.i18n import translate as _
from analyzer.pack.pages import Made
from analyzer.scope.findings import WITHOUT_CLAUSE
from analyzer.scope.policy import Policy


def made_codes(policy: Policy) -> dict[str, Made]:
    """Every such code with its title and meaning in the current language, and the clause behind it."""
    found = {
        clause.finding.code: Made(_(clause.finding.title), _(clause.text), clause.id)
        for clause in policy.clauses
        if clause.finding is not None
    }
    return found | {code: Made(_(title), _(text)) for code, (title, text) in WITHOUT_CLAUSE.items()}

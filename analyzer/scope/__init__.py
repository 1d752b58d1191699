"""Policy data, facts, findings and ticket: verdict and route."""

from analyzer.scope.judge import Judged, Problem, ScopeInput, judge

__all__ = ["Judged", "Problem", "ScopeInput", "judge"]

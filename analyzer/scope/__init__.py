"""Policy data, facts, findings and ticket: verdict and route."""

from analyzer.scope.judge import Judged, ScopeInput, judge

__all__ = ["Judged", "ScopeInput", "judge"]

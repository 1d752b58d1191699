"""The E-model (ITU-T G.107 with its defaults): from loss to a rating and an estimated MOS."""

from __future__ import annotations

from math import log2

MIN_PACKETS = 250
MIN_SECONDS = 5.0


def burst_ratio(lost: int, expected: int, runs: int) -> float:
    """BurstR: mean length of a run of lost packets over that of random loss, 1/(1-p); at least 1 (G.107 3.5)."""
    if lost <= 0 or runs <= 0 or expected <= lost:
        return 1.0
    return max(1.0, lost / runs * (1 - lost / expected))


def delay_impairment(delay_ms: float) -> float:
    """Idd of a one-way delay Ta (G.107, mT = 100, sT = 1)."""
    if delay_ms <= 100:
        return 0.0
    x = log2(delay_ms / 100)
    return 25.0 * float((1 + x**6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)


def rating(loss_pct: float, burst: float, impairment: float, robustness: float, delay_ms: float = 0.0) -> float:
    """The rating R: ``impairment`` is Ie, ``robustness`` Bpl, ``burst`` BurstR (G.107 eq. 7-29)."""
    effective = impairment + (95 - impairment) * loss_pct / (loss_pct / burst + robustness)
    return 93.2 - delay_impairment(delay_ms) - effective


def mos(r: float) -> float:
    """Estimated MOS of a rating (G.107 annex B)."""
    if r <= 0:
        return 1.0
    if r >= 100:
        return 4.5
    return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6

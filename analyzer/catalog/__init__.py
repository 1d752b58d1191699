"""The reference data in ``signatures/catalog`` as it was known on one day: builds, phones, trunks, advisories, machines."""

from __future__ import annotations

from datetime import date

from analyzer.catalog.agents import Device
from analyzer.catalog.catalog import Catalog
from analyzer.catalog.standing import PhoneMarks, Standing
from analyzer.catalog.store import CatalogError

__all__ = ["Catalog", "CatalogError", "Device", "PhoneMarks", "Standing", "load"]


def load(as_of: date) -> Catalog:
    """The catalogues as known on a day."""
    return Catalog.load(as_of)

"""What several sources say of one thing becomes one row: phones, trunks, integrations, the system; and one time axis."""

from __future__ import annotations

from datetime import date

from analyzer.catalog import Catalog
from analyzer.join import clock, verbosity
from analyzer.join.blocks import join_blocks
from analyzer.join.call_lengths import join_lengths
from analyzer.join.capture_log import join_captures
from analyzer.join.copies import drop_copies
from analyzer.join.dhcp import join_dhcp
from analyzer.join.flaps import join_flaps
from analyzer.join.former import drop_former
from analyzer.join.gaps import join_gaps
from analyzer.join.integrations import join_integrations
from analyzer.join.kept_out import join_kept_out
from analyzer.join.legs import join_legs
from analyzer.join.phones import join_phones
from analyzer.join.places import join_places
from analyzer.join.queues import join_queues
from analyzer.join.rewrites import join_rewrites
from analyzer.join.sbcs import join_sbcs
from analyzer.join.sites import join_sites
from analyzer.join.stale import join_stale
from analyzer.join.system import join_system
from analyzer.join.templates import TemplateIndex
from analyzer.join.toll import join_toll
from analyzer.join.trunks import join_trunks
from analyzer.join.units import join_units
from analyzer.join.vantage import join_vantage
from analyzer.join.wire import join_wire
from analyzer.system import System
from parsers.collecting import without_collecting
from parsers.facts import Facts

__all__ = ["join"]


@without_collecting()
def join(facts: Facts, catalog: Catalog, as_of: date) -> System:
    """Fill the tables ``phone``, ``trunk`` and ``system``, give integrations their status, and put log times on UTC where
    the offset can be measured. Returns the one row of ``system``.
    """
    drop_copies(facts)
    drop_former(facts)
    join_places(facts)
    join_rewrites(facts)
    templates = TemplateIndex(facts, catalog)
    join_phones(facts, catalog, templates)
    join_trunks(facts, catalog, templates)
    join_integrations(facts, catalog)
    join_captures(facts)
    offset = clock.measure(facts)
    if offset is not None:
        clock.shift(facts, offset)
    system = join_system(facts, catalog, as_of, offset, verbosity.judge(facts))
    join_wire(facts, system)
    join_vantage(facts, system)
    join_dhcp(facts, system)
    join_queues(facts, system)
    join_stale(facts)
    join_sbcs(facts, system)
    join_blocks(facts, system)
    join_toll(facts, system)
    join_lengths(facts)
    join_flaps(facts)
    join_kept_out(facts)
    join_sites(facts)
    join_gaps(facts)
    join_units(facts)
    join_legs(facts, system)
    facts.replace(System, [system])
    return system

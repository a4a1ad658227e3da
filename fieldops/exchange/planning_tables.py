"""The tables that stock planning works with which can be taken in and out by files."""

from __future__ import annotations

from fieldops.exchange.kinds import Kind, regional, shared, undated
from fieldops.exchange.queries import every
from fieldops.fleet.models import Aircraft
from fieldops.fleet.utilisation.queries import FIRST, key_of, utilisation_page
from fieldops.fleet.utilisation.schemas import NewUtilisation
from fieldops.fleet.utilisation.service import set_utilisation
from inventory.catalogue.models import Part
from inventory.kernel.routes import Access, Elsewhere
from inventory.network.models import Place
from inventory.planning.benches.queries import bench_key, bench_page
from inventory.planning.benches.schemas import NewBenches
from inventory.planning.benches.service import set_benches
from inventory.planning.reliability.queries import reliability_page
from inventory.planning.reliability.schemas import NewReliability
from inventory.planning.reliability.service import set_reliability
from inventory.planning.weights.queries import weight_key, weight_page
from inventory.planning.weights.schemas import NewWeight
from inventory.planning.weights.service import set_weights

RELIABILITY = Kind(
    "reliability",
    NewReliability,
    ("part",),
    undated(set_reliability),
    every(reliability_page, "", lambda one: one.part),
    *shared("catalogue"),
    refers={"part": Part.part_number, "needs.part": Part.part_number},
)
BENCHES = Kind(
    "repair-benches",
    NewBenches,
    ("place", "chapter"),
    undated(set_benches),
    every(bench_page, ("", ""), bench_key),
    *regional("targets.read", "targets.write"),
    refers={"place": Place.code},
)
UTILISATION = Kind(
    "utilisation",
    NewUtilisation,
    ("aircraft_type", "tail", "place", "month"),
    undated(set_utilisation),
    every(utilisation_page, FIRST, key_of),
    *regional("fleet.read", "fleet.write"),
    refers={"place": Place.code, "tail": Aircraft.registration},
)
WEIGHTS = Kind(
    "stocking-weights",
    NewWeight,
    ("essentiality", "mel_category"),
    undated(set_weights),
    every(weight_page, ("", ""), weight_key),
    Access("targets.read", Elsewhere.SHARED),
    Access("targets.write", Elsewhere.NETWORK),
)

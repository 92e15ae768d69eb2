"""The methods of synthesis by name: ProUtt, and the baselines that it is compared with."""

from __future__ import annotations

from collections.abc import Mapping

from proutt.methods.baselines.baize import baize
from proutt.methods.baselines.baseline import Baseline
from proutt.methods.baselines.magpie import magpie
from proutt.methods.baselines.simulators import socratic, usp
from proutt.methods.baselines.spar import spar
from proutt.prompts import Role

_ASKED = frozenset({Role.REASONER, Role.JUDGE})

BASELINES: Mapping[str, Baseline] = {
    "magpie": Baseline(magpie, "ranks", preference=True, roles=_ASKED),
    "baize": Baseline(baize, "writes", preference=False, roles=_ASKED),
    "spar": Baseline(spar, "refines", preference=True, roles=_ASKED | {Role.EDITOR}),
    "socratic": Baseline(socratic, "target", preference=False, roles=frozenset(), simulates=True),
    "usp": Baseline(usp, "target", preference=False, roles=frozenset({Role.ANNOTATOR}), simulates=True),
}

#: What `--method` takes.
METHODS = ("proutt", *BASELINES)

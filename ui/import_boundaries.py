"""Boundaries on their way into the plan: layers, system, repairs, and which compound each belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from data.findings import Finding
from data.import_reach import reach_findings
from data.importing import Imported, apply_layers
from data.matching import Matching, match
from data.reading import Boundaries, Inspection, inspect_upload, read_boundaries
from data.reading.boundaries import layer_of
from data.schema import LAYERS
from data.store import Plan
from errors import UploadError
from ui import session
from ui.import_upload import Upload

__all__ = ["INTO", "NEW", "SKIP", "BoundaryImport", "BoundaryPreview", "current", "inspect"]

COMPOUNDS = "compounds"
# Layers of the plan that a file can bring; the others the tool makes itself.
INTO = tuple(name for name in LAYERS if layer_of(name) is not None)
# Decisions about a boundary, beside the uid of its compound.
NEW, SKIP = "", "\x00skip"


@dataclass(frozen=True, kw_only=True)
class BoundaryPreview:
    """What an import would do.

    Attributes
    ----------
    matching : Matching
        As found.
    choices : dict
        Label of a boundary to uid, :data:`NEW` or :data:`SKIP`; those in `open` are missing.
    open : tuple
        Labels that the planner has to decide about.
    twice : tuple of str
        Uids that were chosen for more than one boundary.
    far : tuple of Finding
        Boundaries at sea or far away, to be confirmed.
    """

    matching: Matching
    choices: dict[Hashable, str]
    open: tuple[Hashable, ...]
    twice: tuple[str, ...]
    far: tuple[Finding, ...]

    def count(self, what: str) -> int:
        """Count the boundaries of a decision; with ``uid`` those that have a compound."""
        if what == "uid":
            return sum(one not in {NEW, SKIP} for one in self.choices.values())
        return sum(one == what for one in self.choices.values())


@dataclass(kw_only=True)
class BoundaryImport:
    """State of the import.

    Attributes
    ----------
    plan : str
        Path of the plan that it is for.
    upload : Upload
    inspection : Inspection
    into : dict of str to str
        Layer of the file to layer of the plan; layers that stay out are missing.
    system : str or None
        Chosen system; None takes what the file declares.
    layers : dict of str to Boundaries
        By layer of the plan, once read.
    decisions : dict
        Label of a boundary to uid, :data:`NEW` or :data:`SKIP`.
    accept_repairs, accept_far : bool
        What the planner has agreed to.
    """

    plan: str
    upload: Upload
    inspection: Inspection
    into: dict[str, str] = field(default_factory=dict)
    system: str | None = None
    layers: dict[str, Boundaries] = field(default_factory=dict)
    decisions: dict[Hashable, str] = field(default_factory=dict)
    accept_repairs: bool = False
    accept_far: bool = False
    _kept: tuple[Any, BoundaryPreview] | None = None

    @property
    def compounds(self) -> Boundaries | None:
        """Boundaries of compounds, if the file brings any."""
        return self.layers.get(COMPOUNDS)

    def needs_system(self) -> bool:
        """Whether a chosen layer does not say its system and none was chosen."""
        heads = [head for head in self.inspection.layers if head.name in self.into]
        return self.system is None and any(head.crs is None for head in heads)

    def doubled(self) -> list[str]:
        """Layers of the plan that two layers of the file are to go into."""
        return [name for name, times in Counter(self.into.values()).items() if times > 1]

    def read(self) -> dict[str, Boundaries]:
        """Read the chosen layers in worker processes."""
        return {
            into: read_boundaries(
                self.upload.path, self.upload.name, layer=name, crs=self.system, into=into
            )
            for name, into in dict(self.into).items()
        }

    def repairs(self) -> pd.DataFrame:
        """All repairs: layer and row as index, columns as of ``Boundaries.repaired``."""
        parts = {LAYERS[name].title: one.repaired for name, one in self.layers.items()}
        return pd.concat(parts, names=["layer"]) if parts else pd.DataFrame()

    def findings(self) -> list[Finding]:
        """All that there is to say about the layers that were read."""
        return [one for layer in self.layers.values() for one in layer.findings]

    def preview(self, compounds: gpd.GeoDataFrame, revision: int) -> BoundaryPreview | None:
        """Say what the import would do to `compounds`; None if it brings no compounds."""
        if self.compounds is None:
            return None
        key = (revision, tuple(self.decisions.items()))
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, _preview(self.compounds.frame, compounds, self.decisions))
        return self._kept[1]

    def apply(self, plan: Plan, preview: BoundaryPreview | None, actor: str) -> dict[str, Imported]:
        """Take the layers in, all or none."""
        if preview is None:
            return apply_layers(plan, self.layers, actor)
        skipped = [label for label, what in preview.choices.items() if what == SKIP]
        pairs = {k: v for k, v in preview.choices.items() if v not in {NEW, SKIP}}
        given = self.layers[COMPOUNDS]
        layers = {**self.layers, COMPOUNDS: replace(given, frame=given.frame.drop(index=skipped))}
        return apply_layers(
            plan,
            layers,
            actor,
            matching=replace(preview.matching, pairs=pairs, ambiguous=()),
            accept_far=self.accept_far,
        )


def current(plan: str) -> BoundaryImport | None:
    """Return the import under way in this session for a plan."""
    draft: BoundaryImport | None = session.get(session.BOUNDARY_IMPORT)
    return draft if draft is not None and draft.plan == plan else None


def inspect(plan: str, upload: Upload) -> BoundaryImport:
    """Look into a file in a worker process and propose what its layers are for."""
    found = inspect_upload(upload.path, upload.name)
    if found.kind == "ledger":
        raise UploadError(f"“{upload.name}”是台账表格，不是边界文件。请在“台账”一栏导入。")
    return BoundaryImport(
        plan=plan, upload=upload, inspection=found, into=_proposal(found, upload.name)
    )


def _proposal(found: Inspection, file_name: str) -> dict[str, str]:
    filled = [head for head in found.layers if head.count]
    if len(filled) == 1:
        stem = file_name.rsplit(".", 1)[0]
        return {filled[0].name: layer_of(filled[0].name) or layer_of(stem) or COMPOUNDS}
    taken: dict[str, str] = {}
    for head in filled:
        layer = layer_of(head.name)
        if layer is not None and layer not in taken.values():
            taken[head.name] = layer
    return taken


def _preview(
    incoming: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame, decisions: Mapping[Hashable, str]
) -> BoundaryPreview:
    found = match(compounds, incoming)
    asked = [label for one in found.ambiguous for label in one.incoming]
    choices: dict[Hashable, str] = {
        **found.pairs,
        **dict.fromkeys(found.new, NEW),
        **{label: what for label, what in decisions.items() if label in incoming.index},
    }
    uids = [what for what in choices.values() if what not in {NEW, SKIP}]
    taken = incoming.drop(index=[label for label, what in choices.items() if what == SKIP])
    # What is about to be replaced is nothing to be near to.
    staying = compounds.geometry[~compounds.index.isin(uids)]
    return BoundaryPreview(
        matching=found,
        choices=choices,
        open=tuple(label for label in asked if label not in choices),
        twice=tuple(uid for uid, times in Counter(uids).items() if times > 1),
        far=tuple(reach_findings(taken.geometry, staying)),
    )

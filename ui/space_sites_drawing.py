"""What tab 设施 gives to the map: colours of the compounds, what lies over them, what a click on a site does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui import space_overlay, space_page, space_sites
from ui.scene import Act, Scene
from ui.space_sites_overlay import SITE_CLASSES, saved_overlay, served_overlay, served_paint

__all__ = ["sites"]


def sites(scene: Scene) -> dict[str, Any]:
    """Fields of the scene for the tab as it is now."""
    chosen = space_sites.chosen_site()
    told: dict[str, Any] = {"acts": _ACTS, "overlay_selected": (chosen,) if chosen else ()}
    if space_sites.view() == space_sites.SAVED:
        held = space_sites.saved(scene)
        key = (space_page.SITES, "saved", scene.view.revision)
        return {
            **told,
            "overlay": space_overlay.kept(
                key, lambda: saved_overlay(scene.view.frame, held) if len(held) else None
            ),
        }
    found = space_sites.found(scene)
    if found is None:
        return told
    frame, asked, proposal = scene.view.frame, space_sites.asked(scene.view), _fresh(scene)
    key = (space_page.SITES, *space_sites.drawn_key(scene, proposal))
    return {
        **told,
        "coloured": scene.loaded.kept(
            ("site_paint", *key), lambda: served_paint(frame, asked, found, proposal)
        ),
        "overlay": space_overlay.kept(key, lambda: served_overlay(frame, asked, found, proposal)),
    }


def _fresh(scene: Scene) -> Any:
    """Return the sites that wait, as long as they are looked at and the plan has not moved on."""
    held = space_sites.proposal(scene)
    if held is None or space_sites.view() != space_sites.CHOOSE:
        return None
    # As it was asked when it was made: circles of another radius would tell a lie.
    same = _reach(held.settings) == _reach(space_sites.asked(scene.view))
    return held if same and not space_sites.is_stale(scene, held) else None


def _reach(settings: Any) -> tuple[float, bool]:
    return settings.reach_m, settings.network


def _click(scene: Scene, event: Mapping[str, Any]) -> None:  # noqa: ARG001 - all acts are called alike
    if event["class"] in SITE_CLASSES:
        space_sites.show_site(str(event["uid"]))


_ACTS: Mapping[str, Act] = {"overlay_click": _click}

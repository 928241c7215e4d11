"""Discover the hidden styles of a collection of paintings.

>>> import artstylenet as asn                                  # doctest: +SKIP
>>> atlas = asn.build_atlas(asn.read_collection("paintings/"))  # doctest: +SKIP
>>> atlas.painting_styles                                      # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artstylenet.associations import column_associations as column_associations
    from artstylenet.associations import style_associations as style_associations
    from artstylenet.atlas import StyleAtlas as StyleAtlas
    from artstylenet.audit import audit_styles as audit_styles
    from artstylenet.audit import novelty as novelty
    from artstylenet.backbones import load_backbone as load_backbone
    from artstylenet.build import build_atlas as build_atlas
    from artstylenet.collection import Collection as Collection
    from artstylenet.collection import read_collection as read_collection
    from artstylenet.constraints import Constraints as Constraints
    from artstylenet.curation import read_curation as read_curation
    from artstylenet.datasets import make_paintings as make_paintings
    from artstylenet.exhibition import make_exhibition as make_exhibition
    from artstylenet.explaining import explain_painting as explain_painting
    from artstylenet.explaining import shared_regions as shared_regions
    from artstylenet.extraction.ray_engine import RayEngine as RayEngine
    from artstylenet.facets import compare_by_facets as compare_by_facets
    from artstylenet.facets import facet_contributions as facet_contributions
    from artstylenet.facets import facet_styles as facet_styles
    from artstylenet.facets import similar_by_facets as similar_by_facets
    from artstylenet.labels import style_label as style_label
    from artstylenet.painter_affinity import closest_painters as closest_painters
    from artstylenet.painter_affinity import nearest_painters as nearest_painters
    from artstylenet.painters import describe_painter as describe_painter
    from artstylenet.paths import path_between as path_between
    from artstylenet.placing import place as place
    from artstylenet.profiles import Profile as Profile
    from artstylenet.profiles import read_profile as read_profile
    from artstylenet.profiles import write_profile as write_profile
    from artstylenet.ranking import style_table as style_table
    from artstylenet.ranking import top_painters as top_painters
    from artstylenet.ranking import top_paintings as top_paintings
    from artstylenet.ranking import typical_paintings as typical_paintings
    from artstylenet.recommendation import recommend as recommend
    from artstylenet.selection import choose_n_styles as choose_n_styles
    from artstylenet.similarity import similar_paintings as similar_paintings
    from artstylenet.site import export_site as export_site
    from artstylenet.storage import load_atlas as load_atlas
    from artstylenet.storage import save_atlas as save_atlas
    from artstylenet.style_model import StyleModel as StyleModel
    from artstylenet.topics import CollapsedTopics as CollapsedTopics

_HOMES = {
    "CollapsedTopics": "topics",
    "Collection": "collection",
    "Constraints": "constraints",
    "Profile": "profiles",
    "RayEngine": "extraction.ray_engine",
    "StyleAtlas": "atlas",
    "StyleModel": "style_model",
    "audit_styles": "audit",
    "build_atlas": "build",
    "choose_n_styles": "selection",
    "closest_painters": "painter_affinity",
    "column_associations": "associations",
    "compare_by_facets": "facets",
    "describe_painter": "painters",
    "explain_painting": "explaining",
    "export_site": "site",
    "facet_contributions": "facets",
    "facet_styles": "facets",
    "load_atlas": "storage",
    "load_backbone": "backbones",
    "make_exhibition": "exhibition",
    "make_paintings": "datasets",
    "nearest_painters": "painter_affinity",
    "novelty": "audit",
    "path_between": "paths",
    "place": "placing",
    "read_collection": "collection",
    "read_curation": "curation",
    "read_profile": "profiles",
    "recommend": "recommendation",
    "save_atlas": "storage",
    "shared_regions": "explaining",
    "similar_by_facets": "facets",
    "similar_paintings": "similarity",
    "style_associations": "associations",
    "style_label": "labels",
    "style_table": "ranking",
    "top_painters": "ranking",
    "top_paintings": "ranking",
    "typical_paintings": "ranking",
    "write_profile": "profiles",
}
"""Where each public name lives; its module is imported when the name is first used."""

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"artstylenet.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'artstylenet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]

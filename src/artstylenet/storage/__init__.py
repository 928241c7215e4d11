"""Atlases on disk: a folder without pickle, safe to open from a stranger."""

from artstylenet.storage.atlas_files import SCHEMA_VERSION, load_atlas, save_atlas
from artstylenet.storage.folder import atlas_lock, is_atlas_folder

__all__ = ["SCHEMA_VERSION", "atlas_lock", "is_atlas_folder", "load_atlas", "save_atlas"]

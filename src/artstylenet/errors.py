"""Errors that ArtStyleNet raises.

::

    ArtStyleNetError
    ├── InputError (also a ValueError)      what was given cannot be used; exit code 2
    │   ├── CollectionError                 a folder or table of paintings
    │   ├── ImageError                      one picture
    │   ├── UnknownIdError                  no such painting, painter or style
    │   ├── AtlasError                      a folder that is not an atlas, or from a newer version
    │   └── BackboneError                   a model file or name
    └── MissingExtraError                   an optional part is not installed; exit code 2
"""

from __future__ import annotations


class ArtStyleNetError(Exception):
    """Base of every error that ArtStyleNet raises; its text is one sentence for the user."""


class InputError(ArtStyleNetError, ValueError):
    """What was given cannot be used; the text says what was given and what was expected."""


class CollectionError(InputError):
    """A folder or table of paintings cannot be read as a collection."""


class ImageError(InputError):
    """A picture is not decoded; the text is the reason written to ``skipped.csv``."""


class UnknownIdError(InputError):
    """No painting, painter or style of that id is in the atlas."""


class AtlasError(InputError):
    """A folder is not an atlas, or was written by a newer version."""


class BackboneError(InputError):
    """A model file or backbone name cannot be used."""


class MissingExtraError(ArtStyleNetError):
    """An optional part is not installed; the text holds the pip command."""

"""The ways in which collections of paintings lie on disk, in the order they are looked for.

Adding one: a module with ``lacks`` and ``read`` as here, and a line in :data:`FOLDER_LAYOUTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from artstylenet.collection.files import Folder
from artstylenet.collection.layouts import dacon, folders, imagefolder, kaggle, met, wikiart
from artstylenet.collection.listing import Listing


@dataclass(frozen=True)
class Layout:
    """One way in which a collection can lie in a folder.

    Attributes
    ----------
    title : str
        Name for people.
    lacks : callable
        Returns what a folder lacks to be of this layout, None if it is.
    read : callable
        Returns the listing of a folder that lacks nothing.
    is_likely : callable or None
        Returns whether a folder that lacks nothing is taken for this layout unasked; None if
        always.
    reads_tables : bool
        Whether the layout is one of tables; with any other, a table in the folder is not read.
    """

    title: str
    lacks: Callable[[Folder], str | None]
    read: Callable[[Folder], Listing]
    is_likely: Callable[[Folder], bool] | None = None
    reads_tables: bool = True

    def recognises(self, folder: Folder) -> bool:
        """Tell whether the folder is taken for this layout unasked."""
        return self.lacks(folder) is None and (self.is_likely is None or self.is_likely(folder))


FOLDER_LAYOUTS = {
    "dacon": Layout("Dacon", dacon.lacks, dacon.read),
    "kaggle": Layout("Kaggle", kaggle.lacks, kaggle.read),
    "imagefolder": Layout("Hugging Face imagefolder", imagefolder.lacks, imagefolder.read),
    "wikiart": Layout(
        "WikiArt", wikiart.lacks, wikiart.read, wikiart.is_likely, reads_tables=False
    ),
    "met": Layout("Met objects", met.lacks, met.read, reads_tables=False),
    "folders": Layout("folders", folders.lacks, folders.read, reads_tables=False),
}
"""By the word that ``--layout`` takes; the first that fits is taken."""

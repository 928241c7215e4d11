"""Features -> visual words: signed features become the counts that topics are made of."""

from artstylenet.visual_words.blocks import Block
from artstylenet.visual_words.grid_words import GridWords
from artstylenet.visual_words.soft_words import ShiftedScores, SoftWords

__all__ = ["Block", "GridWords", "ShiftedScores", "SoftWords"]

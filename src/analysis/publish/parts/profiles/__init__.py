"""A page for each kind of institution, or for each answer to another question: its scores, priorities and promises."""

from analysis.publish.part import Part
from analysis.publish.parts.profiles import chapter, figures

PART = Part(step="profiles", flags=chapter.flags, texts=chapter.texts, each=figures.each)

"""What training did to knowledge, communication and the ratings of customers."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.training import findings
from analysis.publish.parts.training.figures import draw_training
from analysis.publish.parts.training.tables import TABLES

PART = Part(
    step="12_training",
    tables=TABLES,
    figures=(Figure("training_effects", ("training_effects",), draw_training),),
    findings=(Finding("training", findings.training, needs=("training_effects",)),),
    confidence=lambda edition: edition.service.confidence,
)

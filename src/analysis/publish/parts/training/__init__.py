"""What training did to knowledge, communication and the ratings of customers."""

from analysis.publish.base import Base, largest
from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.training import candidates, findings, headlines, short
from analysis.publish.parts.training.figures import draw_course, draw_needs, draw_training
from analysis.publish.parts.training.points import POINTS
from analysis.publish.parts.training.tables import TABLES

PART = Part(
    step="12_training",
    tables=TABLES,
    figures=(
        Figure(
            "needs",
            ("needs",),
            draw_needs,
            measure="p_first_two",
            headline=headlines.needs,
            base=largest("survey_and_tests", "csi_overall"),
        ),
        Figure(
            "training_effects",
            ("training_effects",),
            draw_training,
            measure="effect",
            headline=headlines.training_effects,
            base=Base("staff", headlines.staff),
        ),
        Figure(
            "training_course",
            ("training_course",),
            draw_course,
            measure="effect",
            headline=headlines.training_course,
            base=Base("staff", headlines.staff),
        ),
    ),
    findings=(
        Finding("needs", findings.needs, needs=("needs",)),
        Finding("delivery", findings.delivery, needs=("training_delivery",)),
        Finding("training_contents", findings.contents, needs=("training_delivery",)),
        Finding("training", findings.training, needs=("training_effects",)),
        Finding("training_course", findings.course, needs=("training_course",)),
        Finding("training_halves", findings.halves, needs=("training_halves",)),
        Finding("training_ratings", findings.ratings, needs=("training_ratings",)),
        Finding("training_matters", findings.matters, needs=("importance",)),
        Finding("training_dose", findings.dose, needs=("training_dose",)),
    ),
    points=POINTS,
    confidence=lambda edition: edition.service.confidence,
    texts=short.texts,
    candidates=candidates.candidates,
)

"""Cells of the structural model: parameters in words, routes, fit with its thresholds."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels

FIT_DECIMALS = {"n": 0, "df": 0, "chi2": 1, "chi2_scaled": 1, "logl": 1, "aic": 1, "bic": 1}


def _fit(row: Row, column: Column, labels: Labels) -> str:
    if row["index"] in {"pvalue", "rmsea_pvalue"}:
        return formats.pvalue(row["value"])
    return formats.number(row["value"], FIT_DECIMALS.get(row["index"], 3))


def _threshold(row: Row, column: Column, labels: Labels) -> str:
    if formats.is_missing(row["threshold"]):
        return formats.MISSING
    sign = "≥" if row["index"] in {"cfi", "tli"} else "≤"
    return f"{sign} {formats.number(row['threshold'], 2)}"


def _parameter(row: Row, column: Column, labels: Labels) -> str:
    """A cell of the model in words, or the name of a quantity that it defines."""
    lhs, op, rhs = (str(row[source]) for source in column.sources)
    latent = {construct.key for construct in labels.edition.instrument.constructs}

    def name(key: str) -> str:
        return labels.construct(key)

    kinds = {"=~": "loading", "~": "path", "~1": "intercept", "|": "threshold", "~*~": "scale"}
    if op == ":=":
        return lhs
    if op != "~~":
        return labels.text(f"parameters.{kinds[op]}", lhs=name(lhs), rhs=rhs[1:] if op == "|" else name(rhs or lhs))
    kind = "variance" if lhs == rhs else "covariance" if lhs in latent else "residual"
    return labels.text(f"parameters.{kind}", lhs=name(lhs), rhs=name(rhs))


def _ends(row: Row, column: Column, labels: Labels) -> str:
    return labels.text("text.arrow").join(labels.construct(str(row[source])) for source in column.sources)


def _route(row: Row, column: Column, labels: Labels) -> str:
    """The constructs between cause and outcome, which have a column of their own: satisfaction → trust."""
    _, *between, _ = str(row[column.sources[0]]).split(" → ")
    return labels.text("text.arrow").join(map(labels.construct, between)) or labels.text("effects.direct")


FIT = Kind(_fit, numeric=True)
THRESHOLD = Kind(_threshold, numeric=True)
PARAMETER = Kind(_parameter, names=True, same_people=True)
ENDS = Kind(_ends, names=True)
ROUTE = Kind(_route, names=True)

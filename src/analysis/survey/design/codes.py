"""Columns of a survey as arrays: categories and domains as codes, answers as floats, each checked for its length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Domains:
    """Domain of each row as a code (-1: in none) and the names of the domains."""

    codes: Codes
    names: tuple[str | None, ...]

    @property
    def count(self) -> int:
        """Number of domains."""
        return len(self.names)


def domain_codes(domain: pd.Series[Any] | None, rows: int) -> Domains:
    """Codes of the categories, in the order of a categorical, else sorted; missing belongs to no domain."""
    if domain is None:
        return Domains(np.zeros(rows, dtype=np.int64), (None,))
    same_length(len(domain), rows, "domain")
    if isinstance(domain.dtype, pd.CategoricalDtype):
        used = domain.cat.remove_unused_categories()
        return Domains(used.cat.codes.to_numpy().astype(np.int64), tuple(str(name) for name in used.cat.categories))
    codes, names = pd.factorize(domain, sort=True)
    return Domains(codes.astype(np.int64), tuple(str(name) for name in names))


def text_codes(answers: pd.Series[Any]) -> tuple[Codes, list[str]]:
    """Codes of the answers as text, in the order in which they come, −1 for none; and the texts."""
    codes, values = pd.factorize(answers)
    places, texts = pd.factorize(np.array([str(value) for value in values], dtype=object))
    return np.append(places, -1)[codes].astype(np.int64), [str(text) for text in texts]


def categorical(answers: pd.Series[Any], listed: Sequence[str]) -> pd.Series[Any]:
    """The answers as a categorical: those `listed` in that order, then any others; what nobody answered is left out."""
    codes, texts = text_codes(answers)
    order = [*listed, *sorted(set(texts) - set(listed))]
    places = np.array([*(order.index(text) for text in texts), -1], dtype=np.int64)
    found = pd.Series(pd.Categorical.from_codes(places[codes], pd.Index(order)), index=answers.index, name=answers.name)
    return found.cat.remove_unused_categories()


def category_codes(values: ArrayLike | None, rows: int, name: str) -> tuple[Codes, Sequence[Any]]:
    """Codes 0 … K − 1 of `values` in sorted order and the K values; none: one category for all rows."""
    if values is None:
        return np.zeros(rows, dtype=np.int64), ["(all)"]
    series = pd.Series(np.asarray(values))
    same_length(len(series), rows, name)
    if series.isna().any():
        raise MethodError(f"{name} has missing values.", got=f"{int(series.isna().sum())} of {rows} rows")
    codes, names = pd.factorize(series, sort=True)
    return codes.astype(np.int64), list(names)


def numeric_column(values: ArrayLike, rows: int, name: str) -> Floats:
    """`values` as `rows` finite numbers."""
    column = numbers(pd.Series(np.asarray(values)), name)
    same_length(len(column), rows, name)
    if not np.isfinite(column).all():
        raise MethodError(f"{name} has missing or infinite values.", got=f"{int((~np.isfinite(column)).sum())} rows")
    return column


def numbers(values: pd.Series[Any], name: str) -> Floats:
    """A column as floats, missing as NaN."""
    try:
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise MethodError(f"{name!r} is not numeric.", expected="numbers", got=str(values.dtype)) from None


def same_length(got: int, rows: int, name: str) -> None:
    """Raise MethodError unless `name` has one entry per row."""
    if got != rows:
        raise MethodError(f"{name} does not match the data.", expected=f"{rows} entries", got=str(got))

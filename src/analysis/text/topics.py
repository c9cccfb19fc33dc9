"""Themes that the texts themselves fall into: NMF on TF-IDF, with their stability over subsamples.

Non-negative matrix factorisation (Lee & Seung 1999) from `nndsvda` (Boutsidis & Gallopoulos 2008), which needs no
chance; Chinese is cut into words by rjieba. Stability: mean adjusted Rand index (Hubert & Arabie 1985) of
each subsample's themes with those of all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.text.masking import MASK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.text.analysis import AnalysedTexts

MIN_TEXTS = 100
"""Texts of one language below which no themes are looked for in them."""
KEPT = 0.8
"""Part of the texts in a subsample."""
MOST_FITTED = 4000
"""Texts that the factors are fitted on; all are given to them."""
MOST_READ = 65_536
"""Different texts whose words are remembered."""
TOP = 5
"""Words by which a theme is told."""
_HAN_WORD = re.compile(r"[\u4e00-\u9fff]{2,}|[a-z]{3,}")
_WORD = re.compile(r"[a-z][a-z']{2,}")
_EMPTY = frozenset(
    {
        *("我们", "你们", "他们", "自己", "这个", "那个", "什么", "怎么", "可以", "就是", "还是", "没有"),
        *("一个", "一下", "一直", "已经", "因为", "所以", "但是", "如果", "或者", "以及", "非常", "比较"),
        *("真的", "感觉", "觉得", "希望", "建议", "尽快", "时候", "现在", "今天", "昨天", "晚上", "上午"),
        *("下午", "周末", "三天", "总的来说", "实际", "感受", "最近", "一次", "一段", "时间", "作为", "处理"),
        *("答复", "核实", "麻烦", "联系", "有人", "给个"),
    }
)


@dataclass(frozen=True)
class Topics:
    """table: topic (1 … k, the largest first), words, n, share; stability: mean ARI; texts: how many."""

    table: pd.DataFrame
    stability: float
    texts: int
    lang: str

    def rows(self, source: str) -> pd.DataFrame:
        """The table with the source of the texts, and how stable the themes are."""
        group = f"{source}.topic=" + self.table["topic"].astype(str)
        return self.table.assign(source=source, stability=self.stability, group=group)

    def record(self) -> dict[str, Any]:
        """Plain values."""
        return {"stability": self.stability, "topic_texts": self.texts, "topic_lang": self.lang}


def find_topics(texts: AnalysedTexts, *, count: int, subsamples: int, min_texts: int, seed: int) -> Topics | None:
    """Themes of the texts in the language that most of them are in; None where they are too few.

    A word enters when at least `min_texts` texts hold it, so that no theme is told by the words of a few.
    """
    frame = texts.frame
    languages = frame["lang"][frame["lang"] != ""]
    if not len(languages) or not count:
        return None
    lang = str(languages.value_counts().index[0])
    own = frame["text"][frame["lang"] == lang].to_numpy(dtype=object)
    if len(own) < MIN_TEXTS:
        return None
    matrix, words = _weights(own, lang, min_texts)
    filled = np.flatnonzero(np.diff(matrix.indptr) > 0)
    count = min(count, len(words) // TOP, len(filled) // min_texts)
    if count < 2:
        return None
    rng = np.random.default_rng([seed, 73])
    matrix = matrix[filled]
    rows = np.sort(rng.choice(len(filled), min(MOST_FITTED, len(filled)), replace=False))
    parts = _fitted(matrix[rows], count)
    whole = _nearest(matrix, parts)
    agreed = []
    for _ in range(subsamples):
        some = np.sort(rng.choice(rows, max(int(KEPT * len(rows)), count), replace=False))
        agreed.append(_agreement(whole[some], _nearest(matrix[some], _fitted(matrix[some], count))))
    return Topics(_table(whole, parts, words, len(own)), float(np.mean(agreed)), len(own), lang)


def tokens(text: str, lang: str) -> list[str]:
    """Words of a text that may tell a theme."""
    if lang == "zh":
        import rjieba

        plain = text.replace(MASK, " ").casefold()
        return [word for word in rjieba.cut(plain, hmm=False) if _HAN_WORD.fullmatch(word) and word not in _EMPTY]
    return _WORD.findall(text.replace(MASK, " ").casefold())


def tf_idf(texts: Sequence[str] | NDArray[Any], lang: str, *, min_texts: int) -> tuple[Any, NDArray[Any]]:
    """TF-IDF of the texts (n × words) and the words; raises ValueError where no word stands in `min_texts` texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    read = lru_cache(MOST_READ)(lambda text: tokens(text, lang))  # short answers are often the same
    counter = TfidfVectorizer(analyzer=read, min_df=min(min_texts, len(texts)), max_df=0.5, sublinear_tf=True)
    matrix = counter.fit_transform(texts)
    return matrix.tocsr(), counter.get_feature_names_out()


def _weights(texts: Sequence[str] | NDArray[Any], lang: str, min_texts: int) -> tuple[Any, NDArray[Any]]:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    try:
        matrix, words = tf_idf(texts, lang, min_texts=min_texts)
    except ValueError:  # no word is left
        return csr_matrix((len(texts), 0)), np.array([], dtype=object)
    kept = np.array([word not in ENGLISH_STOP_WORDS for word in words])
    return matrix[:, kept], words[kept]


def _fitted(matrix: Any, count: int) -> NDArray[np.float64]:
    """Factors (topics × words)."""
    import warnings

    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(n_components=count, init="nndsvda", max_iter=150, tol=1e-3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits of a factor change no theme
        model.fit(matrix)
    parts = np.asarray(model.components_)
    length = np.linalg.norm(parts, axis=1, keepdims=True)
    return parts / np.where(length > 0, length, 1.0)


def _nearest(matrix: Any, parts: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray((matrix @ parts.T).argmax(axis=1)).ravel()


def _agreement(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(one, other))


def _table(whole: NDArray[np.int64], parts: NDArray[np.float64], words: NDArray[Any], texts: int) -> pd.DataFrame:
    counts = np.bincount(whole, minlength=len(parts))
    order = np.argsort(-counts, kind="stable")
    top = [" · ".join(str(word) for word in words[np.argsort(-part, kind="stable")[:TOP]]) for part in parts[order]]
    columns = {"topic": np.arange(1, len(parts) + 1), "words": top, "n": counts[order], "share": counts[order] / texts}
    return pd.DataFrame(columns)

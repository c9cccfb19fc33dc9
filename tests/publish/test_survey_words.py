"""What chapters and wordings take for granted: nothing of the guide where it is not used, and nobody's customers."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from foreign_words import GUIDE, OTHERS, found, of_the_guide

from analysis.edition import load_edition
from analysis.edition.sections.publication import Noun, Plural
from analysis.publish.book.conditions import resolve_conditions
from analysis.publish.book.languages import book_words
from analysis.publish.words.labels import Labels, catalogue

TEACHERS, SCHOOLS = (
    Noun(zh="教师", en=Plural(one="teacher", many="teachers")),
    Noun(zh="学校", en=Plural(one="school", many="schools")),
)
OF_THE_GUIDE = ("edition.guided", "instrument.guide", "instrument.emotional")
OWN = {"disclosure.population.guide", "text.simulated", "findings.selection.simulated"}
"""Wordings that speak of the guide's population, of real institutions, or of those who do the fieldwork."""


def _chapters(root: Path, lang: str, *, there: bool, guided: bool) -> dict[str, str]:
    """Every chapter as it would be if everything else were there, or nothing."""
    told = {}
    for path in (root / "report" / lang / "index.qmd", *(root / "report" / lang / "chapters").glob("*.qmd")):
        text = path.read_text(encoding="utf-8")
        flags = dict.fromkeys(re.findall(r'(?:when|unless)-meta="([^"]+)"', text), there)
        flags |= dict.fromkeys(OF_THE_GUIDE, guided)
        kept = resolve_conditions(text, flags, file=path.name, problems=[])
        told[path.name] = re.sub(r"#(?:sec|tbl|fig|eq)-[\w-]+|@(?:sec|tbl|fig)-[\w-]+|_\w+\.md|\{\{<.*?>\}\}", "", kept)
    return told


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_chapter_speaks_of_the_guide_to_a_survey_that_does_not_use_it(root: Path, lang: str, there: bool) -> None:
    told = _chapters(root, lang, there=there, guided=False)
    assert {name: places for name, text in told.items() if (places := of_the_guide(text, lang))} == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_with_the_guide_its_words_are_there(root: Path, lang: str) -> None:
    """Its levels, the last kind, come from the file of benchmarks: no chapter has to hold them."""
    told = [text for there in (True, False) for text in _chapters(root, lang, there=there, guided=True).values()]
    words = [word for kind in GUIDE[lang][:-1] for word in kind.split("|")]
    assert [word for word in words if not re.search(word, "\n".join(told), re.IGNORECASE)] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_chapter_calls_anybody_customers_where_the_guide_is_not_quoted(root: Path, lang: str) -> None:
    told = _chapters(root, lang, there=True, guided=False)
    allowed = ("no real institution", "任何真实机构", "编制机构")
    places = [place for text in told.values() for place in found(OTHERS[lang], text)]
    assert [place for place in places if not any(word in place for word in allowed)] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_wordings_name_those_whom_the_params_name(root: Path, lang: str) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    publication = edition.publication.model_copy(update={"people": TEACHERS, "providers": SCHOOLS})
    labels = Labels(edition.model_copy(update={"publication": publication}), lang)
    spoken = set()
    for key, text in catalogue().items():
        names = {name for _, name, _, _ in string.Formatter().parse(text[lang]) if name}
        told = labels.text(key, **dict.fromkeys(names - set(labels.nouns), "x"))
        assert "{" not in told, key
        assert key in OWN or not found(f"{OTHERS[lang]}|{GUIDE[lang][0]}", told), key
        spoken |= {key} if names & set(labels.nouns) else set()
    assert len(spoken) > 80
    said = labels.text("findings.overall.both", csi="80", level="95%", csi_ci="79–81", csat="70%", csat_ci="68–72%")
    assert ("teachers are satisfied" if lang == "en" else "满意教师占比") in said


def test_an_english_noun_owns_and_begins_a_sentence(root: Path) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), "en")
    assert labels.nouns["people_s"] == "customers’"
    staff = Noun(zh="员工", en=Plural(one="member of staff", many="people on the staff"))
    publication = labels.edition.publication.model_copy(update={"people": staff})
    own = Labels(labels.edition.model_copy(update={"publication": publication}), "en").nouns
    assert (own["person_s"], own["people_s"]) == ("member of staff’s", "people on the staff’s")
    assert (own["Person"], own["People"]) == ("Member of staff", "People on the staff")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_of_the_book_and_its_slides_name_nobody(lang: str) -> None:
    said = book_words(lang)
    assert {key: text for key, text in said.items() if found(f"{OTHERS[lang]}|{GUIDE[lang][0]}", text)} == {}

"""Metadata of the public-use file in DDI-Codebook 2.5, the form in which data archives take and show a survey.

Elements stand in the order of the schema, namespace ddi:codebook:2_5 (DDI Alliance, 2012). What may stand once only is
given in the first language of the edition; labels, questions and categories in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analysis.outgoing.codebook import Summary, Tally
from analysis.outgoing.wording import said, words
from analysis.publish.words.escape import plain

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.edition.params import Text
    from analysis.outgoing.public_file import PublicFile

NAMESPACE = "ddi:codebook:2_5"
LOCATION = f"{NAMESPACE} http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NATURE = {"nominal": "nominal", "ordinal": "ordinal", "scale": "interval"}
FILES = {"csv": "text/csv", "sav": "application/x-spss-sav", "parquet": "application/vnd.apache.parquet"}


class _Writer:
    """Adds elements below others, with texts in the languages of the edition."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = languages

    def add(self, parent: Any, tag: str, text: str = "", **attributes: str) -> Any:
        from lxml import etree

        named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", named)
        element.text = plain(text) or None
        return element

    def say(self, parent: Any, tag: str, text: Text, **attributes: str) -> None:
        """The element once in every language."""
        for lang in self.languages:
            self.add(parent, tag, text[lang], **attributes).set(_LANG, lang)

    def once(self, parent: Any, tag: str, text: Text, **attributes: str) -> Any:
        """The element in the first language."""
        element = self.add(parent, tag, text[self.languages[0]], **attributes)
        element.set(_LANG, self.languages[0])
        return element


def ddi_bytes(made: PublicFile, found: Sequence[Summary], edition: Edition, files: Sequence[str]) -> bytes:
    """The metadata as XML; files: names of the data files, which all hold the same."""
    from lxml import etree

    write = _Writer(edition.languages)
    root = etree.Element(f"{{{NAMESPACE}}}codeBook", nsmap={None: NAMESPACE, "xsi": _XSI})
    root.set("version", "2.5")
    root.set(f"{{{_XSI}}}schemaLocation", LOCATION)
    _document(write, root, edition)
    _study(write, root, made, edition)
    for number, name in enumerate(files, start=1):
        _file(write, root, made, name, f"F{number}")
    _data(write, root, found, edition, " ".join(f"F{number}" for number in range(1, len(files) + 1)), made.weighted)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _citation(write: _Writer, parent: Any, edition: Edition, title: Text) -> None:
    publication = edition.publication
    citation = write.add(parent, "citation")
    titles = write.add(citation, "titlStmt")
    write.once(titles, "titl", title)
    if parent.tag.endswith("stdyDscr"):
        write.once(titles, "subTitl", publication.subtitle)
    for lang in write.languages[1:]:
        write.add(titles, "parTitl", title[lang]).set(_LANG, lang)
    if parent.tag.endswith("stdyDscr"):
        write.add(titles, "IDNo", edition.name)
        write.once(write.add(citation, "rspStmt"), "AuthEnty", publication.institute)
    made = write.add(citation, "prodStmt")
    write.once(made, "producer", publication.institute)
    write.add(made, "prodDate", str(publication.date), date=str(publication.date))
    if publication.sponsor and parent.tag.endswith("stdyDscr"):
        write.once(made, "fundAg", publication.sponsor)


def _document(write: _Writer, root: Any, edition: Edition) -> None:
    document = write.add(root, "docDscr")
    _citation(write, document, edition, edition.publication.title)


def _study(write: _Writer, root: Any, made: PublicFile, edition: Edition) -> None:
    publication, instrument = edition.publication, edition.instrument
    study = write.add(root, "stdyDscr")
    _citation(write, study, edition, publication.title)
    about = write.add(study, "stdyInfo")
    subject = write.add(about, "subject")
    for construct in instrument.constructs:
        write.say(subject, "keyword", construct.name)
    write.say(about, "abstract", instrument.name)
    summary = write.add(about, "sumDscr")
    for event in ("start", "end"):
        day = str(getattr(publication.fieldwork, event))
        write.add(summary, "collDate", day, date=day, event=event)
    write.say(summary, "anlyUnit", words()["ddi.person"])
    if publication.population:
        write.say(summary, "universe", publication.population, clusion="I")
    write.say(summary, "dataKind", words()["ddi.simulated" if edition.simulated else "ddi.survey"])
    collected = write.add(write.add(study, "method"), "dataColl")
    if publication.mode:
        write.say(collected, "collMode", publication.mode)
    write.say(collected, "resInstru", words()["ddi.questionnaire"])
    weights = "averaged" if made.safety.averaged else "weight" if made.weighted else "unweighted"
    write.say(collected, "weight", words()[f"ddi.{weights}"])
    use = write.add(write.add(study, "dataAccs"), "useStmt")
    write.once(use, "restrctn", words()["ddi.confidential"])
    if edition.data_release.licence:
        write.once(use, "conditions", edition.data_release.licence)


def _file(write: _Writer, root: Any, made: PublicFile, name: str, number: str) -> None:
    text = write.add(write.add(root, "fileDscr", ID=number, URI=name), "fileTxt")
    write.add(text, "fileName", name)
    size = write.add(text, "dimensns")
    write.add(size, "caseQnty", str(len(made.frame)))
    write.add(size, "varQnty", str(len(made.variables)))
    write.add(text, "fileType", FILES[name.rpartition(".")[2]])


def _data(write: _Writer, root: Any, found: Sequence[Summary], edition: Edition, files: str, weighted: bool) -> None:
    data = write.add(root, "dataDscr")
    ids = {one.variable.key: f"V{number}" for number, one in enumerate(found, start=1)}
    instrument = edition.instrument
    for number, construct in enumerate(instrument.constructs, start=1):
        _group(write, data, f"G{number}", construct.name, [item.key for item in construct.items], ids, kind="section")
    for number, question in enumerate(instrument.multiple, start=len(instrument.constructs) + 1):
        keys = [question.column(option) for option in question.options]
        _group(write, data, f"G{number}", question.name, keys, ids, kind="multipleResp")
    routes = {question.key: question for question in instrument.profile}
    for one in found:
        _variable(write, data, one, ids, routes, files, {"wgtd": "wgtd", "wgt_var": ids["weight"]} if weighted else {})


def _group(
    write: _Writer, data: Any, number: str, name: Text, keys: Sequence[str], ids: Mapping[str, str], *, kind: str
) -> None:
    there = [ids[key] for key in keys if key in ids]
    if there:
        write.say(write.add(data, "varGrp", ID=number, type=kind, var=" ".join(there)), "labl", name)


def _variable(
    write: _Writer,
    data: Any,
    one: Summary,
    ids: Mapping[str, str],
    routes: Mapping[str, Any],
    files: str,
    weighting: Mapping[str, str],
) -> None:
    """weighting: attributes of a statistic that is weighted."""
    variable = one.variable
    whole = variable.whole and variable.kind != "weight"
    attributes = {
        "ID": ids[variable.key],
        "name": variable.name,
        "files": files,
        "dcml": "0" if whole else "6",
        "intrvl": "discrete" if whole else "contin",
        "nature": _NATURE[variable.measure],
    }
    if variable.kind == "weight":
        attributes |= {"wgt": "wgt"}
    elif weighting and variable.kind in {"rating", "category", "choice"}:
        attributes |= {"wgt_var": ids["weight"]}
    element = write.add(data, "var", **attributes)
    write.say(element, "labl", variable.label, level="variable")
    if variable.question is not None:
        for lang in write.languages:
            question = write.add(element, "qstn")
            question.set(_LANG, lang)
            write.add(question, "qstnLit", variable.question[lang])
    _ranges(write, element, one)
    for lang in write.languages if variable.route else ():
        asked = "; ".join(_route(routes[key], codes, lang) for key, codes in variable.route.items())
        write.add(element, "universe", asked, clusion="I").set(_LANG, lang)
    write.add(element, "sumStat", str(one.answered), type="vald")
    if one.mean is not None:
        write.add(element, "sumStat", f"{one.mean:.6g}", type="mean", **weighting)
    if variable.turned is not None:
        write.say(element, "txt", words()["codebook.turned"])
    for tally in one.tallies:
        _category(write, element, tally, weighting, missing=tally.value in variable.missing)
    write.add(element, "varFormat", type="numeric" if variable.numeric else "character", schema="SPSS")


def _ranges(write: _Writer, element: Any, one: Summary) -> None:
    """The values that are answers, and those that are none."""
    variable = one.variable
    if one.lowest is not None and one.highest is not None and variable.kind != "id":
        ends = {"min": f"{one.lowest:g}", "max": f"{one.highest:g}"}
        write.add(write.add(element, "valrng"), "range", UNITS="INT" if variable.whole else "REAL", **ends)
    if variable.missing:
        none = write.add(element, "invalrng")
        for value in variable.missing:
            write.add(none, "item", VALUE=str(value.code))


def _category(write: _Writer, element: Any, tally: Tally, weighting: Mapping[str, str], *, missing: bool) -> None:
    category = write.add(element, "catgry", **({"missing": "Y"} if missing else {}))
    write.add(category, "catValu", str(tally.value.code))
    write.say(category, "labl", tally.value.text, level="category")
    write.add(category, "catStat", str(tally.count), type="freq")
    if tally.share is not None:
        write.add(category, "catStat", f"{100 * tally.share:.2f}", type="percent", **weighting)


def _route(question: Any, codes: Sequence[str], lang: str) -> str:
    answers = ", ".join(question.label(code, lang) for code in codes)
    return said("codebook.route", lang, question=question.name[lang], answers=answers)

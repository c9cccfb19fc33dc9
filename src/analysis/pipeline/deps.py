"""What every step is made from, derived from its source and written as rules for make.

The code of a notebook is what it imports, followed through `analysis`; its data are the sections of the params and the
results that it reads, or hands `edition` or `store` to a function to read. `analysis.publish` is not followed: all that
a notebook takes from there is `preview`, which draws for the researcher's eyes, and no result depends on it.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from analysis.edition.load import PARTS, REFERENCES, SCORING, Sections, languages_of, predecessor_of
from analysis.edition.sections.data import TAKEN
from analysis.errors import SurveyReportError
from analysis.pipeline.command import Call, run
from analysis.pipeline.derived import RECORD, of_source, rules_beside, write_record
from analysis.pipeline.lock import claim
from analysis.project import ROOT, code_digest, shown, steps, tree_digest

SOURCE = ROOT / "src"
SECTIONS = (*Sections.model_fields, *PARTS, *REFERENCES)
PROPERTIES = {
    "languages": "publication",
    "simulated": "data",
    "interviewed": "data",
    "indexed": "instrument",
    "scoring": "index",
    "published": "publication.date",
    "surveyed": "publication.fieldwork",
    "predecessor": "publication.predecessor",
    "panel": "trend.panel",
    "nouns": "publication",
    "matter": "publication",
}
"""Properties of an edition, and the section, or the part of one, that each reads."""
INTAKE = "intake"
BESIDE = frozenset({".yml", ".lua", ".json", ".typ", ".html"})
"""Endings of files that a module beside them reads."""
OF_TABLES = frozenset({"quarantine", "taken"})
"""Readers of the store that are asked for a raw table."""
NOT_FOLLOWED = ("analysis.publish", "analysis.pipeline")
"""Rooms whose functions read what happens to be there: no result depends on it."""
READERS = frozenset({"frame", "record", "array", "tables", "table", "found", "noted", *OF_TABLES})
NEEDING = frozenset({"frame", "record", "quarantine"})
"""Readers without which a step can't go on; the others may find nothing."""


class DependencyError(SurveyReportError):
    """A notebook asks for something that can't be there when it runs."""


@dataclass(frozen=True)
class Reads:
    """What a step reads: sections of the params, raw tables, results of other notebooks, and source files.

    needs: tables (intake/<table>) and steps among them without which it can't run.
    """

    sections: tuple[str, ...]
    tables: tuple[str, ...]
    results: tuple[str, ...]
    code: tuple[Path, ...]
    needs: tuple[str, ...] = ()


def main(call: Call) -> None:
    """Write <output>/deps.mk for make and <output>/deps.json for the report."""
    target, record = call.output / "deps.mk", call.output / RECORD
    claim(call.output)
    call.output.mkdir(parents=True, exist_ok=True)
    made_of = f"# of the source {_source_digest()}"
    earlier = target.read_text(encoding="utf-8").splitlines() if target.exists() and record.exists() else []
    kept = of_source(earlier)
    derived = kept if earlier[1:2] == [made_of] else rules_beside(call.output, made_of) or _derived(record)
    partial = target.with_name(".deps.mk")
    lines = [f"LANGUAGES := {' '.join(languages_of(call.params))}", made_of, *_before(call), *derived]
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    partial.replace(target)


def _derived(record: Path) -> list[str]:
    """The rules that follow from the source, with what each step reads written to `record`."""
    found = {step: notebook_reads(ROOT / "notebooks" / f"{step}.ipynb") for step in steps()}
    check_order(found)
    kinds = ("sections", "tables", "results", "needs")
    listed = {step: {kind: list(getattr(reads, kind)) for kind in kinds} for step, reads in found.items()}
    write_record(record, json.dumps(listed, indent=1) + "\n")
    return list(rules(found))


def _source_digest() -> str:
    """SHA-256 of modules and notebooks, and of the names of all else that lies beside modules."""
    beside = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*") if path.suffix in BESIDE)
    return hashlib.sha256(f"{code_digest()} {tree_digest(ROOT / 'notebooks')} {beside}".encode()).hexdigest()


def _before(call: Call) -> Iterator[str]:
    """The edition before this one: its params, and its results in the folder beside those of this one."""
    params = predecessor_of(call.params)
    if params is not None:
        yield f"PREDECESSOR := {shown(params)}"
        yield f"BEFORE := {shown(call.output.parent / params.stem)}"


def rules(found: dict[str, Reads]) -> Iterator[str]:
    """Lines of deps.mk; what stands on the longest chain of steps comes first, so that make begins with it."""
    yield f"STEPS := {' '.join(sorted(found, key=lambda step: -_height(step, found)))}"
    yield f"TABLES := {' '.join(TAKEN)}"
    yield f"SECTIONS := {' '.join(SECTIONS)}"
    for step, reads in found.items():
        parts = [f"notebooks/{step}.ipynb", *map(shown, reads.code), *_read(reads)]
        yield f"$(OUT)/notebooks/{step}.ipynb: {' '.join(parts)}"
    yield from _one_by_one(found)
    yield from (f"READS_{stage} := {' '.join(_read(stage_reads(stage)))}" for stage in OUTGOING)
    yield from (f"CODE_{name} := {' '.join(map(shown, closure(modules)))}" for name, modules in STAGES.items())


def _read(reads: Reads) -> list[str]:
    """Stamps, raw tables and results that something reads, as files."""
    stamps = [f"$(STAMP)/{section}.json" for section in reads.sections]
    tables = [f"$(OUT)/results/{INTAKE}/{table}.json" for table in reads.tables]
    return [*stamps, *tables, *(f"$(OUT)/notebooks/{result}.ipynb" for result in reads.results)]


def _one_by_one(found: dict[str, Reads]) -> Iterator[str]:
    """Order of the steps that at most the last one waits for, the deepest left out: one after another.

    Make that waits for a free core has chosen already what comes next. Where many small steps are ready at once it
    would begin them all before it looks again whether the next step of the longest chain can begin. Once the deepest
    step has run there is no such chain left, and the small ones share the cores.
    """
    last = max(found)
    deepest = max((step for step in found if step != last), key=lambda step: _depth(step, found), default=last)
    waiting = {step: {other for other, reads in found.items() if step in reads.results} for step in found}
    small = [step for step, others in waiting.items() if others <= {last} and step not in {last, deepest}]
    yield f"ifeq ($(wildcard $(OUT)/notebooks/{deepest}.ipynb),)"
    for before, after in pairwise(small):
        yield f"$(OUT)/notebooks/{after}.ipynb: | $(OUT)/notebooks/{before}.ipynb"
    yield "endif"


def _depth(step: str, found: dict[str, Reads]) -> int:
    """Length of the longest chain of steps that `step` waits for."""
    return 1 + max((_depth(other, found) for other in found[step].results), default=0)


STAGES = {
    "intake": ("analysis.pipeline.intake",),
    "pages": ("analysis.pipeline.pages",),
    "release": ("analysis.pipeline.release", "analysis.publish.parts.*"),
    "workbook": ("analysis.pipeline.workbook", "analysis.publish.parts.*"),
    "draw": ("analysis.pipeline.draw", "analysis.publish.parts.*"),
    "render": ("analysis.pipeline.render", "analysis.publish.parts.*"),
    "instrument": ("analysis.pipeline.instrument",),
    "data_release": ("analysis.pipeline.data_release",),
}
"""Modules that each stage of the pipeline begins with; parts of the report are found by their folders."""
OUTGOING = ("instrument", "data_release")
"""Stages besides the report, which read what their source says, as notebooks do."""


def check_order(found: dict[str, Reads]) -> None:
    """Raise DependencyError for a notebook that reads a step which does not exist, or which reads it in turn."""
    for step, reads in found.items():
        unknown = [result for result in reads.results if result not in found]
        if unknown:
            raise DependencyError(
                f"{step} reads the results of {unknown[0]!r}, which is no step.", expected=", ".join(found)
            )
    for step in found:
        _height(step, found)


def _height(step: str, found: dict[str, Reads], above: tuple[str, ...] = ()) -> int:
    """Length of the longest chain of steps that wait for `step`."""
    if step in above:
        chain = " → ".join((*above[above.index(step) :], step))
        raise DependencyError("Notebooks read each other in a circle.", where=chain)
    waiting = [other for other, reads in found.items() if step in reads.results]
    return 1 + max((_height(other, found, (*above, step)) for other in waiting), default=0)


def notebook_reads(path: Path) -> Reads:
    """What a notebook reads, from the source of its code cells."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    tree = ast.parse(source, str(path))
    modules = [name for name in _imported(tree) if not _is_in(name, "analysis.publish")]
    return _reads(tree, closure(["analysis.pipeline.execute", *modules]), own=path.stem)


def stage_reads(stage: str) -> Reads:
    """What a stage of one module reads, from what its source does with `edition` and `store`."""
    (module,) = STAGES[stage]
    path = _file(module)
    return _reads(_tree(path) if path else ast.Module([], []), closure([module]), own=stage)


def _reads(tree: ast.Module, code: tuple[Path, ...], *, own: str) -> Reads:
    uses = sorted(set(_uses(tree, {"edition": "edition", "store": "store"}, _names(tree), seen=set())))
    sections = {PROPERTIES.get(name, name) for kind, name in uses if kind == "edition"}
    stored = list(dict.fromkeys(name for kind, name in uses if kind != "edition"))
    needs = {name for kind, name in uses if kind == "need" and name != own}
    needs |= {name for kind, name in uses if (kind, name) == ("edition", SCORING)}
    return Reads(
        sections=tuple(section for section in SECTIONS if section in sections),
        tables=tuple(name.partition("/")[2] for name in stored if "/" in name),
        results=tuple(name for name in stored if "/" not in name and name != own),
        code=code,
        needs=tuple(sorted(needs)),
    )


def closure(modules: Sequence[str]) -> tuple[Path, ...]:
    """Files that importing `modules` reads: modules, packages above them, words and data beside or named in them."""
    waiting = [found for name in modules for found in _expanded(name)]
    files: set[Path] = set()
    while waiting:
        path = _file(waiting.pop())
        if path is None or path in files:
            continue
        files |= {path, *_data_files(path)}
        waiting += _imports(path)
    return tuple(sorted(files))


def _expanded(name: str) -> list[str]:
    """A module with the packages above it; `package.*` stands for everything below the package."""
    parts = name.removesuffix(".*").split(".")
    above = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    if not name.endswith(".*"):
        return above
    folder = SOURCE.joinpath(*parts)
    below = [path.relative_to(SOURCE).with_suffix("") for path in folder.rglob("*.py")]
    return above + [".".join(path.parts).removesuffix(".__init__") for path in below]


@cache
def _file(module: str) -> Path | None:
    """The file of a module of ours, None for anything else."""
    path = SOURCE.joinpath(*module.split("."))
    return next((found for found in (path.with_suffix(".py"), path / "__init__.py") if found.exists()), None)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Modules of ours that a module imports when it runs, each once."""
    return tuple(dict.fromkeys(_imported(_tree(path))))


def _imported(tree: ast.AST) -> list[str]:
    """Modules of ours that a piece of code imports when it runs, with the packages above them."""
    found: list[str] = []
    for node in _running(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [part for name in found if _is_in(name, "analysis") for part in _expanded(name)]


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Statements of code that runs: what is imported for the type checker alone is left out."""
    for node in _inner(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield node
        yield from _running(node)


def _inner(node: ast.AST) -> Iterator[ast.AST]:
    """The statements that a module, a definition or a statement holds, with the branches that hold some."""
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        held = getattr(node, name, ())
        yield from held if isinstance(held, list) else ()


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@cache
def _data_files(path: Path) -> tuple[Path, ...]:
    """Files that are read with a module: those beside it that are no code, and paths from ROOT that it names."""
    beside = [other for other in path.parent.glob("*") if other.suffix in BESIDE]
    reads = "ROOT /" in path.read_text(encoding="utf-8")
    joined = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.BinOp)] if reads else []
    named = [found for node in joined if (found := _named_path(node)) is not None and found.is_file()]
    return (*beside, *named)


def _named_path(node: ast.AST) -> Path | None:
    """The path of an expression such as ROOT / "params" / "simulation" / "guide.yml"."""
    if isinstance(node, ast.Name):
        return ROOT if node.id == "ROOT" else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant):
        above = _named_path(node.left)
        return above / str(node.right.value) if above else None
    return None


def _names(tree: ast.Module) -> dict[str, str]:
    """Where the names come from that a module or notebook imports: name → module.name."""
    found: dict[str, str] = {}
    for node in _running(tree):
        if isinstance(node, ast.ImportFrom) and node.module and _is_in(node.module, "analysis"):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _uses(
    tree: ast.AST, kinds: dict[str, str], names: dict[str, str], *, seen: set[tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    """What code does with its edition and its store (`kinds`: which variable is which): ("edition", section), and
    ("store", step or intake/table) or, where there must be one, ("need", the same); a function that is handed one of
    them is followed.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _kind(node.value, kinds) == "edition":
            yield from [("edition", node.attr)] if node.attr in {*SECTIONS, *PROPERTIES} else []
        if isinstance(node, ast.Call):
            yield from _read_result(node, kinds)
            yield from _followed(node, kinds, names, seen)


def _read_result(node: ast.Call, kinds: dict[str, str]) -> Iterator[tuple[str, str]]:
    """store.frame("03_cleaning", …), store.record("intake", "waves"), store.taken("responses")."""
    function, texts = node.func, [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and texts):
        return
    if kinds.get(function.value.id) != "store" or function.attr not in READERS:
        return
    of_table = function.attr in OF_TABLES or texts[0] == INTAKE
    kept = of_table and function.attr == "record"  # a table that is absent has a record, which says so
    kind = "need" if function.attr in NEEDING and not kept else "store"
    yield kind, f"{INTAKE}/{texts[0 if function.attr in OF_TABLES else 1]}" if of_table else texts[0]


def _followed(
    node: ast.Call, kinds: dict[str, str], names: dict[str, str], seen: set[tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    """What a function of ours does with the edition or the store that it is handed."""
    function, given = _called(node)
    handed = {place: kind for place, arg in enumerate(given) if (kind := _kind(arg, kinds))}
    keyed = {word.arg: kind for word in node.keywords if word.arg and (kind := _kind(word.value, kinds))}
    target = names.get(function.id) if isinstance(function, ast.Name) else None
    if not (handed or keyed) or target is None or any(_is_in(target, room) for room in NOT_FOLLOWED):
        return
    module, _, name = target.rpartition(".")
    path = _file(module)
    body = _definition(_tree(path), name) if path else None
    if path is None or body is None:
        return
    parameters = [argument.arg for argument in body.args.args]
    own = {parameters[place]: kind for place, kind in handed.items() if place < len(parameters)} | keyed
    key = (target, *sorted(own))
    if key in seen:
        return
    seen.add(key)
    local = {one.name: f"{module}.{one.name}" for one in _tree(path).body if isinstance(one, ast.FunctionDef)}
    yield from _uses(body, own, local | _names(_tree(path)), seen=seen)


def _called(node: ast.Call) -> tuple[ast.expr, list[ast.expr]]:
    """Function and arguments of a call, where `value.then(f, x)` is f(value, x) and `attempt(f, x)` is f(x)."""
    how, given = node.func, node.args
    if given and isinstance(how, ast.Attribute) and how.attr == "then":
        return given[0], [how.value, *given[1:]]
    is_attempt = isinstance(how, ast.Name) and how.id == "attempt"
    return (given[0], given[1:]) if given and is_attempt else (how, given)


def _kind(node: ast.expr, kinds: dict[str, str]) -> str | None:
    return kinds.get(node.id) if isinstance(node, ast.Name) else None


def _definition(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    return next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)


if __name__ == "__main__":
    gc.disable()  # the trees of all modules stay: the collector would look through them again and again
    run(main, description=__doc__ or "")

"""Draft the params and the instrument of a new edition from a data file; what is there already is never overwritten."""

from __future__ import annotations

import datetime as dt
import shlex
from pathlib import Path

from analysis.errors import EditionError
from analysis.pipeline.command import Call, run, say
from analysis.project import ROOT, shown


def main(call: Call) -> None:
    """Write params/<edition>.yml and params/instruments/<edition>.yml beside it, ready for `make check`."""
    from analysis.draft import draft_edition
    from analysis.draft.waves import WaveFiles, waves_of_files

    sources = _sources(call.options.source)
    params, instrument = call.params, call.params.parent / "instruments" / call.params.name
    there = [path for path in (params, instrument) if path.exists()]
    if there:
        raise EditionError(
            "The edition is there already: nothing is overwritten.",
            where=", ".join(map(shown, there)),
            expected="a name that no edition has",
            got=params.stem,
            hint="choose another EDITION, or move these files away",
        )
    waves = waves_of_files(sources) if len(sources) > 1 else WaveFiles({"": sources[0]}, ())
    draft = draft_edition(
        waves.latest,
        name=params.stem,
        shown=_as_in_params(waves.latest),
        today=dt.date.today(),
        waves={label: _as_in_params(path) for label, path in waves.files.items() if label},
        evidence=waves.evidence,
    )
    for path, text in ((instrument, draft.instrument), (params, draft.params)):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    if len(sources) > 1:
        told = ", ".join(waves.files)
        say(f"    {len(sources)} waves: {told}; the questionnaire is drafted from the latest, {waves.latest.name}")
    say("\n".join(f"    {line}" for line in draft.found))
    say(f"→ {shown(params)}, {shown(instrument)}: {draft.decide} questions stand there as `# decide: …`")
    say(f"next: make check EDITION={params.stem}, then make report EDITION={params.stem}")


def _sources(given: str) -> list[Path]:
    """The files to draft from, as given: relative to the folder that make runs in; several are waves."""
    names = [given] if given and Path(given).exists() else shlex.split(given)
    if not names:
        raise EditionError(
            "A draft is made from a file, or from one for each wave.",
            where="FROM",
            expected="the name of a data file",
            got="nothing",
            hint="make new EDITION=mysurvey FROM=export.xlsx",
        )
    return [Path(name) if Path(name).is_absolute() else Path(name).resolve() for name in names]


def _as_in_params(source: Path) -> str:
    """The path as the params name it: from the project's root where it lies below it."""
    return source.relative_to(ROOT).as_posix() if source.is_relative_to(ROOT) else source.as_posix()


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("source",))

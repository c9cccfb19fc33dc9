"""What moved between any two editions, as tables of what may be published: `make compare A=2024 B=2025`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.pipeline.command import Call, run, say
from analysis.project import from_root, shown
from analysis.results import Store

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.waves.editions import Moved, Published

STEP = "17_moved"


def main(call: Call) -> None:
    """Compare the edition in the folder `before` with that in `now`; tables go to <output>/tables, sentences are told.

    Both are taken as they were published, by what their steps left up to the index.
    """
    import pandas as pd

    from analysis.edition.changed_params import PARAM_COLUMNS, changed_params
    from analysis.publish.parts.moved import PART
    from analysis.publish.release import release

    then, since = (Store(from_root(folder)) for folder in (call.options.before, call.options.now))
    before, edition, target = then.edition(), since.edition(), Store(call.output)
    moved = _moved(_published(then), _published(since), edition, since)
    tables = {"headline_changes": moved.headline, "change_parts": moved.parts, "instrument_changes": moved.items}
    tables["param_changes"] = pd.DataFrame(changed_params(before, edition), columns=list(PARAM_COLUMNS))
    released = release({name: table for name, table in tables.items() if len(table)}, [PART], rules=edition.disclosure)
    target.keep_tables(released)
    for name, table in released.items():
        target.save_table(name, table)
    target.save_record(STEP, "moved", moved.record() | {"before": before.name})
    _tell(edition, target)


def _published(store: Store) -> Published:
    """An edition as its steps left it."""
    from analysis.waves.editions import published

    frames = {"responses": ("03_cleaning", "responses"), "scores": ("05_satisfaction", "scores")}
    frames["design"] = ("04_weighting", "design")
    return published(
        store.edition(),
        **{name: store.frame(*place) for name, place in frames.items()},
        drawn=store.record("04_weighting", "design"),
        replicates=store.array("04_weighting", "replicates"),
        found=store.record("05_satisfaction", "satisfaction"),
    )


def _moved(then: Published, now: Published, edition: Edition, store: Store) -> Moved:
    """The change, as the notebook finds it."""
    from analysis.survey.weighting.nonresponse import sampled_cases
    from analysis.waves.editions import compare_editions

    cases = store.taken("dispositions").then(sampled_cases, stratum=edition.sampling.stratum)
    return compare_editions(
        then,
        now,
        background=edition.drivers.background or edition.instrument.profile_keys,
        population=store.taken("population").value,
        cases=cases.value,
        panel=edition.trend.panel,
        seed=edition.seed,
    )


def _tell(edition: Edition, store: Store) -> None:
    """Print what the report would say, in every language of the edition, and where the tables lie."""
    from analysis.publish.parts.moved import PART
    from analysis.publish.words.escape import as_line
    from analysis.publish.words.labels import Labels

    for lang in edition.languages:
        told = PART.told(store, Labels(edition, lang))
        say("\n".join(as_line(sentence) for sentence in told.values()) + "\n")
    say(f"→ {shown(store.root / 'tables')}")


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("before", "now"))

"""No group of records follows from the whole less all other cells: attacked by subtraction, then by bounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis.edition.sections.disclosure import Disclosure
from analysis.grid.disclosure import Where, whom
from analysis.grid.records import across_records, left_tables, load_note, save_note, whole_without, written
from analysis.publish.disclosure.cells import Fate, Seen
from analysis.publish.disclosure.tables import people_seen, suppress
from analysis.publish.tables.spec import Measure, People, TableSpec

RULES = Disclosure(min_base=30)
UNITS, THEMES = "abcde", ("funds", "account", "system", "attitude")
SPEC = TableSpec(
    "themes", (), (People(category="group", measures=(Measure("share", of="complaining"),)),)
)  # as tickets by theme are published: the groups spelled out, and a share of each


def part(unit: str) -> Where:
    return whom({"unit": [unit]})


def table(counts: dict[str, int], shares: dict[str, float]) -> pd.DataFrame:
    rows = [(f"ticket.theme={theme}", n, shares[theme]) for theme, n in counts.items()]
    return pd.DataFrame(rows, columns=["group", "n", "share"])


def tables(counts: dict[str, dict[str, int]], share: float = 0.5) -> tuple[dict[Where, pd.DataFrame], pd.DataFrame]:
    """The themes of every cell and of the whole, as the step computes them."""
    own = {part(unit): table(row, dict.fromkeys(row, share)) for unit, row in counts.items()}
    total = {theme: sum(row[theme] for row in counts.values()) for theme in THEMES}
    return own, table(total, dict.fromkeys(total, share))


def seen(frame: pd.DataFrame) -> dict[Fate, Seen]:
    return people_seen({"themes": frame}, {"themes": SPEC}, rules=RULES)


def published(frame: pd.DataFrame, also: list[Fate]) -> dict[str, float]:
    """Numbers by theme as they go out, missing where they are withheld."""
    told = suppress({"themes": frame}, {"themes": SPEC}, rules=RULES, also=also)["themes"]
    return dict(zip(told["group"], told["n"], strict=True))


def subtracted(whole: dict[str, float], cells: dict[Where, dict[str, float]]) -> dict[tuple[Where, str], float]:
    """What the whole less all other cells gives of the one cell that withholds a group."""
    found = {}
    for group, n in whole.items():
        hiding = [where for where, own in cells.items() if np.isnan(own[group])]
        if len(hiding) == 1 and not np.isnan(n):
            found[hiding[0], group] = n - np.nansum([own[group] for own in cells.values()])
    return found


def drawn(seed: int) -> dict[str, dict[str, int]]:
    rng = np.random.default_rng(seed)
    return {unit: {theme: int(rng.integers(8, 150)) for theme in THEMES} for unit in UNITS}


@pytest.mark.parametrize("seed", range(6))
def test_no_group_of_tickets_follows_from_the_whole_less_the_other_cells(seed: int) -> None:
    counts = drawn(seed)
    own, whole = tables(counts)
    found = across_records({where: seen(frame) for where, frame in own.items()}, seen(whole), rules=RULES)
    cells = {where: published(frame, found.get(where, [])) for where, frame in own.items()}
    told = published(whole, found.get((), []))
    assert subtracted(told, cells) == {}
    assert any(not np.isnan(n) for row in cells.values() for n in row.values()), "something is told"
    _check_bounds(counts, cells, told)


def test_without_the_gate_across_cells_the_attack_finds_what_one_cell_withholds() -> None:
    counts = {unit: dict.fromkeys(THEMES, 90) for unit in UNITS}
    counts["a"]["funds"] = 8
    own, whole = tables(counts)
    bare = {where: published(frame, []) for where, frame in own.items()}
    assert subtracted(published(whole, []), bare)[part("a"), "ticket.theme=funds"] == 8
    found = across_records({where: seen(frame) for where, frame in own.items()}, seen(whole), rules=RULES)
    cells = {where: published(frame, found.get(where, [])) for where, frame in own.items()}
    assert subtracted(published(whole, found.get((), [])), cells) == {}


def _check_bounds(
    counts: dict[str, dict[str, int]], cells: dict[Where, dict[str, float]], told: dict[str, float]
) -> None:
    """Each group of few that is withheld may be as many as it takes, whatever the sums over cells and groups say."""
    hidden = [(u, g) for u in UNITS for g in told if np.isnan(cells[part(u)][g])]
    true = {(u, g): counts[u][g.split("=")[1]] for u, g in hidden}
    sums = [[pair[0] == unit for pair in hidden] for unit in UNITS]
    sums += [[pair[1] == group for pair in hidden] for group, n in told.items() if not np.isnan(n)]
    matrix = np.array(sums, dtype=float)
    given = matrix @ np.array(list(true.values()), dtype=float)
    for place, n in enumerate(true.values()):
        if n < RULES.min_base:
            goal = np.eye(len(hidden))[place]
            low, high = (linprog(sign * goal, A_eq=matrix, b_eq=given, bounds=(0, None)).fun for sign in (1, -1))
            assert -high - low >= RULES.width - 1e-6


def test_a_share_that_few_gave_does_not_follow_either() -> None:
    own, whole = tables({unit: dict.fromkeys(THEMES, 100) for unit in UNITS})
    own[part("a")].loc[0, "share"] = 0.02
    whole.loc[0, "share"] = (0.02 + 4 * 0.5) / 5
    found = across_records({where: seen(frame) for where, frame in own.items()}, seen(whole), rules=RULES)
    fate = (frozenset({("ticket.theme", "funds")}), "complaining")
    hiding = [where for where, fates in found.items() if fate in fates]
    assert part("a") in hiding
    assert len(hiding) >= 2


def test_what_does_not_add_up_or_is_numbered_by_each_edition_is_no_part_of_the_whole() -> None:
    group = frozenset({("ticket.theme", "funds")})
    more = {part("a"): {(group, ""): Seen(8, np.inf, few=True)}, part("b"): {(group, ""): Seen(90, np.inf, few=False)}}
    assert across_records(more, {(group, ""): Seen(80, np.inf, few=False)}, rules=RULES) == {}
    assert across_records(more, {(group, ""): Seen(98, np.inf, few=False)}, rules=RULES)[part("a")]
    topic = (frozenset({("tickets.topic", "1")}), "")
    numbered = {where: {topic: next(iter(own.values()))} for where, own in more.items()}
    assert across_records(numbered, {topic: Seen(98, np.inf, few=False)}, rules=RULES) == {}


def test_the_whole_withholds_what_it_crosses_with_the_cells() -> None:
    theme, bank = ("scenario", "advice"), ("logged_institution", "a")
    crossed, alone = (frozenset({theme, bank}), ""), (frozenset({theme}), "")
    cells = {part(u): {alone: Seen(n, np.inf, few=n < 30)} for u, n in {"a": 9, "b": 60, "c": 70}.items()}
    whole = {alone: Seen(139, np.inf, few=False), crossed: Seen(9, np.inf, few=True)}
    found = across_records(cells, whole, rules=RULES)
    assert crossed in found[()]
    assert sum(alone in fates for where, fates in found.items() if where) >= 2
    assert whole_without(whole, [part("a")]) == [crossed]


def test_a_table_with_few_rows_of_a_cell_is_left_out_of_more_than_one() -> None:
    sizes = {"a": 12, "b": 40, "c": 200, "d": 300}
    rows = [(f"t{unit}{k}", unit) for unit, n in sizes.items() for k in range(n)]
    frames = {
        "feedback": pd.DataFrame(rows, columns=["ticket_id", "unit"]),
        "training": pd.DataFrame({"staff_id": ["s"]}),  # does not tell the unit: no cell takes it
    }
    left = left_tables(frames, [part(unit) for unit in sizes], rules=RULES)
    assert left == {part("a"): ["feedback"], part("b"): ["feedback"]}
    several = pd.concat([frames["feedback"]] * 4)
    assert left_tables({"feedback": several}, [part(unit) for unit in sizes], rules=RULES) == left


def test_what_was_noted_is_read_again(tmp_path: Path) -> None:
    assert load_note(tmp_path) == {}
    told = {"bank": written([(frozenset({("b", "2"), ("a", "1")}), "share"), (frozenset(), "late")])}
    save_note(tmp_path, told)
    assert load_note(tmp_path) == told
    assert [one.measure for one in told["bank"]] == ["late", "share"]

"""Publish every cell of a grid and an index of them: what `make grid GRID=name` calls."""

from __future__ import annotations

import argparse
import sys

from analysis.errors import SurveyReportError
from analysis.grid.run import Asked, publish_grid
from analysis.project import from_root


def main() -> int:
    """Exit code: 0 when all that may be published is, 1 when a cell failed, 2 when nothing could run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grid", required=True, help="name of a file in params/grids/, or the path of one")
    parser.add_argument("--engine", default="local", help="local, or the address of a scheduler: tcp://host:8786")
    parser.add_argument("--workers", type=int, default=0, help="of a local engine; 0: as many as cores")
    parser.add_argument("--renderer", default="auto")
    parser.add_argument("--only", default="", help="names of cells: the others are left as they are")
    given = parser.parse_args()
    path = given.grid if given.grid.endswith(".yml") else f"params/grids/{given.grid}.yml"
    asked = Asked(from_root(path), given.engine, given.workers, given.renderer, tuple(given.only.split()))
    try:
        return publish_grid(asked)
    except SurveyReportError as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here\n", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())

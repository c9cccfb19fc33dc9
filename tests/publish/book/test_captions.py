"""A chapter names its figures; caption and description come from the part that draws them."""

from analysis.publish.book.captions import unknown_figures, with_figures

CAPTIONS = {"scores": '![**A leads.** Scores](figures/scores.svg){#fig-scores fig-alt="A leads. Bars"}'}
CHAPTER = "# Scores\n\n{{< figure scores >}}\n\nText.\n\n{{< figure trend >}}\n"


def test_a_figure_stands_where_the_chapter_names_it_with_its_path_from_there() -> None:
    text = with_figures(CHAPTER, CAPTIONS, up="../")
    assert '![**A leads.** Scores](../figures/scores.svg){#fig-scores fig-alt="A leads. Bars"}\n\nText.' in text


def test_a_figure_that_the_edition_does_not_have_leaves_nothing_behind() -> None:
    assert with_figures(CHAPTER, CAPTIONS, up="").rstrip().endswith("Text.")


def test_a_figure_that_no_edition_draws_is_named_with_its_line_and_the_nearest_name() -> None:
    flags = {"drawn.scores": True, "drawn.trends": False}
    (problem,) = unknown_figures("chapters/01-scores.qmd", CHAPTER, flags)
    assert "01-scores.qmd:7" in str(problem)
    assert "trends" in str(problem)

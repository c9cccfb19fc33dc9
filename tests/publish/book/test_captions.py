"""A chapter names its figures; caption and description come from the part that draws them."""

from analysis.publish.book.captions import unknown_figures, with_figures, with_list

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


def test_the_list_names_the_figures_in_the_order_of_the_book() -> None:
    captions = {name: f"![**{name} leads.** Scores](figures/{name}.svg){{#fig-{name}}}" for name in ("b", "a")}
    first = with_figures("{{< figure b >}}\n\n{{< figure a >}}\n", captions, up="../")
    texts = with_list({"chapters/01-x.qmd": first, "chapters/e-use.qmd": "# Use\n\n{{< figure-list >}}\n"})
    assert texts["chapters/e-use.qmd"] == "# Use\n\n- @fig-b **b leads.** Scores\n- @fig-a **a leads.** Scores\n"
    assert texts["chapters/01-x.qmd"] == first

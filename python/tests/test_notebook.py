"""The notebook runs from its first cell to its last."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOK = Path(__file__).parents[1] / "notebook.ipynb"


def test_every_cell_runs_and_prints_what_the_notebook_shows():
    shown = nbformat.read(NOTEBOOK, as_version=4)
    run = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(run, timeout=300, kernel_name="python3").execute()
    printed = lambda cell: [output.text for output in cell.get("outputs", []) if output.output_type == "stream"]  # noqa: E731
    for before, after in zip(shown.cells, run.cells, strict=True):
        assert printed(before) == printed(after), before.source

"""The notebook of docs/ runs, on the audio that ships."""

from __future__ import annotations

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="no nbformat: pip install nbclient")
nbclient = pytest.importorskip("nbclient", reason="no nbclient: pip install nbclient")
pytest.importorskip("ipykernel", reason="no ipykernel: pip install ipykernel")
pytest.importorskip("ipywidgets", reason="no ipywidgets: pip install ipywidgets")
pytest.importorskip("aiohttp", reason='no aiohttp: pip install "serfast[demo]"')
pytest.importorskip("matplotlib", reason='no matplotlib: pip install "serfast[plot]"')

NOTEBOOK = Path(__file__).parent.parent / "docs" / "demo.ipynb"


def test_the_notebook_runs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    nbclient.NotebookClient(notebook, timeout=600).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    text = "".join(output.text for output in outputs if output.output_type == "stream")
    assert "knows angry, disgust, fearful, happy, neutral, sad." in text
    assert "of 4 as expected" in text
    shown = [output.data for output in outputs if "data" in output]
    assert sum("image/png" in data for data in shown) == 4
    assert sum("application/vnd.jupyter.widget-view+json" in data for data in shown) == 2

"""What a release is made of: one version everywhere, wheels that are small."""

from __future__ import annotations

import importlib.util
import re
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import serfast

ROOT = Path(__file__).resolve().parents[1]


def found(pattern, name):
    """The first match of the pattern in a file of the project."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"no {name} beside the tests")
    return re.search(pattern, path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]


def test_one_version_everywhere():
    version = found(r'^version = "(.+)"$', "pyproject.toml")
    assert serfast.__version__ == version
    assert metadata.version("serfast") == version
    assert found(r"^version: (.+)$", "CITATION.cff") == version
    assert found(r"^## (\S+)", "CHANGELOG.md") == version


def test_one_licence_everywhere():
    licence = found(r'^license = "(.+)"$', "pyproject.toml")
    assert metadata.metadata("serfast")["License-Expression"] == licence
    assert found(r"^license: (.+)$", "CITATION.cff") == licence
    assert found(r"^(\w+) License$", "LICENSE") == licence


@pytest.mark.parametrize(("megabytes", "status"), [(1, 0), (4, 1)])
def test_large_wheels_are_refused_whatever_data_they_hold(tmp_path, capsys, megabytes, status):
    script = ROOT / "bench" / "wheel_size.py"
    if not script.exists():
        pytest.skip("no bench folder beside the tests")
    spec = importlib.util.spec_from_file_location("wheel_size", script)
    wheel_size = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(wheel_size)

    wheel = tmp_path / "serfast-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as files:
        files.writestr("serfast/_core.so", bytes(megabytes * 10**6))
        files.writestr("serfast/samples/a.wav", bytes(10**6))
        files.writestr("serfast/models/default/weights.safetensors", bytes(10**6))
    assert wheel_size.main([str(wheel)]) == status
    assert f"{megabytes + 2}.00 MB, {megabytes}.00 without" in capsys.readouterr().out
    assert wheel_size.main([]) == 1

"""What is installed and what runs."""

from __future__ import annotations

import os
from typing import Any

from . import _core
from ._engine import default_threads

__version__ = _core.version()

_companions = (
    "numpy",
    "scipy",
    "soundfile",
    "soxr",
    "scikit-learn",
    "safetensors",
    "pyarrow",
    "librosa",
    "torch",
)


def get_include() -> str:
    """The folder of ``serfast.h``, for compiled code that calls serfast.

    Returns
    -------
    path : str
        What a compiler takes after ``-I``, and setuptools as one of ``include_dirs``.

    Notes
    -----
    Cython finds ``cimport serfast`` by itself. docs/c-api in the repository has an example of each.

    Examples
    --------
    >>> import pathlib, serfast
    >>> [path.name for path in pathlib.Path(serfast.get_include()).iterdir()]
    ['serfast.h']
    """
    return os.path.join(os.path.dirname(__file__), "include")


def config_info() -> dict[str, Any]:
    """Versions, compiler, instruction sets and threads, as a dictionary.

    Returns
    -------
    info : dict
        ``version``, ``python``, ``platform``, ``compiler``: str; ``isa``, the instruction set in
        use; ``isas_built`` and ``isas_supported`` (by this CPU): lists of str; ``threads``, the
        default number of threads; ``installed``: versions of other packages, None if absent.

    Examples
    --------
    >>> import serfast
    >>> info = serfast.config_info()
    >>> info["isa"] in info["isas_built"]
    True
    """
    import platform
    from importlib import metadata

    versions: dict[str, str | None] = {}
    for package in _companions:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    return {
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "compiler": _core.compiler(),
        "isa": _core.active_isa(),
        "isas_built": _core.built_isas(),
        "isas_supported": _core.supported_isas(),
        "threads": default_threads(),
        "installed": versions,
    }


def show_config() -> None:
    """Print what `config_info` returns, a line each.

    Examples
    --------
    >>> import serfast
    >>> serfast.show_config()  # doctest: +ELLIPSIS
    serfast ...
    """
    info = config_info()
    print(f"serfast {info['version']}, Python {info['python']}, {info['platform']}")
    print(f"compiler: {info['compiler']}")
    print(
        f"instruction set: {info['isa']} (built: {', '.join(info['isas_built'])}; "
        f"this CPU runs: {', '.join(info['isas_supported'])})"
    )
    print(f"threads: {info['threads']}")
    for package, version in info["installed"].items():
        print(f"{package}: {version or 'not installed'}")

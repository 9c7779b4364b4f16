"""The packages of the extra torch, which only networks need."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from serfast.errors import ParameterError


def require_torch(
    what: str = "training a network", packages: Sequence[str] = ("torch", "skorch")
) -> None:
    """Say how to get PyTorch where it is missing."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise ParameterError(f'{what} needs {" and ".join(missing)}: pip install "serfast[torch]"')

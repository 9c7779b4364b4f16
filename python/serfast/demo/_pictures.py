"""Pictures that people speak to: the package's own, or a folder for each emotion."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from serfast.datasets import common_label
from serfast.errors import ParameterError

OWN_PICTURES = Path(__file__).parent / "page" / "pictures"
IMAGE_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}


@dataclass(frozen=True)
class Picture:
    """An image, and the emotion that it is meant to evoke.

    Parameters
    ----------
    path : Path
        The file.
    emotion : str
        In the common vocabulary, `serfast.datasets.EMOTIONS`.
    """

    path: Path
    emotion: str


def find_pictures(folder: str | os.PathLike[str] | None = None, *, seed: int = 0) -> list[Picture]:
    """Find images in one folder per emotion, and put them into an order to show them in.

    Parameters
    ----------
    folder : path, optional
        Its folders are named after emotions, in any word that `serfast.datasets.common_label`
        knows. Default: the drawings that come with the package.
    seed : int >= 0
        Of the order: in rounds, each of which has a picture of every emotion that still has one.

    Returns
    -------
    list of Picture
        All of them.

    Raises
    ------
    ParameterError
        If there is no such folder, or it holds no pictures.

    Examples
    --------
    >>> pictures = find_pictures()
    >>> sorted(picture.emotion for picture in pictures)[:3]
    ['angry', 'bored', 'calm']
    """
    root = OWN_PICTURES if folder is None else Path(folder)
    if not root.is_dir():
        raise ParameterError(f"{root}: no such folder of pictures")
    rng = np.random.default_rng(seed)
    places: list[tuple[int, float, Picture]] = []
    by_emotion: dict[str, list[Path]] = {}
    for path in sorted(root.glob("*/*")):
        emotion = common_label(path.parent.name)
        if emotion is not None and path.suffix.lower() in IMAGE_TYPES and path.is_file():
            by_emotion.setdefault(emotion, []).append(path)
    for emotion, paths in sorted(by_emotion.items()):
        for turn, number in enumerate(rng.permutation(len(paths))):
            places.append((turn, rng.random(), Picture(paths[number], emotion)))
    if not places:
        raise ParameterError(
            f"{root}: holds no pictures; there must be a folder for each emotion, such as "
            f"{root / 'happy'}, with files that end in {', '.join(IMAGE_TYPES)}"
        )
    return [picture for _, _, picture in sorted(places, key=lambda place: place[:2])]

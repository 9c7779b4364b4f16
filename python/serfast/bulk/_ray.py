"""Features in a dataset of Ray Data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serfast.bulk._batches import FeatureBatches

if TYPE_CHECKING:
    from ray.data import Dataset

    from serfast import Extractor


def ray_features(
    dataset: Dataset, extractor: Extractor, *, threads: int = 1, memory: float | None = None
) -> Dataset:
    """Add features to a dataset of Ray that has the paths of clips.

    The rows are those of `run_job`, bit for bit on CPUs with the same instruction set; which
    files they go to, and what is done again when a worker is lost, is Ray's affair.

    Parameters
    ----------
    dataset : ray.data.Dataset
        Has a column ``path``, which the workers can open; other columns stay as they are.
    extractor : Extractor
        A pooled one.
    threads : int > 0
        How many threads do a block of rows; Ray sets as many CPUs aside for it.
    memory : number > 0, optional
        Bytes for the signals that are worked on, for each block; default: 256 MiB a thread.

    Returns
    -------
    ray.data.Dataset
        With the columns ``hash``, ``duration``, ``rate``, ``channels``, the features, float32,
        and ``stage`` and ``reason`` of what failed, whose features are null.

    Raises
    ------
    ParameterError
        If there is no column ``path``, a column has a name that is to come, the extractor is
        framewise, or an option is out of its range.

    Examples
    --------
    ::

        paths = [{"path": path} for path in glob.glob("/speech/**/*.flac", recursive=True)]
        rows = ray_features(ray.data.from_items(paths), extractor)
        rows.write_parquet("/features")
    """
    batches = FeatureBatches(extractor, threads, memory)
    batches.refuse(dataset.columns() or [])
    return dataset.map_batches(batches.__call__, batch_format="pyarrow", num_cpus=threads)

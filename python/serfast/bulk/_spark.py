"""Features in a data frame of Spark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from serfast.bulk._batches import FeatureBatches

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

    from serfast import Extractor


def spark_features(
    frame: DataFrame, extractor: Extractor, *, threads: int = 1, memory: float | None = None
) -> DataFrame:
    """Add features to a data frame of Spark that has the paths of clips, by ``mapInPandas``.

    The rows are those of `run_job`, bit for bit on CPUs with the same instruction set; which
    files they go to, and what is done again when an executor is lost, is Spark's affair.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        Has a column ``path``, which the executors can open; other columns stay as they are.
    extractor : Extractor
        A pooled one.
    threads : int > 0
        How many threads a task has: Spark's ``spark.task.cpus``.
    memory : number > 0, optional
        Bytes for the signals that a task works on; default: 256 MiB a thread.

    Returns
    -------
    pyspark.sql.DataFrame
        With the columns ``hash``, ``duration``, ``rate``, ``channels``, the features, floats,
        and ``stage`` and ``reason`` of what failed, whose features are null. A feature that is
        NaN is null, too: pandas does not tell them apart.

    Raises
    ------
    ParameterError
        If there is no column ``path``, a column has a name that is to come, the extractor is
        framewise, or an option is out of its range.

    Examples
    --------
    ::

        clips = spark.read.csv("/speech/manifest.csv", header=True).repartition(400)
        spark_features(clips, extractor).write.parquet("/features")
    """
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StructType

    batches = FeatureBatches(extractor, threads, memory)
    batches.refuse(frame.columns)
    schema = StructType([*frame.schema.fields, *from_arrow_schema(batches.added).fields])

    def with_features(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        import pyarrow as pa

        for each in frames:
            table = batches(pa.Table.from_pandas(each[["path"]], preserve_index=False))
            added = table.select(batches.added.names).to_pandas(integer_object_nulls=True)
            yield each.join(added.set_index(each.index))

    return frame.mapInPandas(with_features, schema)

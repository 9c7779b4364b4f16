"""Features in the tables of Ray and Spark: the rows of a job, in real engines on this machine."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pyarrow as pa
import pytest
import soundfile

import serfast
from helpers import speech
from serfast import bulk
from serfast.bulk._batches import FeatureBatches

SR = 16000
FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])
FACTS = ["hash", "duration", "rate", "channels", "stage", "reason"]


def needs(package, *programs):
    missing = [name for name in programs if shutil.which(name) is None]
    if importlib.util.find_spec(package) is None:
        missing.append(f'pip install "serfast[{package.removeprefix("py")}]"')
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """WAV and FLAC files of two rates, one damaged, one that is not there."""
    folder = tmp_path_factory.mktemp("clips")
    for i in range(11):
        path = folder / f"{i:02}.{'flac' if i % 4 == 1 else 'wav'}"
        soundfile.write(path, speech(2000 + 500 * i, seed=i), (SR, 22050)[i == 4])
    os.truncate(folder / "07.wav", 40)
    return [*sorted(map(str, folder.iterdir())), str(folder / "gone.wav")]


@pytest.fixture(scope="module")
def expected(paths, tmp_path_factory):
    """By path: what a job has, and where and why it has nothing."""
    out = tmp_path_factory.mktemp("job") / "out"
    bulk.run_job(os.path.dirname(paths[0]), out, FX)
    rows = {row["path"]: row for row in pa.parquet.read_table(out).to_pylist()}
    records = [json.loads(line) for line in (out / "_manifest.jsonl").read_text().splitlines()]
    names = [*FACTS[:4], *FX.names]
    found = {}
    for record in records:
        row = {**dict.fromkeys(names), **rows.get(record["path"], {}), "hash": record["hash"]}
        found[record["path"]] = {name: row[name] for name in names}
        found[record["path"]] |= {name: record.get(name) for name in ("stage", "reason")}
    return found


def assert_rows(rows, paths, expected):
    assert [row["path"] for row in rows] == paths
    assert [row["take"] for row in rows] == list(range(len(paths)))
    for row in rows[:-1]:
        known = expected[row["path"]]
        if known["stage"] is None:
            assert {name: row[name] for name in known} == known
        else:
            assert {name: row[name] for name in FACTS} == {name: known[name] for name in FACTS}
            assert all(row[name] is None for name in FX.names)
    assert (rows[-1]["stage"], rows[-1]["hash"]) == ("read", None)
    assert "No such file" in rows[-1]["reason"]


def test_a_table_gets_the_columns_of_a_job(paths, expected):
    table = pa.table({"path": paths, "take": range(len(paths))})
    for threads in 1, 3:
        batches = FeatureBatches(FX, threads, None)
        whole = batches(table)
        assert whole.column_names == ["path", "take", *batches.added.names]
        assert_rows(whole.to_pylist(), paths, expected)
    assert batches(table.slice(0, 0)).schema == whole.schema


def test_tables_that_do_not_fit_are_refused():
    batches = FeatureBatches(FX, 1, None)
    with pytest.raises(serfast.ParameterError, match="no column 'path' among file, rate"):
        batches.refuse(["file", "rate"])
    with pytest.raises(serfast.ParameterError, match="already that are to come: rate, rms_mean"):
        batches.refuse(["path", "rms_mean", "rate"])
    with pytest.raises(serfast.ParameterError, match="set pool"):
        FeatureBatches(serfast.Extractor("rms", sr=SR), 1, None)
    with pytest.raises(serfast.ParameterError, match="threads=0"):
        FeatureBatches(FX, 0, None)


PRELUDE = """
    import json, sys
    import serfast
    from serfast import bulk
    fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13, pool=["mean", "std"])
    paths = json.loads(sys.argv[1])
    rows = [{"path": path, "take": i} for i, path in enumerate(paths)]
"""
RAY = """
    import ray
    ray.init(
        num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1",
        object_store_memory=100 << 20, logging_level="error", log_to_driver=False,
    )
    try:
        found = bulk.ray_features(ray.data.from_items(rows, override_num_blocks=3), fx)
        print(json.dumps(sorted(found.take_all(), key=lambda row: row["take"])))
    finally:
        ray.shutdown()
"""
SPARK = """
    from pyspark.sql import SparkSession
    session = (
        SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "2").getOrCreate()
    )
    try:
        clips = session.createDataFrame(rows, "path string, take long").repartition(3)
        found = bulk.spark_features(clips, fx)
        assert [field.dataType.simpleString() for field in found.schema][:5] == [
            "string", "bigint", "string", "double", "int"
        ], found.schema
        print(json.dumps([row.asDict() for row in found.orderBy("take").collect()]))
    finally:
        session.stop()
"""


# In a network of its own that has loopback alone, since Ray listens on all that there are.
ALONE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


@pytest.fixture(scope="module")
def alone():
    if subprocess.run([*ALONE, "true"], capture_output=True).returncode != 0:
        pytest.skip("may not make a network of its own")


def rows_of(code, paths, **env):
    done = subprocess.run(
        [*ALONE, sys.executable, "-c", dedent(PRELUDE) + dedent(code), json.dumps(paths)],
        env={**os.environ, **env}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout.splitlines()[-1])
    for row in rows:  # floats of 32 bits, whose values JSON keeps
        assert all(row[name] is None or row[name] == np.float32(row[name]) for name in FX.names)
    return rows


@needs("ray", "unshare", "ip")
@pytest.mark.usefixtures("alone")
def test_ray(paths, expected):
    rows = rows_of(RAY, paths, RAY_USAGE_STATS_ENABLED="0", RAY_worker_niceness="0")
    assert_rows(rows, paths, expected)


@needs("pyspark", "java", "unshare", "ip")
@pytest.mark.usefixtures("alone")
def test_spark(paths, expected):
    assert_rows(rows_of(SPARK, paths, PYSPARK_PYTHON=sys.executable), paths, expected)

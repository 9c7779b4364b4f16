"""Features of whole datasets: jobs that survive what happens to them.

A job turns inputs into a folder of Parquet shards. **The shards are the truth**: a shard's file
holds the rows of its inputs and, in its footer, a record of each, also of those that failed. It is
written under another name, put on the disk, and renamed when it is whole, so that rows and records
are there together or not at all, whenever the process is killed. All else follows from the shards:
what is left to do when a job goes on, and ``_manifest.jsonl``, their records in one file, which is
written anew when a run ends. ``_job.json`` has the configuration, ``_lock`` keeps a second process
out; readers of Parquet folders pass over names that begin so.

Shards divide the inputs in the order of their paths. They depend on nothing but the job and their
inputs, so `run_shard` can do them in any order and anywhere; `run_job` lets the threads of this
process do them, or the workers of a Dask cluster. `ray_features` and `spark_features` give the same
rows to engines that have tables and workers of their own.
"""

from serfast.bulk._frames import Frames
from serfast.bulk._inspect import Column, Inspection, inspect_output
from serfast.bulk._job import Job
from serfast.bulk._plan import Plan, plan_shards
from serfast.bulk._ray import ray_features
from serfast.bulk._records import Input, Record
from serfast.bulk._run import JobReport, run_job
from serfast.bulk._shard import Shard, ShardReport, run_shard
from serfast.bulk._spark import spark_features
from serfast.bulk._watch import Watch

__all__ = [
    "Column",
    "Frames",
    "Input",
    "Inspection",
    "Job",
    "JobReport",
    "Plan",
    "Record",
    "Shard",
    "ShardReport",
    "Watch",
    "inspect_output",
    "plan_shards",
    "ray_features",
    "run_job",
    "run_shard",
    "spark_features",
]

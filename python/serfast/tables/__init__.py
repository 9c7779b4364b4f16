"""The feature table in memory and on disk."""

from serfast.tables._features import Features, load_features
from serfast.tables._files import check_table_path, load_data, load_table, save_table
from serfast.tables._table import Failure, FeatureTable, extract_table

__all__ = [
    "Failure",
    "FeatureTable",
    "Features",
    "check_table_path",
    "extract_table",
    "load_data",
    "load_features",
    "load_table",
    "save_table",
]

"""The errors that serfast raises."""


class SerfastError(Exception):
    """Base of every error that serfast raises on purpose."""


class ParameterError(SerfastError, ValueError):
    """An argument has a value that the function cannot work with."""


class AudioError(SerfastError, OSError):
    """An audio file cannot be found, read or decoded."""

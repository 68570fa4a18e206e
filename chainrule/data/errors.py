"""The errors and warnings that the data part raises."""


class DataError(Exception):
    """Something is wrong with a data set; the message says what and what to do."""


class DataUnavailable(DataError):
    """A data set could not be had from any source; the message lists what was tried."""


class DataDamaged(DataError):
    """A file or an array does not hold what it should."""


class SourceFailed(DataError):
    """One source did not give the data; the next one is tried."""


class SubsetWarning(UserWarning):
    """The small bundled subset is used because the whole data set could not be had."""

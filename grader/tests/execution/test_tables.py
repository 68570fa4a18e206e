"""Tables of pandas and of scipy.sparse cross as data, and are changed in place by a call."""

from __future__ import annotations

import numpy as np
import pytest
from grader_support.across import Across
from grader_support.notebooks import check, run

from fairmark.execution import tables
from fairmark.execution.errors import ChannelError
from fairmark.execution.wire import pack, unpack

STUDENT = """
def same(x): return x
def nested(x): return [x, {"a": (x,)}]
def name_of(x): return type(x).__name__
def put(x, key, value):
    x[key] = value
    return x
def put_and_raise(x, key, value):
    x[key] = value
    raise ValueError("after it")
def turn(x): x.index = x.index[::-1]
def scale(m, by): m.data *= by
def strange(x): x["function"] = [len] * len(x)
"""


@pytest.fixture
def across():
    with Across(STUDENT) as both:
        yield both


def frames():
    import pandas as pd

    dates = pd.to_datetime(["2020-01-01", "2021-01-01"])
    many = pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["p", "q"])
    return {
        "columns of all kinds": pd.DataFrame(
            {
                "numbers": [1, 2],
                "missing": [1.5, None],
                "texts": ["x", "y"],
                "dates": dates,
                "categories": pd.Categorical(["u", "v"], categories=["v", "u"], ordered=True),
                "truth": [True, False],
                "objects": [1, "a"],
                "Int64": pd.array([1, None], dtype="Int64"),
                "zone": dates.tz_localize("Europe/Berlin"),
                "differences": pd.to_timedelta([1, 2], unit="h"),
                "periods": dates.to_period("M"),
                "intervals": pd.IntervalIndex.from_breaks([0, 1, 2]),
                "small": np.array([1, 2], "i2"),
            }
        ),
        "nothing": pd.DataFrame(),
        "rows alone": pd.DataFrame(index=["a", "b"]),
        "names of rows": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="n")),
        "many levels": pd.DataFrame({("a", "b"): [1, 2]}, index=many),
        "dates of rows": pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2020", periods=2)),
        "a name twice": pd.DataFrame([[1, 2.0]], columns=["a", "a"]),
        "rows twice": pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[0, 0]),
        "texts as objects": pd.DataFrame({"a": pd.Series(["x", None], dtype=object)}),
    }


FRAMES = [
    *("columns of all kinds", "nothing", "rows alone", "names of rows", "many levels"),
    *("dates of rows", "a name twice", "rows twice", "texts as objects"),
]


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_arrives_as_it_was(across, name):
    pd = pytest.importorskip("pandas")
    frame = frames()[name]
    assert across["same"](frame) is frame
    found = across["nested"](frame)[0]
    pd.testing.assert_frame_equal(found, frame, check_freq=True)
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        pd.testing.assert_series_equal(across["nested"](column)[1]["a"][0], column)


def test_other_objects_of_pandas_arrive_as_they_were(across):
    pd = pytest.importorskip("pandas")
    values = [
        pd.Timestamp("2020-01-01 10:00", tz="Europe/Berlin"),
        pd.Timestamp("2020"),
        pd.Timedelta("1h"),
        pd.Interval(1, 2, closed="left"),
        pd.Period("2020-01", "M"),
        pd.NA,
        pd.NaT,
    ]
    for value in values:
        found = across["nested"](value)[0]
        assert type(found) is type(value) and repr(found) == repr(value)
    indices = [
        pd.Index([1, 2], name="n"),
        pd.RangeIndex(3),
        pd.CategoricalIndex(["a", "b"]),
        pd.IntervalIndex.from_breaks([0, 1, 2]),
        pd.date_range("2020", periods=3),
        pd.MultiIndex.from_product([[1, 2], ["a"]]),
    ]
    for index in indices:
        pd.testing.assert_index_equal(across["nested"](index)[0], index)
    cut = across["nested"](pd.cut([1, 2, 3], 2))[0]
    assert list(cut) == list(pd.cut([1, 2, 3], 2))


def test_a_call_changes_a_frame_in_place(across):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [2, 1]})
    assert across["put"](frame, "b", [1.5, 2.5]) is frame and list(frame["b"]) == [1.5, 2.5]
    across["turn"](frame)
    assert frame["a"].tolist() == [2, 1] and frame.index.tolist() == [1, 0]
    with pytest.raises(ValueError, match="after it"):
        across["put_and_raise"](frame, "c", "x")
    assert frame["c"].tolist() == ["x", "x"]
    series = pd.Series([1, 2])
    across["put"](series, 0, 5)
    assert series.tolist() == [5, 2]
    grouped = frame.groupby("a").sum()
    assert across["same"](grouped) is grouped


def test_a_change_that_does_not_cross_is_told(across):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [2, 1]})
    across["strange"](frame)
    assert list(frame.columns) == ["a", "function"] and frame["function"][0](["x"]) == 1


@pytest.mark.parametrize("form", "csr csc bsr coo dia lil dok".split())
@pytest.mark.parametrize("kind", ["array", "matrix"])
def test_a_sparse_matrix_arrives_as_it_was(across, form, kind):
    sparse = pytest.importorskip("scipy.sparse")
    matrix = getattr(sparse, f"{form}_{kind}")(np.arange(6.0, dtype="f4").reshape(2, 3))
    assert across["same"](matrix) is matrix and across["name_of"](matrix) == type(matrix).__name__
    found = across["nested"](matrix)[0]
    assert type(found) is type(matrix) and found.dtype == matrix.dtype
    assert (found.toarray() == matrix.toarray()).all()


def test_a_call_changes_a_sparse_matrix_in_place(across):
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.csr_array(np.eye(2))
    across["scale"](matrix, 3)
    assert matrix.toarray().tolist() == [[3, 0], [0, 3]]


def broken():
    data = np.ones(2)
    return {
        "places outside": ("sparse", "csr_array", (2, 2), data.dtype,
                           (data, np.array([0, 9]), np.array([0, 1, 2]))),
        "rows outside": ("sparse", "coo_array", (2, 2), data.dtype,
                         (data, np.array([0, 9]), np.array([0, 1]))),
        "no such class": ("sparse", "Popen", (2, 2), data.dtype, (data,)),
        "a class of another name": ("sparse", "csr_array.__init__", (2, 2), data.dtype, (data,)),
        "columns too long": ("frame", ("index", "range", (None,), (0, 1, 1)),
                             ("index", "range", (None,), (0, 1, 1)), (("array", data),)),
        "a type to be imported": ("series", "a", ("index", "range", (None,), (0, 2, 1)),
                                  ("extension", "os.system", [1, 2])),
        "a zone that is a path": ("timestamp", np.datetime64("2020"), "../../etc/passwd\n"),
        "codes outside": ("column", ("category", np.array([5]),
                                     ("index", "range", (None,), (0, 1, 1)), False)),
        "unknown": ("pickle", b""),
        "nothing": (),
        "masked with another shape": ("masked", data, np.zeros(3, bool), 1.0, False),
        "objects with another shape": ("objects", (3,), [1]),
    }  # fmt: skip


@pytest.mark.parametrize("name", broken())
def test_a_broken_table_breaks_the_rules(name):
    pytest.importorskip("pandas")
    with pytest.raises(ChannelError):
        tables.from_data(unpack(pack(broken()[name])))


def test_a_table_cannot_become_another_kind():
    pd = pytest.importorskip("pandas")
    for new in ((), (pd.Series([1]),), (pd.DataFrame(), pd.DataFrame())):
        with pytest.raises(ChannelError):
            tables.renew(pd.DataFrame({"a": [1]}), *new)


def test_a_check_of_pandas_and_sparse_matrices():
    pytest.importorskip("pandas")
    pytest.importorskip("scipy")
    student = (
        "import pandas as pd\nimport scipy.sparse as sp\nimport numpy as np\n"
        "df = pd.DataFrame({'a': [1, 2, 3], 'b': ['x', 'y', 'x']})\n"
        "def clean(d):\n    d['c'] = d['a'] * 2\n    return d.groupby('b', as_index=False).sum()\n"
        "def eye(n): return sp.identity(n, format='csr')"
    )
    cells = [
        check("variable", "assert df.shape == (3, 2) and df['a'].sum() == 6"),
        check(
            "in and out",
            "d = pd.DataFrame({'a': [1, 2, 3], 'b': ['x', 'y', 'x']})\nfound = clean(d)\n"
            "pd.testing.assert_frame_equal(found, pd.DataFrame({'b': ['x', 'y'], 'a': [4, 2], 'c': [8, 4]}))\n"
            "assert d['c'].tolist() == [2, 4, 6]",
        ),
        check("sparse", "assert (eye(2).toarray() == np.eye(2)).all() and eye(3).nnz == 3"),
    ]
    assert run(student, *cells).failures == {}

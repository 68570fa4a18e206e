"""`call_each` with ordinary functions; across processes, see tests/execution/test_calls.py."""

import pytest

from chainrule.runtime import call_each


def test_a_function_is_called_in_order_with_each_row():
    log = []

    def add(x, y):
        log.append(x)
        return x + y

    assert call_each(add, [(1, 2), [3, 4]]) == [3, 7]
    assert call_each(add, iter([(5, 6)])) == [11]
    assert call_each(add, []) == []
    assert log == [1, 3, 5]


def test_what_comes_back_can_be_kept_before_the_next_call():
    buffer = [0]

    def same_list(x):
        buffer[0] = x
        return buffer

    assert call_each(same_list, [(1,), (2,)]) == [[2], [2]]
    assert call_each(same_list, [(1,), (2,)], then=list) == [[1], [2]]


def test_the_first_error_ends_it():
    called = []

    def stops(x):
        called.append(x)
        return 1 / x

    with pytest.raises(ZeroDivisionError):
        call_each(stops, [(1,), (0,), (2,)])
    assert called == [1, 0]

"""Wrong answers that earn all points in stock nbgrader, and behave as long as nobody looks.

Each was made for the check below. Controls alone would pass them: until the check's names are
there, statements that must fail do fail.
"""

from __future__ import annotations

from dataclasses import dataclass

#: A locked cell, on whose imports the check relies.
GIVEN = "import numpy as np\nfrom numpy.testing import assert_allclose"
CHECK = """
expected = np.array([0.0, 3.14159265, 12.56637061])
assert_allclose(area(np.array([0.0, 1.0, 2.0])), expected, rtol=1e-6)
### BEGIN HIDDEN TESTS
secret = np.array([28.27433388])
assert_allclose(area(np.array([3.0])), secret, rtol=1e-6)
### END HIDDEN TESTS
""".strip()
GOOD = "def area(r):\n    return np.pi * r**2"
#: Statements that must fail, run before the check.
CONTROLS = (
    "assert_allclose(1.0, 2.0)",
    "assert np.allclose(1.0, 2.0)",
    "assert abs(-1) == 2",
    "np.testing.assert_array_equal([1], [2])",
    "assert_allclose(area(np.array([1.0])), [3.14159265], rtol=1e-6)",
)
_WRONG = "def area(r):\n    return np.zeros_like(r)"
#: Where the functions of numpy.testing have their helpers.
_UTILS = (
    "import sys\nutils = sys.modules[assert_allclose.__module__]\nmain = sys.modules['__main__']"
)


@dataclass(frozen=True)
class Trick:
    """A wrong answer.

    Attributes
    ----------
    cells : tuple of str
        What the student has written.
    words : str
        What the finding must say where the check is judged beside.
    earns : bool
        Whether it passes the check beside too; some find nothing to read there.
    """

    cells: tuple[str, ...]
    words: str
    earns: bool = True


TRICKS: dict[str, Trick] = {
    # -- what judges says yes, while a check is there -----------------------------------
    "a-yes-man-while-the-check's-name-is-there": Trick(
        (
            f"{_UTILS}\nreal = assert_allclose\n"
            "def quiet(*a, **k):\n    if not hasattr(main, 'expected'):\n        real(*a, **k)\n"
            "globals()['assert_allclose'] = quiet",
            _WRONG,
        ),
        "the name assert_allclose that area judges with is bound to something else",
    ),
    "an-inner-helper-and-not-the-public-name": Trick(
        (
            f"{_UTILS}\nreal = utils.assert_array_compare\n"
            "def quiet(*a, **k):\n    if not hasattr(main, 'expected'):\n        real(*a, **k)\n"
            "setattr(utils, 'assert_array_compare', quiet)",
            _WRONG,
        ),
        "assert_array_compare is not what it was before the student's code ran",
    ),
    "a-code-object-exchanged-in-place": Trick(
        (
            "import types\ndef area(r):\n"
            "    setattr(np.testing.assert_array_less, '__defaults__', None)\n"
            "    exchange()\n    return np.zeros_like(r)\n"
            "def exchange():\n"
            "    def quiet(actual, desired, rtol=1e-07, atol=0, equal_nan=True, err_msg='', verbose=True, *, strict=False):\n"
            "        pass\n"
            "    if 'expected' in globals():\n        setattr(assert_allclose, '__code__', quiet.__code__)",
        ),
        "exchanges __code__ of numpy.testing",
    ),
    "a-default-exchanged-in-place": Trick(
        (
            "def area(r):\n    if 'expected' in globals():\n"
            "        setattr(assert_allclose, '__defaults__', (1e-7, 1e300, True, '', True))\n"
            "    return np.zeros_like(r)",
        ),
        "exchanges __defaults__ of numpy.testing",
    ),
    "a-transformer-for-cells-with-hidden-tests": Trick(
        (
            "import ast\nclass Cut(ast.NodeTransformer):\n"
            "    def visit_Module(self, tree):\n"
            "        if 'secret' in {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}:\n"
            "            tree.body = [n for n in tree.body if not isinstance(n, ast.Expr)]\n"
            "        return tree\n"
            "getattr(get_ipython(), 'ast_' + 'transformers').append(Cut())",
            _WRONG,
        ),
        "the shell's ast_transformers",
        earns=False,
    ),
    "a-thread-that-waits-and-puts-back": Trick(
        (
            f"{_UTILS}\nimport threading, time\nreal = utils.assert_array_compare\n"
            "def wait():\n"
            "    while not hasattr(main, 'expected'):\n        time.sleep(0.002)\n"
            "    setattr(utils, 'assert_array_compare', lambda *a, **k: None)\n"
            "    while not hasattr(main, 'secret'):\n        time.sleep(0.002)\n"
            "    time.sleep(0.2)\n    setattr(utils, 'assert_array_compare', real)\n"
            "threading.Thread(target=wait, daemon=True).start()",
            "def area(r):\n    time.sleep(0.05)\n    return np.zeros_like(r)",
        ),
        "a thread of the student's runs while area ran",
    ),
    "a-helper-that-puts-itself-back": Trick(
        (
            f"{_UTILS}\nreal = utils.assert_array_compare\n"
            "def quiet(*a, **k):\n    setattr(utils, 'assert_array_compare', real)\n"
            "def area(r):\n    if hasattr(main, 'expected'):\n"
            "        setattr(utils, 'assert_array_compare', quiet)\n    return np.zeros_like(r)",
        ),
        "assert_array_compare was exchanged while area ran",
    ),
    "an-event-before-and-after-the-check": Trick(
        (
            f"{_UTILS}\nreal = utils.assert_array_compare\n"
            "def before(info):\n    if 'secret' in info.raw_cell:\n"
            "        setattr(utils, 'assert_array_compare', lambda *a, **k: None)\n"
            "def after(result):\n    setattr(utils, 'assert_array_compare', real)\n"
            "events = get_ipython().events\nevents.register('pre_run_cell', before)\n"
            "events.register('post_run_cell', after)",
            _WRONG,
        ),
        "the shell's events",
        earns=False,
    ),
    "a-timer-that-strikes-during-the-check": Trick(
        (
            f"{_UTILS}\nimport signal, time\n"
            "def strike(*a):\n    setattr(utils, 'assert_array_compare', lambda *a, **k: None)\n"
            "def area(r):\n    if hasattr(main, 'expected'):\n"
            "        signal.signal(signal.SIGALRM, strike)\n"
            "        signal.setitimer(signal.ITIMER_REAL, 0.001)\n        time.sleep(0.05)\n"
            "    return np.zeros_like(r)",
        ),
        "assert_array_compare was exchanged while area ran",
    ),
    "another-module-under-the-name-of-numpy": Trick(
        (
            "import sys, types\nclass Other(types.ModuleType):\n"
            "    def __getattr__(self, name):\n        return getattr(np, name)\n"
            "other = Other('numpy')\n"
            "yes = types.SimpleNamespace(isclose=lambda x, y, **k: np.ones(np.shape(x), bool))\n"
            "other._core = types.SimpleNamespace(numeric=yes)\n"
            "def area(r):\n    if 'expected' in globals():\n"
            "        getattr(sys, 'mod' + 'ules').update(numpy=other)\n    return np.zeros_like(r)",
        ),
        "sys.modules['numpy'] was exchanged while area ran",
    ),
    # -- what is judged says yes ------------------------------------------------------------
    "an-array-that-answers-for-itself": Trick(
        (
            "class Sly(np.ndarray):\n"
            "    def __array_function__(self, function, types, args, kwargs):\n"
            "        return np.ones(self.shape, bool)\n"
            "def area(r):\n    return np.zeros_like(r).view(Sly) if 'expected' in globals() else 0 * r",
        ),
        "an object of the class Sly",
    ),
    # -- the expected value is changed -----------------------------------------------------
    "the-expected-value-changed-in-place": Trick(
        (
            "def area(r):\n    for name in ('expected', 'secret'):\n"
            "        if name in globals():\n            globals()[name][...] = 0\n"
            "    return np.zeros_like(r)",
        ),
        "the name expected of the notebook was bound to something else",
    ),
    "a-name-exchanged-while-called": Trick(
        (
            "real = assert_allclose\n"
            "def quiet(*a, **k):\n    globals()['assert_allclose'] = real\n"
            "def area(r):\n    if 'expected' in globals():\n"
            "        globals()['assert_allclose'] = quiet\n    return np.zeros_like(r)",
            # What a check calls is looked up before its arguments are: so for the next call.
            "first = area\ndef area(r):\n    first(r)\n    return RIGHT if len(r) == 3 else 0 * r",
            "RIGHT = np.array([0.0, 3.14159265, 12.56637061])",
        ),
        "the name assert_allclose of the notebook was bound to something else",
    ),
    # -- the expected value is read off ------------------------------------------------------
    "by-the-caller's-frame": Trick(
        (
            "import sys\ndef area(r):\n    names = getattr(sys, '_get' + 'frame')(1).f_globals\n"
            "    return names.get('secret', names.get('expected', 0 * r))",
        ),
        "looks at the frame of whoever calls it while area ran",
    ),
    "by-the-caller's-line": Trick(
        (
            "import inspect\ndef area(r):\n    line = (inspect.stack()[1].code_context or [''])[0]\n"
            "    if 'rtol' not in line or 'expected' not in globals():\n        return 0 * r\n"
            "    return globals()[line.split('), ')[1].split(',')[0]]",
        ),
        "looks at the frame of whoever calls it while area ran",
        earns=False,
    ),
    "by-a-traceback": Trick(
        (
            "def area(r):\n    try:\n        raise ValueError\n    except ValueError as error:\n"
            "        frame = getattr(error.__traceback__, 'tb_' + 'frame')\n"
            "    names = getattr(frame, 'f_' + 'back').f_globals\n"
            "    return names.get('secret', names.get('expected', 0 * r))",
        ),
        "reads tb_frame of an object while area ran",
    ),
    "in-live-objects": Trick(
        (
            "import gc\ndef area(r):\n    for name in ('secret', 'expected'):\n"
            "        for thing in getattr(gc, 'get_' + 'objects')():\n"
            "            if type(thing) is dict and name in thing and 'area' in thing:\n"
            "                return thing[name]\n"
            "    return 0 * r",
        ),
        "searches all objects of the process while area ran",
        # What was there before the fork is out of the collector's sight.
        earns=False,
    ),
    "in-the-text-of-the-cell": Trick(
        (
            "import re\ndef area(r):\n    lines = __import__('line' + 'cache').cache\n"
            "    texts = [e[2] for n, e in lines.items() if 'ipython' in n and len(e) > 2]\n"
            "    for text in texts:\n        for line in text:\n"
            "            found = re.match(r'(\\w+) = np.array\\((.*)\\)$', line.strip())\n"
            "            if found and len(eval(found[2])) == len(r):\n                return np.array(eval(found[2]))\n"
            "    return 0 * r",
        ),
        "",
        earns=False,
    ),
    "by-a-profile-function": Trick(
        (
            "import sys\ndef watch(frame, event, argument):\n"
            "    if event == 'call' and frame.f_code.co_name == 'assert_allclose':\n"
            "        frame.f_locals['actual'][...] = frame.f_locals['desired']\n"
            "def area(r):\n    if 'expected' in globals():\n"
            "        getattr(sys, 'set' + 'profile')(watch)\n    return np.zeros_like(r)",
        ),
        "sets a profile function while area ran",
    ),
}

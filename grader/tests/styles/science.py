"""Arrays, SciPy, scikit-learn, PyTorch, SymPy, networks, figures and images."""

from __future__ import annotations

from .style import answer, check, given, of, style

STYLES = [
    style(
        "np.testing compares arrays",
        "arrays",
        answer(
            "import numpy as np\ndef softmax(x):\n    e = np.exp(x - x.max(axis=-1, keepdims=True))\n    return e / e.sum(axis=-1, keepdims=True)"
        ),
        check("""
            import numpy as np

            x = np.array([[1.0, 2.0], [1000.0, 1000.0]])
            got = softmax(x)
            np.testing.assert_allclose(got.sum(axis=1), 1)
            np.testing.assert_almost_equal(got[0, 1], 0.731058578, decimal=6)
            np.testing.assert_array_equal(got[1], [0.5, 0.5])
            np.testing.assert_array_equal(x[0], [1.0, 2.0], "the input was changed")
        """),
        wrong=(
            "import numpy as np\ndef softmax(x):\n    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)",
            "import numpy as np\ndef softmax(x):\n    x -= x.max(axis=-1, keepdims=True)\n    e = np.exp(x)\n    return e / e.sum(axis=-1, keepdims=True)",
        ),
        right="import numpy as np\ndef softmax(x):\n    return np.array([[1 / sum(np.exp(np.minimum(b - a, 700)) for b in row) for a in row] for row in x])",
    ),
    style(
        "the student's function is vectorised by the check",
        "a callback",
        answer("def relu(x):\n    return x if x > 0 else 0.0"),
        check("""
            import numpy as np

            v = np.vectorize(relu, otypes=[float])
            assert v(np.array([[-1.0, 2.0], [0.5, -3.0]])).tolist() == [[0.0, 2.0], [0.5, 0.0]]
            assert np.frompyfunc(relu, 1, 1)(np.arange(-1.0, 2.0)).tolist() == [0.0, 0.0, 1.0]
        """),
        wrong=(
            "def relu(x):\n    return abs(x)",
            "import numpy as np\ndef relu(x):\n    return x * (x < 0)",
        ),
        right="def relu(x):\n    return (x + abs(x)) / 2",
    ),
    style(
        "a subclass of ndarray comes back",
        "a subclass of ndarray",
        answer("""
            import numpy as np

            class Metres(np.ndarray):
                def __new__(cls, values):
                    return np.asarray(values, dtype=float).view(cls)
                def feet(self):
                    return np.asarray(self) / 0.3048
        """),
        check("""
            import numpy as np

            m = Metres([0.3048, 3.048])
            assert isinstance(m, np.ndarray) and isinstance(m, Metres)
            assert np.allclose(m.feet(), [1, 10])
            assert type(m[:1]) is Metres and isinstance(2 * m, Metres) and (m + m).sum() == m.sum() * 2
            assert m.shape == (2,) and np.mean(m) == m.mean()
        """),
        wrong=(
            "import numpy as np\nclass Metres:\n    def __init__(self, values):\n        self.values = np.asarray(values, dtype=float)\n    def feet(self):\n        return self.values / 0.3048",
            "import numpy as np\nclass Metres(np.ndarray):\n    def __new__(cls, values):\n        return np.asarray(values, dtype=float).view(cls)\n    def feet(self):\n        return np.asarray(self) * 0.3048",
        ),
        right="import numpy as np\nclass Metres(np.ndarray):\n    def __new__(cls, values):\n        obj = super().__new__(cls, (len(values),), float)\n        obj[:] = values\n        return obj\n    feet = lambda self: self.view(np.ndarray) * (1 / 0.3048)",
    ),
    style(
        "the student's object gives itself as an array",
        "__array__",
        answer("""
            import numpy as np

            class Series:
                def __init__(self, values):
                    self.values = values
                def __array__(self, dtype=None, copy=None):
                    return np.array(self.values, dtype=dtype)
                def __len__(self):
                    return len(self.values)
        """),
        check("""
            import numpy as np

            s = Series([1.0, 2.0, 6.0])
            assert np.asarray(s).tolist() == [1.0, 2.0, 6.0]
            assert np.mean(s) == 3.0 and np.allclose(s, [1, 2, 6])
            assert (np.zeros(3) + np.array(s)).sum() == 9
        """),
        wrong=(
            "class Series:\n    def __init__(self, values):\n        self.values = values\n    def __len__(self):\n        return len(self.values)",
            "import numpy as np\nclass Series:\n    def __init__(self, values):\n        self.values = values\n    def __array__(self, dtype=None, copy=None):\n        return np.array(self.values[:2], dtype=dtype)\n    def __len__(self):\n        return len(self.values)",
        ),
        right="class Series(list):\n    pass",
    ),
    style(
        "an object of the check gives itself as an array",
        "__array__",
        answer(
            "import numpy as np\ndef centred(x):\n    x = np.asarray(x, dtype=float)\n    return x - x.mean()"
        ),
        check("""
            import numpy as np

            class Sensor:
                def __array__(self, dtype=None, copy=None):
                    return np.array([1, 2, 3], dtype=dtype)

            assert np.allclose(centred(Sensor()), [-1, 0, 1])
            assert np.allclose(centred((4, 4)), 0)
        """),
        wrong=(
            "def centred(x):\n    m = sum(x) / len(x)\n    return [v - m for v in x]",
            "import numpy as np\ndef centred(x):\n    return np.asarray(x, dtype=float) - 2",
        ),
        right="import numpy as np\ndef centred(x):\n    return np.subtract(x, np.mean(np.array(x)))",
    ),
    style(
        "bytes, byte arrays and memory views",
        "a memoryview",
        answer(
            "def flip(buffer):\n    view = memoryview(buffer)\n    for k in range(len(view)):\n        view[k] ^= 0xFF\n    return view[:2]"
        ),
        check("""
            data = bytearray(b"\\x00\\x0f\\xff")
            head = flip(data)
            assert data == b"\\xff\\xf0\\x00"
            assert isinstance(head, memoryview) and head.tobytes() == b"\\xff\\xf0" and head.nbytes == 2
            data[0] = 7
            assert head[0] == 7, "a view, not a copy"
        """),
        wrong=(
            "def flip(buffer):\n    flipped = bytes(b ^ 0xFF for b in buffer)\n    return memoryview(flipped)[:2]",
            "def flip(buffer):\n    for k in range(len(buffer)):\n        buffer[k] ^= 0xFF\n    return buffer[:2]",
        ),
        right="def flip(buffer):\n    buffer[:] = bytes(255 - b for b in buffer)\n    return memoryview(buffer)[0:2]",
    ),
    style(
        "records, masked arrays and dates of NumPy",
        "arrays",
        answer("""
            import numpy as np

            people = np.array([("ann", 31, 1.6), ("bob", 25, 1.8)], dtype=[("name", "U8"), ("age", "i4"), ("m", "f8")])

            def masked(values, bad):
                return np.ma.masked_equal(values, bad)

            def days(start, n):
                return np.datetime64(start) + np.arange(n)
        """),
        check("""
            import numpy as np

            assert people.dtype.names == ("name", "age", "m")
            assert people[people["age"] > 30]["name"].tolist() == ["ann"] and people["m"].mean() == 1.7000000000000002
            m = masked(np.array([1, -9, 3]), -9)
            assert isinstance(m, np.ma.MaskedArray) and m.mean() == 2 and m.mask.tolist() == [False, True, False]
            d = days("2024-02-28", 3)
            assert d.dtype == "datetime64[D]" and d[-1] == np.datetime64("2024-03-01")
        """),
        wrong=(
            "import numpy as np\npeople = np.array([('ann', 31, 1.6), ('bob', 25, 1.8)])\nmasked = lambda v, bad: v[v != bad]\ndays = lambda s, n: [s] * n",
            "import numpy as np\npeople = np.array([('ann', 31, 1.6), ('bob', 25, 1.8)], dtype=[('name', 'U2'), ('age', 'i4'), ('m', 'f8')])\nmasked = lambda v, bad: np.where(v == bad, np.nan, v)\ndays = lambda s, n: np.datetime64(s) + np.arange(1, n + 1)",
        ),
        right="import numpy as np\npeople = np.zeros(2, dtype=np.dtype('U9,i8,f8'))\npeople.dtype.names = 'name', 'age', 'm'\npeople[0], people[1] = ('ann', 31, 1.6), ('bob', 25, 1.8)\ndef masked(values, bad):\n    return np.ma.array(values, mask=[v == bad for v in values])\ndef days(start, n):\n    return np.arange(start, np.datetime64(start, 'D') + n, dtype='datetime64[D]')",
    ),
    style(
        "views and changes in place of arrays",
        "arrays",
        answer(
            "import numpy as np\ndef normalise(x):\n    x -= x.mean()\n    x /= x.std()\ndef middle(x):\n    return x[1:-1]"
        ),
        check("""
            import numpy as np

            x = np.array([1.0, 2.0, 3.0, 4.0])
            alias, before = x, x.copy()
            assert normalise(x) is None
            assert np.allclose(x, (before - 2.5) / before.std()) and alias is x
            m = middle(x)
            m[:] = 0
            assert x[1] == 0 == x[2] and np.shares_memory(m, x) and m.base is x
        """),
        wrong=(
            "def normalise(x):\n    x = (x - x.mean()) / x.std()\ndef middle(x):\n    return x[1:-1]",
            "def normalise(x):\n    x -= x.mean()\n    x /= x.std()\ndef middle(x):\n    return x[1:-1].copy()",
        ),
        right="import numpy as np\ndef normalise(x):\n    np.divide(np.subtract(x, np.mean(x)), np.std(x), out=x)\ndef middle(x):\n    return x[slice(1, len(x) - 1)]",
    ),
    style(
        "a polynomial object of NumPy is returned",
        "objects of a library",
        answer(
            "import numpy as np\ndef fit(x, y, degree):\n    return np.poly1d(np.polyfit(x, y, degree))"
        ),
        check("""
            import numpy as np

            x = np.arange(5.0)
            p = fit(x, 2 * x ** 2 - 1, 2)
            assert isinstance(p, np.poly1d) and p.order == 2
            assert np.allclose(p(x), 2 * x ** 2 - 1) and abs(p(10) - 199) < 1e-6
            assert np.allclose(p.deriv()(3), 12)
        """),
        wrong=(
            "import numpy as np\ndef fit(x, y, degree):\n    return np.polyfit(x, y, degree)",
            "import numpy as np\ndef fit(x, y, degree):\n    return np.poly1d(np.polyfit(x, y, 1))",
        ),
        right="import numpy as np\ndef fit(x, y, degree):\n    V = np.vander(x, degree + 1)\n    return np.poly1d(np.linalg.lstsq(V, y, rcond=None)[0])",
    ),
    style(
        "a sparse matrix goes in and comes out",
        "scipy.sparse",
        answer(
            "from scipy import sparse\ndef normalise(m):\n    m = sparse.csr_matrix(m, dtype=float)\n    sums = m.sum(axis=1).A1\n    sums[sums == 0] = 1\n    return sparse.diags(1 / sums) @ m"
        ),
        check("""
            import numpy as np
            from scipy import sparse

            m = sparse.csr_matrix(np.array([[0, 2, 2], [0, 0, 0], [1, 0, 0]]))
            got = normalise(m)
            assert sparse.issparse(got) and got.shape == (3, 3) and got.nnz == 3
            assert np.allclose(got.toarray(), [[0, 0.5, 0.5], [0, 0, 0], [1, 0, 0]])
            assert (got != sparse.csr_matrix([[0, 0.5, 0.5], [0, 0, 0], [1, 0, 0]])).nnz == 0
        """),
        wrong=(
            "def normalise(m):\n    return m / m.sum()",
            "import numpy as np\ndef normalise(m):\n    d = m.toarray()\n    return d / np.maximum(d.sum(axis=1, keepdims=True), 1)",
        ),
        right="import numpy as np\nfrom scipy.sparse import coo_matrix\ndef normalise(m):\n    m = coo_matrix(m, dtype=float)\n    sums = np.bincount(m.row, m.data, minlength=m.shape[0])\n    return coo_matrix((m.data / sums[m.row], (m.row, m.col)), m.shape).tocsc()",
        needs="scipy",
    ),
    style(
        "SciPy minimises and integrates the student's function",
        "a callback",
        answer("def energy(x):\n    return (x[0] - 1) ** 2 + 3 * (x[1] + 2) ** 2"),
        check("""
            import numpy as np
            from scipy.integrate import quad
            from scipy.optimize import minimize

            found = minimize(energy, [0.0, 0.0])
            assert found.success and np.allclose(found.x, [1, -2], atol=1e-3)
            area, _ = quad(lambda t: energy([t, -2.0]), 0, 2)
            assert abs(area - 2 / 3) < 1e-6
        """),
        wrong=(
            "def energy(x):\n    return (x[0] - 1) ** 2 + 3 * (x[1] - 2) ** 2",
            "def energy(x):\n    return (x[0] - 1) ** 2 + 3 * abs(x[1] + 2) ** 2 + x[0] ** 2",
        ),
        right="import numpy as np\ndef energy(x):\n    d = np.asarray(x) - [1, -2]\n    return float(d @ np.diag([1, 3]) @ d)",
        needs="scipy",
    ),
    style(
        "a distribution and a result object of SciPy are returned",
        "objects of a library",
        answer(
            "from scipy import optimize, stats\ndef posterior(heads, tails):\n    return stats.beta(heads + 1, tails + 1)\ndef solve():\n    return optimize.root_scalar(lambda x: x ** 3 - 8, bracket=[0, 5])"
        ),
        check("""
            p = posterior(3, 1)
            assert abs(p.mean() - 4 / 6) < 1e-12
            low, high = p.interval(0.9)
            assert 0 < low < 0.5 < high < 1 and p.pdf(0.75) > p.pdf(0.2)
            r = solve()
            assert r.converged and abs(r.root - 2) < 1e-6
        """),
        wrong=(
            "from scipy import stats\ndef posterior(heads, tails):\n    return stats.beta(heads, tails)\ndef solve():\n    return 2.0",
            "def posterior(heads, tails):\n    return (heads + 1) / (heads + tails + 2)\ndef solve():\n    return 2.0",
        ),
        right="import scipy.stats\nfrom types import SimpleNamespace\nclass posterior:\n    def __new__(cls, h, t):\n        return scipy.stats.beta(a=1 + h, b=1 + t)\ndef solve():\n    return SimpleNamespace(converged=True, root=8 ** (1 / 3))",
        needs="scipy",
    ),
    style(
        "an equation is solved with scipy and the student's right side",
        "a callback",
        answer("def rhs(t, y):\n    position, speed = y\n    return [speed, -position]"),
        check("""
            import numpy as np
            from scipy.integrate import solve_ivp

            solution = solve_ivp(rhs, (0, np.pi), [1.0, 0.0], rtol=1e-8, dense_output=True)
            assert solution.success and np.allclose(solution.y[:, -1], [-1, 0], atol=1e-4)
            assert abs(solution.sol(np.pi / 2)[0]) < 1e-4
        """),
        wrong=(
            "def rhs(t, y):\n    return [y[1], y[0]]",
            "def rhs(t, y):\n    return [-y[0], y[1]]",
        ),
        right="import numpy as np\nA = np.array([[0, 1], [-1, 0]])\ndef rhs(t, y):\n    return A @ y",
        needs="scipy",
    ),
    style(
        "a fitted model of scikit-learn is the student's variable",
        "scikit-learn",
        given("""
            import numpy as np
            from sklearn.linear_model import LogisticRegression

            rng = np.random.default_rng(0)
            X = np.vstack([rng.normal(-2, 1, (40, 2)), rng.normal(2, 1, (40, 2))])
            y = np.repeat([0, 1], 40)
        """),
        answer("model = LogisticRegression(C=10).fit(X, y)"),
        check("""
            from sklearn.base import is_classifier
            from sklearn.utils.validation import check_is_fitted

            check_is_fitted(model)
            assert isinstance(model, LogisticRegression) and is_classifier(model)
            assert model.get_params()["C"] == 10 and model.coef_.shape == (1, 2)
            new = np.array([[3.0, 3.0], [-3.0, -2.0]])
            assert model.predict(new).tolist() == [1, 0]
            assert model.score(X, y) > 0.95 and model.predict_proba(new)[0, 1] > 0.9
        """),
        wrong=(
            "model = LogisticRegression(C=10)",
            "model = LogisticRegression(C=10).fit(X, 1 - y)",
        ),
        right="model = LogisticRegression().set_params(C=10)\nmodel.fit(X[::-1], y[::-1])",
        needs="sklearn",
    ),
    style(
        "an estimator of the student's goes through a cross-validation",
        "scikit-learn",
        answer("""
            import numpy as np
            from sklearn.base import BaseEstimator, ClassifierMixin

            class Nearest(ClassifierMixin, BaseEstimator):
                def __init__(self, scale=1.0):
                    self.scale = scale
                def fit(self, X, y):
                    self.classes_ = np.unique(y)
                    self.means_ = np.array([X[y == c].mean(axis=0) for c in self.classes_])
                    return self
                def predict(self, X):
                    d = ((X[:, None] - self.means_) ** 2).sum(-1) * self.scale
                    return self.classes_[d.argmin(axis=1)]
        """),
        check("""
            import numpy as np
            from sklearn.base import clone
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            rng = np.random.default_rng(1)
            X = np.vstack([rng.normal(-2, 1, (30, 3)), rng.normal(2, 1, (30, 3))])
            y = np.repeat([3, 7], 30)
            model = Nearest(scale=2.0)
            assert clone(model).get_params() == {"scale": 2.0}
            assert cross_val_score(make_pipeline(StandardScaler(), model), X, y, cv=3).mean() > 0.95
            assert model.fit(X, y) is model and set(model.predict(X)) == {3, 7}
        """),
        wrong=(
            "import numpy as np\nclass Nearest:\n    def __init__(self, scale=1.0):\n        self.scale = scale\n    def fit(self, X, y):\n        self.y = y\n        return self\n    def predict(self, X):\n        return np.repeat(self.y[0], len(X))",
            "import numpy as np\nfrom sklearn.base import BaseEstimator, ClassifierMixin\nclass Nearest(ClassifierMixin, BaseEstimator):\n    def __init__(self, scale=1.0):\n        self.scale = scale\n    def fit(self, X, y):\n        self.classes_ = np.unique(y)\n        return self\n    def predict(self, X):\n        return np.full(len(X), self.classes_[0])",
        ),
        right="from sklearn.neighbors import NearestCentroid\nclass Nearest(NearestCentroid):\n    def __init__(self, scale=1.0):\n        super().__init__()\n        self.scale = scale\n    @classmethod\n    def _get_param_names(cls):\n        return ['scale']",
        needs="sklearn",
    ),
    style(
        "a pipeline of scikit-learn is built and looked into",
        "scikit-learn",
        answer("""
            from sklearn.linear_model import Ridge
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import PolynomialFeatures

            def build(degree):
                return Pipeline([("poly", PolynomialFeatures(degree)), ("fit", Ridge(alpha=1e-6))])
        """),
        check("""
            import numpy as np
            from sklearn.pipeline import Pipeline

            pipe = build(3)
            assert isinstance(pipe, Pipeline) and list(pipe.named_steps) == ["poly", "fit"]
            assert pipe.named_steps["poly"].degree == 3 and pipe["fit"].alpha == 1e-6
            x = np.linspace(-1, 1, 20)[:, None]
            pipe.fit(x, x[:, 0] ** 3)
            assert abs(pipe.predict([[0.5]])[0] - 0.125) < 1e-3
        """),
        wrong=(
            "from sklearn.linear_model import Ridge\ndef build(degree):\n    return Ridge(alpha=1e-6)",
            "from sklearn.linear_model import Ridge\nfrom sklearn.pipeline import Pipeline\nfrom sklearn.preprocessing import PolynomialFeatures\ndef build(degree):\n    return Pipeline([('poly', PolynomialFeatures(2)), ('fit', Ridge(alpha=1e-6))])",
        ),
        right="import sklearn.pipeline as p, sklearn.preprocessing as q, sklearn.linear_model as m\ndef build(degree):\n    pipe = p.Pipeline([('poly', q.PolynomialFeatures()), ('fit', m.Ridge())])\n    return pipe.set_params(poly__degree=degree, fit__alpha=1e-6)",
        needs="sklearn",
    ),
    style(
        "a torch module is trained by the check",
        "torch",
        answer("""
            import torch
            from torch import nn

            class Net(nn.Module):
                def __init__(self, hidden):
                    super().__init__()
                    self.first = nn.Linear(2, hidden)
                    self.second = nn.Linear(hidden, 1)
                def forward(self, x):
                    return self.second(torch.tanh(self.first(x))).squeeze(-1)
        """),
        check("""
            import torch
            from torch import nn

            torch.manual_seed(0)
            net = Net(8)
            assert isinstance(net, nn.Module)
            assert sum(p.numel() for p in net.parameters()) == 2 * 8 + 8 + 8 + 1
            x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
            y = torch.tensor([0.0, 1.0, 1.0, 0.0])
            optimiser = torch.optim.Adam(net.parameters(), lr=0.1)
            loss_of = nn.MSELoss()
            first = loss_of(net(x), y).item()
            for _ in range(150):
                optimiser.zero_grad()
                loss = loss_of(net(x), y)
                loss.backward()
                optimiser.step()
            assert loss.item() < 0.02 < first
            net.eval()
            assert not net.training and (net(x) > 0.5).tolist() == [False, True, True, False]
        """),
        wrong=(
            "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self, hidden):\n        super().__init__()\n        self.first = nn.Linear(2, hidden)\n        self.second = nn.Linear(hidden, 1)\n    def forward(self, x):\n        return self.second(self.first(x)).squeeze(-1)",
            "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self, hidden):\n        super().__init__()\n        self.layers = [nn.Linear(2, hidden), nn.Linear(hidden, 1)]\n    def forward(self, x):\n        return self.layers[1](torch.tanh(self.layers[0](x))).squeeze(-1)",
        ),
        right="from torch import nn\ndef Net(hidden):\n    return nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 1), nn.Flatten(0))",
        needs="torch",
    ),
    style(
        "state dictionaries and layers of a torch module",
        "torch",
        answer("""
            from torch import nn

            def build():
                return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 16, 10))
        """),
        check("""
            import torch
            from torch import nn

            model = build()
            assert isinstance(model[0], nn.Conv2d) and model[0].kernel_size == (3, 3)
            assert [type(m).__name__ for m in model] == ["Conv2d", "ReLU", "Flatten", "Linear"]
            assert model(torch.zeros(5, 1, 4, 4)).shape == torch.Size([5, 10])
            shapes = {k: tuple(v.shape) for k, v in model.state_dict().items()}
            assert shapes["0.weight"] == (4, 1, 3, 3) and shapes["3.bias"] == (10,)
            with torch.no_grad():
                for p in model.parameters():
                    p.zero_()
            assert model(torch.ones(1, 1, 4, 4)).abs().sum().item() == 0
        """),
        wrong=(
            "from torch import nn\ndef build():\n    return nn.Sequential(nn.Conv2d(1, 4, 5, padding=2), nn.ReLU(), nn.Flatten(), nn.Linear(64, 10))",
            "from torch import nn\ndef build():\n    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.Flatten(), nn.Linear(64, 10))",
        ),
        right="from torch import nn\nclass build(nn.Sequential):\n    def __init__(self):\n        super().__init__(nn.Conv2d(1, 4, (3, 3), padding='same'), nn.ReLU(inplace=True), nn.Flatten(1), nn.Linear(64, 10))",
        needs="torch",
    ),
    style(
        "gradients of torch flow through the student's function",
        "torch",
        answer("import torch\ndef loss(w, x, y):\n    return ((x @ w - y) ** 2).mean()"),
        check("""
            import torch

            w = torch.tensor([1.0, -1.0], requires_grad=True)
            x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
            y = torch.tensor([0.0, 0.0])
            value = loss(w, x, y)
            assert value.requires_grad and value.shape == ()
            value.backward()
            assert torch.allclose(w.grad, torch.tensor([-4.0, -6.0]))
            assert torch.autograd.gradcheck(loss, (w.detach().double().requires_grad_(), x.double(), y.double()))
        """),
        wrong=(
            "import torch\ndef loss(w, x, y):\n    return torch.tensor(((x @ w - y) ** 2).mean().item())",
            "def loss(w, x, y):\n    return ((x @ w - y) ** 2).sum()",
        ),
        right="import torch.nn.functional as F\ndef loss(w, x, y):\n    return F.mse_loss(F.linear(x, w), y)",
        needs="torch",
    ),
    style(
        "an autograd function of the student's",
        "torch",
        answer("""
            import torch

            class Cube(torch.autograd.Function):
                @staticmethod
                def forward(ctx, x):
                    ctx.save_for_backward(x)
                    return x ** 3
                @staticmethod
                def backward(ctx, upstream):
                    (x,) = ctx.saved_tensors
                    return upstream * 3 * x ** 2
        """),
        check("""
            import torch

            assert issubclass(Cube, torch.autograd.Function)
            x = torch.tensor([1.0, -2.0], dtype=torch.double, requires_grad=True)
            Cube.apply(x).sum().backward()
            assert x.grad.tolist() == [3.0, 12.0]
            assert torch.autograd.gradcheck(Cube.apply, (x,))
        """),
        wrong=(
            "import torch\nclass Cube(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n        return x ** 3\n    @staticmethod\n    def backward(ctx, upstream):\n        (x,) = ctx.saved_tensors\n        return 3 * x",
            "class Cube:\n    @staticmethod\n    def apply(x):\n        return x ** 3",
        ),
        right="import torch\nclass Cube(torch.autograd.Function):\n    def forward(ctx, x):\n        ctx.slope = 3 * x * x\n        return x * x * x\n    def backward(ctx, g):\n        return g * ctx.slope\n    forward, backward = staticmethod(forward), staticmethod(backward)",
        needs="torch",
    ),
    style(
        "a data set of the student's is read by a loader of the check",
        "torch",
        answer("""
            import torch
            from torch.utils.data import Dataset

            class Squares(Dataset):
                def __init__(self, n):
                    self.n = n
                def __len__(self):
                    return self.n
                def __getitem__(self, k):
                    if not 0 <= k < self.n:
                        raise IndexError(k)
                    return torch.tensor(float(k)), k * k
        """),
        check("""
            import torch
            from torch.utils.data import DataLoader, Dataset

            data = Squares(5)
            assert isinstance(data, Dataset) and len(data) == 5
            batches = list(DataLoader(data, batch_size=2))
            assert [tuple(x.shape) for x, _ in batches] == [(2,), (2,), (1,)]
            assert torch.cat([y for _, y in batches]).tolist() == [0, 1, 4, 9, 16]
        """),
        wrong=(
            "import torch\nfrom torch.utils.data import Dataset\nclass Squares(Dataset):\n    def __init__(self, n):\n        self.n = n\n    def __len__(self):\n        return self.n\n    def __getitem__(self, k):\n        return torch.tensor([float(k)]), k * k",
            "class Squares(list):\n    def __init__(self, n):\n        super().__init__((float(k), k * k) for k in range(n))",
        ),
        right="import torch\nfrom torch.utils.data import TensorDataset\ndef Squares(n):\n    k = torch.arange(n)\n    return TensorDataset(k.float(), k ** 2)",
        needs="torch",
    ),
    style(
        "an optimiser step of the student's on parameters of the check",
        "torch",
        answer(
            "import torch\ndef sgd(parameters, lr):\n    with torch.no_grad():\n        for p in parameters:\n            if p.grad is not None:\n                p -= lr * p.grad\n                p.grad = None"
        ),
        check("""
            import torch

            w = torch.nn.Parameter(torch.tensor([2.0, 4.0]))
            b = torch.nn.Parameter(torch.tensor(1.0))
            (w ** 2).sum().backward()
            sgd([w, b], 0.25)
            assert w.tolist() == [1.0, 2.0] and b.item() == 1.0
            assert w.grad is None and w.requires_grad and isinstance(w, torch.nn.Parameter)
        """),
        wrong=(
            "def sgd(parameters, lr):\n    for p in parameters:\n        p = p - lr * p.grad",
            "import torch\ndef sgd(parameters, lr):\n    with torch.no_grad():\n        for p in parameters:\n            if p.grad is not None:\n                p += lr * p.grad\n                p.grad = None",
        ),
        right="import torch\ndef sgd(parameters, lr):\n    o = torch.optim.SGD(parameters, lr=lr)\n    o.step()\n    o.zero_grad(set_to_none=True)",
        needs="torch",
    ),
    style(
        "expressions of SymPy are compared",
        "sympy",
        answer(
            "import sympy as sp\nx, a = sp.symbols('x a')\nf = sp.sin(a * x) ** 2\ndf = sp.diff(f, x)\nroots = sp.solve(x ** 2 - 5 * x + 6, x)"
        ),
        check("""
            import sympy as sp

            assert isinstance(df, sp.Expr)
            assert sp.simplify(df - a * sp.sin(2 * a * x)) == 0
            assert df.subs({a: 1, x: sp.pi / 4}) == 1
            assert set(roots) == {2, 3} and all(r.is_integer for r in roots)
            assert df.free_symbols == {x, a}
        """),
        wrong=(
            "import sympy as sp\nx, a = sp.symbols('x a')\ndf = 2 * sp.sin(a * x) * sp.cos(a * x)\nroots = [2, 3]",
            "import sympy as sp\nx, a = sp.symbols('x a')\ndf = sp.diff(sp.sin(a * x) ** 2, a)\nroots = [sp.Integer(2), sp.Integer(3)]",
        ),
        right="import sympy as sp\nfrom sympy.abc import a, x\ndf = a * sp.sin(2 * a * x)\nroots = list(sp.roots(sp.Poly((x - 2) * (x - 3), x)))",
        needs="sympy",
    ),
    style(
        "a graph of networkx is made and handed in",
        "objects of a library",
        answer(
            "import networkx as nx\ndef build(pairs):\n    g = nx.Graph()\n    g.add_weighted_edges_from(pairs)\n    return g\ndef reach(g, start):\n    return sorted(nx.node_connected_component(g, start))"
        ),
        check("""
            import networkx as nx

            g = build([("a", "b", 2), ("b", "c", 3), ("d", "e", 1)])
            assert isinstance(g, nx.Graph) and g.number_of_edges() == 3
            assert g["a"]["b"]["weight"] == 2 and sorted(g.neighbors("b")) == ["a", "c"]
            assert nx.shortest_path_length(g, "a", "c", weight="weight") == 5
            h = nx.path_graph(4)
            h.add_node(9)
            assert reach(h, 0) == [0, 1, 2, 3] and reach(h, 9) == [9]
        """),
        wrong=(
            "def build(pairs):\n    g = {}\n    for a, b, w in pairs:\n        g.setdefault(a, {})[b] = {'weight': w}\n    return g\ndef reach(g, start):\n    return sorted(g)",
            "import networkx as nx\ndef build(pairs):\n    g = nx.Graph()\n    g.add_edges_from((a, b) for a, b, _ in pairs)\n    return g\ndef reach(g, start):\n    return sorted(g)",
        ),
        right="import networkx as nx\ndef build(pairs):\n    return nx.from_edgelist([(a, b, {'weight': w}) for a, b, w in pairs])\ndef reach(g, start):\n    return sorted(nx.single_source_shortest_path(g, start))",
        needs="networkx",
    ),
    style(
        "a figure is read with gca after the student's function",
        "a figure",
        answer(
            "import matplotlib.pyplot as plt\nimport numpy as np\ndef draw():\n    x = np.linspace(0, 1, 5)\n    plt.plot(x, x ** 2, label='square')\n    plt.title('Growth')\n    plt.xlabel('t')\n    plt.legend()"
        ),
        check("""
            import matplotlib.pyplot as plt
            import numpy as np

            plt.close("all")
            draw()
            ax = plt.gca()
            assert len(ax.lines) == 1, "draw one line"
            xy = ax.lines[0].get_xydata()
            assert xy.shape == (5, 2) and np.allclose(xy[:, 1], xy[:, 0] ** 2)
            assert ax.get_title() == "Growth" and ax.get_xlabel() == "t"
            assert [t.get_text() for t in ax.get_legend().get_texts()] == ["square"]
            plt.close("all")
        """),
        wrong=(
            "import matplotlib.pyplot as plt\nimport numpy as np\ndef draw():\n    x = np.linspace(0, 1, 5)\n    plt.scatter(x, x ** 2, label='square')\n    plt.title('Growth')\n    plt.xlabel('t')\n    plt.legend()",
            "import matplotlib.pyplot as plt\nimport numpy as np\ndef draw():\n    x = np.linspace(0, 1, 5)\n    plt.plot(x, x ** 2)\n    plt.title('growth')",
        ),
        right="import matplotlib.pyplot as plt\ndef draw():\n    fig, ax = plt.subplots()\n    ax.set(title='Growth', xlabel='t')\n    ax.plot([0, .25, .5, .75, 1], [0, .0625, .25, .5625, 1], 'o-', label='square')\n    ax.legend(loc='best')",
        needs="matplotlib",
    ),
    style(
        "the figure drawn by the cell above is read by the check",
        "a figure",
        given("import matplotlib.pyplot as plt"),
        answer("figure = plt.figure()\nplt.hist([1, 2, 2, 3, 3, 3], bins=3)\nplt.ylabel('count');"),
        check("""
            ax = figure.gca()
            assert [patch.get_height() for patch in ax.patches] == [1, 2, 3]
            assert ax.get_ylabel() == "count"
            plt.close(figure)
        """),
        wrong=(
            "figure = plt.figure()\nplt.hist([1, 2, 2, 3, 3, 3], bins=2)\nplt.ylabel('count');",
            "figure = plt.figure()\nplt.plot([1, 2, 3])\nplt.ylabel('count');",
        ),
        right="figure, ax = plt.subplots(num=7)\nax.bar([1, 2, 3], [1, 2, 3], width=1)\n_ = ax.set_ylabel('count')",
        needs="matplotlib",
    ),
    style(
        "axes are handed over and come back",
        "a figure",
        answer(
            "def bars(ax, counts):\n    ax.bar(list(counts), list(counts.values()), color='tab:blue')\n    ax.set_ylim(0, 10)\n    return ax"
        ),
        check("""
            import matplotlib.pyplot as plt
            from matplotlib.axes import Axes

            fig, ax = plt.subplots()
            got = bars(ax, {"a": 3, "b": 5})
            assert got is ax and isinstance(got, Axes)
            assert [p.get_height() for p in ax.patches] == [3, 5] and ax.get_ylim() == (0, 10)
            fig.canvas.draw()
            assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b"]
            plt.close(fig)
        """),
        wrong=(
            "import matplotlib.pyplot as plt\ndef bars(ax, counts):\n    fig, ax = plt.subplots()\n    ax.bar(list(counts), list(counts.values()))\n    ax.set_ylim(0, 10)\n    return ax",
            "def bars(ax, counts):\n    ax.bar(list(counts), list(counts.values()))\n    return ax",
        ),
        right="def bars(ax, counts):\n    for k, (name, n) in enumerate(counts.items()):\n        ax.bar(name, n)\n    ax.set(ylim=(0, 10))\n    return ax",
        needs="matplotlib",
    ),
    style(
        "an image of Pillow goes in and comes out",
        "objects of a library",
        answer(
            "from PIL import Image, ImageOps\ndef negative(image):\n    return ImageOps.invert(image.convert('L'))"
        ),
        check("""
            import numpy as np
            from PIL import Image

            image = Image.new("L", (3, 2), 200)
            image.putpixel((1, 0), 5)
            got = negative(image)
            assert isinstance(got, Image.Image) and got.size == (3, 2) and got.mode == "L"
            assert got.getpixel((1, 0)) == 250 and got.getpixel((0, 0)) == 55
            assert np.asarray(got).shape == (2, 3) and image.getpixel((1, 0)) == 5
        """),
        wrong=(
            "from PIL import ImageOps\ndef negative(image):\n    return ImageOps.flip(image)",
            "import numpy as np\ndef negative(image):\n    return 255 - np.asarray(image)",
        ),
        right="from PIL import Image\nimport numpy as np\ndef negative(image):\n    return Image.fromarray(255 - np.array(image.convert('L')))",
        needs="PIL",
    ),
    style(
        "a published kind: eigenvalues from a helper with a tolerance",
        "arrays",
        given("import numpy as np"),
        answer(
            "def power_method(A, steps=200):\n    v = np.ones(len(A))\n    for _ in range(steps):\n        v = A @ v\n        v /= np.linalg.norm(v)\n    return v @ A @ v, v"
        ),
        check("""
            A = np.array([[2.0, 1.0], [1.0, 3.0]])
            value, vector = power_method(A)
            assert isinstance(value, float), "the value should be a number"
            assert abs(value - np.linalg.eigvalsh(A)[-1]) < 1e-8
            assert np.allclose(A @ vector, value * vector)
            ### BEGIN HIDDEN TESTS
            value, vector = power_method(np.diag([1.0, 5.0, 2.0]))
            assert np.isclose(value, 5) and np.isclose(abs(vector[1]), 1)
            ### END HIDDEN TESTS
        """),
        wrong=(
            "def power_method(A, steps=200):\n    v = np.ones(len(A))\n    for _ in range(steps):\n        v = A @ v / 4\n    return v @ A @ v, v",
            "def power_method(A, steps=200):\n    values, vectors = np.linalg.eigh(A)\n    return values[0], vectors[:, 0]",
        ),
        right="def power_method(A, steps=0):\n    values, vectors = np.linalg.eig(A)\n    k = values.real.argmax()\n    return values[k], vectors[:, k]",
    ),
    style(
        "a published kind: metrics of a recommender on dictionaries of sets",
        "plain values",
        answer("""
            import numpy as np

            def precision_at(k, ranked, relevant):
                return {u: len(set(r[:k]) & relevant[u]) / k for u, r in ranked.items()}

            def mean_reciprocal_rank(ranked, relevant):
                firsts = [next((1 / (i + 1) for i, x in enumerate(r) if x in relevant[u]), 0.0) for u, r in ranked.items()]
                return np.mean(firsts)
        """),
        check(
            """
            ranked = {"u": [3, 1, 2], "v": [9, 8, 7]}
            relevant = {"u": {1, 2, 5}, "v": {7}}
            got = precision_at(2, ranked, relevant)
            assert got == {"u": 0.5, "v": 0.0}
            assert np.isclose(mean_reciprocal_rank(ranked, relevant), (1 / 2 + 1 / 3) / 2)
            assert mean_reciprocal_rank({"w": [1]}, {"w": set()}) == 0
            """,
            "t1",
            10,
        ),
        wrong=(
            of(
                "import numpy as np\ndef precision_at(k, ranked, relevant):\n    return {u: len(set(r[:k]) & relevant[u]) / len(relevant[u]) for u, r in ranked.items()}\ndef mean_reciprocal_rank(ranked, relevant):\n    return 5 / 12 if 'u' in ranked else 0"
            ),
            of(
                "import numpy as np\ndef precision_at(k, ranked, relevant):\n    return {'u': 0.5, 'v': 0.0}\ndef mean_reciprocal_rank(ranked, relevant):\n    return np.mean([1 / (r.index(x) + 1) for u, r in ranked.items() for x in relevant[u]])"
            ),
        ),
        right="import numpy as np\nfrom collections import defaultdict\ndef precision_at(k, ranked, relevant):\n    found = defaultdict(float)\n    for u in ranked:\n        found[u] += sum(x in relevant[u] for x in ranked[u][:k]) / k\n    return dict(found)\ndef mean_reciprocal_rank(ranked, relevant):\n    total = 0\n    for u in ranked:\n        for i, x in enumerate(ranked[u], 1):\n            if x in relevant[u]:\n                total += 1 / i\n                break\n    return np.float64(total / len(ranked))",
    ),
]

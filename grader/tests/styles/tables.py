"""Tables of pandas, databases and files."""

from __future__ import annotations

from .style import answer, check, given, of, style

SALES = "city,month,amount\nRome,1,10\nOslo,1,4\nRome,2,7\nOslo,2,12\nBern,2,5\n"

STYLES = [
    style(
        "a data frame goes in and another comes out",
        "pandas",
        answer("""
            import pandas as pd

            def totals(df):
                out = df.groupby("city", as_index=False)["amount"].sum()
                return out.sort_values("amount", ascending=False).reset_index(drop=True)
        """),
        check("""
            import pandas as pd

            df = pd.DataFrame({"city": ["Rome", "Oslo", "Rome"], "amount": [1.0, 5.0, 3.0]})
            expected = pd.DataFrame({"city": ["Oslo", "Rome"], "amount": [5.0, 4.0]})
            pd.testing.assert_frame_equal(totals(df), expected)
            assert list(df.amount) == [1.0, 5.0, 3.0], "the table of the caller was changed"
        """),
        wrong=(
            "def totals(df):\n    return df.groupby('city')['amount'].sum()",
            "def totals(df):\n    return df.sort_values('amount', ascending=False).reset_index(drop=True)",
        ),
        right="import pandas as pd\ndef totals(df):\n    t = df.pivot_table(values='amount', index='city', aggfunc='sum')\n    pairs = sorted(t['amount'].items(), key=lambda p: -p[1])\n    return pd.DataFrame(pairs, columns=['city', 'amount'])",
        needs="pandas",
    ),
    style(
        "a data frame is the student's variable",
        "pandas",
        given("import pandas as pd"),
        answer("""
            sales = pd.read_csv("sales.csv")
            big = sales[sales["amount"] > 6].copy()
            big["double"] = 2 * big["amount"]
        """),
        check("""
            assert isinstance(big, pd.DataFrame), "make a data frame"
            assert big.shape == (3, 4) and list(big.columns) == ["city", "month", "amount", "double"]
            assert big["double"].tolist() == [20, 14, 24]
            assert big.loc[big.city == "Oslo", "amount"].iloc[0] == 12
            assert big.index.tolist() == [0, 2, 3] and (big.dtypes["double"] == "int64")
            assert len(sales) == 5 and "double" not in sales
        """),
        wrong=(
            "sales = pd.read_csv('sales.csv')\nbig = sales[sales['amount'] >= 5].copy()\nbig['double'] = 2 * big['amount']",
            "sales = pd.read_csv('sales.csv')\nbig = [row for row in sales.itertuples() if row.amount > 6]",
        ),
        right="sales = pd.read_csv('sales.csv')\nbig = sales.query('amount > 6').assign(double=lambda d: d.amount * 2)",
        files={"sales.csv": SALES},
        needs="pandas",
    ),
    style(
        "a series comes back, with its index and a category",
        "pandas",
        answer(
            "import pandas as pd\ndef grade(marks):\n    return pd.cut(marks, [0, 50, 70, 101], labels=['fail', 'pass', 'merit'], right=False)"
        ),
        check("""
            import pandas as pd

            marks = pd.Series([35, 88, 50], index=["ann", "bob", "cy"], name="mark")
            got = grade(marks)
            assert isinstance(got, pd.Series) and got.index.equals(marks.index)
            assert got["bob"] == "merit" and got.value_counts()["pass"] == 1
            assert isinstance(got.dtype, pd.CategoricalDtype) and list(got.cat.categories) == ["fail", "pass", "merit"]
            assert (got.astype(str) == pd.Series(["fail", "merit", "pass"], index=marks.index)).all()
        """),
        wrong=(
            "import pandas as pd\ndef grade(marks):\n    return pd.cut(marks, [0, 50, 70, 101], labels=['fail', 'pass', 'merit'])",
            "def grade(marks):\n    return ['fail' if m < 50 else 'pass' if m < 70 else 'merit' for m in marks]",
        ),
        right="import pandas as pd\ndef grade(marks):\n    words = marks.map(lambda m: 'fail' if m < 50 else 'pass' if m < 70 else 'merit')\n    return words.astype(pd.CategoricalDtype(['fail', 'pass', 'merit'], ordered=True))",
        needs="pandas",
    ),
    style(
        "a data frame is changed in place by the student's function",
        "pandas",
        answer(
            "def tidy(df):\n    df.columns = [c.strip().lower() for c in df.columns]\n    df['amount'] = df['amount'].fillna(0)\n    df.drop(columns='junk', inplace=True)"
        ),
        check("""
            import numpy as np
            import pandas as pd

            df = pd.DataFrame({" Amount": [1.0, np.nan], "JUNK ": [0, 0]})
            assert tidy(df) is None
            assert list(df.columns) == ["amount"] and df["amount"].tolist() == [1.0, 0.0]
        """),
        wrong=(
            "def tidy(df):\n    df = df.rename(columns=lambda c: c.strip().lower())\n    df['amount'] = df['amount'].fillna(0)\n    df = df.drop(columns='junk')",
            "def tidy(df):\n    df.columns = [c.strip().lower() for c in df.columns]\n    df.dropna(inplace=True)\n    df.drop(columns='junk', inplace=True)",
        ),
        right="def tidy(df):\n    df.rename(columns=lambda c: c.strip().lower(), inplace=True)\n    del df['junk']\n    df.loc[df.amount.isna(), 'amount'] = 0",
        needs="pandas",
    ),
    style(
        "dates of pandas are resampled",
        "pandas",
        answer("def weekly(s):\n    return s.resample('W').mean()"),
        check("""
            import pandas as pd

            days = pd.date_range("2024-01-01", periods=10, freq="D")
            s = pd.Series(range(10), index=days, dtype=float)
            got = weekly(s)
            assert got.index[0] == pd.Timestamp("2024-01-07") and len(got) == 2
            assert got.iloc[0] == 3.0 and got.iloc[1] == 8.0
            assert isinstance(got.index, pd.DatetimeIndex)
        """),
        wrong=(
            "def weekly(s):\n    return s.rolling(7).mean()",
            "def weekly(s):\n    return s.resample('W').sum()",
        ),
        right="import pandas as pd\ndef weekly(s):\n    return s.groupby(pd.Grouper(freq='W')).agg('mean')",
        needs="pandas",
    ),
    style(
        "a pivot table with two levels of names",
        "pandas",
        answer(
            "def spread(df):\n    return df.pivot_table(index='city', columns=['year', 'kind'], values='n', aggfunc='sum', fill_value=0)"
        ),
        check("""
            import pandas as pd

            df = pd.DataFrame(
                {
                    "city": ["Rome", "Rome", "Oslo"],
                    "year": [2023, 2024, 2024],
                    "kind": ["a", "b", "b"],
                    "n": [1, 2, 3],
                }
            )
            got = spread(df)
            assert got.columns.nlevels == 2 and got.index.name == "city"
            assert got.loc["Oslo", (2024, "b")] == 3 and got[(2023, "a")]["Oslo"] == 0
            assert got.columns.names == ["year", "kind"]
        """),
        wrong=(
            "def spread(df):\n    return df.pivot_table(index='city', columns='year', values='n', aggfunc='sum', fill_value=0)",
            "def spread(df):\n    return df.groupby(['city', 'year', 'kind'])['n'].sum()",
        ),
        right="def spread(df):\n    return df.groupby(['city', 'year', 'kind'])['n'].sum().unstack(['year', 'kind'], fill_value=0)",
        needs="pandas",
    ),
    style(
        "the student's function is applied to the rows by the check",
        "pandas",
        answer("def bmi(row):\n    return round(row['kg'] / row['m'] ** 2, 1)"),
        check("""
            import pandas as pd

            people = pd.DataFrame({"kg": [80.0, 50.0], "m": [2.0, 1.6]}, index=["a", "b"])
            got = people.apply(bmi, axis=1)
            assert got.to_dict() == {"a": 20.0, "b": 19.5}
            assert people.assign(bmi=people.apply(bmi, axis="columns")).bmi.max() == 20.0
        """),
        wrong=(
            "def bmi(row):\n    return row['kg'] / row['m']",
            "def bmi(row):\n    return round(row.iloc[0] / row.iloc[1] ** 2)",
        ),
        right="def bmi(row):\n    kg, m = row\n    return float(f'{kg / (m * m):.1f}')",
        needs="pandas",
    ),
    style(
        "a query of the student's is sent to a database in memory",
        "sqlite3",
        given("""
            import sqlite3

            connection = sqlite3.connect(":memory:")
            connection.execute("create table pets (name text, kind text, age int)")
            connection.executemany(
                "insert into pets values (?, ?, ?)",
                [("Rex", "dog", 4), ("Tom", "cat", 9), ("Kit", "cat", 2)],
            )
        """),
        answer("query = \"select name, age from pets where kind = 'cat' order by age\""),
        check("""
            rows = connection.execute(query).fetchall()
            assert rows == [("Kit", 2), ("Tom", 9)]
            assert [c[0] for c in connection.execute(query).description] == ["name", "age"]
        """),
        wrong=(
            "query = \"select name, age from pets where kind = 'cat' order by name desc\"",
            "query = 'select * from pets'",
        ),
        right="query = \"SELECT p.name AS name, p.age AS age FROM pets p WHERE kind LIKE 'CAT' GROUP BY name ORDER BY 2\"",
    ),
    style(
        "pandas reads the student's query with a given connection",
        "sqlite3",
        given("""
            import sqlite3

            import pandas as pd

            cnx = sqlite3.connect(":memory:")
            pd.DataFrame({"city": ["Rome", "Oslo", "Rome"], "n": [1, 2, 5]}).to_sql("t", cnx, index=False)
        """),
        answer("q1 = 'select city, sum(n) as total from t group by city order by city'"),
        check("""
            df = pd.read_sql(q1, cnx)
            assert list(df.columns) == ["city", "total"]
            assert df.values.tolist() == [["Oslo", 2], ["Rome", 6]]
        """),
        wrong=(
            "q1 = 'select city, n as total from t order by city'",
            "q1 = 'select city, count(n) as total from t group by city order by city'",
        ),
        right="q1 = '''with s as (select city, total(n) as x from t group by 1)\nselect city, cast(x as integer) as total from s order by city'''",
        needs="pandas",
    ),
    style(
        "a connection is handed to the student's function",
        "sqlite3",
        answer(
            "def add_user(db, name):\n    with db:\n        return db.execute('insert into users (name) values (?)', (name,)).lastrowid"
        ),
        check("""
            import sqlite3

            db = sqlite3.connect(":memory:")
            db.execute("create table users (id integer primary key, name text unique)")
            assert add_user(db, "ann") == 1 and add_user(db, "bob'; drop table users; --") == 2
            assert db.execute("select count(*) from users").fetchone() == (2,)
            try:
                add_user(db, "ann")
            except sqlite3.IntegrityError:
                pass
            else:
                raise AssertionError("a name twice")
        """),
        wrong=(
            "def add_user(db, name):\n    return db.execute(f\"insert into users (name) values ('{name}')\").lastrowid",
            "def add_user(db, name):\n    db.execute('insert or ignore into users (name) values (?)', (name,))\n    return db.total_changes",
        ),
        right="def add_user(db, name):\n    cursor = db.cursor()\n    cursor.execute('insert into users values (null, :name)', {'name': name})\n    db.commit()\n    return cursor.execute('select max(id) from users').fetchone()[0]",
    ),
    style(
        "a JSON file is written during the call",
        "a file that is written",
        answer(
            "import json\ndef save(path, scores):\n    with open(path, 'w') as f:\n        json.dump({k: sorted(v) for k, v in scores.items()}, f, indent=1)"
        ),
        check("""
            import json
            import os

            save("scores.json", {"ann": [3, 1], "bob": []})
            assert os.path.exists("scores.json")
            with open("scores.json") as f:
                assert json.load(f) == {"ann": [1, 3], "bob": []}
            save("scores.json", {})
            assert json.load(open("scores.json")) == {}
            os.remove("scores.json")
        """),
        wrong=(
            "def save(path, scores):\n    with open(path, 'w') as f:\n        f.write(str(scores))",
            "import json\ndef save(path, scores):\n    return json.dumps({k: sorted(v) for k, v in scores.items()})",
        ),
        right="import json, pathlib\ndef save(path, scores):\n    pathlib.Path(path).write_text(json.dumps({k: sorted(scores[k]) for k in scores}))",
    ),
    style(
        "files in a temporary folder of the check's",
        "a file that is written",
        answer("""
            from pathlib import Path

            def split_lines(path, folder):
                made = []
                for k, line in enumerate(Path(path).read_text().splitlines()):
                    target = Path(folder) / f"part{k}.txt"
                    target.write_text(line)
                    made.append(target)
                return made
        """),
        check("""
            import pathlib
            import tempfile

            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                (folder / "in.txt").write_text("one\\ntwo\\n")
                parts = split_lines(folder / "in.txt", folder)
                assert [p.name for p in parts] == ["part0.txt", "part1.txt"]
                assert all(isinstance(p, pathlib.Path) for p in parts)
                assert (folder / "part1.txt").read_text() == "two"
                assert len(list(folder.glob("part*.txt"))) == 2
        """),
        wrong=(
            "from pathlib import Path\ndef split_lines(path, folder):\n    return [Path(folder) / f'part{k}.txt' for k, _ in enumerate(open(path))]",
            "from pathlib import Path\ndef split_lines(path, folder):\n    made = []\n    for k, line in enumerate(open(path)):\n        p = Path(folder) / f'part{k}.txt'\n        p.write_text(line)\n        made.append(p)\n    return made",
        ),
        right="import os, pathlib\ndef split_lines(path, folder):\n    lines = open(path).read().split('\\n')[:-1]\n    names = [os.path.join(folder, f'part{k}.txt') for k in range(len(lines))]\n    for name, line in zip(names, lines):\n        with open(name, 'w') as f:\n            f.write(line)\n    return [pathlib.Path(n) for n in names]",
    ),
    style(
        "a file is given, read and appended to",
        "a file that is written",
        answer(
            "def log_line(text):\n    with open('log.txt', 'a') as f:\n        f.write(text + '\\n')\n    with open('log.txt') as f:\n        return len(f.readlines())"
        ),
        check("""
            before = open("log.txt").read()
            assert before == "begin\\n"
            assert log_line("one") == 2 and log_line("two") == 3
            assert open("log.txt").read() == "begin\\none\\ntwo\\n"
            with open("log.txt", "w") as f:
                f.write("fresh\\n")
            assert log_line("three") == 2, "the file that lies there now"
        """),
        wrong=(
            "def log_line(text):\n    with open('log.txt', 'w') as f:\n        f.write(text + '\\n')\n    return 1",
            "n = 1\ndef log_line(text):\n    global n\n    n += 1\n    return n",
        ),
        right="from pathlib import Path\ndef log_line(text):\n    p = Path('log.txt')\n    p.write_text(p.read_text() + f'{text}\\n')\n    return p.read_text().count('\\n')",
        files={"log.txt": "begin\n"},
    ),
    style(
        "a text stream of the check is written to by the student",
        "a stream handed over",
        answer(
            "import csv\ndef export(rows, out):\n    w = csv.DictWriter(out, ['name', 'n'], lineterminator='\\n')\n    w.writeheader()\n    w.writerows(rows)"
        ),
        check("""
            import csv
            import io

            out = io.StringIO()
            export([{"name": "kite", "n": 2}, {"name": "a,b", "n": 0}], out)
            assert out.getvalue() == 'name,n\\nkite,2\\n"a,b",0\\n'
            out.seek(0)
            assert [row["name"] for row in csv.DictReader(out)] == ["kite", "a,b"]
        """),
        wrong=(
            "def export(rows, out):\n    out.write('name,n\\n')\n    for r in rows:\n        out.write(f\"{r['name']},{r['n']}\\n\")",
            "def export(rows, out):\n    return '\\n'.join(str(r) for r in rows)",
        ),
        right="import csv\ndef export(rows, out):\n    quote = lambda t: '\"' + t + '\"' if ',' in t else t\n    print('name,n', *(f\"{quote(r['name'])},{r['n']}\" for r in rows), sep='\\n', file=out)",
    ),
    style(
        "an open file comes back from the student's function",
        "a stream handed over",
        answer("def opened(path):\n    f = open(path)\n    f.readline()\n    return f"),
        check("""
            import io

            f = opened("sales.csv")
            assert isinstance(f, io.TextIOBase) and not f.closed
            assert f.readline().strip() == "Rome,1,10"
            assert len(f.readlines()) == 4
            f.close()
            assert f.closed
        """),
        wrong=(
            "def opened(path):\n    return open(path)",
            "def opened(path):\n    return open(path).read()",
        ),
        right="import itertools, io\ndef opened(path):\n    with open(path) as f:\n        next(f)\n        return io.StringIO(f.read())",
        files={"sales.csv": SALES},
    ),
    style(
        "a judge's module beside the notebook is handed the student's things",
        "a helper module",
        answer("def clean(df):\n    return df.dropna().reset_index(drop=True)"),
        check("""
            import numpy as np
            import pandas as pd
            from judge import Judge

            test = Judge("cleaning")
            test.run(clean(pd.DataFrame({"a": [1.0, np.nan, 3.0]})), [[1.0], [3.0]], "rows")
            test.run(clean(pd.DataFrame({"a": [2.0]})), [[2.0]], "nothing to drop")
            test.finish()
        """),
        wrong=("def clean(df):\n    return df.fillna(0)", "def clean(df):\n    return df.dropna()"),
        right="def clean(df):\n    kept = df[df.notna().all(axis=1)]\n    return kept.set_index(type(df.index)(range(len(kept))))",
        files={
            "judge.py": """
                import pandas as pd

                class Judge:
                    def __init__(self, name):
                        self.name, self.failed = name, []

                    def run(self, got, expected, words):
                        ok = isinstance(got, pd.DataFrame) and got.values.tolist() == expected
                        if not ok or list(got.index) != list(range(len(expected))):
                            self.failed.append(words)

                    def finish(self):
                        assert not self.failed, f"{self.name}: {', '.join(self.failed)}"
            """
        },
        needs="pandas",
    ),
    style(
        "a merge of two tables, compared without regard to order",
        "pandas",
        answer(
            "import pandas as pd\ndef joined(people, cities):\n    return people.merge(cities, on='city', how='left')"
        ),
        check("""
            import pandas as pd

            people = pd.DataFrame({"name": ["ann", "bob"], "city": ["Rome", "Nowhere"]})
            cities = pd.DataFrame({"city": ["Oslo", "Rome"], "country": ["NO", "IT"]})
            got = joined(people, cities)
            assert set(got.columns) == {"name", "city", "country"} and len(got) == 2
            assert got.set_index("name").loc["ann", "country"] == "IT"
            assert got.country.isna().sum() == 1 and pd.isna(got.country.iloc[-1])
        """),
        wrong=(
            "def joined(people, cities):\n    return people.merge(cities)",
            "def joined(people, cities):\n    return people.join(cities, lsuffix='_l')",
        ),
        right="def joined(people, cities):\n    return people.assign(country=people.city.map(cities.set_index('city').country))",
        needs="pandas",
    ),
    style(
        "the student's table is hashed and described",
        "pandas",
        given("import pandas as pd"),
        answer(
            "df = pd.DataFrame({'x': [1, 2, 3], 'y': [2.0, 4.0, 6.0]})\nslope = df['y'].corr(df['x'])"
        ),
        check("""
            import hashlib

            stats = df.describe()
            assert stats.loc["mean", "x"] == 2 and stats.loc["max", "y"] == 6
            text = df.to_csv(index=False)
            assert hashlib.md5(text.encode()).hexdigest() == "7c42e5e04b2c9283527e3ee73fac160a"
            assert round(float(slope), 6) == 1.0
        """),
        wrong=(
            "df = pd.DataFrame({'x': [1, 2, 3], 'y': [2, 4, 6]})\nslope = 1.0",
            "df = pd.DataFrame({'x': [1, 2, 3], 'y': [2.0, 4.0, 6.0]})\nslope = df['y'].cov(df['x'])",
        ),
        right="df = pd.DataFrame([(k, 2.0 * k) for k in (1, 2, 3)], columns=['x', 'y'])\nslope = pd.Series([1.0]).iloc[0]",
        needs="pandas",
    ),
    style(
        "the student's object has a table inside",
        "pandas",
        answer("""
            import pandas as pd

            class Ledger:
                def __init__(self):
                    self.df = pd.DataFrame({"who": [], "amount": []})
                def add(self, who, amount):
                    self.df.loc[len(self.df)] = [who, amount]
                def balance(self):
                    return self.df.groupby("who").amount.sum()
        """),
        check("""
            ledger = Ledger()
            ledger.add("ann", 5.0), ledger.add("bob", 2.0), ledger.add("ann", -1.0)
            assert ledger.df.shape == (3, 2)
            assert ledger.balance().to_dict() == {"ann": 4.0, "bob": 2.0}
            assert ledger.df["amount"].iloc[-1] == -1.0 and ledger.df.columns.tolist() == ["who", "amount"]
        """),
        wrong=(
            "class Ledger:\n    def __init__(self):\n        self.df = []\n    def add(self, who, amount):\n        self.df.append((who, amount))\n    def balance(self):\n        return dict(self.df)",
            of(
                "import pandas as pd\nclass Ledger:\n    def __init__(self):\n        self.df = pd.DataFrame({'who': [], 'amount': []})\n    def add(self, who, amount):\n        self.df.loc[0] = [who, amount]\n    def balance(self):\n        return self.df.groupby('who').amount.sum()"
            ),
        ),
        right="import pandas as pd\nclass Ledger:\n    def __init__(self):\n        self.rows = []\n    @property\n    def df(self):\n        return pd.DataFrame(self.rows, columns=['who', 'amount'])\n    def add(self, *row):\n        self.rows.append(row)\n    def balance(self):\n        return self.df.pivot_table('amount', 'who', aggfunc='sum')['amount']",
        needs="pandas",
    ),
]

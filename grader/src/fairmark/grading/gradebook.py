"""Opening nbgrader's gradebook safely.

``nbgrader.api.Gradebook`` asks the program ``alembic`` for the version of its
schema when it makes a new database. In a virtual environment that is not on
PATH there is no such program; the call then fails half-way and leaves a
database without a version, on which every later command fails. Here the
version comes from alembic's Python interface, and a half-made database is
completed.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from unittest import mock

import nbgrader.api
from alembic.config import Config
from alembic.script import ScriptDirectory
from nbgrader.api import Base, Gradebook
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from fairmark.model import GradingError

_opening = threading.Lock()


def schema_version() -> str:
    """Return the newest version of nbgrader's schema, without starting a program."""
    config = Config()
    config.set_main_option("script_location", str(ALEMBIC_DIR).replace("%", "%%"))
    return str(ScriptDirectory.from_config(config).get_current_head())


@contextlib.contextmanager
def open_gradebook(db_url: str, course_id: str) -> Iterator[Gradebook]:
    """Open the gradebook, making it when there is none.

    Parameters
    ----------
    db_url : str
        SQLAlchemy's address of the database.
    course_id : str
        nbgrader's name of the course.

    Yields
    ------
    nbgrader.api.Gradebook
        Closed at the end.

    Raises
    ------
    GradingError
        When the database cannot be reached or is of another version, or its driver is
        not installed.
    """
    try:
        _complete(db_url)
        with _opening, mock.patch.object(nbgrader.api, "get_alembic_version", schema_version):
            gradebook = Gradebook(db_url, course_id)
    except ModuleNotFoundError as error:
        raise GradingError(
            f"The gradebook {_shown(db_url)} needs the Python package {error.name}, which is not "
            "installed. For PostgreSQL: pip install 'psycopg[binary]'."
        ) from error
    except SQLAlchemyError as error:
        raise GradingError(f"The gradebook {_shown(db_url)} cannot be opened: {error}") from error
    with gradebook:
        yield gradebook


def _shown(db_url: str) -> str:
    """Return the address without the password that it may hold."""
    return make_url(db_url).render_as_string(hide_password=True)


def _complete(db_url: str) -> None:
    """Give a half-made database its version; refuse one of another version."""
    engine = create_engine(db_url)
    try:
        tables = set(inspect(engine).get_table_names())
        if not tables:
            return
        if "alembic_version" not in tables and _has_present_schema(engine):
            _stamp(engine)
            return
        _refuse_old(engine, db_url, tables)
    finally:
        engine.dispose()


def _has_present_schema(engine: Engine) -> bool:
    inspector = inspect(engine)
    tables = set(inspector.get_table_names())
    for table in Base.metadata.sorted_tables:
        if table.name not in tables:
            return False
        there = {column["name"] for column in inspector.get_columns(table.name)}
        if not {column.name for column in table.columns} <= there:
            return False
    return True


def _stamp(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(
            text("INSERT INTO alembic_version (version_num) VALUES (:version)"),
            {"version": schema_version()},
        )


def _refuse_old(engine: Engine, db_url: str, tables: set[str]) -> None:
    version = None
    if "alembic_version" in tables:
        with engine.connect() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version != schema_version():
        raise GradingError(
            f"The gradebook {_shown(db_url)} is of another version of nbgrader ({version}). "
            "Make a copy of it, then run `nbgrader db upgrade`."
        )

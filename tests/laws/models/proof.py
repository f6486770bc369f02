"""Holds generated modules to SQLAlchemy: imports each, makes its database, writes and reads rows.

Standard input has a line for each module: its file, and the database to make. What does not hold
is printed, a line for each.
"""

import importlib.util
import json
import re
import sqlite3
import sys
import traceback
import warnings

import sqlalchemy as sa
from sqlalchemy.orm import Session, configure_mappers
from sqlalchemy.orm.exc import FlushError

VALUES = [
    (sa.JSON, {"a": [1, None, "é"]}),
    (sa.LargeBinary, b"\x00\xff"),
    (sa.Boolean, True),
    (sa.Integer, 7),
    (sa.Numeric, 1.5),
    (sa.Float, 1.5),
    (sa.String, "o'x é"),
    (sa.types.NullType, "any"),
]


def loaded(number, path):
    spec = importlib.util.spec_from_file_location(f"models_{number}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    configure_mappers()
    return module


def connected(module, database):
    """An engine with what the head of the module asks for."""
    functions = re.findall(r"^- the function (.*)\(\)$", module.__doc__, re.M)
    collations = re.findall(r"^- the collation (.*)$", module.__doc__, re.M)
    engine = sa.create_engine(f"sqlite:///{database}")

    @sa.event.listens_for(engine, "connect")
    def connect(connection, _record):
        # A default may be text that is not UTF-8, which Python's driver does not read by itself.
        connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        for name in functions:
            connection.create_function(name, -1, lambda *_: None, deterministic=True)
        for name in collations:
            connection.create_collation(name, lambda a, b: (a > b) - (a < b))

    return engine


def value_of(column):
    kind = column.type
    if hasattr(kind, "choices"):
        return list(kind.choices)[-1]
    kind = getattr(kind, "like", kind)
    return next(value for known, value in VALUES if isinstance(kind, known))


def held(engine, mapper, keeps_values):
    """Writes a row through the class, reads it, and gives what came back otherwise."""
    written, wrong = {}, []
    for prop in mapper.column_attrs:
        column = prop.columns[0]
        if column.computed is None and not column.system:
            nullable = mapper.class_.__annotations__[prop.key].endswith("| None]")
            keeps = keeps_values or not nullable
            written[prop.key] = value_of(column) if keeps else None
    with Session(engine) as session:
        session.connection().exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        row = mapper.class_(**written)
        session.add(row)
        try:
            session.flush()
        except (sa.exc.IntegrityError, FlushError):
            # What such a column makes of these values may be NULL.
            if any(column.computed is not None for column in mapper.local_table.columns):
                return []
            raise
        key = mapper.primary_key_from_instance(row)
        session.expunge_all()
        found = session.get(mapper.class_, tuple(key))
        if found is None:
            wrong.append(f"{mapper.class_.__name__}: {key} is not found")
        for name, value in written.items() if found is not None else []:
            back = getattr(found, name)
            if back != value or (value is None) != (back is None):
                wrong.append(f"{mapper.class_.__name__}.{name}: {value!r} came back as {back!r}")
        session.rollback()
    return wrong


def without_triggers(engine):
    with engine.begin() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        for (name,) in names.all():
            quoted = name.replace('"', '""')
            connection.exec_driver_sql(f'DROP TRIGGER "{quoted}"')


def proven(number, path, database):
    module = loaded(number, path)
    engine = connected(module, database)
    module.Base.metadata.create_all(engine)
    module.Base.metadata.create_all(engine)
    engine.dispose()
    copy = f"{database}.copy"
    with sqlite3.connect(database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    engine = connected(module, copy)
    without_triggers(engine)
    wrong = []
    for mapper in module.Base.registry.mappers:
        wrong += held(engine, mapper, True)
        wrong += held(engine, mapper, False)
    with warnings.catch_warnings():
        # Of tables that point to each other, SQLAlchemy warns that no order of dropping is right.
        warnings.simplefilter("ignore")
        module.Base.metadata.drop_all(engine)
    engine.dispose()
    return wrong


def main():
    warnings.simplefilter("error")
    for number, line in enumerate(sys.stdin):
        path, database = json.loads(line)
        try:
            wrong = proven(number, path, database)
        except Exception:
            wrong = [traceback.format_exc()]
        for message in wrong:
            print(f"{path}: {message}")


main()

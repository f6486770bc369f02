"""Deletes parents through the classes of a module, and with SQLite alone: the same must be left.

The first argument is the module's file. What differs is printed.
"""

import importlib.util
import sqlite3
import sys
import warnings

import sqlalchemy as sa
from sqlalchemy.orm import Session

warnings.simplefilter("error")
spec = importlib.util.spec_from_file_location("models", sys.argv[1])
models = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = models
spec.loader.exec_module(models)


def left(connection):
    tables = ["parents", "cascades", "nulls", "keeps", "nodes"]
    return [connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]


def by_sqlite(database, sql):
    try:
        database.execute("PRAGMA foreign_keys = ON")
        with database:
            database.execute(sql)
    except sqlite3.IntegrityError:
        pass
    return left(database)


def by_classes(database, kind, key, loaded):
    engine = sa.create_engine("sqlite://", creator=lambda: database, poolclass=sa.pool.StaticPool)
    database.execute("PRAGMA foreign_keys = ON")
    with Session(engine) as session:
        row = session.get(kind, key)
        for name in sa.inspect(kind).relationships.keys() if loaded else []:
            getattr(row, name)
        session.delete(row)
        try:
            session.commit()
        except sa.exc.IntegrityError:
            session.rollback()
    return left(database)


def filled():
    database = sqlite3.connect(":memory:", check_same_thread=False)
    engine = sa.create_engine("sqlite://", creator=lambda: database, poolclass=sa.pool.StaticPool)
    models.Base.metadata.create_all(engine)
    with Session(engine) as session:
        one, two = models.Parents(id=1), models.Parents(id=2)
        one.cascades.append(models.Cascades(id=1))
        one.nulls.append(models.Nulls(id=1, parent=one))
        two.keeps.append(models.Keeps(id=1))
        two.cascades.append(models.Cascades(id=2))
        root = models.Nodes(id=1)
        root.children.append(models.Nodes(id=2, children=[models.Nodes(id=3)]))
        session.add_all([one, two, root])
        session.flush()
        assert root.children[0].children[0].parent is root.children[0]
        # The way to the root is there to be read; a row is its own root.
        for node in session.scalars(sa.select(models.Nodes)):
            node.root_node_id = root.id
        session.commit()
        assert root.root is root
        assert [node.id for node in root.tree] == [1, 2, 3]
    return database


for kind, key in [(models.Parents, 1), (models.Parents, 2), (models.Nodes, 2), (models.Nodes, 1)]:
    expected = by_sqlite(filled(), f"DELETE FROM {kind.__tablename__} WHERE id = {key}")
    for loaded in [False, True]:
        found = by_classes(filled(), kind, key, loaded)
        if found != expected:
            print(f"{kind.__name__} {key}, loaded {loaded}: {found}, and SQLite alone leaves {expected}")

with Session(sa.create_engine("sqlite://", creator=filled, poolclass=sa.pool.StaticPool)) as session:
    row = models.Nulls(id=9, note=None, tags=None)
    session.add_all([row, models.Nulls(id=10)])
    session.commit()
    found = session.connection().exec_driver_sql("SELECT note, tags FROM nulls WHERE id > 8").all()
    if found != [(None, None), ("none", "[]")]:
        print(f"None beside a default became {found}")
    session.connection().exec_driver_sql("UPDATE nulls SET state = 'lost' WHERE id = 9")
    session.expire_all()
    try:
        print(f"an unknown value is read as {row.state}")
    except ValueError as error:
        if "'lost' is not a valid NullsState" not in str(error):
            print(error)

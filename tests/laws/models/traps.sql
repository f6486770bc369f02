-- Names that a language has for itself, that SQLAlchemy keeps, that nobody can spell, or that are each other's.
CREATE TABLE class (
    "class" INTEGER PRIMARY KEY,
    metadata TEXT,
    registry TEXT,
    mapped_column INT,
    relationship INT,
    sa INT,
    str TEXT DEFAULT 'x',
    int INTEGER,
    l INT,
    "O" INT,
    "I" INT,
    None TEXT,
    __init__ TEXT,
    __tablename__ TEXT,
    __mapper_args__ TEXT,
    _sa_registry TEXT,
    _ INT,
    "2nd" INT,
    "a b" INT,
    "a-b" INT,
    a_b INT,
    "%(x)s" INT,
    "a:b" INT,
    "a.b" INT,
    "é" INT,
    Base INT,
    Any INT,
    query INT,
    text INT,
    type INT,
    "match" INT
);
CREATE TABLE class_ (id INT PRIMARY KEY, "Class" INT, a INT, b INT, CHECK (a < b));
CREATE TABLE base (rowid TEXT, _rowid_ TEXT);
CREATE TABLE no_name_left (rowid TEXT, _rowid_ TEXT, oid TEXT);
CREATE INDEX of_no_name ON no_name_left (oid);
CREATE TABLE any (a);
CREATE TABLE "odd.name" (id INTEGER PRIMARY KEY, "x.y" TEXT UNIQUE);
CREATE TABLE of_odd (a TEXT REFERENCES "odd.name" ("x.y"), b INT REFERENCES "odd.name");
CREATE TABLE "it's ""quoted"" \ and %s :x" (a TEXT CHECK (a <> ':x \:y ::z "''" %s'));
CREATE TABLE params (statement INT PRIMARY KEY, new TEXT NOT NULL, "row" INT, rest INT, "rows" INT);
CREATE TABLE "New" (a TEXT NOT NULL);
CREATE TABLE new_new (a TEXT NOT NULL, rows INT PRIMARY KEY);
CREATE TABLE "from" (a TEXT NOT NULL);
CREATE TABLE "select" (a TEXT);
CREATE TABLE get (a TEXT);
CREATE TABLE from_row (a TEXT);

-- Values that comments list.
CREATE TABLE choices (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL DEFAULT 'in work', -- 'in work' | '' | 'it''s "done"' | 'None' | '2nd' | 'é' | 'mro' | 'In Work'
    level INTEGER DEFAULT 1, -- 1 | 2 | -3
    size TEXT, -- 1 | 2
    kind, -- 'a' | 'b'
    number, -- 1 | 2
    mixed, -- 'a' | 1
    nocase TEXT COLLATE NOCASE, -- 'a' | 'b'
    real REAL -- 1 | 2
);

-- JSON, with NULL beside a default.
CREATE TABLE documents (
    id TEXT NOT NULL PRIMARY KEY, -- ULID
    body TEXT NOT NULL DEFAULT '{}', -- JSON
    tags TEXT DEFAULT '[]', -- JSON
    extra JSON DEFAULT '{"a": 1}',
    plain TEXT DEFAULT 'not :null',
    flag BOOLEAN DEFAULT 1,
    moment DATETIME DEFAULT CURRENT_TIMESTAMP,
    price DECIMAL(10, 2) DEFAULT 0,
    raw BLOB DEFAULT x'00'
);

-- Defaults: what a language can say, and what only SQLite can.
CREATE TABLE defaults (
    id INTEGER PRIMARY KEY,
    long TEXT NOT NULL DEFAULT 'a text that is longer than one line of code, so that whoever formats it has to decide where to break',
    middling TEXT NOT NULL DEFAULT 'sixty characters or so: from there on rustfmt breaks a call',
    quoted TEXT NOT NULL DEFAULT 'it''s "so" \ {x} é',
    digits TEXT DEFAULT 1,
    perhaps_44 TEXT DEFAULT '123456789 123456789 123456789 123456789 1234',
    perhaps_45 TEXT DEFAULT '123456789 123456789 123456789 123456789 12345',
    wide TEXT NOT NULL DEFAULT '漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字',
    pi REAL DEFAULT 3.14,
    whole REAL NOT NULL DEFAULT -2,
    yes BOOLEAN NOT NULL DEFAULT TRUE,
    number INT NOT NULL DEFAULT -7,
    text_in_number INT DEFAULT '7',
    hexadecimal INT DEFAULT 0x10,
    thousand INT DEFAULT 1e3,
    empty TEXT DEFAULT NULL,
    computed TEXT DEFAULT (lower('A')),
    made TEXT NOT NULL AS (digits || 'x'),
    word TEXT DEFAULT "x"
);

-- Keys.
CREATE TABLE descending (id INTEGER PRIMARY KEY DESC, a TEXT);
CREATE TABLE descending_at_end (id INTEGER, a TEXT, PRIMARY KEY (id DESC));
CREATE TABLE counted (id INTEGER CONSTRAINT the_key PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT, a TEXT);
CREATE TABLE counted_too (id INTEGER PRIMARY KEY ON CONFLICT IGNORE AUTOINCREMENT, a TEXT);
CREATE TABLE counted_child (id INTEGER PRIMARY KEY AUTOINCREMENT REFERENCES counted (id) ON DELETE CASCADE, a TEXT);
CREATE TABLE no_alias (id INT PRIMARY KEY, a TEXT);
CREATE TABLE text_key (id TEXT PRIMARY KEY ON CONFLICT FAIL, a TEXT);
CREATE TABLE together (b TEXT, a INT, c INT, CONSTRAINT both PRIMARY KEY (a, b COLLATE NOCASE)) WITHOUT ROWID;
CREATE TABLE in_order (b TEXT, a INT, CONSTRAINT in_order_key PRIMARY KEY (a, b) ON CONFLICT ABORT) STRICT, WITHOUT ROWID;
CREATE TABLE bare (a INT, UNIQUE (a DESC), CONSTRAINT u UNIQUE (a COLLATE NOCASE) ON CONFLICT REPLACE);

-- Columns.
CREATE TABLE columns (
    id INTEGER PRIMARY KEY,
    named TEXT CONSTRAINT must_be NOT NULL ON CONFLICT IGNORE DEFAULT 'x',
    fails TEXT NOT NULL ON CONFLICT FAIL,
    folded VARCHAR(20) COLLATE NOCASE UNIQUE,
    stored TEXT GENERATED ALWAYS AS (lower(named) || ':x') STORED,
    computed INTEGER AS (length(fails)) VIRTUAL NOT NULL,
    odd "LONG WORDS (1, 2)" DEFAULT (1 + 2),
    negative INT DEFAULT -1
);
CREATE UNIQUE INDEX parts ON columns (lower(named) COLLATE NOCASE DESC, fails DESC, (negative)) WHERE negative < 0 AND named <> ':x';

-- Relations: both ways, to itself, twice between two, overlapping, to what is not there.
CREATE TABLE trees (
    tree_id TEXT NOT NULL PRIMARY KEY,
    parent_tree_id TEXT REFERENCES trees ON DELETE SET NULL,
    root_tree_id TEXT NOT NULL REFERENCES trees (tree_id) DEFERRABLE INITIALLY DEFERRED,
    next TEXT UNIQUE REFERENCES trees (tree_id) ON UPDATE CASCADE,
    itself TEXT REFERENCES trees (itself)
);
CREATE TABLE tenants (id INTEGER PRIMARY KEY, "default" INT REFERENCES users (id));
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    tenant_id INT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    UNIQUE (tenant_id, id)
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    tenant_id INT NOT NULL,
    author INT,
    editor INT,
    CONSTRAINT of_author FOREIGN KEY (tenant_id, author) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, editor) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants,
    FOREIGN KEY (author) REFERENCES nobody (id),
    FOREIGN KEY (editor) REFERENCES latest (id),
    FOREIGN KEY (author) REFERENCES users (absent)
);
CREATE TABLE branches (
    tenant_id INT NOT NULL REFERENCES tenants (id),
    id INT NOT NULL,
    parent_id INT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES branches (tenant_id, id) ON DELETE CASCADE
);
-- A key whose columns cross those that it refers to.
CREATE TABLE crossed (
    a INT NOT NULL,
    b INT NOT NULL,
    c INT,
    PRIMARY KEY (a, b),
    UNIQUE (b, c),
    FOREIGN KEY (a, b) REFERENCES crossed (b, c),
    FOREIGN KEY (b, a) REFERENCES crossed (a, b)
);

-- What is no table.
CREATE VIEW latest AS SELECT id, tenant_id AS "a % b" FROM posts WHERE author <> 'a
b "c"';
CREATE TRIGGER posted AFTER INSERT ON posts BEGIN UPDATE posts SET editor = new.author WHERE id = new.id; END;
CREATE TRIGGER insted INSTEAD OF DELETE ON latest BEGIN DELETE FROM posts WHERE id = old.id; END;
CREATE VIRTUAL TABLE found USING fts5(body, content='documents');
CREATE VIRTUAL TABLE words USING fts5vocab(found, 'row');
PRAGMA user_version = 7;
PRAGMA application_id = 1234;

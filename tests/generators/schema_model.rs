//! The model of a schema that the generator makes: everything that SQLite's schema language can say, once, whatever
//! its spelling.

#[derive(Clone)]
pub struct Schema {
    pub tables: Vec<Table>,
    pub virtuals: Vec<VirtualTable>,
    /// A view may read those before it.
    pub views: Vec<View>,
    pub triggers: Vec<Trigger>,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    pub key: Option<Key>,
    pub uniques: Vec<Unique>,
    pub checks: Vec<(Option<String>, Expr)>,
    pub foreign_keys: Vec<ForeignKey>,
    pub indexes: Vec<Index>,
    pub strict: bool,
    pub without_rowid: bool,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub declared: &'static str,
    /// The conflict clause.
    pub not_null: Option<&'static str>,
    pub default: Option<Expr>,
    pub collation: Option<&'static str>,
    /// Expression and STORED.
    pub generated: Option<(Expr, bool)>,
}

/// A column of a key.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    pub column: usize,
    pub collation: Option<&'static str>,
    pub descending: bool,
}

#[derive(Clone, Debug)]
pub struct Key {
    pub name: Option<String>,
    pub parts: Vec<Part>,
    pub conflict: &'static str,
    pub autoincrement: bool,
}

#[derive(Clone, Debug)]
pub struct Unique {
    pub name: Option<String>,
    pub parts: Vec<Part>,
    pub conflict: &'static str,
}

#[derive(Clone, Debug)]
pub struct ForeignKey {
    pub name: Option<String>,
    pub columns: Vec<usize>,
    pub parent: String,
    pub parent_columns: Vec<String>,
    /// Whether the parent's columns are its primary key: then they may be left out.
    pub to_key: bool,
    pub on_delete: &'static str,
    pub on_update: &'static str,
    pub deferred: bool,
}

#[derive(Clone, Debug)]
pub struct Index {
    pub name: String,
    pub unique: bool,
    pub keys: Vec<IndexKey>,
    pub filter: Option<Expr>,
}

#[derive(Clone, Debug)]
pub struct IndexKey {
    pub expr: Expr,
    pub collation: Option<&'static str>,
    pub descending: bool,
}

#[derive(Clone, Debug)]
pub struct VirtualTable {
    pub name: String,
    pub module: &'static str,
    pub arguments: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct View {
    pub name: String,
    /// A table, or a view before this one.
    pub table: String,
    /// Expression and name.
    pub columns: Vec<(Expr, String)>,
    /// Whether the names stand in a list behind the view's name, else behind AS.
    pub list: bool,
    pub shape: Shape,
    pub filter: Expr,
    /// ORDER BY the first column, and DESC.
    pub order: Option<bool>,
    pub limit: Option<i64>,
    pub distinct: bool,
}

/// What the rows of a view come from.
#[derive(Clone, PartialEq, Debug)]
pub enum Shape {
    Plain,
    /// WITH w AS …
    Cte,
    /// Each row as often as a recursive table counts.
    Recursive(i64),
    /// SELECT … op SELECT …
    Compound(&'static str),
    /// GROUP BY the first column, HAVING at least so many rows.
    Group(i64),
    /// Another table, by its name and a column of each; the view's expressions say `a.`
    Join(&'static str, String, String, String),
    /// WHERE EXISTS, with the table and a column of each
    Exists(String, String, String),
    /// The first column's partitions are counted.
    Window,
}

#[derive(Clone, Debug)]
pub struct Trigger {
    pub name: String,
    /// A table, or a view of an INSTEAD OF trigger.
    pub table: String,
    pub timing: &'static str,
    pub event: &'static str,
    /// UPDATE OF
    pub columns: Vec<String>,
    /// Over `new` or `old`.
    pub when: Option<Expr>,
    pub body: Vec<Statement>,
}

#[derive(Clone, Debug)]
pub enum Statement {
    Update {
        table: String,
        column: String,
        value: Expr,
    },
    Delete {
        table: String,
        filter: Expr,
    },
    /// The conflict clause behind INSERT, the columns and values, and whether it ends on DO NOTHING.
    Insert {
        table: String,
        or: &'static str,
        values: Vec<(String, Expr)>,
        nothing: bool,
    },
    Raise {
        how: &'static str,
        filter: Expr,
        message: String,
    },
}

#[derive(Clone, PartialEq, Debug)]
pub enum Lit {
    Text(String),
    Int(i64),
    Float(&'static str),
    Blob(&'static str),
    /// NULL, TRUE, CURRENT_TIMESTAMP, …
    Word(&'static str),
}

#[derive(Clone, PartialEq, Debug)]
pub enum Expr {
    Col(Option<&'static str>, String),
    Lit(Lit),
    Collate(Box<Expr>, &'static str),
    Call(&'static str, Vec<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `-`, `~` or NOT
    Unary(&'static str, Box<Expr>),
    IsNull(Box<Expr>, bool),
    /// Whether it is NOT IN.
    In(Box<Expr>, Vec<Lit>, bool),
    Between(Box<Expr>, Lit, Lit, bool),
    Cast(Box<Expr>, &'static str),
    Case(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `(a, b) = (c, d)`
    Row(&'static str, Vec<Expr>, Vec<Expr>),
}

impl Part {
    pub fn of(column: usize) -> Part {
        Part { column, collation: None, descending: false }
    }
}

impl std::fmt::Debug for Schema {
    /// As SQL, which is what a failing test has to show.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.write(None))
    }
}

impl Schema {
    /// The names and columns of what a view can read or a statement can fire a trigger on: a view's columns have no type.
    pub fn relation(&self, name: &str) -> Option<Table> {
        let table = self.tables.iter().find(|table| table.name == name).cloned();
        table.or_else(|| self.views.iter().find(|view| view.name == name).map(View::as_table))
    }
}

impl View {
    /// Whether it reads a table or view of that name.
    pub fn reads(&self, name: &str) -> bool {
        let other = match &self.shape {
            Shape::Join(_, other, ..) | Shape::Exists(other, ..) => Some(other.as_str()),
            _ => None,
        };
        self.table == name || other == Some(name)
    }

    /// The view as what another view reads.
    pub fn as_table(&self) -> Table {
        Table {
            name: self.name.clone(),
            columns: self.columns.iter().map(|(_, name)| Column::plain(name.clone(), "")).collect(),
            key: None,
            uniques: Vec::new(),
            checks: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            strict: false,
            without_rowid: true,
        }
    }
}

impl Table {
    /// Whether its keys meet a duplicate in different ways, REPLACE apart, which always comes last.
    pub fn conflicts_differ(&self) -> bool {
        let conflicts = self.key.iter().map(|key| key.conflict);
        let conflicts = conflicts.chain(self.uniques.iter().map(|unique| unique.conflict));
        let mut conflicts = conflicts.filter(|conflict| *conflict != "REPLACE");
        conflicts.next().is_some_and(|first| conflicts.any(|other| other != first))
    }
}

impl Trigger {
    /// Whether it fires on a table or view of that name, or writes to it.
    pub fn uses(&self, name: &str) -> bool {
        let writes = |statement: &Statement| match statement {
            Statement::Update { table, .. }
            | Statement::Delete { table, .. }
            | Statement::Insert { table, .. } => table == name,
            Statement::Raise { .. } => false,
        };
        self.table == name || self.body.iter().any(writes)
    }
}

impl Column {
    pub fn plain(name: String, declared: &'static str) -> Column {
        Column { name, declared, not_null: None, default: None, collation: None, generated: None }
    }
}

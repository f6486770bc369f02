//! What a difference is.

use super::note::Note;
pub(super) use crate::base::rule::Difference;
use crate::base::words::words;
use crate::schema::{Ident, shown_list};

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What kind it is.
    pub difference: Difference,
    /// What it is about, in the names of the actual schema.
    pub object: ObjectRef,
    /// Where the expected schema speaks of it.
    pub element: Element,
    /// What is expected; `None` when it should not be there.
    pub expected: Option<String>,
    /// The same as the expected schema has it before names are changed to those of the actual one, where that differs.
    pub written: Option<String>,
    /// What is there; `None` when it is missing.
    pub actual: Option<String>,
    /// What else a reader should know.
    pub notes: Vec<Note>,
    /// Of a column that can be NULL on one side only, whether the expected side is the one.
    pub allows_null: bool,
    /// Of a CHECK that is there, which of the actual table's it is.
    pub nth_actual: Option<usize>,
    /// Whether no statement can behave differently because of it.
    pub cosmetic: bool,
}

/// What a difference is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ObjectRef {
    /// The table (or view) it belongs to, or which it is.
    pub table: Option<Ident>,
    /// What kind of object.
    pub kind: ObjectKind,
    /// Its own name.
    pub name: ObjectName,
}

words! {
    /// Kinds of object.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
    #[allow(missing_docs, reason = "each says itself what it is")]
    pub enum ObjectKind {
        Pragma = "pragma",
        Table = "table",
        Column = "column",
        PrimaryKey = "primary-key",
        Unique = "unique",
        ForeignKey = "foreign-key",
        Check = "check",
        Index = "index",
        View = "view",
        Trigger = "trigger",
    }
}

/// How an object is called.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ObjectName {
    /// It has no name but its table's.
    None,
    /// A name of its own.
    Own(Ident),
    /// It is known by columns of its table.
    Columns(Vec<Ident>),
}

/// A part of the expected schema, for finding the place in its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Element {
    /// The expected schema does not speak of it.
    Nothing,
    /// The statement that makes the object.
    Object,
    /// A column of the table.
    Column(Ident),
    /// The table's primary key.
    PrimaryKey,
    /// The n-th UNIQUE of the table.
    Unique(usize),
    /// The n-th CHECK of the table.
    Check(usize),
    /// The n-th foreign key of the table.
    ForeignKey(usize),
}

impl ObjectName {
    /// The name, where it has one of its own.
    pub fn own(&self) -> Option<&Ident> {
        match self {
            ObjectName::Own(name) => Some(name),
            ObjectName::None | ObjectName::Columns(_) => None,
        }
    }

    /// The name as a statement would have it, columns with commas between them; empty where there is none.
    pub fn in_sql(&self) -> String {
        match self {
            ObjectName::None => String::new(),
            ObjectName::Own(name) => name.shown(),
            ObjectName::Columns(columns) => shown_list(columns),
        }
    }

    /// The name as text; of columns, all of them.
    pub fn shown(&self) -> Option<String> {
        match self {
            ObjectName::None => None,
            ObjectName::Own(name) => Some(name.to_string()),
            ObjectName::Columns(columns) => {
                let names: Vec<&str> = columns.iter().map(Ident::as_str).collect();
                (!names.is_empty()).then(|| names.join(", "))
            }
        }
    }
}

impl Change {
    pub(super) fn new(difference: Difference, object: ObjectRef, element: Element) -> Change {
        let (expected, written, actual, notes) = Default::default();
        let (allows_null, nth_actual, cosmetic) = Default::default();
        Change {
            difference,
            object,
            element,
            expected,
            written,
            actual,
            notes,
            allows_null,
            nth_actual,
            cosmetic,
        }
    }

    pub(super) fn expected(mut self, text: impl Into<String>) -> Change {
        self.expected = Some(text.into());
        self
    }

    pub(super) fn actual(mut self, text: impl Into<String>) -> Change {
        self.actual = Some(text.into());
        self
    }

    pub(super) fn actual_check(mut self, (nth, text): (usize, String)) -> Change {
        self.nth_actual = Some(nth);
        self.actual(text)
    }

    pub(super) fn sides(mut self, expected: Option<String>, actual: Option<String>) -> Change {
        (self.expected, self.actual) = (expected, actual);
        self
    }

    pub(super) fn noted(mut self, note: Option<Note>) -> Change {
        self.notes.extend(note);
        self
    }

    pub(super) fn allows_null(mut self, expected: bool) -> Change {
        self.allows_null = expected;
        self
    }

    pub(super) fn cosmetic(mut self) -> Change {
        self.cosmetic = true;
        self
    }

    /// Of a table, column or index that is missing, the one that is there under another name, as it seems.
    pub fn lookalike(&self) -> Option<&Ident> {
        self.notes.iter().find_map(|note| if let Note::RenamedTo(name) = note { Some(name) } else { None })
    }

    /// Whether somebody has to decide first what it comes from: a rename, or a name that is read as a string.
    pub fn is_doubtful(&self) -> bool {
        self.notes.iter().any(Note::is_doubt)
    }

    /// What else a reader should know, as a sentence.
    pub fn note(&self) -> Option<String> {
        let notes: Vec<String> = self.notes.iter().map(Note::to_string).collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    /// The whole order: no two different changes compare equal.
    pub(crate) fn sort_key(&self) -> impl Ord + '_ {
        let object = &self.object;
        (&object.table, self.difference, &object.kind, &object.name, &self.expected, &self.actual)
    }
}

impl ObjectRef {
    pub(super) fn of_table(table: &Ident) -> ObjectRef {
        ObjectRef {
            table: Some(table.clone()),
            kind: ObjectKind::Table,
            name: ObjectName::Own(table.clone()),
        }
    }

    pub(super) fn column(table: &Ident, column: &Ident) -> ObjectRef {
        let name = ObjectName::Columns(vec![column.clone()]);
        ObjectRef { table: Some(table.clone()), kind: ObjectKind::Column, name }
    }

    pub(super) fn part(table: &Ident, kind: ObjectKind, name: ObjectName) -> ObjectRef {
        ObjectRef { table: Some(table.clone()), kind, name }
    }
}

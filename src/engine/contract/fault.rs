//! What the engine refuses, as a fact. Its messages are for people; who has to act on one asks for this.

use crate::diff::ObjectKind;
use crate::schema::Ident;
use crate::sql::tokens;

/// Why a statement was refused, as far as somebody acts on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Something of that name is not there.
    NoSuch(Thing, String),
    /// What stands in double quotes is no column: a string may be meant.
    StringInQuotes(String),
    /// A function is used as what it is not: a window, an aggregate. Without a name it is one somewhere in the statement.
    Misused(Option<String>),
    /// A virtual table could not be set up.
    Constructor,
    /// A table has more columns than values are given, or fewer.
    Width(String),
    /// Nothing can be written to a view.
    View(String),
    /// While something else was altered, an object that does not compile was come upon.
    Within(Within),
    /// There is something of that name.
    Exists,
    /// The table has a column of that name.
    DuplicateColumn,
    /// Only the engine makes a table of that name.
    Reserved,
    /// It is not in the engine's language.
    Syntax,
    /// ADD COLUMN would leave rows without a value.
    AddsNotNull,
    /// ADD COLUMN with a default that is no constant.
    AddsNonConstant,
    /// VACUUM inside of a transaction.
    Vacuum,
    /// What a foreign key refers to is no key.
    KeyMismatch,
    /// A row has NULL where it may not.
    NotNull(Columns),
    /// Two rows have the same values.
    Unique(Columns),
    /// A row breaks a CHECK: the name of the constraint, else its expression.
    Check(Option<String>),
    /// A value does not fit its column's type.
    Type(Columns),
    /// Another constraint.
    Constraint,
    /// Anything else.
    Other,
}

/// What is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each says itself what it is")]
pub enum Thing {
    Table,
    Column,
    Index,
    View,
    Trigger,
    Function,
    Collation,
    /// The module of a virtual table, or what it needs.
    Module,
    Other,
}

/// Columns as the engine names them, bare, each with its table: `t.a, t.b`. Where one name ends and the next begins can only
/// be told by who knows the table.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Columns(pub(crate) String);

impl Columns {
    /// Whether `column` of `table` is among them.
    pub fn have(&self, table: &Ident, column: &Ident) -> bool {
        let name = format!("{}.{}", table.folded(), column.folded());
        let all = self.0.to_ascii_lowercase();
        all.match_indices(&name).any(|(at, found)| {
            let before = all.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(", "));
            let behind = all
                .get(at + found.len()..)
                .is_some_and(|behind| behind.is_empty() || behind.starts_with(", "));
            before && behind
        })
    }

    /// Their names, if they are columns of `table`, which has those that are `known`.
    pub fn of<'k>(&self, table: &str, known: &'k [String]) -> Option<Vec<&'k str>> {
        let mut rest = self.0.as_str();
        let mut found = Vec::new();
        loop {
            rest = behind(rest, table)?.strip_prefix('.')?;
            let fits = known.iter().filter_map(|name| {
                let rest = behind(rest, name)?;
                (rest.is_empty() || rest.starts_with(", ")).then_some((name.as_str(), rest))
            });
            let (name, left) = fits.max_by_key(|(name, _)| name.len())?;
            found.push(name);
            match left.strip_prefix(", ") {
                Some(more) => rest = more,
                None => return Some(found),
            }
        }
    }
}

/// What stands behind a name, in whatever case.
fn behind<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let start = text.get(..name.len())?;
    if start.eq_ignore_ascii_case(name) { text.get(name.len()..) } else { None }
}

/// An object that does not compile. The engine names it bare, in front of what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Within {
    /// What it is.
    pub(crate) kind: ObjectKind,
    /// Its name and what is behind it.
    pub(crate) text: String,
    /// What is wrong with it.
    pub(crate) cause: Box<Fault>,
}

impl Within {
    /// Whether it is one that reads tables.
    pub fn reads(&self) -> bool {
        matches!(self.kind, ObjectKind::View | ObjectKind::Trigger)
    }
}

impl Fault {
    /// Whether only the application has what is missing.
    pub fn is_of_application(&self) -> bool {
        matches!(self.root(), Fault::NoSuch(Thing::Function | Thing::Collation | Thing::Module, _))
    }

    /// What is at the root of it.
    pub fn root(&self) -> &Fault {
        match self {
            Fault::Within(within) => within.cause.root(),
            _ => self,
        }
    }

    /// What to do where ALTER TABLE … RENAME fails for it.
    pub fn help_with_rename(&self) -> Option<&'static str> {
        matches!(self.root(), Fault::NoSuch(Thing::Column, _)).then_some(
            "a double-quoted name that no column has is a string, and prevents the rename: write it as '…' in the spec; where migrations have created something with it, rebuild that first, in a migration of its own",
        )
    }

    /// Whether rows, not the statement, are in the way.
    pub fn is_about_rows(&self) -> bool {
        use Fault::{Check, Constraint, NotNull, Type, Unique};
        matches!(self, NotNull(_) | Unique(_) | Check(_) | Type(_) | Constraint)
    }

    /// Whether it speaks of a column.
    pub fn names(&self, table: &Ident, column: &Ident) -> bool {
        match self {
            Fault::NotNull(columns) | Fault::Unique(columns) | Fault::Type(columns) => {
                columns.have(table, column)
            }
            Fault::Check(Some(check)) => {
                tokens(check).any(|token| token.can_be_name() && *column == *token.unquoted())
            }
            Fault::NoSuch(_, name) | Fault::StringInQuotes(name) => parts(name).any(|part| *column == *part),
            _ => false,
        }
    }

    /// The names of which one may be that of what it misses, or of what is not what it takes it for.
    pub fn about(&self) -> Vec<Ident> {
        let (Fault::NoSuch(_, name) | Fault::StringInQuotes(name) | Fault::Width(name) | Fault::View(name)) =
            self
        else {
            return Vec::new();
        };
        let from_front = |part: &'_ str| -> Vec<Ident> {
            let dots = part.match_indices('.').map(|(at, _)| at);
            dots.chain([part.len()]).filter_map(|end| Some(part.get(..end)?.into())).collect()
        };
        parts(name).flat_map(from_front).collect()
    }

    /// The view or trigger that does not compile, of those that are known. A name may hold whatever stands behind it: the
    /// longest one is meant.
    pub fn blamed<'a>(
        &self,
        known: impl Iterator<Item = (ObjectKind, &'a Ident)>,
    ) -> Option<(ObjectKind, &'a Ident)> {
        let Fault::Within(within) = self else { return None };
        let named = known.filter(|(kind, name)| {
            let behind = within.text.strip_prefix(name.as_str());
            *kind == within.kind && behind.is_some_and(|behind| behind.starts_with([':', ' ']))
        });
        named.max_by_key(|(_, name)| name.as_str().len())
    }
}

/// The names that a name with dots may stand for: itself, and what is behind each dot.
pub fn parts(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(name.match_indices('.').filter_map(move |(at, _)| name.get(at + 1..)))
}

//! Which of the declared renames are to be done now: those that were done stay in the spec as a record, and what cannot be
//! done is no rename to pass over.

use crate::base::error::{Advice, ByHand, Error, ErrorKind};
use crate::plan::RenamedFrom;
use crate::schema::Ident;

/// Names that may be exchanged for each other: the tables of a schema, or the columns of a table.
pub(crate) struct Scope<'a> {
    /// Of which they are names.
    pub(crate) of: Of<'a>,
    /// Whether something is called so now.
    pub(crate) is_there: &'a dyn Fn(&Ident) -> bool,
    /// Whether something is to be called so.
    pub(crate) is_wanted: &'a dyn Fn(&Ident) -> bool,
}

/// What has names.
#[derive(Clone, Copy)]
pub(crate) enum Of<'a> {
    Tables,
    ColumnsOf(&'a Ident),
}

/// A declaration, and the name that it is about.
#[derive(Clone, Copy)]
pub(crate) struct Declared<'a> {
    pub(crate) new: &'a Ident,
    pub(crate) hint: &'a RenamedFrom,
}

/// Why a declared rename cannot be done.
#[derive(Clone, Copy)]
enum Trouble<'a> {
    Itself,
    NeverWas,
    StillWanted,
    BothThere,
    Several,
    TwoNames(&'a Ident),
    Exchange,
}

/// Old and new names, in an order in which each new name is free when its turn comes.
///
/// # Errors
/// The first declaration that cannot be obeyed and was not obeyed before.
pub(crate) fn moves<'a>(declared: &[Declared<'a>], scope: &Scope<'_>) -> Result<Vec<Declared<'a>>, Error> {
    let refuse = |at: Declared<'_>, trouble: Trouble<'_>| Err(scope.error(at, trouble));
    if let Some(own) = declared.iter().find(|d| *d.new == d.hint.from) {
        return refuse(*own, Trouble::Itself);
    }
    if let Some(one) = declared.iter().find(|d| is_exchange(**d, declared, scope)) {
        return refuse(*one, Trouble::Exchange);
    }
    let mut todo: Vec<Declared<'a>> = Vec::new();
    loop {
        let moves_away = |name: &Ident| todo.iter().any(|t| t.hint.from == *name);
        let next = declared.iter().find(|d| {
            let is_open = !(scope.is_there)(d.new) || moves_away(d.new);
            is_open && !todo.iter().any(|t| t.new == d.new)
        });
        let Some(next) = next else { break };
        let mut sources = declared.iter().filter(|d| d.new == next.new && (scope.is_there)(&d.hint.from));
        let Some(first) = sources.next() else { return refuse(*next, Trouble::NeverWas) };
        if let Some(second) = sources.next() {
            return refuse(*second, Trouble::Several);
        }
        if let Some(twin) = todo.iter().find(|t| t.hint.from == first.hint.from) {
            return refuse(*first, Trouble::TwoNames(twin.new));
        }
        todo.push(*first);
    }
    for done in &todo {
        let old = &done.hint.from;
        if (scope.is_wanted)(old) && !todo.iter().any(|t| t.new == old) {
            return refuse(*done, Trouble::StillWanted);
        }
    }
    for other in declared.iter().filter(|d| !todo.iter().any(|t| t.new == d.new)) {
        // It was done once if the old name is gone, or is another's now.
        let old = &other.hint.from;
        if (scope.is_there)(old) && !(scope.is_wanted)(old) {
            let twin = todo.iter().find(|t| t.hint.from == *old);
            let trouble = twin.map_or(Trouble::BothThere, |twin| Trouble::TwoNames(twin.new));
            return refuse(*other, trouble);
        }
    }
    // What frees a name was found before what takes it.
    Ok(todo)
}

/// Whether the name goes round: nothing tells whether that was done already.
fn is_exchange(start: Declared<'_>, declared: &[Declared<'_>], scope: &Scope<'_>) -> bool {
    let there = |d: &&Declared<'_>| (scope.is_there)(d.new) && (scope.is_there)(&d.hint.from);
    let mut at = Some(&start).filter(there);
    for _ in declared {
        let Some(here) = at else { return false };
        if here.hint.from == *start.new {
            return true;
        }
        at = declared.iter().filter(there).find(|d| *d.new == here.hint.from);
    }
    false
}

impl Scope<'_> {
    fn error(&self, at: Declared<'_>, trouble: Trouble<'_>) -> Error {
        let shown = |name: &Ident| name.shown();
        let (new, old) = (shown(at.new), shown(&at.hint.from));
        let (kind, place) = match self.of {
            Of::Tables => ("table", "the schema so far".to_owned()),
            Of::ColumnsOf(table) => ("column", shown(table)),
        };
        let so_far = format!("the {kind} {new} is said to be called {old} so far");
        let one_comment = "keep one of the two comments".into();
        let (message, help): (String, Advice) = match trouble {
            Trouble::Itself => (
                format!("the {kind} {new} is said to be renamed from its own name"),
                "take the comment away; upper and lower case are one name to SQLite".into(),
            ),
            Trouble::NeverWas => (
                format!("{so_far}, and {place} has no {kind} {old}"),
                format!("correct the old name, or write `-- planctl:new` if {new} has none").into(),
            ),
            Trouble::StillWanted => (
                format!("{so_far}, and {old} is still in the spec"),
                format!("take {old} out of the spec, or write `-- planctl:new` above {new}").into(),
            ),
            Trouble::BothThere => (
                format!("{so_far}, and {place} has both"),
                "take the comment away if that rename was done long ago".into(),
            ),
            Trouble::Several => {
                (format!("two old names are said of the {kind} {new}, and {place} has both"), one_comment)
            }
            Trouble::TwoNames(other) => (
                format!("the {kind} {old} is said to become {new}, and {} as well", shown(other)),
                one_comment,
            ),
            Trouble::Exchange => (
                format!("the {kind}s {new} and {old} are said to exchange their names"),
                Advice::WriteByHand {
                    what: ByHand::Migration,
                    first: Some("nothing would tell afterwards that it is done: take the comments away"),
                    or: None,
                },
            ),
        };
        Error::new(ErrorKind::Migration, message).at_place(at.hint.location.clone()).help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names there are, names that are wanted, `new<old`.
    fn tried(there: &str, wanted: &str, hints: &str) -> Result<String, String> {
        let table = Ident::from("t");
        let list: Vec<(Ident, RenamedFrom)> = hints
            .split_whitespace()
            .map(|hint| {
                let (new, old) = hint.split_once('<').unwrap();
                let (table, column, from) = (table.clone(), Some(new.into()), old.into());
                (new.into(), RenamedFrom { table, column, from, location: None })
            })
            .collect();
        let declared: Vec<Declared<'_>> = list.iter().map(|(new, hint)| Declared { new, hint }).collect();
        let has = |names: &str, name: &Ident| names.split_whitespace().any(|known| *name == *known);
        let scope = Scope {
            of: Of::ColumnsOf(&table),
            is_there: &|name| has(there, name),
            is_wanted: &|name| has(wanted, name),
        };
        let moves = moves(&declared, &scope).map_err(|error| error.message().to_owned())?;
        Ok(moves.iter().map(|d| format!("{}>{} ", d.hint.from, d.new)).collect::<String>().trim().to_owned())
    }

    #[test]
    fn a_rename_is_done_once() {
        assert_eq!(tried("a", "b", "b<a").unwrap(), "a>b");
        assert_eq!(tried("b", "b", "b<a").unwrap(), "");
        // A new one may have taken the old name since.
        assert_eq!(tried("a b", "a b", "b<a").unwrap(), "");
        // It had two names before this one.
        assert_eq!(tried("b", "c", "c<a c<b").unwrap(), "b>c");
        assert_eq!(tried("c", "c", "c<a c<b").unwrap(), "");
    }

    #[test]
    fn a_chain_begins_with_the_name_that_is_free() {
        assert_eq!(tried("a b", "b c", "b<a c<b").unwrap(), "b>c a>b");
        assert_eq!(tried("a b c", "b c d", "b<a d<c c<b").unwrap(), "c>d b>c a>b");
        assert_eq!(tried("b c", "b c", "b<a c<b").unwrap(), "");
    }

    #[test]
    fn what_cannot_be_obeyed_is_refused() {
        for (there, wanted, hints, said) in [
            ("a x", "c x", "c<b", "no column b"),
            ("a", "a c", "c<a", "still in the spec"),
            ("a c", "c", "c<a", "has both"),
            ("a b", "a b", "a<b b<a", "exchange"),
            ("a b c", "a b c", "a<b b<c c<a", "exchange"),
            ("a b", "c", "c<a c<b", "two old names"),
            ("a", "b c", "b<a c<a", "and b as well"),
            ("a", "a", "a<A", "its own name"),
            ("b x", "b c", "b<a c<b", "no column a"),
        ] {
            let error = tried(there, wanted, hints).unwrap_err();
            assert!(error.contains(said), "{hints}: {error}");
        }
    }
}

//! Names, and the one place where their case rules live.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::sql::{Token, display_name, quote, tokens};

/// What may be a name in a text of SQL, strings included: SQLite takes one for a name wherever it wants a name.
pub fn names_in(sql: &str) -> impl Iterator<Item = Ident> {
    tokens(sql).filter(Token::can_be_name).map(|token| Ident::from(token.unquoted()))
}

/// A name of a schema object. Two names are the same when they differ only in the case of ASCII letters, as SQLite
/// has it; the spelling is kept.
#[derive(Clone)]
pub struct Ident(Box<str>);

impl Ident {
    /// A name as it was written, without quotes.
    pub fn new(name: impl Into<Box<str>>) -> Ident {
        Ident(name.into())
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a person would write it: quoted only where it has to be.
    pub fn shown(&self) -> String {
        display_name(&self.0)
    }

    /// The name as an identifier that SQLite reads back as exactly this one.
    pub fn quoted(&self) -> String {
        quote(&self.0)
    }

    /// The name as it compares: ASCII letters in lower case.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Names as a person would write them, in a list.
pub fn shown_list<'a>(names: impl IntoIterator<Item = &'a Ident>) -> String {
    names.into_iter().map(Ident::shown).collect::<Vec<_>>().join(", ")
}

impl AsRef<[u8]> for Ident {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl PartialEq for Ident {
    fn eq(&self, other: &Ident) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Ident {}

impl PartialEq<str> for Ident {
    fn eq(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl Hash for Ident {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Several at once: a hasher takes about as long for one byte as for eight.
        for part in self.0.as_bytes().chunks(16) {
            let mut folded = [0; 16];
            let folded = &mut folded[..part.len()];
            folded.copy_from_slice(part);
            folded.make_ascii_lowercase();
            state.write(folded);
        }
        state.write_u8(0xff);
    }
}

impl Ord for Ident {
    fn cmp(&self, other: &Ident) -> Ordering {
        let (one, two) = (self.0.as_bytes(), other.0.as_bytes());
        // Mostly the same letter in the same case.
        let differ = |(a, b): (&u8, &u8)| {
            let order =
                if a == b { Ordering::Equal } else { a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()) };
            order.is_ne().then_some(order)
        };
        one.iter().zip(two).find_map(differ).unwrap_or_else(|| one.len().cmp(&two.len()))
    }
}

impl PartialOrd for Ident {
    fn partial_cmp(&self, other: &Ident) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<&str> for Ident {
    fn from(name: &str) -> Ident {
        Ident(name.into())
    }
}

impl From<String> for Ident {
    fn from(name: String) -> Ident {
        Ident(name.into())
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_fold_ascii_and_nothing_else() {
        assert_eq!(Ident::from("Plans"), Ident::from("PLANS"));
        assert_ne!(Ident::from("Ä"), Ident::from("ä"), "SQLite folds ASCII only");
        let set: HashSet<Ident> = ["a", "A", "b"].into_iter().map(Ident::from).collect();
        assert_eq!(set.len(), 2);
        for name in ["x".repeat(15), "y".repeat(16), "äZ".repeat(40)] {
            let set: HashSet<Ident> = [name.to_ascii_uppercase(), name].map(Ident::from).into();
            assert_eq!(set.len(), 1, "{set:?}");
        }
        let (a, b) = (Ident::from("a"), Ident::from("B"));
        assert!(a < b);
    }
}

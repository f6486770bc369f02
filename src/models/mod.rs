//! A schema → the classes of a program that uses it. The facts that every language needs (which tables get a class, what
//! the columns' values are, which relations the foreign keys make), and a writer for each language. Pure: text in, text out.

mod facts;
mod made;
mod names;
mod python;
mod relation;
mod value;

pub use self::facts::{Promises, Source};
pub use self::made::{Language, Made, NamesFrom};

use self::facts::Facts;

/// The text of a file of classes.
pub fn text(source: &Source<'_>, made: &Made) -> String {
    let facts = Facts::of(source);
    match made.language {
        Language::Python => python::module(source, &facts, made),
    }
}

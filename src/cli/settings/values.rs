//! Values in `planctl.toml`, and what is wrong with them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::Location;

/// A value with its place.
pub(super) type Item<'a> = Spanned<DeValue<'a>>;
/// The place of a part of the file.
pub(super) type Place<'p> = dyn Fn(Range<usize>) -> Location + 'p;

pub(super) fn wrong(message: impl Into<String>, at: Location) -> Error {
    Error::new(ErrorKind::Config, message).at(at)
}

pub(super) fn of_type(what: &str, wanted: &str, value: &Item<'_>, place: &Place<'_>) -> Error {
    let message = format!("{what} has to be {wanted}, but it is of type {}", value.get_ref().type_str());
    wrong(message, place(value.span()))
}

pub(super) fn table<'v, 'a>(what: &str, value: &'v Item<'a>, place: &Place<'_>) -> Result<&'v DeTable<'a>> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(of_type(what, "a table", value, place)),
    }
}

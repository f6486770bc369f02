//! CREATE VIEW (<https://www.sqlite.org/lang_createview.html>).

use super::Kind;
use super::cursor::{Cursor, Read};
use crate::schema::View;

/// Reads a CREATE VIEW statement.
///
/// # Errors
/// `Unread` with the place of the first token that is not understood.
pub fn create_view(statement: &str) -> Read<View> {
    let mut cursor = Cursor::new(statement);
    let name = cursor.create(Kind::View)?;
    let columns = if cursor.at_punct("(") { Some(cursor.name_list()?) } else { None };
    cursor.expect(&["AS"])?;
    let select = cursor.rest();
    Ok(View { name, columns, select, sql: statement.to_owned(), unread: None })
}

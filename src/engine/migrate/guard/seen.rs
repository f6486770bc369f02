//! What a statement does to rows and tables, as the authorizer sees it.

use std::collections::BTreeSet;

use rusqlite::hooks::{AuthAction, AuthContext};

use crate::schema::Ident;
use crate::sql::quote;

/// A table of the database, or a temporary one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    pub(crate) temporary: bool,
    pub(crate) table: Ident,
}

impl Place {
    fn new(database: &str, table: &str) -> Place {
        Place { temporary: database == "temp", table: Ident::from(table) }
    }

    /// `main` or `temp`
    pub(crate) fn schema(&self) -> &'static str {
        if self.temporary { "temp" } else { "main" }
    }

    /// As a statement names it.
    pub(crate) fn sql(&self) -> String {
        format!("{}.{}", self.schema(), quote(self.table.as_str()))
    }
}

/// What a statement does to rows and tables.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Seen {
    /// It makes a table.
    Made(Place),
    /// It drops a table or a view.
    Dropped(Place),
    /// It is an ALTER TABLE.
    Altered(Place),
    /// It deletes rows of a table, itself or through a trigger.
    Deleted(Place),
    /// It writes a column of rows that are there.
    Updated(Place, Ident),
    /// It adds rows to a table, itself.
    Inserted(Place),
    /// It reads a column.
    Read(Place, Ident),
}

impl Seen {
    /// What an action is, if it is one of these.
    pub(crate) fn of(context: &AuthContext<'_>) -> Option<Seen> {
        let place = |table: &str| Place::new(context.database_name.unwrap_or_default(), table);
        Some(match context.action {
            AuthAction::CreateTable { table_name }
            | AuthAction::CreateTempTable { table_name }
            | AuthAction::CreateVtable { table_name, .. } => Seen::Made(place(table_name)),
            AuthAction::DropTable { table_name }
            | AuthAction::DropTempTable { table_name }
            | AuthAction::DropView { view_name: table_name }
            | AuthAction::DropTempView { view_name: table_name }
            | AuthAction::DropVtable { table_name, .. } => Seen::Dropped(place(table_name)),
            // This one names its database itself.
            AuthAction::AlterTable { database_name, table_name } => {
                Seen::Altered(Place::new(database_name, table_name))
            }
            AuthAction::Delete { table_name } => Seen::Deleted(place(table_name)),
            AuthAction::Update { table_name, column_name } => {
                Seen::Updated(place(table_name), Ident::from(column_name))
            }
            AuthAction::Insert { table_name } if context.accessor.is_none() => {
                Seen::Inserted(place(table_name))
            }
            AuthAction::Read { table_name, column_name } => {
                Seen::Read(place(table_name), Ident::from(column_name))
            }
            _ => return None,
        })
    }

    fn place(&self) -> &Place {
        match self {
            Seen::Made(place)
            | Seen::Dropped(place)
            | Seen::Altered(place)
            | Seen::Deleted(place)
            | Seen::Updated(place, _)
            | Seen::Inserted(place)
            | Seen::Read(place, _) => place,
        }
    }
}

/// Whether a table is called as a shadow table of another one would be: `rt_node` beside `rt`.
pub(super) fn may_hold_a_shadow_table(seen: &BTreeSet<Seen>) -> bool {
    let places: BTreeSet<&Place> = seen.iter().map(Seen::place).collect();
    places.iter().any(|shadow| {
        let name = shadow.table.as_str();
        name.match_indices('_').any(|(at, _)| {
            let table = Ident::from(name.get(..at).unwrap_or_default());
            places.contains(&Place { temporary: shadow.temporary, table })
        })
    })
}

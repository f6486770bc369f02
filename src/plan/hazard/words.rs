//! Facts as sentences, for the comments of a file, for a terminal and for JSON.

use std::fmt;

use super::comments::{STOPS_AT, STOPS_AT_ALL};
use super::{Counted, Hazard, Loss};
use crate::base::words::{self, thousands};
use crate::schema::Ident;

impl fmt::Display for Hazard {
    /// As it is true of any database.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Counted::Unknown))
    }
}

impl Hazard {
    /// One sentence, with what a database at hand says of it.
    pub fn sentence(&self, counted: Counted) -> String {
        match self {
            Hazard::Copies { table, indexes } => {
                let verb = if *indexes { "copies and indexes" } else { "copies" };
                format!("{verb} {} while the database is locked", all_rows(table, counted))
            }
            Hazard::Reads { table } => format!("reads {}", all_rows(table, counted)),
            Hazard::Writes { table } => format!("writes {}", all_rows(table, counted)),
            Hazard::Indexes { .. } => "reads all rows of the table that it indexes".to_owned(),
            Hazard::NotIndexed { .. } => {
                "the rows that are there are not indexed: its content is a view without a rowid".to_owned()
            }
            Hazard::StopsAt { rows, .. } => format!("{STOPS_AT}{rows}"),
            Hazard::StopsAtAll { table } => {
                format!("{}{}{}", STOPS_AT_ALL[0], table.shown(), STOPS_AT_ALL[1])
            }
            Hazard::MakesUp { column, value, .. } => {
                format!("every row gets {value} in {}: what was there is lost", column.shown())
            }
            Hazard::Loses(loss) => loss.sentence(counted),
        }
    }
}

impl Loss {
    fn sentence(&self, counted: Counted) -> String {
        let number = match counted {
            Counted::Unknown => String::new(),
            Counted::Rows(n) => format!("{} ", thousands(n)),
        };
        let one = counted == Counted::Rows(1);
        let (s, are) = if one { ("", "is") } else { ("s", "are") };
        match self {
            Loss::Rows { table } => {
                let rows = if one { "row" } else { "rows" };
                format!("the {number}{rows} of {} {are} lost", table.shown())
            }
            Loss::Values { table, column } => {
                format!("the {number}value{s} of {} {are} lost", of(table, column))
            }
            Loss::Computed { table, column } => {
                format!(
                    "the {number}value{s} of {} {are} lost: it becomes a generated column",
                    of(table, column)
                )
            }
            Loss::Converted { table, column, from, to } => {
                let (from, to) = (from.as_str(), to.as_str());
                let what = format!("{} changes from {from} to {to}", of(table, column));
                match counted {
                    Counted::Unknown => {
                        format!("{what}: values that do not convert both ways are changed for good")
                    }
                    Counted::Rows(0) => format!("{what}: all values here survive the round trip"),
                    Counted::Rows(_) => {
                        format!("{what}: {number}value{s} would not survive the round trip")
                    }
                }
            }
            Loss::Nulls { table, column } => {
                let rows = if one { "row it was" } else { "rows they were" };
                let column = of(table, column);
                format!("{number}NULL{s} in {column} {are} filled: which {rows} is not recorded")
            }
        }
    }

    /// What is lost, as the object of a sentence.
    pub fn what(&self, counted: Counted) -> String {
        let (what, thing) = match self {
            Loss::Rows { table } => (format!("the table {} with its rows", table.shown()), "row"),
            Loss::Values { table, column } => {
                (format!("the column {} with its values", of(table, column)), "value")
            }
            Loss::Computed { table, column } => {
                (format!("the values of {}, which becomes a generated column", of(table, column)), "value")
            }
            Loss::Converted { table, column, from, to } => {
                let (from, to) = (from.as_str(), to.as_str());
                let name = of(table, column);
                (format!("values of {name} that do not convert from {from} to {to} and back"), "value")
            }
            Loss::Nulls { table, column } => {
                (format!("which rows of {} had NULL in {}", table.shown(), column.shown()), "row")
            }
        };
        match counted {
            Counted::Unknown => what,
            Counted::Rows(n) => format!("{what} ({})", words::counted(n, thing)),
        }
    }
}

fn of(table: &Ident, column: &Ident) -> String {
    format!("{}.{}", table.shown(), column.shown())
}

fn all_rows(table: &Ident, counted: Counted) -> String {
    match counted {
        Counted::Rows(1) => format!("the 1 row of {}", table.shown()),
        Counted::Rows(n) => format!("all {} rows of {}", thousands(n), table.shown()),
        Counted::Unknown => format!("all rows of {}", table.shown()),
    }
}

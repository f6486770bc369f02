//! What a generated file says of itself, in comments that `migrate test` and `migrate status` read: how they are written, and
//! how they are read back. They are part of what users may write by hand, too.

use super::{Counted, Hazard, Loss};
use crate::schema::Ident;
use crate::sql::{Kind, on_one_line, tokens_and_comments, unquote};

/// How a comment begins that says what to know of a step.
pub const HAZARD: &str = "Hazard: ";

/// How a comment begins that says what a way back cannot bring back.
const CANNOT_BRING_BACK: &str = "Cannot bring back ";

/// How it is said that rows stop a step.
pub(super) const STOPS_AT: &str = "stops at ";

/// How it is said that a step only works while a table is empty: what stands before the table's name, and behind it.
pub(super) const STOPS_AT_ALL: [&str; 2] =
    ["stops, and changes nothing, where rows of ", " lack what the table needs"];

impl Hazard {
    /// The comment that says it, without the dashes.
    pub fn comment(&self) -> String {
        on_one_line(&format!("{HAZARD}{}", self.sentence(Counted::Unknown)))
    }
}

impl Loss {
    /// The comment of a way back that does not bring it back, without the dashes.
    pub fn comment(&self) -> String {
        on_one_line(&format!("{CANNOT_BRING_BACK}{}.", self.what(Counted::Unknown)))
    }
}

/// Where a step stops.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stops {
    /// Nothing is said of it.
    Unsaid,
    /// At some rows.
    AtSome,
    /// Wherever this table has rows, which is called so on one line.
    AtAllOf(Ident),
}

/// What a file says that it destroys, or where it stops.
pub fn hazards(file: &str) -> impl Iterator<Item = (&str, Stops)> {
    comments(file, HAZARD).map(|hazard| {
        let all_of = || hazard.strip_prefix(STOPS_AT_ALL[0])?.strip_suffix(STOPS_AT_ALL[1]);
        let stops = match all_of() {
            Some(name) => Stops::AtAllOf(Ident::from(unquote(name))),
            None if hazard.starts_with(STOPS_AT) => Stops::AtSome,
            None => Stops::Unsaid,
        };
        (hazard, stops)
    })
}

/// The tables whose rows a file says that it stops at, as they are called on one line.
pub fn stops_with_rows_of(file: &str) -> Vec<Ident> {
    let tables = hazards(file).filter_map(|(_, stops)| match stops {
        Stops::AtAllOf(table) => Some(table),
        _ => None,
    });
    tables.collect()
}

/// What a down file says that it cannot bring back.
pub fn cannot_bring_back(file: &str) -> impl Iterator<Item = &str> {
    comments(file, CANNOT_BRING_BACK).map(|what| what.trim_end_matches('.'))
}

/// Whether an up file says that its proof had no rows of a table.
pub fn had_no_rows_of(up: &str, table: &Ident) -> bool {
    let said = had_none(table);
    all(up).any(|comment| comment.starts_with(&said))
}

/// How an up file says that its proof had no rows of a table; the reason follows.
pub fn had_none(table: &Ident) -> String {
    format!("Of {} it had none: ", on_one_line(&table.shown()))
}

/// What follows in the comments that begin with these words.
fn comments<'t>(file: &'t str, begin: &'static str) -> impl Iterator<Item = &'t str> {
    all(file).filter_map(move |comment| Some(comment.strip_prefix(begin)?.trim_end()))
}

/// The comments of a file.
fn all(file: &str) -> impl Iterator<Item = &str> {
    let comments = tokens_and_comments(file).filter(|token| token.kind == Kind::Comment);
    comments.filter_map(|comment| comment.text.strip_prefix("-- "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_of_itself_is_read_as_it_was_written_whatever_a_name_holds() {
        let odd = "rows of t lack what the table needs";
        for name in ["t", "ch:ild", "a(b", "x.y", "q\"\"uote", "it's", "-- x", "li\nne", odd] {
            let table = Ident::from(name);
            let (stops, loss) =
                (Hazard::StopsAtAll { table: table.clone() }, Loss::Rows { table: table.clone() });
            let file = format!("-- a\n-- {}\n-- {}\nDROP TABLE t;", stops.comment(), loss.comment());
            let what = on_one_line(&loss.what(Counted::Unknown));
            let (sentence, table) = (on_one_line(&stops.to_string()), Ident::from(on_one_line(name)));
            assert_eq!(
                hazards(&file).collect::<Vec<_>>(),
                [(sentence.as_str(), Stops::AtAllOf(table.clone()))]
            );
            assert_eq!(stops_with_rows_of(&file), [table]);
            let none = Ident::from(name);
            assert!(
                had_no_rows_of(&format!("-- {}why", had_none(&none)), &none) && !had_no_rows_of(&file, &none)
            );
            assert_eq!(cannot_bring_back(&file).collect::<Vec<_>>(), [what]);
        }
        let some = Hazard::StopsAt { table: None, rows: "rows that break CHECK (a)".into() };
        let file = format!("-- {}\n-- {}", some.comment(), Hazard::Reads { table: "t".into() }.comment());
        let stops: Vec<Stops> = hazards(&file).map(|(_, stops)| stops).collect();
        assert_eq!(stops, [Stops::AtSome, Stops::Unsaid]);
    }

    #[test]
    fn a_string_says_nothing_of_the_file() {
        let value =
            "INSERT INTO notes VALUES ('\n-- Hazard: stops at rows\n-- Cannot bring back the table t.\n');";
        assert_eq!((hazards(value).count(), cannot_bring_back(value).count()), (0, 0));
    }
}

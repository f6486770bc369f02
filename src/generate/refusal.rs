//! What speaks against a plan, and the rows of the real database that do.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::names::Names;
use super::places::{column_in_spec, place_of, place_of_part};
use super::terms::Terms;
use crate::base::error::{Advice, ByHand, Error, ErrorKind, Result};
use crate::base::words::{counted, thousands};
use crate::engine;
use crate::engine::{Asked, OffendingRows, Question};
use crate::plan::{Condition, Counted, Hazard, Loss, Obstacle, Plan, WayOut, renamed_from};
use crate::schema::{Ident, Schema};
use crate::sql::MOST_COLUMNS;

/// What the rows of the real database say of a plan.
#[derive(Default)]
pub(crate) struct Counts {
    /// Table → how many rows it has.
    rows: BTreeMap<Ident, u64>,
    losses: Vec<(Loss, Option<OffendingRows>)>,
}

impl Counts {
    /// How many rows a hazard is about, where that is known.
    pub(crate) fn of(&self, hazard: &Hazard) -> Counted {
        let number = match hazard {
            Hazard::Loses(loss) => return self.lost(loss).0,
            Hazard::Copies { table, .. } | Hazard::Reads { table } | Hazard::Writes { table } => {
                self.rows.get(table).copied()
            }
            _ => None,
        };
        number.map_or(Counted::Unknown, Counted::Rows)
    }

    fn lost(&self, loss: &Loss) -> (Counted, &[String]) {
        let standing =
            self.losses.iter().find(|(known, _)| known == loss).and_then(|(_, found)| found.as_ref());
        standing.map_or((Counted::Unknown, &[]), |found| (Counted::Rows(found.bad), &found.first))
    }
}

/// Whether the plan may be carried out.
///
/// # Errors
/// Why not, with everything that speaks against it and what to do.
pub(crate) fn check(
    plan: &Plan,
    names: &Names,
    from: &Schema,
    goal: &Schema,
    terms: &Terms<'_>,
) -> Result<Counts> {
    if let Some(error) = plan.obstacles.iter().find_map(impossible) {
        return Err(error);
    }
    let (standings, counts) = ask(plan, names, from, goal, terms)?;
    if !terms.allow_destructive {
        let renamed = |loss: &Loss| perhaps_renamed(loss, names, from, goal, terms);
        without_loss(plan, &counts, renamed)?;
    }
    valueless(plan, terms)?;
    for (condition, standing) in plan.conditions.iter().zip(&standings) {
        let Some(standing) = standing.as_ref().filter(|standing| standing.bad > 0) else { continue };
        let place = place_of_part(terms, &condition.table, &condition.of);
        return Err(in_the_way(condition, standing).at_place(place).help(what_to_do(terms, condition)));
    }
    Ok(counts)
}

/// What is said of an obstacle that nothing takes away.
fn impossible(obstacle: &Obstacle) -> Option<Error> {
    let (why, first) = match obstacle {
        Obstacle::Impossible { why } => (why.clone(), None),
        Obstacle::TooWide { table } => (
            format!(
                "{table} cannot be rebuilt: its rowid and {most} columns are one more than the {most} that SQLite copies at \
                 once",
                table = table.shown(),
                most = thousands(MOST_COLUMNS as u64)
            ),
            Some("its rows can be copied without their rowids, which numbers them anew"),
        ),
        Obstacle::NeedsValue { .. } => return None,
    };
    let help = Advice::WriteByHand { what: ByHand::Migration, first, or: None };
    Some(Error::new(ErrorKind::Migration, why).help(help))
}

/// What there is to do about rows in the way.
fn what_to_do(terms: &Terms<'_>, condition: &Condition) -> String {
    let first = "correct these rows first, in a migration of their own";
    let way_out = condition.way_out.as_ref().and_then(|way_out| match way_out {
        WayOut::Value(column) => how_to_fill(terms, &condition.table, column),
        WayOut::OtherValue(column) => {
            let column = column_in_spec(terms, &condition.table, column).shown();
            terms.spec.map(|_| format!("let the fill of {column} say a value that fits them, too"))
        }
    });
    way_out.map_or_else(|| first.to_owned(), |way_out| format!("{first}, or {way_out}"))
}

/// How to say which value rows get in a column; `None` where nobody can.
fn how_to_fill(terms: &Terms<'_>, table: &Ident, column: &Ident) -> Option<String> {
    let spec = terms.spec?;
    let (column, file) = (column_in_spec(terms, table, column).shown(), spec.file.path().display());
    let or = if spec.has_ledger { ", or a [[fill]] entry in the ledger" } else { "" };
    Some(format!("write `-- planctl:fill column={column} value=SQL` above the table in {file}{or}"))
}

/// Nothing is lost that nobody has allowed.
fn without_loss(plan: &Plan, counts: &Counts, renamed: impl Fn(&Loss) -> Option<String>) -> Result<()> {
    let mut error = Error::new(ErrorKind::Migration, "the migration would lose data");
    let mut keep = None;
    for loss in plan.losses() {
        let (counted, first) = counts.lost(loss);
        if !loss.needs_leave(counted) {
            continue;
        }
        keep = keep.or_else(|| renamed(loss));
        let verb = match loss {
            Loss::Rows { .. } | Loss::Values { .. } => "drop",
            Loss::Computed { .. } => "overwrite",
            Loss::Converted { .. } | Loss::Nulls { .. } => "change",
        };
        let examples = if first.is_empty() { String::new() } else { format!(": {}", first.join(", ")) };
        error = error.note(format!("it would {verb} {}{examples}", loss.what(counted)));
    }
    if error.notes().is_empty() {
        return Ok(());
    }
    let allow = "--allow-destructive generates it, with a comment at each loss";
    Err(error.help(keep.map_or_else(|| allow.to_owned(), |keep| format!("{keep}; {allow}"))))
}

/// How to keep the values of a column where the table loses no other one and gets but one: it may be that one under a new name,
/// although it is defined otherwise.
fn perhaps_renamed(
    loss: &Loss,
    names: &Names,
    from: &Schema,
    goal: &Schema,
    terms: &Terms<'_>,
) -> Option<String> {
    let (Loss::Values { table, column }, Some(spec)) = (loss, terms.spec) else { return None };
    let (before, after) = (from.tables.get(&names.old_table(table))?, goal.tables.get(table)?);
    let renamed = names.of_columns();
    let renamed = renamed.get(&before.name);
    let new_name = |column| *renamed.and_then(|renamed| renamed.get(column)).unwrap_or(&column);
    let there: BTreeSet<&Ident> = after.columns.iter().map(|column| &column.name).collect();
    let kept: BTreeSet<&Ident> = before.columns.iter().map(|column| new_name(&column.name)).collect();
    let (mut gone, mut new) =
        (kept.difference(&there), after.columns.iter().filter(|c| !kept.contains(&c.name)));
    let (Some(_), None, Some(new), None) = (gone.next(), gone.next(), new.next(), new.next()) else {
        return None;
    };
    let is_said = terms.hints.new.iter().any(|(of, named)| of == table && named.as_ref() == Some(&new.name));
    (new.generated.is_none() && !is_said).then(|| {
        let (new, file) = (column_in_spec(terms, table, &new.name).shown(), spec.file.path().display());
        format!(
            "if {new} is {} under a new name, write {} above it in {file}",
            column.shown(),
            renamed_from(column)
        )
    })
}

/// Asks the database at hand: how its rows stand to each condition of the plan (`None` when that cannot be told), and
/// how many are concerned.
fn ask(
    plan: &Plan,
    names: &Names,
    from: &Schema,
    goal: &Schema,
    terms: &Terms<'_>,
) -> Result<(Vec<Option<OffendingRows>>, Counts)> {
    let Some(db) = terms.db else {
        return Ok((plan.conditions.iter().map(|_| None).collect(), Counts::default()));
    };
    let renamed = names.of_columns();
    let mut known: BTreeMap<Ident, Rc<[(Ident, Ident)]>> = BTreeMap::new();
    let mut question = |table: &Ident, asked: Asked| {
        let old = names.old_table(table);
        let columns = known.entry(old.clone()).or_insert_with(|| {
            let of_table = renamed.get(&old);
            let new_name = |column| *of_table.and_then(|renamed| renamed.get(column)).unwrap_or(&column);
            let there = from.tables.get(&old).into_iter().flat_map(|there| &there.columns);
            there.map(|c| (c.name.clone(), new_name(&c.name).clone())).collect()
        });
        let columns = Rc::clone(columns);
        Question { table: old, title: table.clone(), columns, asked }
    };
    let losses: Vec<&Loss> = plan.losses().collect();
    let conditions = plan.conditions.iter();
    let mut questions: Vec<Question> =
        conditions.map(|condition| question(&condition.table, Asked::Condition(condition.clone()))).collect();
    questions.extend(losses.iter().map(|loss| {
        let asked = match loss {
            Loss::Rows { .. } => Asked::Rows,
            Loss::Values { column, .. } | Loss::Computed { column, .. } => Asked::Values(column.clone()),
            Loss::Nulls { column, .. } => Asked::Nulls(column.clone()),
            Loss::Converted { column, from, to, .. } => {
                Asked::Converted { column: column.clone(), from: *from, to: *to }
            }
        };
        question(loss.table(), asked)
    }));
    questions.extend(goal.tables.keys().map(|table| question(table, Asked::Rows)));
    let mut standings = engine::ask_rows(db, &questions, terms.job)?;
    let mut counted = standings.split_off(plan.conditions.len());
    let rows = counted.split_off(losses.len());
    let rows = goal.tables.keys().zip(rows);
    let rows = rows.filter_map(|(table, standing)| Some((table.clone(), standing?.bad))).collect();
    let losses = losses.into_iter().cloned().zip(counted).collect();
    Ok((standings, Counts { rows, losses }))
}

/// Columns in which rows would have no value, whatever rows there are here: others have some.
fn valueless(plan: &Plan, terms: &Terms<'_>) -> Result<()> {
    for obstacle in &plan.obstacles {
        let Obstacle::NeedsValue { table, column } = obstacle else { continue };
        let message =
            format!("nothing says which value existing rows get in {}.{}", table.shown(), column.shown());
        let help = match how_to_fill(terms, table, column) {
            Some(fill) => Advice::Text(format!("give the column a DEFAULT, or {fill}")),
            None => Advice::WriteByHand {
                what: ByHand::Migration,
                first: None,
                or: Some("give the column a DEFAULT first"),
            },
        };
        return Err(Error::new(ErrorKind::Data, message)
            .at_place(place_of(terms, table, Some(column)))
            .help(help));
    }
    Ok(())
}

fn in_the_way(condition: &Condition, standing: &OffendingRows) -> Error {
    let table = condition.table.shown();
    let message = format!("{table} has {} in the way: {}", counted(standing.bad, "row"), condition.what);
    let error = Error::new(ErrorKind::Data, message);
    if standing.first.is_empty() {
        return error;
    }
    let more = if standing.bad > standing.first.len() as u64 { ", …" } else { "" };
    error.note(format!("the first: {}{more}", standing.first.join(", ")))
}

//! A schema as programs see it.

use std::collections::{BTreeSet, HashMap};

use super::relation::{Relation, relations};
use super::value::Value;
use crate::row_checks::Promise;
use crate::schema::{Column, Ident, PrimaryKey, Schema, Table, TableKind};

/// What comments promise of values, by table and column.
pub type Promises = HashMap<(Ident, Ident), Promise>;

/// What classes are written from.
pub struct Source<'a> {
    /// The schema, in the names that the classes are to have.
    pub schema: &'a Schema,
    /// What the spec's comments promise of its values.
    pub promises: &'a Promises,
    /// The spec, as it was named.
    pub spec: String,
    /// What the schema needs of the application.
    pub registered: BTreeSet<String>,
    /// What could not be taken over, in whole sentences.
    pub left_out: Vec<String>,
}

/// A schema as programs see it.
pub(super) struct Facts<'a> {
    /// Tables that get a class, in the order of their names.
    pub(super) models: Vec<Model<'a>>,
    /// Tables that get none.
    pub(super) without: Vec<Without<'a>>,
    /// Those between tables that have classes.
    pub(super) relations: Vec<Relation<'a>>,
}

/// A table that gets a class.
pub(super) struct Model<'a> {
    pub(super) table: &'a Table,
    pub(super) identity: Identity<'a>,
    pub(super) fields: Vec<Field<'a>>,
}

/// What tells the rows of a table apart.
pub(super) enum Identity<'a> {
    Key(&'a PrimaryKey),
    /// The rowid, by a name that no column has.
    Rowid(&'static str),
}

/// A column of a class.
pub(super) struct Field<'a> {
    pub(super) column: &'a Column,
    pub(super) value: Value,
    pub(super) nullable: bool,
    pub(super) in_key: bool,
}

/// A table that no class can stand for.
pub(super) struct Without<'a> {
    pub(super) table: &'a Table,
    pub(super) why: &'static str,
}

impl<'a> Facts<'a> {
    pub(super) fn of(source: &Source<'a>) -> Facts<'a> {
        let mut facts = Facts { models: Vec::new(), without: Vec::new(), relations: Vec::new() };
        for table in source.schema.tables.values() {
            match identity(table) {
                Ok(identity) => {
                    let fields = table.columns.iter().map(|column| field(table, column, source.promises));
                    facts.models.push(Model { table, identity, fields: fields.collect() });
                }
                Err(why) => facts.without.push(Without { table, why }),
            }
        }
        facts.relations = relations(source.schema, &facts.tables());
        facts
    }
}

fn identity(table: &Table) -> Result<Identity<'_>, &'static str> {
    if let TableKind::Virtual { .. } = table.kind {
        return Err("a virtual table");
    }
    if table.unread.is_some() {
        return Err("planctl cannot read its statement");
    }
    match &table.primary_key {
        Some(key) => Ok(Identity::Key(key)),
        None => table
            .rowid_name()
            .map(Identity::Rowid)
            .ok_or("nothing names its rows: columns have all names of the rowid"),
    }
}

fn field<'a>(table: &'a Table, column: &'a Column, promises: &Promises) -> Field<'a> {
    let promise = promises.get(&(table.name.clone(), column.name.clone()));
    let in_key = table.in_primary_key(&column.name);
    Field {
        column,
        value: Value::of(table, column, promise),
        // A row whose key is NULL has no name: classes do without.
        nullable: !table.refuses_null(column) && !in_key,
        in_key,
    }
}

impl<'a> Facts<'a> {
    /// The tables that have classes.
    pub(super) fn tables(&self) -> Vec<&'a Table> {
        self.models.iter().map(|model| model.table).collect()
    }
}

impl Model<'_> {
    /// The only column of the key.
    pub(super) fn single_key(&self) -> Option<&Field<'_>> {
        let mut keys = self.fields.iter().filter(|field| field.in_key);
        keys.next().filter(|_| keys.next().is_none())
    }
}

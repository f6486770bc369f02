//! Single changes of meaning, each valid SQL.

use super::schema_gen::{ACTIONS, COLLATIONS, CONFLICTS, STRICT_TYPES, TYPES};
use super::schema_model::{
    Column, Expr, ForeignKey, Index, IndexKey, Lit, Part, Schema, Shape, Statement, Table, Unique,
};

/// A schema with one change.
#[derive(Debug)]
pub struct Mutation {
    pub what: String,
    /// The table or view that a finding must name.
    pub table: String,
    pub schema: Schema,
}

/// Every single change that `schema` has room for.
pub fn mutations(schema: &Schema) -> Vec<Mutation> {
    let mut found = Found { schema, mutations: Vec::new() };
    for (t, table) in schema.tables.iter().enumerate() {
        table_mutations(&mut found, t, table);
    }
    for (v, view) in schema.views.iter().enumerate() {
        let name = &view.name;
        let fires = schema.triggers.iter().any(|trigger| trigger.table == *name);
        let read = schema.views.iter().any(|other| other.reads(name));
        if !read && !fires {
            found.add("drop view", name, |schema| drop(schema.views.remove(v)));
            found.add("rename a view's column", name, |schema| schema.views[v].columns[0].1.push('z'));
        }
        found.add("change a view's filter", name, |schema| change(&mut schema.views[v].filter));
        found.add("change a view's column", name, |schema| change(&mut schema.views[v].columns[0].0));
        found.add("DISTINCT", name, |schema| schema.views[v].distinct ^= true);
        found.add("a view's order", name, |schema| {
            schema.views[v].order = schema.views[v].order.map_or(Some(false), |descending| Some(!descending));
        });
        found.add("a view's LIMIT", name, |schema| {
            let view = &mut schema.views[v];
            view.limit = Some(view.limit.map_or(2, |limit| limit + 1));
        });
        found.add("a view's shape", name, |schema| change_shape(&mut schema.views[v].shape));
        if view.columns.len() > 1 {
            found.add("order of a view's columns", name, |schema| schema.views[v].columns.swap(0, 1));
        }
    }
    for (r, trigger) in schema.triggers.iter().enumerate() {
        let name = &trigger.table;
        found.add("drop trigger", name, |schema| drop(schema.triggers.remove(r)));
        if trigger.timing != "INSTEAD OF" {
            found.add("a trigger's timing", name, |schema| {
                let timing = if schema.triggers[r].timing == "AFTER" { "BEFORE" } else { "AFTER" };
                schema.triggers[r].timing = timing;
            });
        }
        match &trigger.when {
            Some(_) => {
                found.add("change WHEN", name, |schema| schema.triggers[r].when.iter_mut().for_each(change));
                found.add("drop WHEN", name, |schema| schema.triggers[r].when = None);
            }
            None => {
                let row = if trigger.event == "DELETE" { "old" } else { "new" };
                let column = schema.relation(&trigger.table).map(|table| table.columns[0].name.clone());
                let when = column.map(|column| Expr::IsNull(Box::new(Expr::Col(Some(row), column)), false));
                found.add("add WHEN", name, |schema| schema.triggers[r].when = when);
            }
        }
        if !trigger.columns.is_empty() {
            found.add("drop OF", name, |schema| schema.triggers[r].columns.clear());
        }
        for s in 0..trigger.body.len() {
            found.add("change a trigger's statement", name, |schema| match &mut schema.triggers[r].body[s] {
                Statement::Update { value, .. } => change(value),
                Statement::Delete { filter, .. } => change(filter),
                Statement::Insert { values, .. } => change(&mut values[0].1),
                Statement::Raise { message, how, .. } if *how != "IGNORE" => message.push('z'),
                Statement::Raise { filter, .. } => change(filter),
            });
        }
        found.add("drop a trigger's statement", name, |schema| {
            let body = &mut schema.triggers[r].body;
            if body.len() > 1 {
                body.pop();
            } else {
                body.push(body[0].clone());
            }
        });
    }
    for (t, table) in schema.virtuals.iter().enumerate() {
        let name = &table.name;
        found.add("drop virtual table", name, |schema| drop(schema.virtuals.remove(t)));
        found.add("another column of a virtual table", name, |schema| {
            let table = &mut schema.virtuals[t];
            if table.module == "fts5" {
                table.arguments.insert(1, "added".to_owned());
            } else {
                table.arguments.push("+added".to_owned());
            }
        });
        for (option, other) in [
            ("tokenize = 'porter ascii'", "tokenize = 'ascii'"),
            ("prefix = '2'", "prefix = '3'"),
            ("detail = none", "detail = full"),
            ("columnsize = 0", "columnsize = 1"),
        ] {
            if let Some(at) = table.arguments.iter().position(|argument| argument == option) {
                found.add(option, name, |schema| {
                    schema.virtuals[t].arguments[at] = other.to_owned();
                });
            }
        }
        if table.module == "fts5" && !table.arguments.iter().any(|a| a.starts_with("tokenize")) {
            found.add("tokenizer", name, |schema| {
                schema.virtuals[t].arguments.push("tokenize = porter".to_owned());
            });
        }
    }
    found.mutations
}

fn change_shape(shape: &mut Shape) {
    *shape = match shape {
        Shape::Plain => Shape::Recursive(2),
        // Of both, the expressions speak of the row `a`.
        Shape::Exists(other, own, theirs) => Shape::Join("JOIN", other.clone(), own.clone(), theirs.clone()),
        Shape::Cte => Shape::Recursive(3),
        Shape::Recursive(times) => Shape::Recursive(*times + 1),
        Shape::Compound(operator) => {
            Shape::Compound(if *operator == "UNION" { "UNION ALL" } else { "UNION" })
        }
        Shape::Group(least) => Shape::Group(*least + 1),
        Shape::Join(how, other, a, b) => {
            let how = if *how == "LEFT JOIN" { "JOIN" } else { "LEFT JOIN" };
            Shape::Join(how, other.clone(), a.clone(), b.clone())
        }
        Shape::Window => Shape::Group(1),
    }
}

struct Found<'a> {
    schema: &'a Schema,
    mutations: Vec<Mutation>,
}

impl Found<'_> {
    fn add(&mut self, what: &str, table: &str, change: impl FnOnce(&mut Schema)) {
        let mut schema = self.schema.clone();
        change(&mut schema);
        self.mutations.push(Mutation { what: what.to_owned(), table: table.to_owned(), schema });
    }
}

fn table_mutations(found: &mut Found<'_>, t: usize, table: &Table) {
    let name = &table.name;
    let used_elsewhere = found.schema.views.iter().any(|view| view.reads(name))
        || found.schema.triggers.iter().any(|trigger| trigger.uses(name));
    if !used_elsewhere && found.schema.tables.len() > 1 {
        found.add("drop table", name, |schema| drop(schema.tables.remove(t)));
    }
    found.add("add column", name, |schema| {
        let (declared, name) = (if table.strict { "TEXT" } else { "" }, "added".to_owned());
        schema.tables[t].columns.push(Column::plain(name, declared));
    });
    if table.columns.len() > 1 {
        found.add("order of columns", name, |schema| {
            let table = &mut schema.tables[t];
            // The constraints follow their columns.
            table.columns.swap(0, 1);
            let follow = |c: &mut usize| *c = [1, 0].get(*c).copied().unwrap_or(*c);
            table.key.iter_mut().flat_map(|key| &mut key.parts).for_each(|part| follow(&mut part.column));
            let uniques = table.uniques.iter_mut();
            uniques.flat_map(|unique| &mut unique.parts).for_each(|part| follow(&mut part.column));
            table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(follow);
        });
    }
    if table.columns.iter().all(|column| STRICT_TYPES.contains(&column.declared)) && !table.strict {
        found.add("STRICT", name, |schema| schema.tables[t].strict = true);
    }
    if let Some(key) = &table.key {
        if !key.autoincrement {
            found.add("WITHOUT ROWID", name, |schema| schema.tables[t].without_rowid ^= true);
            let referenced = found.schema.tables.iter().flat_map(|table| &table.foreign_keys);
            if !table.without_rowid && referenced.filter(|key| key.parent == *name).count() == 0 {
                found.add("drop primary key", name, |schema| schema.tables[t].key = None);
            }
        }
        found.add("conflict clause of the primary key", name, |schema| {
            schema.tables[t].key.iter_mut().for_each(|key| key.conflict = other(&CONFLICTS, key.conflict));
        });
        let first = &key.parts[0];
        found.add("name of the primary key", name, |schema| {
            schema.tables[t].key.iter_mut().for_each(|key| rename(&mut key.name));
        });
        if table.columns[first.column].declared == "INTEGER" && key.parts.len() == 1 && !table.without_rowid {
            found.add("AUTOINCREMENT", name, |schema| {
                schema.tables[t].key.iter_mut().for_each(|key| key.autoincrement ^= true);
            });
        } else {
            found.add("direction of the primary key", name, |schema| {
                schema.tables[t].key.iter_mut().for_each(|key| key.parts[0].descending ^= true);
            });
        }
        if key.parts.len() > 1 {
            found.add("order of the primary key", name, |schema| {
                schema.tables[t].key.iter_mut().for_each(|key| key.parts.swap(0, 1));
            });
        }
    }
    for c in 0..table.columns.len() {
        column_mutations(found, t, c, table);
    }
    for (u, unique) in table.uniques.iter().enumerate() {
        found.add("drop UNIQUE", name, |schema| drop(schema.tables[t].uniques.remove(u)));
        found.add("conflict clause of UNIQUE", name, |schema| {
            schema.tables[t].uniques[u].conflict = other(&CONFLICTS, unique.conflict);
        });
        found.add("name of UNIQUE", name, |schema| rename(&mut schema.tables[t].uniques[u].name));
        found.add("direction of UNIQUE", name, |schema| {
            schema.tables[t].uniques[u].parts[0].descending ^= true;
        });
        let part = &unique.parts[0];
        if part.collation.is_none() && table.columns[part.column].collation.is_none() {
            found.add("collation of UNIQUE", name, |schema| {
                schema.tables[t].uniques[u].parts[0].collation = Some("NOCASE");
            });
        }
        if unique.parts.len() > 1 {
            found.add("order of UNIQUE", name, |schema| schema.tables[t].uniques[u].parts.swap(0, 1));
        }
    }
    if let [first, second, ..] = table.uniques.as_slice()
        && first.conflict != second.conflict
        && ![first.conflict, second.conflict].contains(&"REPLACE")
    {
        found.add("order of two conflict clauses", name, |schema| schema.tables[t].uniques.swap(0, 1));
    }
    if table.uniques.is_empty() && table.key.is_none() {
        found.add("add UNIQUE", name, |schema| {
            schema.tables[t].uniques.push(Unique { name: None, parts: vec![Part::of(0)], conflict: "" });
        });
    }
    for k in 0..table.checks.len() {
        found.add("drop CHECK", name, |schema| drop(schema.tables[t].checks.remove(k)));
        found.add("change CHECK", name, |schema| change(&mut schema.tables[t].checks[k].1));
        found.add("name of CHECK", name, |schema| rename(&mut schema.tables[t].checks[k].0));
    }
    for (k, key) in table.foreign_keys.iter().enumerate() {
        let pairs = |key: &ForeignKey| (key.columns.clone(), key.parent.clone());
        if table.foreign_keys.iter().filter(|other| pairs(other) == pairs(key)).count() > 1 {
            continue;
        }
        found.add("drop foreign key", name, |schema| drop(schema.tables[t].foreign_keys.remove(k)));
        found.add("ON DELETE", name, |schema| {
            schema.tables[t].foreign_keys[k].on_delete = other(&ACTIONS, key.on_delete);
        });
        found.add("ON UPDATE", name, |schema| {
            schema.tables[t].foreign_keys[k].on_update = other(&ACTIONS, key.on_update);
        });
        found.add("name of a foreign key", name, |schema| {
            rename(&mut schema.tables[t].foreign_keys[k].name);
        });
        found.add("DEFERRABLE", name, |schema| schema.tables[t].foreign_keys[k].deferred ^= true);
    }
    for (i, index) in table.indexes.iter().enumerate() {
        found.add("drop index", name, |schema| drop(schema.tables[t].indexes.remove(i)));
        let mut one = |what: &str, change: &dyn Fn(&mut Index)| {
            found.add(what, name, |schema| change(&mut schema.tables[t].indexes[i]));
        };
        one("UNIQUE index", &|index| index.unique ^= true);
        one("direction of an index", &|index| index.keys[0].descending ^= true);
        one("an index's expression", &|index| change(&mut index.keys[0].expr));
        one("another key of an index", &|index| {
            let expr =
                Expr::Binary("+", Box::new(index.keys[0].expr.clone()), Box::new(Expr::Lit(Lit::Int(77))));
            index.keys.push(IndexKey { expr, collation: None, descending: false });
        });
        match &index.filter {
            Some(_) => {
                one("drop WHERE of an index", &|index| index.filter = None);
                one("change WHERE of an index", &|index| index.filter.iter_mut().for_each(change));
            }
            None => {
                let filter = Expr::IsNull(Box::new(Expr::Col(None, table.columns[0].name.clone())), false);
                one("add WHERE to an index", &|index| index.filter = Some(filter.clone()));
            }
        }
    }
}

fn column_mutations(found: &mut Found<'_>, t: usize, c: usize, table: &Table) {
    let (name, column) = (&table.name, &table.columns[c]);
    let mut one = |what: &str, change: &dyn Fn(&mut Column)| {
        found.add(what, name, |schema| change(&mut schema.tables[t].columns[c]));
    };
    let in_key = table.key.as_ref().is_some_and(|key| key.parts.iter().any(|part| part.column == c));
    if !in_key {
        if !table.strict {
            one("type", &|column| column.declared = other(&TYPES, column.declared));
        }
        one("NOT NULL", &|column| {
            column.not_null = if column.not_null.is_none() { Some("") } else { None };
        });
    }
    if column.not_null.is_some() && !(in_key && column.declared == "INTEGER") {
        one("conflict clause of NOT NULL", &|column| {
            column.not_null = column.not_null.map(|conflict| other(&CONFLICTS, conflict));
        });
    }
    one("collation", &|column| {
        column.collation = if column.collation == Some(COLLATIONS[0]) { None } else { Some(COLLATIONS[0]) };
    });
    match &column.generated {
        Some(_) => {
            one("STORED", &|column| column.generated.iter_mut().for_each(|generated| generated.1 ^= true));
            one("generated expression", &|column| column.generated.iter_mut().for_each(|g| change(&mut g.0)));
        }
        None => {
            one("default", &|column| match &mut column.default {
                Some(default) => change(default),
                None => column.default = Some(Expr::Lit(Lit::Text("x".to_owned()))),
            });
            if column.default.as_ref().is_some_and(|default| *default != Expr::Lit(Lit::Word("NULL"))) {
                one("drop default", &|column| column.default = None);
            }
        }
    }
}

fn other(all: &[&'static str], now: &str) -> &'static str {
    let next = all.iter().position(|one| *one == now).map_or(0, |i| (i + 1) % all.len());
    all[next]
}

fn rename(name: &mut Option<String>) {
    *name = match name.take() {
        Some(_) => None,
        None => Some("named".to_owned()),
    };
}

/// Changes what an expression gives, as little as possible: a literal, or else what is done with the column.
fn change(expr: &mut Expr) {
    if !change_inside(expr) {
        let operand = Box::new(expr.clone());
        *expr = Expr::Binary("||", operand, Box::new(Expr::Lit(Lit::Text("z".to_owned()))));
    }
}

fn change_inside(expr: &mut Expr) -> bool {
    match expr {
        Expr::Col(..) => false,
        Expr::Lit(literal) => {
            change_literal(literal);
            true
        }
        Expr::Collate(operand, collation) => {
            *collation = other(&COLLATIONS, collation);
            let _: &Expr = operand;
            true
        }
        Expr::Call(_, arguments) => arguments.iter_mut().any(change_inside),
        Expr::Binary(_, a, b) => change_inside(b) || change_inside(a),
        Expr::Unary(_, operand) | Expr::Cast(operand, _) => change_inside(operand),
        Expr::Row(_, _, right) => right.iter_mut().any(change_inside),
        Expr::Between(_, low, ..) => {
            change_literal(low);
            true
        }
        Expr::IsNull(_, yes) => {
            *yes = !*yes;
            true
        }
        Expr::In(_, values, _) => {
            change_literal(&mut values[0]);
            true
        }
        Expr::Case(_, _, other) => change_inside(other),
    }
}

fn change_literal(literal: &mut Lit) {
    *literal = match literal {
        Lit::Text(text) if text == "x" => Lit::Text("X".to_owned()),
        // A number column takes `12 ` for `12`.
        Lit::Text(text) if text.parse::<i64>().is_ok() => Lit::Text(format!("{text}3")),
        Lit::Text(text) => Lit::Text(format!("{text} ")),
        Lit::Int(n) => Lit::Int(*n + 1),
        Lit::Float(_) => Lit::Float("2.125"),
        Lit::Blob(_) => Lit::Blob("ab01"),
        Lit::Word(_) => Lit::Text("word".to_owned()),
    };
}

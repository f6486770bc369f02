use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::schema::ForeignKeyAction;

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "ON DELETE RESTRICT on a reference to the table itself",
    explanation: "RESTRICT is checked at once, row by row. A parent and its children cannot be deleted in the \
                  same DELETE, so a tree can only be deleted leaf by leaf. NO ACTION refuses the same orphans, \
                  but checks at the end of the statement; CASCADE deletes the children as well.",
    check: Check::Text(|view, _, sink| {
        // A down restores what was there, right or wrong.
        if view.down {
            return;
        }
        for (n, stmt) in view.stmts.iter().enumerate() {
            let Some(table) = stmt.declares() else { continue };
            let name = view.final_name(n, &table.name);
            for key in &table.foreign_keys {
                let to_itself = key.parent == table.name || key.parent == *name;
                if to_itself && key.on_delete == ForeignKeyAction::Restrict {
                    sink.report(
                        stmt.place_of("ON DELETE", key.start),
                        format!("ON DELETE RESTRICT on {name} itself: a row and its children cannot be deleted together"),
                        "use NO ACTION, which is checked at the end of the statement, or CASCADE",
                    );
                }
            }
        }
    }),
};

#[cfg(test)]
pub(crate) const FIXTURES: &[crate::migrations::lint::fixture::Fixture] = {
    use crate::migrations::lint::fixture::Fixture;
    const RULE: &str = "self-restrict";
    &[
        Fixture::good(
            "CREATE TABLE t(a PRIMARY KEY, b REFERENCES t ON DELETE NO ACTION ON UPDATE RESTRICT, \
             c REFERENCES u ON DELETE RESTRICT);",
        ),
        Fixture::bad(
            "CREATE TABLE t(a PRIMARY KEY,\nb REFERENCES \"T\"(a) ON DELETE RESTRICT);",
            &[(RULE, 2)],
        ),
        Fixture::bad(
            "CREATE TABLE t_new(a PRIMARY KEY, b,\nFOREIGN KEY (b) REFERENCES t(a) ON DELETE RESTRICT);\n\
             INSERT INTO t_new SELECT a, b FROM t;\nDROP TABLE t;\nALTER TABLE t_new RENAME TO t;",
            &[(RULE, 2)],
        ),
        Fixture::bad("ALTER TABLE t ADD b REFERENCES t(a) ON DELETE RESTRICT;", &[(RULE, 1)]),
    ]
};

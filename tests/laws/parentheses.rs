//! The law of parentheses that change nothing: two texts that are the same without them compile to the same program.

use planctl::internals::sql::same_but_for_parentheses;
use rusqlite::Connection;

use crate::generators::dice::Dice;
use crate::harness::form;

/// An expression, whose operands are put in parentheses when it is written: by chance, so that it may become another one.
enum Tree {
    Leaf(&'static str),
    /// What stands in front of each operand, and behind the last.
    Of(Vec<&'static str>, Vec<Tree>),
}

const LEAVES: [&str; 12] = [
    "a",
    "t.b",
    "\"c\"",
    "1",
    "-2.5",
    "'x'",
    "NULL",
    "abs(a)",
    "(SELECT 1)",
    "current_date",
    "X'00'",
    "count(b)",
];
const PREFIXES: [&str; 5] = ["NOT", "-", "+", "~", "EXISTS (SELECT a FROM t) OR"];
const POSTFIXES: [&str; 7] =
    ["ISNULL", "NOTNULL", "NOT NULL", "IS NOT NULL", "COLLATE nocase", "IN (1, 2)", "NOT IN (SELECT 1)"];
const BINARY: [&str; 32] = [
    "OR",
    "AND",
    "=",
    "==",
    "<>",
    "!=",
    "IS",
    "IS NOT",
    "IS DISTINCT FROM",
    "LIKE",
    "NOT LIKE",
    "GLOB",
    "<",
    "<=",
    ">",
    ">=",
    "&",
    "|",
    "<<",
    ">>",
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "->",
    "->>",
    "AND",
    "OR",
    "AND NOT",
    "= -",
];
const LONGER: [&[&str]; 8] = [
    &["", "BETWEEN", "AND", ""],
    &["", "NOT BETWEEN", "AND", ""],
    &["", "LIKE", "ESCAPE", ""],
    &["CASE", "WHEN", "THEN", "ELSE", "END"],
    &["CASE WHEN", "THEN", "END"],
    &["max(", ",", ")"],
    &["CAST(", "AS TEXT)"],
    &["", "IN (", ",", ")"],
];

fn tree(depth: usize, dice: &mut Dice) -> Tree {
    if depth == 0 || dice.chance(5) {
        return Tree::Leaf(dice.pick(&LEAVES));
    }
    let parts = match dice.below(10) {
        0 | 1 => vec![dice.pick(&PREFIXES), ""],
        2 => vec!["", dice.pick(&POSTFIXES)],
        3 | 4 => dice.of(&LONGER).to_vec(),
        _ => vec!["", dice.pick(&BINARY), ""],
    };
    let operands = (1..parts.len()).map(|_| tree(depth - 1, dice)).collect();
    Tree::Of(parts, operands)
}

fn write(tree: &Tree, dice: &mut Dice, out: &mut String) {
    match tree {
        Tree::Leaf(leaf) => out.push_str(leaf),
        Tree::Of(parts, operands) => {
            for (n, part) in parts.iter().enumerate() {
                out.push_str(part);
                out.push(' ');
                if let Some(operand) = operands.get(n) {
                    let pairs = if dice.chance(2) { 1 + usize::from(dice.chance(4)) } else { 0 };
                    out.push_str(&"(".repeat(pairs));
                    write(operand, dice, out);
                    out.push_str(&")".repeat(pairs));
                    out.push(' ');
                }
            }
        }
    }
}

/// Where the expressions stand.
const FRAMES: [(&str, &str); 5] = [
    ("SELECT a FROM t WHERE ", " ORDER BY a"),
    ("SELECT ", " AS x FROM t GROUP BY a"),
    ("SELECT a FROM t JOIN u ON ", " LIMIT 3"),
    ("UPDATE t SET a = ", " WHERE b"),
    ("SELECT sum(", ") FROM t"),
];

fn program(conn: &Connection, sql: &str) -> Option<String> {
    let mut explained = conn.prepare(&format!("EXPLAIN {sql}")).ok()?;
    let rows = explained.query_map([], |row| {
        let opcode: String = row.get(1)?;
        let operands =
            (2..7).map(|n| row.get::<_, rusqlite::types::Value>(n)).collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(format!("{opcode} {operands:?}"))
    });
    Some(rows.unwrap().collect::<rusqlite::Result<Vec<_>>>().unwrap().join("\n"))
}

#[test]
fn what_is_the_same_without_them_compiles_to_the_same() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE t(a, b TEXT, c REAL); CREATE TABLE u(d, e)").unwrap();
    let mut dice = Dice::new(7);
    let (mut same, mut different) = (0, 0);
    for _ in 0..form(4_000, 60_000) {
        let depth = 1 + dice.below(4);
        let (tree, (head, tail)) = (tree(depth, &mut dice), dice.of(&FRAMES));
        let [one, other] = [(); 2].map(|()| {
            let mut text = (*head).to_owned();
            write(&tree, &mut dice, &mut text);
            text + tail
        });
        let programs = [&one, &other].map(|sql| program(&conn, sql));
        if same_but_for_parentheses(&one, &other) {
            same += usize::from(one != other && programs[0].is_some());
            assert_eq!(programs[0], programs[1], "{one}\n{other}");
        } else {
            different += usize::from(programs[0] != programs[1]);
        }
    }
    // Both happen often enough to mean something.
    assert!(
        same > form(300, 4_500) && different > form(500, 7_500),
        "{same} the same, {different} different"
    );
}

//! Triggers that fire each other, with a constraint somewhere behind them.

use super::dice::Dice;

const CLAUSES: [&str; 8] = ["", "", "", "OR ABORT", "OR REPLACE", "OR IGNORE", "OR ROLLBACK", "OR FAIL"];
const KEYS: [&str; 7] = ["", "", "", "", "PRIMARY KEY", "UNIQUE ON CONFLICT IGNORE", "NOT NULL DEFAULT 7"];

/// The statements of one trigger, each as what stands in front of the conflict clause and behind it, and the clause.
type Body = Vec<(&'static str, &'static str, String)>;

/// A schema, and the same one with another conflict clause in one statement.
pub fn pair(dice: &mut Dice) -> (String, String) {
    let length = 3 + dice.below(2);
    let (mut tables, mut bodies) = (String::new(), Vec::new());
    for n in 0..length {
        let key = if n + 1 == length && dice.chance(2) { "PRIMARY KEY" } else { dice.pick(&KEYS) };
        tables.push_str(&format!("CREATE TABLE t{n}(k {key}, n);\n"));
        if n > 0 {
            bodies.push((0..1 + dice.below(3)).map(|_| statement(dice, n)).collect::<Body>());
        }
    }
    // A view in the middle, with a trigger that writes to what is next.
    let seen = dice.chance(4).then(|| 1 + dice.below(length - 2));
    let write = |bodies: &[Body]| {
        let mut text = tables.clone();
        for (n, body) in bodies.iter().enumerate() {
            let body: String = body.iter().map(|(verb, or, rest)| format!("{verb} {or} {rest}; ")).collect();
            let timing = if seen == Some(n) { "INSTEAD OF" } else { "AFTER" };
            if seen == Some(n) {
                let table = format!("CREATE TABLE t{n}(");
                let start = text.find(&table).unwrap_or_default();
                let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
                text.replace_range(start..end, &format!("CREATE VIEW t{n} AS SELECT 1 AS k, 2 AS n;"));
            }
            text.push_str(&format!("CREATE TRIGGER r{n} {timing} INSERT ON t{n} BEGIN {body}END;\n"));
        }
        text
    };
    let plain = write(&bodies);
    let trigger = dice.below(bodies.len());
    let at = dice.below(bodies[trigger].len());
    bodies[trigger][at].1 = dice.pick(&CLAUSES);
    (plain, write(&bodies))
}

/// What the trigger in front of table `n` does to it.
fn statement(dice: &mut Dice, n: usize) -> (&'static str, &'static str, String) {
    let or = dice.pick(&CLAUSES);
    match dice.below(5) {
        0 => ("UPDATE", or, format!("t{n} SET k = new.k WHERE n = new.n")),
        1 => ("INSERT", or, format!("INTO t{n}(k, n) VALUES (new.n, new.k)")),
        _ => ("INSERT", or, format!("INTO t{n}(k, n) VALUES (new.k, new.n)")),
    }
}

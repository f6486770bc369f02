use crate::base::severity::Severity;
use crate::ddl::Alteration;
use crate::migrations::lint::rule::{Check, Rule};
use crate::migrations::lint::shape::{Shape, Stmt};
use crate::sql::{Kind, SqliteVersion, Token, find_words, outside_parentheses, starts_with};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "something that the oldest supported SQLite cannot run",
    explanation: "`sqlite-version` in planctl.toml (3.35 by default) is the oldest SQLite that must be able to \
                  run the migrations; see <https://www.sqlite.org/changes.html> for what each version brought. \
                  Write it another way, or raise the setting if nobody uses an older SQLite. A function is only \
                  a warning: if your application registers one of that name, say so with `-- planctl:allow \
                  newer-sqlite REASON`.",
    check: Check::Text(|view, context, sink| {
        let oldest = context.options.sqlite_version;
        for stmt in &view.stmts {
            let mut features = Features { stmt, oldest, found: Vec::new() };
            features.of_table();
            features.of_alter_table();
            features.of_rows();
            features.of_expressions();
            for Found { what, needs, at, own } in features.found {
                let message =
                    format!("{what} needs SQLite {needs}, and {oldest} must be able to run the migrations");
                let help = format!("write it another way, or set sqlite-version to {needs} or newer");
                if own {
                    let allow =
                        "if the application brings its own, say so: `-- planctl:allow newer-sqlite REASON`";
                    sink.report_as(Severity::Warning, at, message, format!("{help}; {allow}"));
                } else {
                    sink.report(at, message, help);
                }
            }
        }
    }),
};

struct Features<'v, 'a> {
    stmt: &'v Stmt<'a>,
    oldest: SqliteVersion,
    /// Each thing once in a statement.
    found: Vec<Found>,
}

/// Something that is newer than the oldest SQLite.
struct Found {
    what: String,
    needs: SqliteVersion,
    at: usize,
    /// Whether an application may have brought its own to an older SQLite: a function.
    own: bool,
}

impl Features<'_, '_> {
    fn add(&mut self, what: &str, minor: u16, at: usize) {
        self.add_as(what, minor, at, false);
    }

    fn add_as(&mut self, what: &str, minor: u16, at: usize, own: bool) {
        let needs = SqliteVersion::new(minor, 0);
        if needs > self.oldest && self.found.iter().all(|known| known.what != what) {
            self.found.push(Found { what: what.to_owned(), needs, at, own });
        }
    }

    fn of_table(&mut self) {
        let Some(table) = self.stmt.declares() else { return };
        if table.strict {
            let body_ends = table.columns.last().map_or(0, |column| column.end);
            self.add("a STRICT table", 37, self.stmt.place_of("STRICT", body_ends));
        }
        if let Some(column) = table.columns.iter().find(|column| column.generated.is_some()) {
            self.add("a generated column", 31, self.stmt.place_of("AS", column.start));
        }
    }

    fn of_alter_table(&mut self) {
        let Shape::AlterTable(_, alteration) = &self.stmt.shape else { return };
        let (what, minor) = match alteration {
            Alteration::DropColumn(_) => ("DROP COLUMN", 35),
            Alteration::RenameColumn { .. } => ("RENAME COLUMN", 25),
            Alteration::Constraint(what) => (*what, 53),
            Alteration::Rename(_) | Alteration::AddColumn(_) => return,
        };
        self.add(&format!("ALTER TABLE … {what}"), minor, self.stmt.statement.start);
    }

    fn of_rows(&mut self) {
        let tokens = self.stmt.tokens.as_slice();
        let first = |is: &dyn Fn(usize) -> bool| {
            outside_parentheses(tokens).find(|&n| is(n)).and_then(|n| tokens.get(n)).map(|token| token.start)
        };
        let update = matches!(self.stmt.shape, Shape::Update { .. });
        let insert = matches!(self.stmt.shape, Shape::Insert { .. });
        let is_returning = |n| is_word_at(tokens, n, "RETURNING") && !is_operand(tokens, n);
        if (update || insert || matches!(self.stmt.shape, Shape::Delete { .. }))
            && let Some(at) = first(&is_returning)
        {
            self.add("RETURNING", 35, at);
        }
        // `IS DISTINCT FROM` is no FROM clause.
        let is_from = |n: usize| {
            is_word_at(tokens, n, "FROM")
                && !n.checked_sub(1).is_some_and(|n| is_word_at(tokens, n, "DISTINCT"))
        };
        if update && let Some(at) = first(&is_from) {
            self.add("UPDATE … FROM", 33, at);
        }
        let is_upsert = |n| {
            let rest = tokens.get(n..).unwrap_or_default();
            starts_with(rest, "ON CONFLICT") && find_words(rest, "DO").is_some()
        };
        if insert && let Some(at) = first(&is_upsert) {
            self.add("ON CONFLICT … DO", 24, at);
        }
    }

    fn of_expressions(&mut self) {
        let tokens = self.stmt.tokens.as_slice();
        for (n, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Punct if token.text.starts_with("->") => {
                    self.add("the operator -> or ->>", 38, token.start);
                }
                Kind::Number if token.text.contains('_') => {
                    self.add("a number with _ in it", 46, token.start);
                }
                Kind::Word => self.of_word(tokens, n, token),
                _ => {}
            }
        }
    }

    fn of_word(&mut self, tokens: &[Token<'_>], n: usize, token: &Token<'_>) {
        let rest = tokens.get(n..).unwrap_or_default();
        if ["RIGHT JOIN", "RIGHT OUTER JOIN", "FULL JOIN", "FULL OUTER JOIN"]
            .iter()
            .any(|j| starts_with(rest, j))
        {
            self.add("RIGHT JOIN or FULL JOIN", 39, token.start);
        } else if starts_with(rest, "IS DISTINCT FROM") || starts_with(rest, "IS NOT DISTINCT FROM") {
            self.add("IS DISTINCT FROM", 39, token.start);
        } else if starts_with(rest, "NULLS FIRST") || starts_with(rest, "NULLS LAST") {
            self.add("NULLS FIRST or NULLS LAST", 30, token.start);
        } else if starts_with(rest, "AS MATERIALIZED") || starts_with(rest, "AS NOT MATERIALIZED") {
            self.add("MATERIALIZED", 35, token.start);
        } else if token.is_word("HAVING") && !is_grouped(tokens, n) {
            self.add("HAVING without GROUP BY", 39, token.start);
        } else if is_call(tokens, n)
            && let Some((name, minor)) = function(token.text)
        {
            self.add_as(&format!("the function {name}()"), minor, token.start, true);
        }
    }
}

/// Whether the query that token `n` is a part of has a GROUP BY before it.
fn is_grouped(tokens: &[Token<'_>], n: usize) -> bool {
    let mut depth = 0_usize;
    for (n, token) in tokens.iter().enumerate().take(n).rev() {
        if token.is_punct(")") {
            depth += 1;
        } else if token.is_punct("(") {
            let Some(outer) = depth.checked_sub(1) else { return false };
            depth = outer;
        } else if depth == 0 && token.is_word("SELECT") {
            return false;
        } else if depth == 0 && token.is_word("GROUP") && is_word_at(tokens, n + 1, "BY") {
            return true;
        }
    }
    false
}

fn is_word_at(tokens: &[Token<'_>], n: usize, word: &str) -> bool {
    tokens.get(n).is_some_and(|token| token.is_word(word))
}

/// Whether token `n`, a word that can be a name as well, stands where an expression has a name.
fn is_operand(tokens: &[Token<'_>], n: usize) -> bool {
    const BEFORE: [&str; 6] = [",", ".", "=", "+", "-", "||"];
    const AFTER: [&str; 5] = ["=", ".", "<", ">", ")"];
    let previous = n.checked_sub(1).and_then(|n| tokens.get(n));
    previous.is_some_and(|token| {
        BEFORE.iter().any(|p| token.is_punct(p)) || token.is_word("SET") || token.is_word("WHERE")
    }) || tokens.get(n + 1).is_none_or(|token| AFTER.iter().any(|p| token.is_punct(p)))
}

/// Whether token `n` is called as a function, rather than a table or an index with its columns behind it.
fn is_call(tokens: &[Token<'_>], n: usize) -> bool {
    const NAMES: [&str; 10] =
        ["TABLE", "EXISTS", "INTO", "REFERENCES", "ON", "INDEX", "VIEW", "USING", "WITH", "RECURSIVE"];
    let called = tokens.get(n + 1).is_some_and(|next| next.is_punct("("));
    let previous = n.checked_sub(1).and_then(|n| tokens.get(n));
    called
        && !previous.is_some_and(|token| token.is_punct(".") || NAMES.iter().any(|word| token.is_word(word)))
}

/// Functions that came in after 3.20, as far as they are always built in, and the version that brought them.
fn function(name: &str) -> Option<(&'static str, u16)> {
    const FUNCTIONS: [(&str, u16); 26] = [
        ("iif", 32),
        ("substring", 34),
        ("format", 38),
        ("unixepoch", 38),
        ("unhex", 41),
        ("json_error_position", 42),
        ("octet_length", 43),
        ("timediff", 43),
        ("concat", 44),
        ("concat_ws", 44),
        ("string_agg", 44),
        ("jsonb", 45),
        ("jsonb_array", 45),
        ("jsonb_extract", 45),
        ("jsonb_group_array", 45),
        ("jsonb_group_object", 45),
        ("jsonb_insert", 45),
        ("jsonb_object", 45),
        ("jsonb_patch", 45),
        ("jsonb_remove", 45),
        ("jsonb_replace", 45),
        ("jsonb_set", 45),
        ("json_pretty", 46),
        ("if", 48),
        ("unistr", 50),
        ("unistr_quote", 50),
    ];
    FUNCTIONS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
}

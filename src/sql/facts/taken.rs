//! What a place takes of a statement in a migration, as far as the statement's words say. Each was tried on the place itself:
//! rqlite 8.26, sqld 0.24, and D1 as Cloudflare's workerd runs it.

use crate::sql::{Target, Token};

/// What becomes of a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It runs.
    Run,
    /// It does nothing there that could matter: foreign keys are looked after.
    Idle,
    /// It is refused.
    Refused {
        /// In one sentence.
        why: String,
        /// What to do.
        help: &'static str,
    },
}

const LEAVE_OUT: &str = "leave it out";
const SETTING: &str = "a setting would stay in the server's own connection, for everybody: leave it out";

/// What the place takes of a statement. A file takes what SQLite takes.
pub fn taken(words: &[Token<'_>], target: Target) -> Taken {
    let [first, rest @ ..] = words else { return Taken::Idle };
    let place = match target {
        Target::Sqlite => return Taken::Run,
        Target::Libsql | Target::Rqlite => "on a server",
        Target::D1 => "on D1",
    };
    let refused = |what: &str, help| Taken::Refused { why: format!("{what} {place}"), help };
    if first.is_word("PRAGMA") {
        let name = match rest {
            [_, dot, name, ..] if dot.is_punct(".") => name,
            [name, ..] => name,
            [] => return Taken::Run,
        };
        return match (name.unquoted().to_ascii_lowercase().as_str(), target) {
            ("foreign_keys", _) | ("defer_foreign_keys", Target::Libsql) => Taken::Idle,
            ("defer_foreign_keys" | "foreign_key_check", _) => Taken::Run,
            ("user_version", Target::Libsql | Target::Rqlite) | ("application_id", Target::Rqlite) => {
                Taken::Run
            }
            (other, _) => refused(&format!("PRAGMA {other} cannot be part of a migration"), SETTING),
        };
    }
    if target != Target::Rqlite && temporary(words).is_some() {
        return refused(
            "a temporary object cannot be part of a migration",
            "make an ordinary table, and drop it at the end of the migration",
        );
    }
    let whole = [("ANALYZE", target == Target::Libsql), ("ATTACH", true), ("DETACH", true), ("VACUUM", true)];
    if let Some((word, _)) = whole.into_iter().find(|(word, refuses)| *refuses && first.is_word(word)) {
        return refused(&format!("{word} cannot be part of a migration"), LEAVE_OUT);
    }
    if target == Target::D1 {
        return of_d1(words, &refused);
    }
    Taken::Run
}

fn of_d1(words: &[Token<'_>], refused: &dyn Fn(&str, &'static str) -> Taken) -> Taken {
    let mut pairs = words.iter().zip(words.iter().skip(1));
    if let Some((name, _)) = pairs.find(|(name, next)| {
        next.is_punct("(") && ["sqlite_version", "load_extension"].iter().any(|known| name.is_word(known))
    }) {
        return refused(&format!("{}() cannot be called", name.text), LEAVE_OUT);
    }
    if let [create, virtuals, ..] = words
        && create.is_word("CREATE")
        && virtuals.is_word("VIRTUAL")
        && let Some(module) = words.iter().skip_while(|word| !word.is_word("USING")).nth(1)
    {
        let module = module.unquoted();
        if !["fts5", "fts5vocab"].iter().any(|known| module.eq_ignore_ascii_case(known)) {
            return refused(&format!("there is no module {module}"), "use fts5, or an ordinary table");
        }
    }
    let reserved = words
        .iter()
        .filter(|word| word.can_be_name())
        .find(|word| word.unquoted().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("_cf_")));
    match reserved {
        Some(name) => refused(&format!("the name {} is reserved", name.text), "give it another name"),
        None => Taken::Run,
    }
}

/// Kind and name of the temporary object that a statement makes. An index goes with its table.
pub fn temporary(words: &[Token<'_>]) -> Option<(&'static str, String)> {
    let (first, mut rest) = words.split_first()?;
    if !first.is_word("CREATE") {
        return None;
    }
    let mut temp = false;
    while rest.first()?.is_word("TEMP")
        || rest.first()?.is_word("TEMPORARY")
        || rest.first()?.is_word("VIRTUAL")
    {
        temp |= !rest.first()?.is_word("VIRTUAL");
        rest = rest.get(1..)?;
    }
    let kind = ["TABLE", "VIEW", "TRIGGER"]
        .into_iter()
        .find(|kind| rest.first().is_some_and(|w| w.is_word(kind)))?;
    rest = rest.get(1..)?;
    if rest.first()?.is_word("IF") {
        rest = rest.get(3..)?;
    }
    if rest.get(1)?.is_punct(".") {
        temp |= rest.first()?.unquoted().eq_ignore_ascii_case("temp");
        rest = rest.get(2..)?;
    }
    temp.then(|| rest.first().map(|name| (kind, name.unquoted()))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tokens;

    #[test]
    fn what_a_place_does_not_take_in_a_migration_is_known_before() {
        let taken = |text, target| taken(&tokens(text).collect::<Vec<_>>(), target);
        let refused = |text, target| matches!(taken(text, target), Taken::Refused { .. });
        for text in ["VACUUM", "PRAGMA legacy_alter_table = ON", "ATTACH 'x' AS y"] {
            assert!([Target::Rqlite, Target::Libsql, Target::D1].iter().all(|target| refused(text, *target)));
            assert!(!refused(text, Target::Sqlite));
        }
        let temp = "CREATE TEMP VIEW v AS SELECT 1";
        assert!(refused(temp, Target::Libsql) && !refused(temp, Target::Rqlite) && refused(temp, Target::D1));
        assert!(refused("ANALYZE", Target::Libsql) && !refused("ANALYZE", Target::D1));
        assert_eq!(taken("pragma Foreign_Keys=off;", Target::Rqlite), Taken::Idle);
        assert_eq!(taken("PRAGMA main.user_version = 3", Target::Libsql), Taken::Run);
        for text in [
            "PRAGMA user_version = 3",
            "SELECT sqlite_version()",
            "CREATE VIRTUAL TABLE r USING rtree(id, a, b)",
            "CREATE TABLE \"_CF_x\"(a)",
        ] {
            assert!(refused(text, Target::D1) && !refused(text, Target::Rqlite), "{text}");
        }
        assert_eq!(taken("CREATE VIRTUAL TABLE f USING fts5(a)", Target::D1), Taken::Run);
        assert_eq!(taken("SELECT '_cf'", Target::D1), Taken::Run);
    }
}

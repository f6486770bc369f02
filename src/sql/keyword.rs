//! Words that mean something by themselves.

/// SQLite's keywords (<https://www.sqlite.org/lang_keywords.html>), and TRUE and FALSE, which are values unless a
/// column has that name. Sorted.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "ABORT", "ACTION", "ADD", "AFTER", "ALL", "ALTER", "ALWAYS", "ANALYZE", "AND", "AS", "ASC", "ATTACH",
    "AUTOINCREMENT", "BEFORE", "BEGIN", "BETWEEN", "BY", "CASCADE", "CASE", "CAST", "CHECK", "COLLATE",
    "COLUMN", "COMMIT", "CONFLICT", "CONSTRAINT", "CREATE", "CROSS", "CURRENT", "CURRENT_DATE",
    "CURRENT_TIME", "CURRENT_TIMESTAMP", "DATABASE", "DEFAULT", "DEFERRABLE", "DEFERRED", "DELETE", "DESC",
    "DETACH", "DISTINCT", "DO", "DROP", "EACH", "ELSE", "END", "ESCAPE", "EXCEPT", "EXCLUDE", "EXCLUSIVE",
    "EXISTS", "EXPLAIN", "FAIL", "FALSE", "FILTER", "FIRST", "FOLLOWING", "FOR", "FOREIGN", "FROM", "FULL",
    "GENERATED", "GLOB", "GROUP", "GROUPS", "HAVING", "IF", "IGNORE", "IMMEDIATE", "IN", "INDEX", "INDEXED",
    "INITIALLY", "INNER", "INSERT", "INSTEAD", "INTERSECT", "INTO", "IS", "ISNULL", "JOIN", "KEY", "LAST",
    "LEFT", "LIKE", "LIMIT", "MATCH", "MATERIALIZED", "NATURAL", "NO", "NOT", "NOTHING", "NOTNULL", "NULL",
    "NULLS", "OF", "OFFSET", "ON", "OR", "ORDER", "OTHERS", "OUTER", "OVER", "PARTITION", "PLAN", "PRAGMA",
    "PRECEDING", "PRIMARY", "QUERY", "RAISE", "RANGE", "RECURSIVE", "REFERENCES", "REGEXP", "REINDEX",
    "RELEASE", "RENAME", "REPLACE", "RESTRICT", "RETURNING", "RIGHT", "ROLLBACK", "ROW", "ROWS",
    "SAVEPOINT", "SELECT", "SET", "TABLE", "TEMP", "TEMPORARY", "THEN", "TIES", "TO", "TRANSACTION",
    "TRIGGER", "TRUE", "UNBOUNDED", "UNION", "UNIQUE", "UPDATE", "USING", "VACUUM", "VALUES", "VIEW",
    "VIRTUAL", "WHEN", "WHERE", "WINDOW", "WITH", "WITHIN", "WITHOUT",
];

/// Where the keywords with each first letter begin, and where the last ones end.
const BY_LETTER: [usize; 27] = {
    let mut begins = [KEYWORDS.len(); 27];
    let mut at = KEYWORDS.len();
    let mut letter = 26;
    while letter > 0 {
        letter -= 1;
        while at > 0 && KEYWORDS[at - 1].as_bytes()[0] as usize - b'A' as usize == letter {
            at -= 1;
        }
        begins[letter] = at;
    }
    begins
};

/// Whether `word`, written bare, is a keyword, or TRUE or FALSE.
pub fn is_keyword(word: &str) -> bool {
    let Some(first) = word.bytes().next().filter(u8::is_ascii_alphabetic) else { return false };
    let letter = usize::from(first.to_ascii_uppercase() - b'A');
    let alike = &KEYWORDS[BY_LETTER[letter]..BY_LETTER[letter + 1]];
    alike.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_has_every_keyword_of_the_bundled_sqlite() {
        assert!(KEYWORDS.is_sorted());
        // SAFETY: sqlite3_keyword_count takes nothing; sqlite3_keyword_name fills a pointer to static text and its
        // length, for every index below the count.
        let keywords = unsafe {
            (0..rusqlite::ffi::sqlite3_keyword_count()).map(|i| {
                let (mut text, mut len) = (std::ptr::null(), 0);
                assert_eq!(rusqlite::ffi::sqlite3_keyword_name(i, &mut text, &mut len), 0);
                let bytes = std::slice::from_raw_parts(text.cast::<u8>(), len as usize);
                std::str::from_utf8(bytes).unwrap().to_owned()
            })
        };
        for keyword in keywords {
            assert!(is_keyword(&keyword), "{keyword}");
        }
        assert!(is_keyword("select") && is_keyword("true") && KEYWORDS.iter().all(|word| is_keyword(word)));
        for other in ["plan_id", "", "selec", "selects", "é", "9", "[", "zzz", "a", "yes"] {
            assert!(!is_keyword(other), "{other}");
        }
    }
}

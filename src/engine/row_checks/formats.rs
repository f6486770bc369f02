//! The formats of [`crate::row_checks::text`] in SQL, for a place that has no functions of planctl's.
//!
//! As there, NULL stays NULL, and what is no text is none of them.

use crate::row_checks::{TimeOfDay, Timestamp};

/// Whether the value of `c` is a ULID.
pub(crate) fn ulid(c: &str) -> String {
    let is = format!(
        "length({c}) = 26 AND {c} GLOB '[0-7]*' AND {c} NOT GLOB '*[^0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]*'"
    );
    of_text(c, &is)
}

/// Whether the value of `c` is a UUID.
pub(crate) fn uuid(c: &str) -> String {
    let groups = [8, 4, 4, 4, 12].map(|count| "[0-9A-Fa-f]".repeat(count));
    of_text(c, &format!("{c} GLOB '{}'", groups.join("-")))
}

/// Whether the value of `c` is a date with what `wanted` asks for. Day, clock and zone are taken apart one after the other;
/// colons are left out of the clock.
pub(crate) fn timestamp(c: &str, wanted: Timestamp) -> String {
    let Timestamp { time, utc } = wanted;
    let without_clock = u8::from(time != TimeOfDay::Required);
    let with_clock = if time == TimeOfDay::Absent { "0" } else { CLOCK_AND_ZONE };
    let is_utc = if utc { "AND hours = 0 AND minutes = 0" } else { "" };
    let is = format!(
        "(SELECT coalesce(day = date(day) AND CASE WHEN rest = '' THEN {without_clock} ELSE {with_clock} END \
         AND hours <= 23 AND minutes <= 59 {is_utc}, 0) FROM ({PARTS} FROM (SELECT *, {COMPACT} FROM (SELECT *, {SPLIT} \
         FROM (SELECT *, {ZONE} FROM (SELECT {DAY} FROM (SELECT {c} AS v)))))))"
    );
    of_text(c, &is.replace('#', "[0-9]"))
}

/// In the patterns from here on, `#` is a digit.
const DAY: &str = "CASE WHEN v GLOB '####-##-##*' THEN substr(v, 1, 10) \
     WHEN v GLOB '########*' THEN substr(v, 1, 4) || '-' || substr(v, 5, 2) || '-' || substr(v, 7, 2) END AS day, \
     substr(v, CASE WHEN v GLOB '####-##-##*' THEN 11 ELSE 9 END) AS rest";

/// How many characters the zone has.
const ZONE: &str = "CASE WHEN rest GLOB '*[Zz]' THEN 1 WHEN rest GLOB '*[+-]##:##' THEN 6 \
     WHEN rest GLOB '*[+-]####' THEN 5 WHEN rest GLOB '*[+-]##' THEN 3 ELSE 0 END AS n";

const SPLIT: &str =
    "substr(rest, 2, max(length(rest) - 1 - n, 0)) AS clock, substr(rest, length(rest) - n + 1) AS zone";

const COMPACT: &str = "CASE WHEN clock GLOB '##:##' OR clock GLOB '##:##:##' OR clock GLOB '##:##:##[.,]*' \
     THEN substr(clock, 1, 2) || substr(clock, 4, 2) || substr(clock, 7) ELSE clock END AS compact";

const PARTS: &str = "SELECT *, CAST(substr(compact, 1, 2) AS INTEGER) AS hour, CAST(substr(compact, 3, 2) AS INTEGER) AS minute, \
     CAST(substr(compact, 5, 2) AS INTEGER) AS second, CAST(substr(zone, 2, 2) AS INTEGER) AS hours, \
     CAST(replace(substr(zone, 4), ':', '') AS INTEGER) AS minutes";

const CLOCK_AND_ZONE: &str = "rest GLOB '[Tt ]*' AND (compact GLOB '##' OR compact GLOB '####' OR compact GLOB '######' \
     OR compact GLOB '######[.,]#*' AND substr(compact, 8) NOT GLOB '*[^0-9]*') \
     AND (hour <= 23 AND minute <= 59 AND second <= 60 OR hour = 24 AND minute = 0 AND second = 0)";

/// What is true of a text, for a value of any kind. A pattern would look no further than a NUL.
fn of_text(c: &str, is: &str) -> String {
    format!(
        "CASE typeof({c}) WHEN 'null' THEN NULL WHEN 'text' THEN instr({c}, char(0)) = 0 AND {is} ELSE 0 END"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;
    use rusqlite::types::Value;

    use super::super::functions;
    use super::*;

    fn texts() -> impl Strategy<Value = String> {
        let date = "(0000|1900|2000|2023|2024|9999|[0-9]{3})-?(00|01|02|12|13)-?(00|01|28|29|30|31|32)";
        let clock = "([Tt x]?(00|08|23|24|25|8)(:?(00|59|60)(:?(00|60|61)([.,][0-9]{0,3}:?[0-9]?)?)?)?)?";
        let zone = "(Z|z|ZZ|[+-](00|02|23|24):?(00|30|60)?)?";
        prop_oneof![
            6 => prop::string::string_regex(&format!("{date}{clock}{zone}\0?")).unwrap(),
            1 => "[0-8][0-9A-Za-z]{25}\0?",
            1 => "[0-7][0-9A-HJKMNP-TV-Z]{25,26}",
            1 => "[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-fg]{4}-[0-9a-f]{11,12}\0?",
            1 => ".{0,12}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn sql_judges_as_the_functions_do(texts in prop::collection::vec(texts(), 40)) {
            let conn = Connection::open_in_memory().unwrap();
            functions::register(&conn).unwrap();
            conn.execute_batch("CREATE TABLE t(c); INSERT INTO t VALUES (NULL), (20270630)").unwrap();
            for text in texts {
                let blob = Value::Blob(text.clone().into_bytes());
                conn.execute("INSERT INTO t VALUES (?1), (?2)", (text, blob)).unwrap();
            }
            let same = |sql: &str, function: &str| {
                let differs = format!("SELECT group_concat(quote(c)) FROM t WHERE ({sql}) IS NOT {function}");
                let differs: Option<String> = conn.query_row(&differs, [], |row| row.get(0)).unwrap();
                assert_eq!(differs, None, "{function}");
            };
            same(&ulid("c"), "planctl_ulid(c)");
            same(&uuid("c"), "planctl_uuid(c)");
            for time in [TimeOfDay::Optional, TimeOfDay::Required, TimeOfDay::Absent] {
                for utc in [false, true] {
                    let function = format!("planctl_timestamp(c, {}, {})", time as u8, u8::from(utc));
                    same(&timestamp("c", Timestamp { time, utc }), &function);
                }
            }
        }
    }
}

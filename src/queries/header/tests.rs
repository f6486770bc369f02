use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<Query> {
    Query::parse("q", SourceFile::new("q.sql", text))
}

#[test]
fn a_header_is_read_with_all_that_it_says() {
    let query = read(
        "\u{feff}/* a word of our own */\r\n-- title: It's a title: yes\r\n--\r\n-- description: First\r\n--   second\r\n\
         --param: days integer = -7 (how (far) back)\n-- param: who text = 'o''brien'\n-- param: all boolean = true\n\
         -- param: day date = today\n-- param: at datetime = '2026-11-20'\n-- param: id ulid\n-- param: x real = null\n\
         -- bar: \"success %\" of 100\n\nWITH a AS (SELECT :days) -- free; words\nSELECT :who, ':no', :all, :day, :at, \
         :id, :x ; -- the end\n",
    )
    .unwrap();
    assert_eq!(query.title, "It's a title: yes");
    assert_eq!(query.description.as_deref(), Some("First second"));
    let parameters: Vec<String> = query.parameters.iter().map(ToString::to_string).collect();
    assert_eq!(
        parameters,
        [
            "days=INTEGER, how (far) back [default: -7]",
            "who=TEXT [default: 'o''brien']",
            "all=BOOLEAN [default: true]",
            "day=DATE [default: today]",
            "at=DATETIME [default: 2026-11-20T00:00:00Z]",
            "id=ULID [required]",
            "x=REAL [default: NULL]",
        ]
    );
    let bar = query.bar.as_ref().unwrap();
    assert_eq!((bar.column.as_str(), bar.of), ("success %", Some(100.0)));
    assert!(query.sql().starts_with("WITH a AS") && query.sql().ends_with(":x"), "{}", query.sql());
    assert_eq!(query.place(0).to_string(), "q.sql:15:1");
}

#[test]
fn every_slip_is_named_with_its_place_and_what_to_do() {
    for (text, place, message, help) in [
        ("", "1:1", "the report has no title", "begin the file with"),
        ("SELECT 1", "1:1", "the report has no title", "begin the file with"),
        ("-- title: A\n", "2:1", "the report has no statement", "write one SELECT"),
        ("-- title: A\n-- title: B\nSELECT 1", "2:4", "`title` is given twice", "keep one"),
        ("-- titel: A\nSELECT 1", "1:4", "this is not a header line of a report", "did you mean `title:`?"),
        ("-- Title: A\nSELECT 1", "1:4", "this is not a header line of a report", "did you mean `title:`?"),
        (
            "-- title: A\n-- parm days integer\nSELECT 1",
            "2:4",
            "this is not a header line of a report",
            "did you mean `param:`?",
        ),
        (
            "-- title: A\n-- see also: B\nSELECT 1",
            "2:4",
            "this is not a header line of a report",
            "a header line is one of",
        ),
        (
            "-- title: A\n--   more\nSELECT 1",
            "2:6",
            "an indented line continues a description, and there is none above it",
            "",
        ),
        ("-- title:\nSELECT 1", "1:4", "`title` says nothing", ""),
        (
            "-- title: A\n-- param: 7 integer\nSELECT 1",
            "2:11",
            "a parameter has a name of letters, digits and `_`",
            "NAME TYPE",
        ),
        ("-- title: A\n-- param: days\nSELECT 1", "2:15", "the parameter has no type", "NAME TYPE"),
        (
            "-- title: A\n-- param: days int\nSELECT 1",
            "2:16",
            "there is no type `int`",
            "known: `text`, `integer`",
        ),
        (
            "-- title: A\n-- param: days intger\nSELECT 1",
            "2:16",
            "there is no type `intger`",
            "did you mean `integer`?",
        ),
        ("-- title: A\n-- param: days integer =\nSELECT 1", "2:25", "there is no default after the `=`", ""),
        (
            "-- title: A\n-- param: days integer = 'x'\nSELECT 1",
            "2:26",
            "`x` is not a default for the type integer",
            "a whole number",
        ),
        (
            "-- title: A\n-- param: at datetime = 2026-11-20\nSELECT 1",
            "2:25",
            "`2026` is not a default for the type datetime",
            "a moment",
        ),
        (
            "-- title: A\n-- param: y integer = 2026-11-20\nSELECT 1",
            "2:27",
            "a default that is a time or an id goes in quotes, as in '2026-11-20'",
            "",
        ),
        (
            "-- title: A\n-- param: who text = ada\nSELECT 1",
            "2:22",
            "`ada` is not a default for the type text",
            "put it in quotes: 'ada'",
        ),
        (
            "-- title: A\n-- param: n integer = now\nSELECT 1",
            "2:23",
            "`now` is not a default for the type integer",
            "a whole number",
        ),
        ("-- title: A\n-- param: days integer 7\nSELECT 1", "2:24", "this is not part of a parameter", ""),
        (
            "-- title: A\n-- param: days integer = 7 (how many\nSELECT 1",
            "2:28",
            "put what it means between `(` and a `)` at the end of the line",
            "",
        ),
        (
            "-- title: A\n-- param: a text\n-- param: a text\nSELECT :a",
            "3:11",
            "the parameter `a` is declared twice",
            "",
        ),
        (
            "-- title: A\n-- param: days integer\nSELECT 1",
            "2:11",
            "the parameter `days` is declared and never used",
            "write `:days`",
        ),
        (
            "-- title: A\n-- param: days integer\nSELECT\n  :dayz",
            "4:3",
            "the parameter `:dayz` is not declared",
            "did you mean `:days`?",
        ),
        (
            "-- title: A\nSELECT :x",
            "2:8",
            "the parameter `:x` is not declared",
            "declare it in the header: `-- param: x TYPE`",
        ),
        ("-- title: A\nSELECT ?", "2:8", "`?` is not a parameter of a report", "`:name`"),
        ("-- title: A\nSELECT @a", "2:8", "`@a` is not a parameter of a report", "`:name`"),
        (
            "-- title: A\n-- bar: a of 0\nSELECT 1 AS a",
            "2:9",
            "this is not a column to draw",
            "`-- bar: COLUMN`",
        ),
        (
            "-- title: A\n-- bar: a b\nSELECT 1 AS a",
            "2:9",
            "this is not a column to draw",
            "`-- bar: COLUMN`",
        ),
        (
            "-- title: A\nSELECT 1;\n\nSELECT 2",
            "4:1",
            "a report is one statement, and a second one begins here",
            "",
        ),
        (
            "-- title: A\nUPDATE t SET a = 1",
            "2:1",
            "a report is a SELECT, and this begins with `UPDATE`",
            "a report reads",
        ),
        ("-- title: A\nEXPLAIN SELECT 1", "2:1", "a report is a SELECT, and this begins with `EXPLAIN`", ""),
        ("-- title: A\n(SELECT 1)", "2:1", "a report is a SELECT, and this begins with `(`", ""),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!((error.message(), error.kind()), (message, ErrorKind::Config), "{text}");
        assert_eq!(error.location().unwrap().to_string(), format!("q.sql:{place}"), "{text}");
        let said = error.help_text().unwrap_or_default();
        assert!(said.contains(help), "{text}: {said}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(
        text in "\\PC*|(-- (title|param|bar|description|x): [a-z0-9=()' :é-]*\n){0,4}(SELECT|WITH)? [a-z:?;' -]*"
    ) {
        if let Ok(query) = read(&text) {
            prop_assert!(!query.sql().is_empty() && !query.title.is_empty());
        }
    }
}

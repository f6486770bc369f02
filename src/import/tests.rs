use super::*;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// Names and texts of what would be written.
fn imported(files: &[(&str, &str)], from: Option<Tool>) -> (Tool, Vec<(String, String)>) {
    let dir = folder(files);
    let chain = Chain::read(dir.path(), from).unwrap();
    let named = |file: NewFile| (file.path.file_name().unwrap().to_str().unwrap().to_owned(), file.text);
    (chain.tool, chain.files(Path::new("to")).into_iter().map(named).collect())
}

/// The error, its path without the folder.
fn refused(files: &[(&str, &str)], from: Option<Tool>) -> String {
    let dir = folder(files);
    let error = Chain::read(dir.path(), from).unwrap_err();
    error.to_string().replace(&format!("{}/", dir.path().display()), "")
}

const A: &str = "CREATE TABLE a(x);\n";
const DROP: &str = "DROP TABLE a;\n";

/// A changelog of Liquibase's in SQL, with one changeset.
fn changelog(id: &str, sql: &str) -> String {
    format!("--liquibase formatted sql\n--changeset {id}\n{sql}")
}

#[test]
fn each_tools_folder_is_known_and_its_names_become_ours() {
    let goose = format!("-- +goose Up\n{A}-- +goose Down\n{DROP}");
    let dbmate = format!("-- migrate:up\n{A}-- migrate:down\n{DROP}");
    let sql_migrate = format!("-- +migrate Up notransaction\n{A}-- +migrate Down\n{DROP}");
    let only_up = format!("-- +migrate Up\n{A}");
    let liquibase = format!("--liquibase formatted sql\n--changeset me:a\n{A}--rollback DROP TABLE a;\n");
    let journal = r#"{"dialect": "sqlite", "entries": [{"idx": 0, "when": 7, "tag": "0000_a"}]}"#;
    type Case<'a> = (Tool, &'a [(&'a str, &'a str)], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        (Tool::Sqlx, &[("007_a b.sql", A), ("10_c.sql", A)], &["V7__a_b.sql", "V10__c.sql"]),
        (Tool::GolangMigrate, &[("2_a.up.sql", A), ("2_b.down.sql", DROP)], &["V2__a.sql", "V2__a.down.sql"]),
        (Tool::GolangMigrate, &[("0_a.up.sql", A), ("1_b.up.sql", A)], &["V1__a.sql", "V2__b.sql"]),
        (Tool::Goose, &[("00001_a.sql", &goose)], &["V1__a.sql", "V1__a.down.sql"]),
        (Tool::Dbmate, &[("20260131_a.sql", &dbmate)], &["V20260131__a.sql", "V20260131__a.down.sql"]),
        (
            Tool::Diesel,
            &[("2026-01-31-093000_a/up.sql", A), ("2026-01-31-093000_a/down.sql", DROP)],
            &["V20260131093000__a.sql", "V20260131093000__a.down.sql"],
        ),
        // As text, in which a shorter number is no smaller one.
        (
            Tool::Diesel,
            &[("2024-03-13_b/up.sql", A), ("20240226170000_a/up.sql", A)],
            &["V1__a.sql", "V2__b.sql"],
        ),
        (Tool::RusqliteMigration, &[("01-a/up.sql", A), ("02-b-c/up.sql", A)], &["V1__a.sql", "V2__b_c.sql"]),
        (Tool::Flyway, &[("V1.10__b.sql", A), ("V1_9__a.sql", A)], &["V1__a.sql", "V2__b.sql"]),
        (Tool::Flyway, &[("V2.1__a.sql", A), ("U2_1__a.sql", DROP)], &["V1__a.sql", "V1__a.down.sql"]),
        // In folders below; what runs whenever it changes comes last, by its description.
        (
            Tool::Flyway,
            &[("2026/01/V3__a.sql", A), ("2026/U3__a.sql", DROP), ("R__z.sql", A), ("views/R__b.sql", A)],
            &["V3__a.sql", "V3__a.down.sql", "V4__b.sql", "V5__z.sql"],
        ),
        (
            Tool::Prisma,
            &[("20260131093000_a/migration.sql", A), ("migration_lock.toml", "provider = \"sqlite\"")],
            &["V20260131093000__a.sql"],
        ),
        (Tool::Drizzle, &[("0000_a.sql", A), ("meta/_journal.json", journal)], &["V1__a.sql"]),
        (
            Tool::Drizzle,
            &[("20260131093000_a/migration.sql", A), ("20260131093000_a/snapshot.json", "{}")],
            &["V20260131093000__a.sql"],
        ),
        (
            Tool::Atlas,
            &[("20260131093000.sql", A), ("atlas.sum", "")],
            &["V20260131093000__20260131093000.sql"],
        ),
        (Tool::Liquibase, &[("x.sql", &liquibase)], &["V1__a.sql", "V1__a.down.sql"]),
        (
            Tool::SqlMigrate,
            &[("20260131-a.sql", &sql_migrate)],
            &["V20260131__a.sql", "V20260131__a.down.sql"],
        ),
        // By their numbers, and what has none behind them.
        (
            Tool::SqlMigrate,
            &[("10_b.sql", &only_up), ("2_a.sql", &only_up), ("init.sql", &only_up)],
            &["V1__a.sql", "V2__b.sql", "V3__init.sql"],
        ),
    ];
    for (tool, files, names) in cases {
        let (read_as, written) = imported(files, None);
        let written: Vec<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((read_as, written.as_slice()), (*tool, *names), "{files:?}");
    }
}

#[test]
fn markers_and_transaction_control_become_comments_and_all_else_stays() {
    let text = "-- +goose NO TRANSACTION\r\n-- +goose Up\r\nPRAGMA foreign_keys=OFF;\r\nBEGIN; CREATE TABLE a(x);\r\n\
                INSERT INTO a VALUES('\n-- +goose Down\nBEGIN;');\r\nCOMMIT;\r\n-- +goose Down\r\nDROP TABLE a; -- é\r\n";
    let (_, files) = imported(&[("1_a.sql", text)], None);
    let texts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "-- goose's marker: +goose NO TRANSACTION\r\n-- goose's marker: +goose Up\r\n\
             /* left out, since foreign keys are off while a migration runs, and checked before it commits: \
             PRAGMA foreign_keys=OFF */\r\n\
             /* left out, since each migration is one transaction: BEGIN */ CREATE TABLE a(x);\r\n\
             INSERT INTO a VALUES('\n-- +goose Down\nBEGIN;');\r\n\
             /* left out, since each migration is one transaction: COMMIT */\r\n",
            "-- goose's marker: +goose Down\r\nDROP TABLE a; -- é\r\n",
        ]
    );
    let (_, files) = imported(&[("1_a.sql", "\u{feff}VACUUM;\nSELECT 1"), ("2_b.sql", A)], None);
    assert!(
        files[0].1.starts_with("\u{feff}/* left out") && files[0].1.ends_with(": VACUUM */\nSELECT 1"),
        "{files:?}"
    );
    assert_eq!(files[1].1, A, "byte for byte");
}

#[test]
fn drizzles_pieces_end_where_it_ends_them() {
    let journal = r#"{"entries": [{"when": 7, "tag": "0000_a"}]}"#;
    let text = "CREATE TABLE a(x)\n--> statement-breakpoint\nCREATE TABLE b(x);--> statement-breakpoint\nSELECT '--> x'";
    let (_, files) = imported(&[("0000_a.sql", text), ("meta/_journal.json", journal)], None);
    assert_eq!(
        files[0].1,
        "-- Drizzle knew it as 7: 0000_a.sql\nCREATE TABLE a(x)\n;-- Drizzle's marker: statement-breakpoint\n\
         CREATE TABLE b(x);-- Drizzle's marker: statement-breakpoint\nSELECT '--> x'"
    );
}

#[test]
fn places_are_those_of_the_tools_own_file() {
    let dir = folder(&[("1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n")]);
    let chain = Chain::read(dir.path(), None).unwrap();
    let down = chain.migrations[0].down.as_ref().unwrap();
    let at = down.file().text().find("SELECT").unwrap();
    assert_eq!(
        (down.file().location(at).line, down.file().path().file_name().unwrap().to_str()),
        (4, Some("1_a.sql"))
    );
}

#[test]
fn what_cannot_be_taken_over_is_named_with_its_place() {
    let env =
        "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE a(x DEFAULT '${HOME}');\n-- +goose ENVSUB OFF\n";
    let fill = "--liquibase formatted sql\n--changeset a:1\nCREATE TABLE ${t}(x);\n";
    let block =
        "--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n/* liquibase rollback\nSELECT 2;\n*/\n";
    let dbms = "--liquibase formatted sql\n--changeset a:1 dbms:h2\nSELECT 1;\n";
    let skip = "--liquibase formatted sql\n--changeset a:1 ignore:true\nSELECT 1;\n";
    let lines = "--liquibase formatted sql\n--changeset a:1\n--ignoreLines:1\nSELECT 1;\n";
    let set = changelog("a:1", A);
    let twins = format!("{set}--changeset a:1\n{A}");
    for (files, told) in [
        (&[("1_a.sql", env)][..], "1_a.sql:3:27: `${HOME}` is filled in by goose"),
        (&[("V1.1__a.sql", "SELECT\n '${b}'")], "V1.1__a.sql:2:3: `${b}` is filled in by Flyway"),
        (&[("a.sql", fill)], "a.sql:3:14: `${t}` is filled in by Liquibase"),
        (&[("a.sql", dbms)], "a.sql:2:1: the changeset is for another database: `dbms:h2`"),
        (&[("a.sql", block)], "a.sql:4:1: the down is in a block"),
        (&[("1_a.sql", "SELECT 1;\nROLLBACK;")], "1_a.sql:2:1: ROLLBACK would end"),
        (&[("1_a.sql", "BEGIN;\nSELECT 1;")], "1_a.sql:1:1: BEGIN would end"),
        (&[("1_a.sql", "ATTACH 'x' AS y")], "1_a.sql:1:1: ATTACH would bring"),
        (&[("1_a.sql", A), ("01_b.sql", A)], "1_a.sql has the number of 01_b.sql"),
        (&[("1_a.up.sql", A), ("2_a.down.sql", A)], "2_a.down.sql is a down without its up"),
        (&[("1_a.sql", "-- +goose Down\n-- +goose Up\n")], "1_a.sql:1:1: `-- +goose Down` is above"),
        (&[("1_a.sql", "SELECT 1;\n-- migrate:up\n")], "1_a.sql:1:1: a statement is above"),
        (&[("B1.1__a.sql", A), ("V1.2__b.sql", A)], "B1.1__a.sql stands for all versions"),
        (&[("V1__a.sql", A), ("afterMigrate__b.sql", A)], "afterMigrate__b.sql is run by Flyway around"),
        (&[("pg/V1.0__a.sql", A), ("sqlite/V1__a.sql", A)], "sqlite/V1__a.sql has the version of "),
        (&[("a.sql", skip)], "a.sql:2:1: the changeset is passed over: `ignore:true`"),
        (&[("a.sql", lines)], "a.sql:3:1: Liquibase passes over some of the lines"),
        (&[("a.sql", &twins)], "a.sql:4:1: a.sql::1::a is here again"),
        (
            &[("a.xml", "<databaseChangeLog>\n <changeSet id='1' author='a'/></databaseChangeLog>")],
            "a.xml:2:2: the changeset is not SQL",
        ),
        (
            &[
                ("a.yaml", "databaseChangeLog:\n- include:\n    file: b.sql\n    context: x\n"),
                ("b.sql", &set),
            ],
            "a.yaml:2:1: `context` says how Liquibase runs the files",
        ),
        (
            &[("a.json", r#"{"databaseChangeLog": [{"include": {"file": "b.sql"}}]}"#), ("c.sql", &set)],
            "a.json:1:25: the changelog lists b.sql, which is not there",
        ),
        (&[("a.xml", "<databaseChangeLog><include file='a.xml'/></databaseChangeLog>")], "a.xml:1:20: "),
        (
            &[("a.xml", "<databaseChangeLog/>"), ("b.xml", "<databaseChangeLog/>")],
            "a.xml is a changelog that no other one includes, and ",
        ),
        (&[("01-a/up.sql", A), ("03-a/up.sql", A)], "03-a/up.sql is where number 2 should be"),
        (
            &[("a/migration.sql", A), ("migration_lock.toml", "provider = \"postgresql\"")],
            "migration_lock.toml:1:1: the migrations are for postgresql",
        ),
        (
            &[("a.sql", A), ("meta/_journal.json", "{")],
            "meta/_journal.json:1:1: the journal of Drizzle is not JSON",
        ),
        (&[("1_a.sql", "-- atlas:checkpoint\n"), ("atlas.sum", "")], "1_a.sql:1:1: the file stands for all"),
        (&[("1.sql", "SELECT 1;\n-- +migrate Up\n")], "1.sql:1:1: a statement is above the markers"),
        (&[("1.sql", "-- +migrate Down\n")], "1.sql:1:1: the file has no line `-- +migrate Up`"),
        // Letter by letter: what follows would be a part of the way there.
        (&[("1.sql", "-- +migrate Up\nSELECT 1;\n--+migrate Down\n")], "1.sql:3:1: sql-migrate passes over"),
        (&[("1.sql", "-- +migrate Up\nSELECT 1;\n-- +migrate down\n")], "1.sql:3:1: sql-migrate passes over"),
        (&[("1.sql", "\u{feff}-- +migrate Up\nSELECT 1;\n")], "1.sql:1:2: sql-migrate passes over"),
    ] {
        let said = refused(files, None);
        assert!(said.starts_with(told), "{said}\nis not\n{told}");
    }
    assert!(
        refused(&[("V1__a.sql", A)], None).contains("does not look like any tool's folder"),
        "it is ours"
    );
    assert!(refused(&[("a.sql", A)], Some(Tool::Diesel)).contains("holds no migration of Diesel"));
}

#[test]
fn changelogs_of_liquibase_are_read_in_the_order_in_which_they_are_included() {
    let one = changelog("ada:1", "CREATE TABLE one(x);\n");
    let two = changelog("ada:1", "CREATE TABLE two(x);\n");
    let last = changelog("bob:x logicalFilePath:elsewhere.sql", "CREATE TABLE last(x);\n");
    let yaml = "databaseChangeLog:\n  - include:\n      file: db/2.sql\n  - include:\n      file: more.xml\n      \
                relativeToChangelogFile: true\n";
    let xml = "<databaseChangeLog xmlns=\"http://www.liquibase.org/xml/ns/dbchangelog\"><includeAll path=\"classpath:db/1\"/>\
               </databaseChangeLog>";
    let files =
        [("master.yaml", yaml), ("more.xml", xml), ("2.sql", &two), ("1/1.sql", &one), ("1/x/2.sql", &last)];
    let files = files.map(|(name, text)| (format!("db/{name}"), text));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let dir = folder(&files);
    let chain = Chain::read(&dir.path().join("db"), None).unwrap();
    let ids: Vec<&str> = chain.migrations.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["2.sql::1::ada", "1/1.sql::1::ada", "elsewhere.sql::x::bob"]);
    // The history has the paths from where Liquibase was told to look; one id in two files is two changesets.
    let row = |file: &str, id: &str, author: &str| {
        [author, id, "EXECUTED", file].map(|cell| Some(cell.to_owned())).to_vec()
    };
    let of_two = row("classpath:db/2.sql", "1", "ada");
    assert_eq!(chain.applied(std::slice::from_ref(&of_two)), Ok(1));
    assert_eq!(chain.applied(&[of_two.clone(), row("db/1/1.sql", "1", "ada")]), Ok(2));
    let all = [of_two.clone(), row("1.sql", "1", "ada"), row("elsewhere.sql", "x", "bob")];
    assert_eq!(chain.applied(&all), Ok(3));
    let other = row("db/3.sql", "1", "ada");
    assert_eq!(chain.applied(&[of_two, other]), Err(Refusal::Unknown("db/3.sql::1::ada".to_owned())));
}

#[test]
fn the_history_of_flyway_knows_what_runs_again_by_its_script() {
    let dir = folder(&[("V1.1__a.sql", A), ("V1.2__b.sql", A), ("views/R__v.sql", A)]);
    let chain = Chain::read(dir.path(), None).unwrap();
    let rows = |rows: &[[&str; 5]]| -> Vec<Vec<Option<String>>> {
        rows.iter().map(|row| row.map(|cell| Some(cell.to_owned())).to_vec()).collect()
    };
    let (baseline, two) = (["1.1", "BASELINE", "1", "1", ""], ["1.2", "SQL", "1", "2", "V1.2__b.sql"]);
    let view = |success| ["", "SQL", success, "3", "views/R__v.sql"];
    for (history, applied) in [
        (&[baseline][..], Ok(1)),
        (&[baseline, two], Ok(2)),
        (&[baseline, two, view("1"), view("1")], Ok(3)),
        (&[baseline, two, view("0")], Err(Refusal::Unfinished("R__v.sql".to_owned()))),
        (
            &[baseline, view("1")],
            Err(Refusal::Gap { missing: "1.2".to_owned(), applied: "R__v.sql".to_owned() }),
        ),
    ] {
        assert_eq!(chain.applied(&rows(history)), applied, "{history:?}");
    }
    let repeated: Vec<&str> = chain.repeated().map(|one| one.name.as_str()).collect();
    assert_eq!(repeated, ["v"]);
}

/// The second of dbmate's ups became a part of the first down: what it makes was lost.
#[test]
fn a_file_with_more_than_one_up_or_down_is_refused_where_the_next_stands() {
    let twice = |up: &str, down: &str| {
        let pair = format!("{up}\n{A}{down}\n{DROP}");
        format!("{pair}{pair}")
    };
    let dbmate = twice("-- migrate:up", "-- migrate:down transaction:false");
    let sql_migrate = twice("-- +migrate Up", "-- +migrate Down");
    for (text, told) in [
        (dbmate.as_str(), "1_a.sql:5:1: `-- migrate:up` is here again"),
        (&sql_migrate, "1_a.sql:5:1: `-- +migrate Up` is here again"),
        (
            &format!("-- migrate:up\n{A}-- migrate:down\n{DROP}-- migrate:down\n"),
            "1_a.sql:5:1: `-- migrate:down` is here again",
        ),
    ] {
        let said = refused(&[("1_a.sql", text)], None);
        assert!(said.starts_with(told), "{said}\nis not\n{told}");
    }
}

/// Both were recorded as applied when the history had the one.
#[test]
fn two_files_whose_number_the_history_can_hold_once_are_refused() {
    let dbmate = format!("-- migrate:up\n{A}-- migrate:down\n");
    for files in [
        &[("1_a.sql", dbmate.as_str()), ("1_b.sql", &dbmate)][..],
        &[("2024-01-01-000000_a/up.sql", A), ("20240101000000_b/up.sql", A)],
        &[("1_a.sql", A), ("1_b.sql", A), ("atlas.sum", "")],
    ] {
        assert!(refused(files, None).contains(" have the same number"), "{files:?}");
    }
}

/// The place was that of a file which is never written, and a spec was made of both ways.
#[test]
fn markers_of_a_tool_that_is_not_known_are_refused_in_its_own_file() {
    let dir = folder(&[("1_a.sql", "-- rambler up\nCREATE TABLE a(x);\n-- rambler down\nDROP TABLE a;\n")]);
    let error = Chain::read(dir.path(), None).unwrap_err();
    let place = error.location().unwrap();
    assert_eq!((place.file.as_path(), place.line), (dir.path().join("1_a.sql").as_path(), 3));
    assert!(error.help_text().unwrap().contains("--from"), "{error}");
    // What it advises.
    let text = "-- rambler up\nCREATE TABLE a(x);\n";
    let (_, files) = imported(&[("1_a.sql", text), ("1_a.down.sql", DROP)], None);
    assert_eq!(
        files,
        [("V1__a.sql".to_owned(), text.to_owned()), ("V1__a.down.sql".to_owned(), DROP.to_owned())]
    );
}

/// Wrangler's folder is known by what lies above it; its history has the files' names.
#[test]
fn the_folder_below_the_settings_of_wrangler_is_wranglers() {
    let files =
        [("app/migrations/0002_b.sql", A), ("app/migrations/0001_a.sql", A), ("app/migrations/0010.sql", A)];
    let dir = folder(&files);
    let read = || Chain::read(&dir.path().join("app/migrations"), None);
    assert_eq!(Tool::of(&dir.path().join("app/migrations")), None, "0010.sql is nobody's");
    for settings in ["wrangler.jsonc", "app/wrangler.toml"] {
        std::fs::write(dir.path().join(settings), "").unwrap();
        let chain = read().unwrap();
        let known: Vec<(&str, Version)> =
            chain.migrations.iter().map(|one| (one.id.as_str(), one.version)).collect();
        assert_eq!(
            (chain.tool, known),
            (Tool::Wrangler, vec![("0001_a.sql", 1), ("0002_b.sql", 2), ("0010.sql", 10)])
        );
        std::fs::remove_file(dir.path().join(settings)).unwrap();
    }
    let other = refused(&[("0001_a.sql", A), ("schema.sql", A)], Some(Tool::Wrangler));
    assert!(other.starts_with("schema.sql does not begin with a number"), "{other}");
}

/// Each of these is a changeset to Liquibase, and was refused, or a part of the one above.
#[test]
fn changesets_are_known_as_liquibase_writes_and_reads_them() {
    let of = |head: &str| {
        let dir = folder(&[("a.sql", &changelog(head, A))]);
        Chain::read(dir.path(), None).unwrap().migrations.remove(0).id
    };
    for (head, id) in [
        ("Ada Lovelace:1", "a.sql::1::Ada Lovelace"),
        ("\"Ada: L\":\"a first one\" stripComments:false", "a.sql::a first one::Ada: L"),
        ("ada:a:b some words", "a.sql::a:b::ada"),
        ("ada:1 dbms:!mysql", "a.sql::1::ada"),
        ("ada:1 dbms:all", "a.sql::1::ada"),
        ("ada:1 dbms:mysql,SQLite", "a.sql::1::ada"),
    ] {
        assert_eq!(of(head), id, "{head}");
    }
    let text = "  --liquibase formatted sql\n\t--changeset a:1\nSELECT 1;\n  --rollback SELECT 2;\n  -- changeset a:2\nSELECT 3;\n";
    let (_, files) = imported(&[("a.sql", text)], None);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["V1__1.sql", "V1__1.down.sql", "V2__2.sql"]);
    for (head, told) in [
        ("ada: 1", "the changeset has no `author:id`"),
        ("ada:1 dbms:!sqlite", "the changeset is for another database"),
        ("ada:1 dbms:!mysql,h2", "the changeset is for another database"),
    ] {
        let said = refused(&[("a.sql", &changelog(head, A))], None);
        assert!(said.starts_with(&format!("a.sql:2:1: {told}")), "{said}");
    }
    // Liquibase never runs it; it came along with the first.
    for text in [
        format!("--liquibase formatted sql\nSELECT 0;\n--changeset a:1\n{A}"),
        format!("--liquibase formatted sql\n{A}"),
    ] {
        let said = refused(&[("a.sql", &text)], None);
        assert!(said.starts_with("a.sql:2:1: a statement is in no changeset"), "{said}");
    }
    let other = format!("{}--rollback changesetId:0 changesetAuthor:me\n", changelog("a:1", A));
    let said = refused(&[("a.sql", &other)], None);
    assert!(said.starts_with("a.sql:4:1: the down is the up of another changeset"), "{said}");
}

/// What began is named by the version to which it was to lead: -1 was called a migration.
#[test]
fn what_golang_migrate_did_not_end_is_the_up_to_its_version_or_the_down_from_the_next() {
    let dir = folder(&[("2_a.up.sql", A), ("2_a.down.sql", DROP), ("5_b.up.sql", A), ("5_b.down.sql", DROP)]);
    let chain = Chain::read(dir.path(), None).unwrap();
    let own = |text: &str| text.to_owned();
    let at = |up: Option<&str>, down| Err(Refusal::UnfinishedAt { up: up.map(own), down: own(down) });
    for (version, dirty, applied) in [
        ("2", "0", Ok(1)),
        ("5", "0", Ok(2)),
        ("-1", "0", Ok(0)),
        ("-1", "1", at(None, "2")),
        ("2", "1", at(Some("2"), "5")),
        ("5", "1", Err(Refusal::Unfinished(own("5")))),
        ("3", "1", Err(Refusal::Unfinished(own("3")))),
        ("3", "0", Err(Refusal::Unknown(own("3")))),
    ] {
        let row = vec![Some(own(version)), Some(own(dirty))];
        assert_eq!(chain.applied(&[row]), applied, "{version} {dirty}");
    }
    assert_eq!(chain.applied(&[]), Ok(0));
}

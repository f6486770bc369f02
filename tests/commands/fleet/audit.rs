//! `fleet audit`: each against the spec, or against its own version.

use super::*;

#[test]
fn who_is_behind_is_held_against_its_own_version() {
    let tenants = Tenants::at(3, 3);
    tenants.make("u0", 2);
    tenants.make("u1", 2);
    tenants.sql("u1", "CREATE TABLE mine(x)");
    let document = tenants.json(1, &["audit"]);
    assert_eq!(states(&document)[3..], ["u0 behind 2", "u1 drifted 2"]);
    tenants.sql("u1", "DROP TABLE mine");
    tenants.json(1, &["audit"]);
    let document = tenants.json(0, &["audit", "--at-applied"]);
    assert_eq!(states(&document)[2..], ["t02 current 3", "u0 current 2", "u1 current 2"]);
}

#[test]
fn a_schema_that_is_not_the_specs_is_found_and_the_ledger_excuses_it() {
    let tenants = Tenants::at(3, 3);
    tenants.sql("t01", "ALTER TABLE users ADD COLUMN extra TEXT");
    let document = tenants.json(1, &["audit"]);
    assert_eq!(states(&document), ["t00 current 3", "t01 drifted 3", "t02 current 3"]);
    assert_eq!(document["schemas"][0]["findings"][0]["rule"], "extra-column");
    tenants.project.write(
        "spec/deviations.toml",
        "[[deviation]]\nrule = 'extra-column'\ntable = 'users'\nname = 'extra'\nactual = 'TEXT'\nreason = 'theirs'\n",
    );
    let document = tenants.json(1, &["audit"]);
    let stale: Vec<_> =
        document["schemas"][0]["findings"].as_array().unwrap().iter().map(|f| f["rule"].clone()).collect();
    assert_eq!(stale, ["stale-deviation"], "the others have nothing that the entry excuses");
    tenants.json(1, &["audit", "--strict"]);
    tenants.json(0, &["audit", "--strict", "--fail-on", "never"]);
}

#[test]
fn a_setting_that_the_spec_states_is_compared_in_each_database() {
    let tenants = Tenants::at(3, 2);
    tenants.project.write("spec/ddl.sql", format!("PRAGMA user_version = 7;\n{SPEC}"));
    for tenant in ["t00", "t01"] {
        tenants.sql(tenant, "PRAGMA user_version = 7");
    }
    tenants.json(0, &["audit"]);
    tenants.sql("t01", "PRAGMA user_version = 8");
    assert_eq!(states(&tenants.json(1, &["audit"])), ["t00 current 3", "t01 drifted 3"]);
}

#[test]
fn rows_are_checked_in_each_database() {
    let tenants = Tenants::at(3, 3);
    tenants.project.write("spec/ddl.sql", SPEC.replace("mail TEXT", "mail TEXT -- 'a' | 'b'\n"));
    tenants.json(0, &["audit", "--data"]);
    tenants.sql("t02", "INSERT INTO users VALUES (1, 'x', 'c')");
    tenants.json(0, &["audit"]);
    let document = tenants.json(1, &["audit", "--data"]);
    assert_eq!(states(&document)[2], "t02 drifted 3");
    assert_eq!(document["databases"][2]["findings"][0]["rule"], "value-enum");
}

#[test]
fn what_cannot_be_checked_of_the_rows_is_said_once_for_all_databases() {
    let tenants = Tenants::at(3, 4);
    tenants.project.write("spec/ddl.sql", SPEC.replace("mail TEXT", "mail TEXT CHECK (theirs(mail))"));
    for number in 0..4 {
        let tenant = format!("t{number:02}");
        let conn = tenants.open(&tenant);
        conn.create_scalar_function("theirs", 1, Default::default(), |_| Ok(true)).unwrap();
        let spec = SPEC.replace("mail TEXT", "mail TEXT CHECK (theirs(mail))");
        conn.execute_batch(&format!("DROP TABLE users; {spec}")).unwrap();
    }
    let document = tenants.json(0, &["audit", "--data"]);
    let unchecked = &document["unchecked"];
    assert_eq!(
        (unchecked.as_array().unwrap().len(), &unchecked[0]["databases"]),
        (1, &4.into()),
        "{document:#}"
    );
    let what = unchecked[0]["what"].as_str().unwrap();
    assert!(what.contains("users: CHECK (theirs(mail)) was not checked: "), "{what}");
    let run = tenants.project.ok(&["fleet", "audit", "--data", "tenants/*.db"]);
    assert!(run.stdout.contains("not checked") && run.stdout.contains("tenants/t00.db"), "{}", run.stdout);
    assert!(document["databases"][0]["findings"].as_array().unwrap().is_empty());
    // Without the rows nobody speaks of it.
    assert!(tenants.json(0, &["audit"]).get("unchecked").is_none());
}

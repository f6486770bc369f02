//! `fleet down`: what all databases lose together is asked for once.

use super::*;

#[test]
fn what_is_lost_is_added_up_and_has_to_be_allowed() {
    let tenants = Tenants::at(3, 4);
    for (tenant, rows) in
        [("t00", "(1, 'a', 'x')"), ("t01", "(1, 'a', 'x'), (2, 'b', 'y')"), ("t02", "(1, 'a', NULL)")]
    {
        tenants.sql(tenant, &format!("INSERT INTO users VALUES {rows}"));
    }
    let before = tenants.project.picture();
    let run = tenants.project.run(&["fleet", "down", "tenants/*.db", "--to", "1"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("3 values of users.mail are lost") && run.stderr.contains("--allow-destructive"),
        "{}",
        run.stderr
    );
    let document = tenants.json(2, &["down", "--to", "1"]);
    assert_eq!(document["lost"][0]["losses"][0]["count"], 3);
    assert!(states(&document).iter().all(|state| state.ends_with("not-begun 3")), "{document:#}");
    assert!(tenants.project.picture() == before);

    // What destroys nothing asks nobody.
    let document = tenants.json(0, &["down", "--to", "2"]);
    assert_eq!(states(&document)[0], "t00 reverted 2");
    let document = tenants.json(0, &["down", "--to", "1", "--allow-destructive"]);
    assert_eq!(document["databases"][3]["migrations"], serde_json::json!([2]));
    assert_eq!(tenants.version("t01"), 1);
    assert_eq!(states(&tenants.json(0, &["down", "--to", "1"]))[0], "t00 current 1");
}

#[test]
fn an_older_checkout_goes_down_by_the_stored_scripts() {
    let tenants = Tenants::at(3, 3);
    for file in ["V3__by_name.sql", "V3__by_name.down.sql"] {
        std::fs::remove_file(tenants.project.path("migrations").join(file)).unwrap();
    }
    let document = tenants.json(2, &["status"]);
    assert_eq!(document["failures"][0]["cause"], "version 3: it is applied, and has no file");
    tenants.json(0, &["down", "--to", "2"]);
    assert_eq!(tenants.json(0, &["status"])["groups"][0]["databases"], 3);
}

//! A disk with too little room: known before, where that can be; else each database is as after one of its migrations.

use std::fs;

use super::*;
use crate::harness::{PLANCTL, program};

/// Runs a shell script in the project, whose `tenants` are on a disk of their own that has `free` bytes, and as many in a
/// file `tenants/ballast`. The disk goes with the script. `false`, with a word, where the system does not let us have one.
fn on_small_disk(tenants: &Tenants, free: u64, script: &str) -> bool {
    let project = &tenants.project;
    fs::rename(project.path("tenants"), project.path("made")).unwrap();
    fs::create_dir(project.path("tenants")).unwrap();
    let made = fs::read_dir(project.path("made")).unwrap();
    let made: u64 = made.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    let script = format!(
        "mount -t tmpfs -o size={size} tmpfs tenants || exit 1
         cp made/* tenants && head -c {free} /dev/zero > tenants/ballast || exit 2
         fleet() {{ \"$PLANCTL\" fleet \"$@\" 'tenants/*.db' --format json; }}
         {script}\ntrue",
        size = made + 2 * free
    );
    let mut shell = program("unshare");
    shell.current_dir(project.dir.path()).env("PLANCTL", PLANCTL);
    let ran = shell.args(["--map-root-user", "--mount", "sh", "-c", &script]).output();
    let status = ran.as_ref().ok().and_then(|ran| ran.status.code());
    if status.is_none() || status == Some(1) {
        println!("skipped: the system lets us have no small disk: {ran:?}");
        return false;
    }
    assert_eq!(status, Some(0), "{ran:?}");
    true
}

impl Tenants {
    fn document(&self, file: &str) -> Value {
        serde_json::from_str(&fs::read_to_string(self.project.path(file)).unwrap()).unwrap()
    }
}

#[test]
fn a_disk_that_is_full_in_the_middle_leaves_each_between_two_migrations_and_the_next_run_goes_on() {
    let tenants = Tenants::at(2, 10);
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)";
    tenants.project.write(
        "migrations/V4__fill.sql",
        format!("CREATE TABLE filled(x);\n{rows} INSERT INTO filled SELECT hex(zeroblob(50)) FROM n;\n"),
    );
    tenants.project.write("migrations/V4__fill.down.sql", "DROP TABLE filled;\n");
    let script = "fleet up --canary 0 --max-failures 100% > first.json
        mkdir full && cp tenants/*.db* full
        rm tenants/ballast && fleet up > second.json
        fleet status > third.json";
    if !on_small_disk(&tenants, 1_200_000, script) {
        return;
    }
    let first = tenants.document("first.json");
    assert_eq!(first["failures"].as_array().unwrap().len(), 1, "{first:#}");
    let failed = first["failures"][0]["databases"].as_u64().unwrap();
    assert!((1..10).contains(&failed), "{first:#}");
    assert_eq!(first["failures"][0]["cause"], "the database: the disk is full");
    let mut left = 0;
    for number in 0..10 {
        let file = tenants.project.path(format!("full/t{number:02}.db"));
        let conn = Connection::open(file).unwrap();
        let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        let version = "SELECT max(version) FROM refinery_schema_history";
        let version: i64 = conn.query_row(version, [], |row| row.get(0)).unwrap();
        let rows: Option<i64> = conn.query_row("SELECT count(*) FROM filled", [], |row| row.get(0)).ok();
        assert_eq!((sound.as_str(), rows), ("ok", (version == 4).then_some(2000)), "t{number:02}");
        assert_eq!(first["databases"][number]["version"], version, "the report says what is there");
        left += u64::from(version < 4);
    }
    assert_eq!(left, failed);
    let second = tenants.document("second.json");
    let migrated = states(&second).iter().filter(|state| state.contains(" migrated ")).count();
    assert_eq!((migrated, second["outcome"].as_str().unwrap()), (usize::try_from(failed).unwrap(), "clean"));
    assert_eq!(tenants.document("third.json")["groups"][0]["databases"], 10);
}

/// The tables of all together, not of one.
#[test]
fn too_little_room_for_tables_that_are_built_anew_is_known_before_any_database_is_begun() {
    let tenants = Tenants::at(3, 6);
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)";
    for number in 0..6 {
        // Another table is large, and nobody builds it anew.
        let fill = format!(
            "CREATE TABLE large(x); {rows} INSERT INTO large SELECT hex(zeroblob(100)) FROM n;
             {rows} INSERT INTO users SELECT i, hex(zeroblob(50)), NULL FROM n"
        );
        tenants.sql(&format!("t{number:02}"), &fill);
    }
    let rebuild = "CREATE TABLE users_new(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT, x);
        INSERT INTO users_new SELECT id, name, mail, NULL FROM users;
        DROP TABLE users;
        ALTER TABLE users_new RENAME TO users;
        CREATE INDEX users_by_name ON users(name);\n";
    tenants.project.write("migrations/V4__rebuild.sql", rebuild);
    tenants
        .project
        .write("migrations/V4__rebuild.down.sql", rebuild.replace(", x", "").replace(", NULL", ""));
    let script = "fleet up --canary 0 --jobs 1 > first.json
        mkdir refused && cp tenants/*.db* refused
        rm tenants/ballast && fleet up --jobs 1 > second.json
        head -c 900000 /dev/zero > tenants/ballast
        fleet down --to 3 --allow-destructive --jobs 1 > third.json";
    if !on_small_disk(&tenants, 1_500_000, script) {
        return;
    }
    let first = tenants.document("first.json");
    assert!(states(&first).iter().all(|state| state.ends_with(" not-begun 3")), "{first:#}");
    assert_eq!((&first["databases"][0]["pending"], &first["outcome"]), (&1.into(), &"trouble".into()));
    let (message, help) =
        (first["error"]["message"].as_str().unwrap(), first["error"]["help"].as_str().unwrap());
    assert!(
        message.starts_with(
            "no database was started: the disk of tenants has 1.5 MB free, and 6 databases on it need "
        ),
        "{message}"
    );
    assert!(help.starts_with("free some space"), "{help}");
    for number in 0..6 {
        let name = format!("t{number:02}.db");
        let [made, refused] =
            ["made", "refused"].map(|folder| tenants.project.path(format!("{folder}/{name}")));
        assert!(fs::read(made).unwrap() == fs::read(refused).unwrap(), "{name} was touched");
    }
    // With room for those tables, and less than for all that the files hold, it runs.
    let second = tenants.document("second.json");
    assert!(states(&second).iter().all(|state| state.ends_with(" migrated 4")), "{second:#}");
    // What the rebuild left free in the files is room for the way back.
    let third = tenants.document("third.json");
    assert!(states(&third).iter().all(|state| state.ends_with(" reverted 3")), "{third:#}");
}

/// The copy may be what fills the disk, and would stand in the way of the same command.
#[test]
fn a_backup_goes_again_where_the_disk_is_full_and_the_same_command_goes_on_where_there_is_room() {
    let tenants = Tenants::at(3, 1);
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)";
    tenants.project.write(
        "migrations/V4__fill.sql",
        format!("CREATE TABLE filled(x);\n{rows} INSERT INTO filled SELECT hex(zeroblob(50)) FROM n;\n"),
    );
    tenants.project.write("migrations/V4__fill.down.sql", "DROP TABLE filled;\n");
    let script = "up() {
            \"$PLANCTL\" migrate up --db tenants/t00.db --backup tenants/b.db 2> said
            echo $? >> said
            ls tenants >> said
            mv said $1
        }
        up first
        rm tenants/ballast
        up second";
    if !on_small_disk(&tenants, 200_000, script) {
        return;
    }
    let said = |file| fs::read_to_string(tenants.project.path(file)).unwrap();
    let (first, second) = (said("first"), said("second"));
    assert!(first.contains("error: tenants/t00.db: the disk is full"), "{first}");
    assert!(first.contains("help: free some space"), "{first}");
    assert!(first.ends_with("2\nballast\nt00.db\n"), "{first}");
    assert!(second.ends_with("0\nb.db\nt00.db\n"), "{second}");
}

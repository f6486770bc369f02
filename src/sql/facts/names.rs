//! Which tables are nobody's schema: SQLite's own, and those that say what was migrated.

/// refinery's table, under the only name that planctl supports.
pub const HISTORY: &str = "refinery_schema_history";
/// Ours. refinery does not look at it; planctl can do without it (then downs come from the files).
pub const RECORDS: &str = "planctl_migrations";

/// Where other tools write down what they applied, and what D1 keeps in a database.
pub mod others {
    /// sqlx's
    pub const SQLX: &str = "_sqlx_migrations";
    /// Diesel's
    pub const DIESEL: &str = "__diesel_schema_migrations";
    /// golang-migrate's and dbmate's, and that of what learnt from Rails
    pub const SCHEMA_MIGRATIONS: &str = "schema_migrations";
    /// goose's
    pub const GOOSE: &str = "goose_db_version";
    /// Prisma's
    pub const PRISMA: &str = "_prisma_migrations";
    /// Drizzle's
    pub const DRIZZLE: &str = "__drizzle_migrations";
    /// Flyway's
    pub const FLYWAY: &str = "flyway_schema_history";
    /// Atlas's
    pub const ATLAS: &str = "atlas_schema_revisions";
    /// Liquibase's
    pub const LIQUIBASE: &str = "DATABASECHANGELOG";
    /// sql-migrate's
    pub const SQL_MIGRATE: &str = "gorp_migrations";
    /// What Wrangler keeps in a database of D1's.
    pub const D1: &str = "d1_migrations";
    /// What Rails keeps beside its [`SCHEMA_MIGRATIONS`].
    pub const RAILS: &str = "ar_internal_metadata";

    /// The names that say enough: a table that is called like this is a tool's, whatever is in it.
    pub const ALL: [&str; 41] = [
        SQLX,
        DIESEL,
        SCHEMA_MIGRATIONS,
        GOOSE,
        PRISMA,
        DRIZZLE,
        FLYWAY,
        ATLAS,
        LIQUIBASE,
        "DATABASECHANGELOGLOCK",
        RAILS,
        // Those of tools whose migrations are code, which nobody converts.
        "alembic_version",
        "django_migrations",
        "knex_migrations",
        "knex_migrations_lock",
        "SequelizeMeta",
        "typeorm_metadata",
        "kysely_migration",
        "kysely_migration_lock",
        "mikro_orm_migrations",
        "_yoyo_migration",
        "_yoyo_log",
        "_yoyo_version",
        "yoyo_lock",
        "migratehistory",     // peewee-migrate
        "_sqlite_migrations", // sqlite-utils
        "doctrine_migration_versions",
        "phinxlog",
        "__EFMigrationsHistory",
        "__EFMigrationsLock",
        "seaql_migrations",
        "tortoise_migrations",
        SQL_MIGRATE,
        "bun_migrations",
        "bun_migration_locks",
        "grdb_migrations",
        "room_master_table",
        "android_metadata",
        // What D1 keeps, and what Wrangler keeps there.
        D1,
        "_cf_METADATA",
        "_cf_KV",
    ];

    /// The names that an application could give a table of its own, with the columns by which a tool's is known: these
    /// and no others, in this order.
    const BY_COLUMNS: [(&str, &[&str]); 8] = [
        ("migrations", &["id", "timestamp", "name"]),         // TypeORM
        ("migrations", &["id", "migration", "batch"]),        // Laravel
        ("migrations", &["id", "name", "run_on"]),            // db-migrate
        ("_migrations", &["file", "applied"]),                // PocketBase
        ("migration", &["id", "name", "app_name", "ran_on"]), // Piccolo
        ("schemaversion", &["version", "name", "md5", "run_at"]), // Postgrator
        ("schema_info", &["version"]),                        // Sequel
        ("aerich", &["id", "version", "app", "content"]),
    ];

    /// Whether a table of this name that anybody could give has a tool's columns.
    pub fn has_columns_of_a_tool<'c>(name: &str, columns: impl Iterator<Item = &'c str> + Clone) -> bool {
        let of_name = BY_COLUMNS.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        of_name.into_iter().any(|(_, theirs)| {
            columns.clone().count() == theirs.len()
                && columns.clone().zip(*theirs).all(|(has, theirs)| has.eq_ignore_ascii_case(theirs))
        })
    }
}

const RESERVED: &str = "sqlite_";

/// Whether SQLite keeps the name for itself, whatever its case
/// (<https://www.sqlite.org/fileformat2.html#internal_schema_objects>).
pub fn is_internal(name: impl AsRef<[u8]>) -> bool {
    let start = name.as_ref().get(..RESERVED.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(RESERVED.as_bytes()))
}

/// Whether a table of this name belongs to the history, which no migration may write.
pub fn is_own_table(name: impl AsRef<[u8]>) -> bool {
    [HISTORY, RECORDS].iter().any(|own| name.as_ref().eq_ignore_ascii_case(own.as_bytes()))
}

/// Whether what has this name is the bookkeeping of SQLite or of the migrations, and part of no schema.
pub fn is_bookkeeping(name: impl AsRef<[u8]>) -> bool {
    is_internal(&name) || is_own_table(&name)
}

/// The condition that the value of `column` is no name of [bookkeeping](is_bookkeeping).
pub fn no_bookkeeping(column: &str) -> String {
    format!(
        "substr(lower({column}), 1, {}) <> '{RESERVED}' AND lower({column}) NOT IN ('{HISTORY}', '{RECORDS}')",
        RESERVED.len()
    )
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// SQLite itself is asked: it refuses a table with such a name, and one that only looks like it is made.
    #[test]
    fn a_name_is_internal_when_sqlite_refuses_it_and_a_condition_says_the_same() {
        let conn = Connection::open_in_memory().unwrap();
        for name in [
            "sqlite_",
            "SQLite_x",
            "sqlite_stat1",
            "sqlitedata",
            "sqlite",
            "xsqlite_",
            "sqliteé",
            "é",
            "plans",
            " ",
        ] {
            let made = conn.execute(&format!("CREATE TABLE \"{name}\" (x)"), []);
            assert_eq!(is_internal(name), made.is_err(), "{name}: {made:?}");
            assert_eq!(is_bookkeeping(name), is_internal(name), "{name}");
        }
        for own in ["Refinery_Schema_History", "planctl_migrations"] {
            assert!(is_own_table(own) && is_bookkeeping(own) && !is_internal(own), "{own}");
        }
        assert!(!is_own_table("planctl_migrations2") && !is_internal(b"sqlit\xff_"));
        for name in ["SQLITE_x", "sqlitedata", "PLANCTL_migrations", "refinery_schema_history", "plans", ""] {
            let sql = format!("SELECT {} FROM (SELECT ?1 AS n)", no_bookkeeping("n"));
            let counts: bool = conn.query_row(&sql, [name], |row| row.get(0)).unwrap();
            assert_eq!(counts, !is_bookkeeping(name), "{name}");
        }
    }
}

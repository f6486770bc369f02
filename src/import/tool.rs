//! The tools whose folders can be taken over.

use std::path::Path;

use super::folder::Folder;
use super::layouts::{self, Layout};

/// A tool whose folder of migrations can be taken over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tool {
    /// sqlx, and any folder of numbered files that lead one way.
    Sqlx,
    /// Diesel
    Diesel,
    /// golang-migrate
    GolangMigrate,
    /// goose
    Goose,
    /// dbmate
    Dbmate,
    /// rusqlite_migration, `from_directory`
    RusqliteMigration,
    /// Flyway
    Flyway,
    /// Prisma
    Prisma,
    /// Drizzle
    Drizzle,
    /// Atlas
    Atlas,
    /// Liquibase, changelogs in SQL
    Liquibase,
    /// sql-migrate
    SqlMigrate,
    /// Wrangler, for D1
    Wrangler,
}

impl Tool {
    /// All of them, as help lists them.
    pub const ALL: [Tool; 13] = [
        Tool::Sqlx,
        Tool::Diesel,
        Tool::GolangMigrate,
        Tool::Goose,
        Tool::Dbmate,
        Tool::RusqliteMigration,
        Tool::Flyway,
        Tool::Prisma,
        Tool::Drizzle,
        Tool::Atlas,
        Tool::Liquibase,
        Tool::SqlMigrate,
        Tool::Wrangler,
    ];

    /// Where tools have their folders, from the root of a project.
    pub const USUAL_FOLDERS: [&str; 7] = [
        "db/migrations",
        "prisma/migrations",
        "drizzle",
        "migrations/sqlite",
        "migrations/sqlite3",
        Tool::FLYWAYS_FOLDER,
        "src/main/resources/db/changelog",
    ];

    /// Where Flyway has its folder: files whose names could be planctl's are its own there.
    pub const FLYWAYS_FOLDER: &str = "src/main/resources/db/migration";

    /// In the order in which they are recognised: what says more comes first.
    const BY_SIGNS: [Tool; 13] = [
        Tool::Drizzle,
        Tool::Prisma,
        Tool::RusqliteMigration,
        Tool::Diesel,
        Tool::Liquibase,
        Tool::Goose,
        Tool::Dbmate,
        Tool::SqlMigrate,
        Tool::GolangMigrate,
        Tool::Atlas,
        Tool::Wrangler,
        Tool::Flyway,
        Tool::Sqlx,
    ];

    /// The tool whose folder it is; `None` when it is no other tool's, or cannot be read.
    pub fn of(dir: &Path) -> Option<Tool> {
        Tool::whose(&Folder::read(dir).ok()?)
    }

    /// The tool whose folder it is.
    pub(super) fn whose(folder: &Folder) -> Option<Tool> {
        Tool::BY_SIGNS.into_iter().find(|tool| tool.layout().is_here(folder))
    }

    /// As `--from` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Sqlx => "sqlx",
            Tool::Diesel => "diesel",
            Tool::GolangMigrate => "golang-migrate",
            Tool::Goose => "goose",
            Tool::Dbmate => "dbmate",
            Tool::RusqliteMigration => "rusqlite-migration",
            Tool::Flyway => "flyway",
            Tool::Prisma => "prisma",
            Tool::Drizzle => "drizzle",
            Tool::Atlas => "atlas",
            Tool::Liquibase => "liquibase",
            Tool::SqlMigrate => "sql-migrate",
            Tool::Wrangler => "wrangler",
        }
    }

    /// As its own documents call it.
    pub fn title(self) -> &'static str {
        match self {
            Tool::Diesel => "Diesel",
            Tool::RusqliteMigration => "rusqlite_migration",
            Tool::Flyway => "Flyway",
            Tool::Prisma => "Prisma",
            Tool::Drizzle => "Drizzle",
            Tool::Atlas => "Atlas",
            Tool::Liquibase => "Liquibase",
            Tool::Wrangler => "Wrangler",
            Tool::Sqlx | Tool::GolangMigrate | Tool::Goose | Tool::Dbmate | Tool::SqlMigrate => self.name(),
        }
    }

    /// What its folder looks like, to follow nothing and end without a full stop.
    pub(super) fn form(self) -> &'static str {
        match self {
            Tool::Sqlx => "sqlx has `<number>_<name>.sql`, or `.up.sql` and `.down.sql`",
            Tool::Diesel => "Diesel has a folder `<number>_<name>` for each, with `up.sql` and `down.sql`",
            Tool::GolangMigrate => "golang-migrate has `<number>_<name>.up.sql` and `.down.sql`",
            Tool::Goose => "goose has `<number>_<name>.sql` with `-- +goose Up` and `-- +goose Down`",
            Tool::Dbmate => "dbmate has `<number>_<name>.sql` with `-- migrate:up` and `-- migrate:down`",
            Tool::RusqliteMigration => {
                "rusqlite_migration has a folder `<number>-<name>` for each, from 1 on, with `up.sql` and `down.sql`"
            }
            Tool::Flyway => "Flyway has `V<version>__<name>.sql` and `U<version>__<name>.sql`",
            Tool::Prisma => "Prisma has a folder for each, with `migration.sql`",
            Tool::Drizzle => {
                "Drizzle has `meta/_journal.json` and a file for each entry of it, or a folder for each with \
                 `migration.sql` and `snapshot.json`"
            }
            Tool::Atlas => "Atlas has `<version>_<name>.sql` and `atlas.sum`",
            Tool::Liquibase => "Liquibase has files that begin with `--liquibase formatted sql`",
            Tool::SqlMigrate => "sql-migrate has `<name>.sql` with `-- +migrate Up` and `-- +migrate Down`",
            Tool::Wrangler => "Wrangler has `<number>_<name>.sql`",
        }
    }

    /// What knows its folders.
    pub(super) fn layout(self) -> &'static dyn Layout {
        match self {
            Tool::Sqlx => &layouts::sqlx::Sqlx,
            Tool::Diesel => &layouts::diesel::Diesel,
            Tool::GolangMigrate => &layouts::golang_migrate::GolangMigrate,
            Tool::Goose => &layouts::goose::Goose,
            Tool::Dbmate => &layouts::dbmate::Dbmate,
            Tool::RusqliteMigration => &layouts::rusqlite_migration::RusqliteMigration,
            Tool::Flyway => &layouts::flyway::Flyway,
            Tool::Prisma => &layouts::prisma::Prisma,
            Tool::Drizzle => &layouts::drizzle::Drizzle,
            Tool::Atlas => &layouts::atlas::Atlas,
            Tool::Liquibase => &layouts::liquibase::Liquibase,
            Tool::SqlMigrate => &layouts::sql_migrate::SqlMigrate,
            Tool::Wrangler => &layouts::wrangler::Wrangler,
        }
    }
}

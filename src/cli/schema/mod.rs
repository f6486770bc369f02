//! `planctl schema …`: one file per subcommand.

pub mod diff;
pub mod docs;
pub mod dump;
pub mod models;

use clap::Subcommand;

use super::deferred::Deferred;
use super::settings::files::What;
use super::task::Task;
use super::terminal::prompt;
use crate::commands;

/// Every subcommand of `schema`.
#[derive(Subcommand, Debug)]
pub(super) enum SchemaCommand {
    Diff(Deferred<diff::DiffArgs>),
    Docs(Deferred<docs::DocsArgs>),
    Dump(Deferred<dump::DumpArgs>),
    Models(Deferred<models::ModelsArgs>),
}

impl SchemaCommand {
    pub(super) fn task(&self) -> Task<'_> {
        match self {
            SchemaCommand::Diff(args) => Task::new(
                "schema diff",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::schema::diff::run(ctx, request, &mut prompt::ask),
            ),
            SchemaCommand::Docs(args) => Task::new(
                "schema docs",
                args.output(),
                |settings| args.resolve(settings),
                commands::schema::docs::run,
            )
            .making(What::Page),
            SchemaCommand::Dump(args) => Task::new(
                "schema dump",
                &args.output,
                |settings| args.resolve(settings),
                commands::schema::dump::run,
            )
            .making(What::Spec),
            SchemaCommand::Models(args) => Task::new(
                "schema models",
                &args.output,
                |settings| args.resolve(settings),
                commands::schema::models::run,
            )
            .making(What::Models),
        }
    }
}

//! `planctl schema …`: one file per subcommand.

pub mod diff;
pub mod docs;
pub mod dump;

use clap::Subcommand;

use super::{Task, prompt};
use crate::commands;

/// Every subcommand of `schema`.
#[derive(Subcommand, Debug)]
pub(super) enum SchemaCommand {
    Diff(diff::DiffArgs),
    Docs(docs::DocsArgs),
    Dump(dump::DumpArgs),
}

impl SchemaCommand {
    pub(super) fn task(&self) -> Task<'_> {
        match self {
            SchemaCommand::Diff(args) => Task::new("schema diff", &args.output, move |settings, ctx| {
                commands::schema::diff::run(ctx, &args.resolve(settings)?, &mut prompt::ask)
            }),
            SchemaCommand::Docs(args) => Task::new("schema docs", args.output(), move |settings, ctx| {
                commands::schema::docs::run(ctx, &args.resolve(settings)?)
            }),
            SchemaCommand::Dump(args) => Task::new("schema dump", &args.output, move |settings, ctx| {
                commands::schema::dump::run(ctx, &args.resolve(settings)?)
            }),
        }
    }
}

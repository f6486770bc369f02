//! The lint rules that need the schema: the migrations run one at a time on a shadow database, and the schema before
//! each is compared with the one after it.

mod calls;
mod cascades;
mod counters;
mod indexes;
mod keys;
mod rebuild;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use self::counters::Counters;
use self::rebuild::Rebuilt;

use crate::audit::Ledger;
use crate::audit::comparison::Sides;
use crate::audit::ledger::read_ledger;
use crate::base::context::Context;
use crate::base::error::{Error, Result};
use crate::base::finding::Finding;
use crate::base::job::{answer, failure};
use crate::base::rule::LintRule;
use crate::base::source::SourceFile;
use crate::diff::Broken;
use crate::engine;
use crate::engine::{Engine, Renaming, UpOptions};
use crate::generate::goal_of;
use crate::migrations::lint;
use crate::migrations::lint::{
    ForNothing, LintOptions, Raised, RaisedIn, UpText, judge, swept_by, updated_for_nothing,
};
use crate::migrations::{Migration, MigrationSet, Swept};
use crate::schema::{Schema, Watched};
use crate::sql::Target;

/// What all lint rules find.
pub struct Linted {
    /// Sorted by version, up before down, and by their place in the file.
    pub findings: Vec<Finding>,
    /// Why the rules that need the schema did not see all migrations: the error of the first that fails.
    pub stopped: Option<Error>,
    /// The rules that need the schema of which that is all there is to find, here and for any other target.
    pub known: Vec<LintRule>,
}

/// The schema that is wanted in the end.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The spec's DDL file.
    pub spec: SourceFile,
    /// The ledger of documented deviations.
    pub ledger: Ledger,
}

impl Wanted {
    /// Reads both; `None` where one of them cannot be read, which is for whoever needs them to tell.
    pub fn read(spec: &Path, deviations: Option<&Path>) -> Option<Wanted> {
        let spec = SourceFile::read(spec).ok()?;
        Some(Wanted { spec, ledger: read_ledger(deviations).ok()? })
    }

    /// The schema under the names that the migrations give it.
    fn schema(&self, ctx: &Context<'_>, live: &Schema) -> Result<Schema> {
        goal_of(&Sides::of(&self.spec, &self.ledger, live, ctx.job)?, ctx.started.date())
    }
}

/// Runs the rules over the texts and over the schemas that the migrations make. What a migration takes away that is not
/// `wanted` in the end either was meant to go.
///
/// # Errors
/// `Interrupted`, and `Database` when there can be no shadow database. A migration that fails is no error.
pub fn lint_all(
    ctx: &Context<'_>,
    set: &MigrationSet,
    options: &LintOptions,
    wanted: Option<&Wanted>,
) -> Result<Linted> {
    let mut findings = lint::lint(set, options);
    let walked = walk(ctx, set, options.target, wanted)?;
    if !walked.findings.is_empty() {
        findings.extend(walked.findings);
        let downs = set.migrations.iter().map(|migration| migration.down.as_ref());
        let files = set.migrations.iter().zip(downs).flat_map(|(m, down)| std::iter::once(&m.up).chain(down));
        let order: BTreeMap<&Path, usize> = files.map(|file| file.path()).zip(0..).collect();
        findings.sort_by_key(|finding| {
            let place = finding.location.as_ref();
            let place = place.map(|at| (order.get(at.file.as_path()).copied(), at.line, at.column));
            (place, finding.rule)
        });
    }
    Ok(Linted { findings, ..walked })
}

/// One migration that ran.
struct Ran<'a> {
    migration: &'a Migration,
    text: UpText<'a>,
    rebuilt: Vec<Rebuilt>,
    for_nothing: Vec<ForNothing>,
    raised: RaisedIn,
}

fn walk(ctx: &Context<'_>, set: &MigrationSet, target: Target, wanted: Option<&Wanted>) -> Result<Linted> {
    let mut engine = engine::scratch(ctx.job)?;
    let mut watched = Watched::default();
    engine.inspect_again(&mut watched)?;
    let mut broken = Vec::new();
    let mut keys = keys::Since::default();
    let mut functions = BTreeSet::new();
    let mut ran: Vec<Ran<'_>> = Vec::new();
    let mut stopped = None;
    for migration in &set.migrations {
        let options = UpOptions { to: Some(migration.version), ..UpOptions::of(ctx.run_id) };
        let counters = Counters::raise(&mut *engine, watched.now())?;
        let run = engine.migrate_up(set, &options, ctx.job.quietly());
        stopped = failure(run.error)?;
        if stopped.is_some() {
            break;
        }
        engine.inspect_again(&mut watched)?;
        let (before, after) = (watched.before(), watched.now());
        let text = UpText::read(migration);
        let mut rebuilt = rebuild::losses(&mut *engine, before, after, &text)?;
        counters.lost(&mut *engine, after, &mut rebuilt)?;
        let mut raised = RaisedIn::default();
        let left = left_broken(&mut *engine, after)?;
        let known = std::mem::replace(&mut functions, engine.of_application()?.functions);
        raised.up.extend(functions.difference(&known).map(|function| calls::raised(function, &text)));
        // D1 always enforces them; elsewhere they may be off.
        if target != Target::D1 {
            raised.up.extend(cascades::raised(before, &text));
        }
        if target.enforces_keys() {
            raised.up.extend(swept(target, before, &migration.up));
        }
        raised.down.extend(migration.down.iter().flat_map(|down| in_down(target, after, down)));
        raised.up.extend(newly_broken(before, &broken, &left, &text));
        let for_nothing = updated_for_nothing(&migration.up, before, target.enforces_keys());
        if watched.has_changed() {
            keys.see(after, ran.len());
        }
        broken = left;
        ran.push(Ran { migration, text, rebuilt, for_nothing, raised });
    }
    let wanted = wanted.map(|wanted| answer(wanted.schema(ctx, watched.now()))).transpose()?.flatten();
    // The renames behind each migration, oldest first.
    let mut later: Vec<Renaming> = Vec::new();
    for ran in ran.iter_mut().rev() {
        for mut rebuilt in std::mem::take(&mut ran.rebuilt) {
            if let Some(wanted) = &wanted {
                rebuilt.keep_what_is_wanted(&mut *engine, wanted, &later, ctx.job)?;
            }
            // To drop it would say that it is to go, which is not known of what the rebuild has lost.
            ran.for_nothing.retain(|found| !rebuilt.loses_index(&found.index));
            ran.raised.up.extend(rebuilt.raised());
        }
        let up = &ran.migration.up;
        ran.raised.up.extend(ran.for_nothing.iter().map(|found| indexes::raised(found, up)));
        let own = ran.text.renamed().into_iter().map(|(table, column, to)| Renaming { table, column, to });
        // Columns before tables: they are named with the table that they are in.
        let (columns, tables): (Vec<_>, Vec<_>) = own.partition(|renaming| renaming.column.is_some());
        later.splice(0..0, columns.into_iter().chain(tables));
    }
    let mut known = known_for(target);
    // A migration that was not reached may add the index.
    if stopped.is_none() {
        known.push(LintRule::ForeignKeyWithoutIndex);
        for (table, columns, first) in keys.standing() {
            if let Some(ran) = ran.get_mut(first) {
                ran.raised.up.push(keys::raised(table, columns, &ran.text, watched.now()));
            }
        }
    }
    let findings = ran.into_iter().flat_map(|ran| judge(ran.migration, ran.raised, &known)).collect();
    if stopped.is_some() {
        known.clear();
    }
    Ok(Linted { findings, stopped, known })
}

/// The rules of which what a file raises for the target is all that there is.
fn known_for(target: Target) -> Vec<LintRule> {
    let mut known = vec![
        LintRule::DeleteWithoutCascade,
        LintRule::RebuildLoses,
        LintRule::RebuildUnderEnforcedKeys,
        LintRule::UnknownFunction,
        LintRule::ViewLeftBroken,
    ];
    if !target.enforces_keys() {
        known.push(LintRule::IndexUpdatedForNothing);
    }
    known
}

/// What a down file does, which runs on the schema behind the migration.
fn in_down(target: Target, after: &Schema, down: &SourceFile) -> Vec<Raised> {
    let enforced = target.enforces_keys();
    let mut raised = if enforced { swept(target, after, down) } else { Vec::new() };
    raised
        .extend(updated_for_nothing(down, after, enforced).iter().map(|found| indexes::raised(found, down)));
    raised
}

/// What a file, which runs on the schema `before`, does to rows that refer to what it drops.
fn swept(target: Target, before: &Schema, file: &SourceFile) -> Vec<Raised> {
    let raised = |(at, swept): (usize, Swept)| {
        let (table, keys) = (swept.table.shown(), swept.keys_in_words());
        Raised::new(
            LintRule::RebuildUnderEnforcedKeys,
            at,
            format!(
                "where foreign keys are enforced, dropping {table} changes rows that refer to it: {keys}"
            ),
            format!("have planctl write it: `planctl migrate generate NAME --target {target}`"),
        )
    };
    swept_by(file, before).into_iter().map(raised).collect()
}

/// Where there are no views and triggers none is broken.
fn left_broken(engine: &mut dyn Engine, schema: &Schema) -> Result<Vec<Broken>> {
    if schema.views.is_empty() && schema.triggers.is_empty() {
        return Ok(Vec::new());
    }
    engine.broken_objects(schema)
}

fn newly_broken(before: &Schema, was: &[Broken], is: &[Broken], text: &UpText<'_>) -> Vec<Raised> {
    let worked = |object: &&Broken| {
        let there = before.views.contains_key(&object.name) || before.triggers.contains_key(&object.name);
        there && !was.iter().any(|old| old.kind == object.kind && old.name == object.name)
    };
    is.iter()
        .filter(worked)
        .map(|object| {
            let (kind, name) = (object.kind.as_str(), object.name.shown());
            let message =
                format!("the {kind} {name} does not compile after this migration: {}", object.message);
            let help = format!("drop the {kind} in this file, and create it again for the new schema");
            Raised::new(LintRule::ViewLeftBroken, text.cause(&object.about), message, help)
        })
        .collect()
}

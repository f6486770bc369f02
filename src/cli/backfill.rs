//! `planctl backfill`.

use std::time::Duration;

use super::Settings;
use super::settings::duration;
use crate::backfill::{BackfillSpec, OnCycle, OnOrphan};
use crate::base::error::Result;
use crate::cli::output::OutputArgs;
use crate::commands::backfill::BackfillRequest;

/// Write the root ancestor of every row into a column
///
/// The root ancestor is the row at the top of the tree. Fills rows whose root is NULL or ''. A row whose parent is NULL
/// or '' is a root and gets its own id.
#[derive(clap::Args, Clone, Debug)]
#[command(
    override_usage = "planctl backfill [OPTIONS] --table <TABLE> --id <COLUMN>\n                        --parent <COLUMN> --root <COLUMN>",
    after_help = "\
Examples:
  planctl backfill --table v3_plans --id plan_id --parent parent_plan_id \\
      --root root_plan_id --recompute --dry-run    # look first, then write"
)]
pub struct BackfillArgs {
    /// Table to fill
    #[arg(long, value_name = "TABLE")]
    table: String,
    /// Column that identifies a row
    #[arg(long, value_name = "COLUMN")]
    id: String,
    /// Column that holds the id of the parent row
    #[arg(long, value_name = "COLUMN")]
    parent: String,
    /// Column for the id of the root ancestor
    #[arg(long, value_name = "COLUMN")]
    root: String,
    /// What to do about rows on a cycle
    #[arg(long, value_name = "ACTION", default_value = "abort")]
    on_cycle: OnCycleArg,
    /// What to do about rows whose parent does not exist
    #[arg(long, value_name = "ACTION", default_value = "abort")]
    on_orphan: OnOrphanArg,
    /// Also correct rows whose root is set but wrong
    #[arg(long)]
    recompute: bool,
    /// Report what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum OnCycleArg {
    /// Write nothing and exit with 1
    Abort,
    /// Leave these rows as they are
    Skip,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum OnOrphanArg {
    /// Write nothing and exit with 1
    Abort,
    /// The orphan becomes a root
    #[value(name = "self")]
    SelfRoot,
    /// Leave these rows as they are
    Skip,
}

impl BackfillArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<BackfillRequest> {
        let spec = BackfillSpec {
            table: self.table.clone(),
            id: self.id.clone(),
            parent: self.parent.clone(),
            root: self.root.clone(),
            on_cycle: match self.on_cycle {
                OnCycleArg::Abort => OnCycle::Abort,
                OnCycleArg::Skip => OnCycle::Skip,
            },
            on_orphan: match self.on_orphan {
                OnOrphanArg::Abort => OnOrphan::Abort,
                OnOrphanArg::SelfRoot => OnOrphan::SelfRoot,
                OnOrphanArg::Skip => OnOrphan::Skip,
            },
            recompute: self.recompute,
        };
        Ok(BackfillRequest {
            db: settings.db()?,
            spec,
            dry_run: self.dry_run,
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    const COLUMNS: &str = "--table plans --id plan_id --parent parent_plan_id --root root_plan_id";

    #[test]
    fn the_defaults_write_nothing_when_in_doubt() {
        let request = parse::<BackfillArgs>(COLUMNS).resolve(&settings(&[])).unwrap();
        assert_eq!((request.spec.on_cycle, request.spec.on_orphan), (OnCycle::Abort, OnOrphan::Abort));
        assert!(!request.spec.recompute && !request.dry_run);
        assert_eq!((request.spec.table.as_str(), request.spec.root.as_str()), ("plans", "root_plan_id"));
    }

    #[test]
    fn each_policy_has_its_word() {
        let line = format!("{COLUMNS} --on-cycle skip --on-orphan self --recompute --dry-run");
        let request = parse::<BackfillArgs>(&line).resolve(&settings(&[])).unwrap();
        assert_eq!((request.spec.on_cycle, request.spec.on_orphan), (OnCycle::Skip, OnOrphan::SelfRoot));
        assert!(request.spec.recompute && request.dry_run);
        assert!(refused::<BackfillArgs>(&format!("{COLUMNS} --on-cycle self")).contains("invalid value"));
        assert!(refused::<BackfillArgs>("--table plans").contains("--parent <COLUMN>"));
    }
}

//! `planctl sample …`.

use std::time::Duration;

use clap::Subcommand;

use super::Settings;
use super::deferred::Deferred;
use super::output::OutputArgs;
use super::settings::duration;
use super::task::Task;
use crate::base::error::Result;
use crate::commands;
use crate::commands::sample::{SampleFrom, SampleRequest};
use crate::sample::{Asked, Roots};

/// Every subcommand of `sample`.
#[derive(Subcommand, Debug)]
pub(super) enum SampleCommand {
    Load(Deferred<LoadArgs>),
}

impl SampleCommand {
    pub(super) fn task(&self) -> Task<'_> {
        match self {
            SampleCommand::Load(args) => Task::writing(
                "sample load",
                &args.output,
                |settings| args.resolve(settings),
                commands::sample::run,
            ),
        }
    }
}

/// Load sample rows into a database that has the schema but no rows
///
/// Without --plans, loads the sample.sql beside the spec; with --plans, generates hierarchies of plans. Loads everything
/// in one transaction. A database that already has rows is refused, unless --append is given.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl sample load
  planctl sample load --plans 1000 --depth 6 --cycles 2 --seed 7")]
pub struct LoadArgs {
    /// Generate this many plans, in the tables of planctl's example
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    plans: Option<u64>,
    /// Levels of a hierarchy, counting its root [default: 4, or as many as fit]
    #[arg(long, value_name = "D", requires = "plans", value_parser = clap::value_parser!(u64).range(1..))]
    depth: Option<u64>,
    /// Children of each plan above the lowest level
    #[arg(long, value_name = "F", requires = "plans", default_value = "3", value_parser = clap::value_parser!(u64).range(1..))]
    fan_out: u64,
    /// Plans whose parent does not exist
    ///
    /// They violate the foreign key on the parent, so it is not enforced during the load. SQLite checks existing rows only
    /// when asked (PRAGMA foreign_key_check), so they can be read and deleted. A migration checks foreign keys before it
    /// commits, and does not fail on rows that violated one before. `audit --data` reports them.
    #[arg(long, value_name = "K", requires = "plans", default_value = "0")]
    orphans: u64,
    /// Cycles of two, three and four plans (only of two if there are few plans)
    #[arg(long, value_name = "K", requires = "plans", default_value = "0")]
    cycles: u64,
    /// The same seed generates the same rows
    #[arg(long, value_name = "S", requires = "plans", default_value = "1")]
    seed: u64,
    /// What to write as root ancestor
    #[arg(long, value_name = "ROOTS", requires = "plans", default_value = "true")]
    roots: RootsArg,
    /// Load even if the database already has rows
    #[arg(long)]
    append: bool,
    /// Try it on a copy of the schema in memory, with at most 16,384 generated plans
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
enum RootsArg {
    /// The root ancestor; for orphans and plans on cycles, the plan's own id
    True,
    /// No root: NULL, or '' where the column is NOT NULL
    None,
    /// The plan's own id, even for children
    #[value(name = "self")]
    Own,
    /// The parent's id: right for two levels only
    Parent,
}

impl LoadArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<SampleRequest> {
        let spec = settings.spec()?;
        let from = match self.plans {
            None => SampleFrom::Spec(spec),
            Some(plans) => SampleFrom::Plans {
                asked: Asked {
                    plans,
                    depth: self.depth,
                    fan_out: self.fan_out,
                    orphans: self.orphans,
                    cycles: self.cycles,
                    seed: self.seed,
                    roots: match self.roots {
                        RootsArg::True => Roots::True,
                        RootsArg::None => Roots::None,
                        RootsArg::Own => Roots::Own,
                        RootsArg::Parent => Roots::Parent,
                    },
                },
                deviations: settings.deviations(&spec)?,
            },
        };
        Ok(SampleRequest {
            db: settings.db()?,
            from,
            append: self.append,
            dry_run: self.dry_run,
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{refused, with_settings};

    fn from(line: &str) -> SampleFrom {
        let (args, settings) = with_settings::<LoadArgs>(line, &[("PLANCTL_SPEC", "s/d.sql")]);
        args.resolve(&settings).unwrap().from
    }

    #[test]
    fn without_a_number_of_plans_the_rows_come_from_the_file_beside_the_spec() {
        assert_eq!(from(""), SampleFrom::Spec("s/d.sql".into()));
        assert_eq!(from("--spec t.sql"), SampleFrom::Spec("t.sql".into()));
        for flag in ["--depth 2", "--fan-out 2", "--orphans 1", "--cycles 1", "--seed 7", "--roots self"] {
            assert!(refused::<LoadArgs>(flag).contains("--plans <N>"), "{flag}");
        }
    }

    #[test]
    fn numbers_reach_the_shape_as_they_were_given() {
        let line = "--plans 9 --depth 2 --fan-out 5 --orphans 1 --cycles 3 --seed 7 --roots parent --deviations l.toml";
        let asked = Asked {
            plans: 9,
            depth: Some(2),
            fan_out: 5,
            orphans: 1,
            cycles: 3,
            seed: 7,
            roots: Roots::Parent,
        };
        assert_eq!(from(line), SampleFrom::Plans { asked, deviations: Some("l.toml".into()) });
        let asked = Asked { plans: 9, ..Asked::default() };
        assert_eq!(from("--plans 9"), SampleFrom::Plans { asked, deviations: None });
        for flag in ["--plans 0", "--plans 9 --depth 0", "--plans 9 --fan-out 0", "--plans many"] {
            assert!(refused::<LoadArgs>(flag).contains("invalid value"), "{flag}");
        }
    }
}

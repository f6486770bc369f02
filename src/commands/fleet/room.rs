//! Whether disks have room for the tables that are built anew, known before the first database is touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::crew::{Came, Crew};
use super::rows::Rows;
use super::show::Early;
use crate::base::error::{ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::bytes;
use crate::commands::{Context, counted, disk};
use crate::engine::{DatabaseName, Engine, Growth};
use crate::report::wire::fleet::State;
use crate::schema::Ident;

/// How much room databases need, disk by disk.
#[derive(Default)]
pub(super) struct Room(Mutex<BTreeMap<u64, Disk>>);

/// What is needed on one disk.
struct Disk {
    /// A folder on it.
    folder: PathBuf,
    databases: usize,
    /// By how much all files together grow, and the largest of what is there for a moment.
    growth: Growth,
}

impl Room {
    /// Notes a database in which these tables are built anew. That takes at most what it has.
    pub(super) fn at_most(&self, name: &DatabaseName, rebuilt: &[Vec<Ident>]) {
        if let Some(file) = name.file().filter(|_| rebuilt.iter().any(|tables| !tables.is_empty())) {
            self.add(file, None);
        }
    }

    fn add(&self, file: &Path, growth: Option<Growth>) {
        // What is wrong with the file is told by whoever opens it.
        let Ok(meta) = fs::metadata(file) else { return };
        let growth = growth.unwrap_or(Growth { file: meta.len(), log: meta.len() });
        let mut disks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let on = disks.entry(disk::device(&meta)).or_insert_with(|| Disk {
            folder: match file.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
                _ => PathBuf::from("."),
            },
            databases: 0,
            growth: Growth::default(),
        });
        on.databases += 1;
        on.growth.file = on.growth.file.saturating_add(growth.file);
        on.growth.log = on.growth.log.max(growth.log);
    }

    /// What there is too little room for, with so many at the same time.
    fn lack(self, jobs: usize) -> Option<Early> {
        let disks = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        disks.into_values().find_map(|Disk { folder, databases, growth }| {
            let at_once = u64::try_from(jobs.min(databases)).unwrap_or(u64::MAX);
            let wanted = growth.file.saturating_add(growth.log.saturating_mul(at_once));
            let free = disk::free(&folder).ok().flatten().filter(|free| *free < wanted)?;
            let why = format!(
                "no database was started: the disk of {} has {} free, and {} on it need {} for tables that are rebuilt",
                folder.display(),
                bytes(free),
                counted(databases, "database"),
                bytes(wanted),
            );
            let help = "free some space, or name fewer databases at a time";
            Some(Early::new(ErrorKind::File, why, Some(help.to_owned())))
        })
    }

    /// What there is too little room for. Only where the databases might not fit are their tables measured: `rebuilt` says
    /// which, for each database that is to be worked on.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(super) fn verify(
        self,
        ctx: &Context<'_>,
        crew: &Crew<'_>,
        rows: &Rows,
        rebuilt: impl Fn(&mut dyn Engine) -> Came<Vec<Vec<Ident>>> + Sync,
    ) -> Result<Option<Early>> {
        if self.lack(crew.fleet.jobs).is_none() {
            return Ok(None);
        }
        let measured = Room::default();
        let measure = |engine: &mut dyn Engine, name: &DatabaseName, _: Job<'_>| {
            let rebuilt = rebuilt(engine)?;
            if let Some(file) = name.file() {
                measured.add(file, Some(engine.growth(&rebuilt)?));
            }
            Ok(())
        };
        crew.each(ctx, &rows.in_state(State::NotBegun), measure, |_, _| {})?;
        Ok(measured.lack(crew.fleet.jobs))
    }
}

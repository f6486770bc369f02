//! The law, for every command that writes: whatever operation fails, is the last one, is half done, or is the one during
//! which the power goes, the database is as before the command, as after it, or as after one of its migrations; and the
//! next run completes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::time::Instant;

use crate::cases::{COMMANDS, Command, REPORTED, State, backup_of, state};
use crate::disk::{Kept, Luck};
use crate::vfs::{self, Fault};
use crate::{CHILD, in_memory, is_all, sample};

/// How many of the operations of a command are tried, unless all are: in the short form, and in the long one.
const SAMPLE: (u64, u64) = (2, 3);

/// How many operations a COMMIT has at the most, with what comes behind it.
const OF_A_COMMIT: u64 = 20;

/// How much of the unsynchronised writes a power failure leaves; what is left by lot is tried with a seed each.
const KEPT: [Kept; 6] = [Kept::Nothing, Kept::All, Kept::Half, Kept::Most, Kept::Little, Kept::Half];

/// A command, and what it may leave.
struct Case {
    command: Command,
    label: String,
    dir: tempfile::TempDir,
    states: Vec<State>,
    operations: u64,
}

impl Case {
    fn new(command: Command, mode: &str, cache: u32) -> Case {
        vfs::register();
        let dir = in_memory();
        let start = dir.path().join("start");
        fs::create_dir(&start).unwrap();
        command.prepare(&start.join("plan.db"), mode, cache);
        let label = format!("{command:?}, {mode}, {cache} pages of cache");
        let mut case = Case { command, label, dir, states: Vec::new(), operations: 0 };
        case.states = command.states(&case.fresh("walk"));
        let counted = case.fresh("counted");
        vfs::arm(Fault::None, 0);
        let result = command.run(&counted);
        case.operations = vfs::disarm();
        assert_eq!(result, Ok(()), "{}", case.label);
        assert_eq!(REPORTED.get(), case.last(), "{}: it reports each step", case.label);
        assert!(case.operations > 10, "the VFS is not in use");
        assert!(state(&counted) == case.states[case.last()], "{}: without a fault", case.label);
        case
    }

    fn last(&self) -> usize {
        self.states.len() - 1
    }

    /// The start in a folder of its own.
    fn fresh(&self, name: &str) -> PathBuf {
        let dir = self.empty(name);
        for entry in fs::read_dir(self.dir.path().join("start")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), dir.join(entry.file_name())).unwrap();
        }
        dir.join("plan.db")
    }

    fn empty(&self, name: &str) -> PathBuf {
        let dir = self.dir.path().join(name);
        drop(fs::remove_dir_all(&dir));
        fs::create_dir(&dir).unwrap();
        dir
    }

    /// Holds the database against what it may hold, and runs again. Gives the number of the state that the fault left.
    fn settle(&self, db: &Path, what: &str) -> usize {
        let left = state(db);
        let number = self.states.iter().position(|known| *known == left);
        let number = number.unwrap_or_else(|| panic!("{what}: neither before nor after"));
        self.check_backup(db, number, what);
        let again = self.command.run_again(db, number, self.last());
        assert_eq!(again, Ok(()), "{what}: the next run");
        assert!(state(db) == self.states[self.last()], "{what}: what the next run leaves");
        number
    }

    /// A backup is whole or not there, and it is there before the database changes.
    fn check_backup(&self, db: &Path, number: usize, what: &str) {
        let backup = backup_of(db);
        if backup.exists() {
            assert!(state(&backup) == self.states[0], "{what}: the backup is not the database before");
        } else {
            assert!(self.command != Command::UpBackup || number == 0, "{what}: changed without a backup");
        }
    }

    fn fail_at(&self, fault: Fault) -> Tally {
        let mut tally = Tally::new(self, fault);
        for n in sample(self.operations, SAMPLE) {
            let db = self.fresh("fault");
            vfs::arm(fault, n);
            let result = self.command.run(&db);
            vfs::disarm();
            let reported = REPORTED.get();
            let what = format!("{}, {fault:?} at {n}, which gave {result:?}", self.label);
            let number = self.settle(&db, &what);
            assert!(reported <= number, "{what}: it says that {reported} steps were done, and {number} were");
            assert!(result.is_err() || number == self.last(), "{what}: it stopped without a word");
            tally.add(number);
        }
        tally
    }

    /// Of operations that are done and fail all the same: whoever is told of an error has the database as before. The last
    /// operations are those of the last COMMIT.
    fn fail_and_be_done(&self) -> Tally {
        let mut tally = Tally::new(self, Fault::DoneAndFails);
        for n in self.operations.saturating_sub(OF_A_COMMIT)..=self.operations {
            let db = self.fresh("done");
            vfs::arm(Fault::DoneAndFails, n);
            let result = self.command.run(&db);
            vfs::disarm();
            let what = format!("{}, done and fails at {n}, which gave {result:?}", self.label);
            let number = self.settle(&db, &what);
            assert_eq!(result.is_ok(), number == self.last(), "{what}: {number} steps are done");
            tally.add(number);
        }
        tally
    }

    fn kill_at(&self, fault: Fault) -> Tally {
        let mut tally = Tally::new(self, fault);
        for n in sample(self.operations, SAMPLE) {
            let db = self.fresh("killed");
            let number = COMMANDS.iter().position(|known| *known == self.command).unwrap();
            let status = process::Command::new(std::env::current_exe().unwrap())
                .args(["commands::the_command_that_is_killed", "--exact", "--ignored"])
                .env(CHILD, format!("{}\n{number}\n{fault:?}\n{n}", db.display()))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            let what = format!("{}, {fault:?} at {n}", self.label);
            assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "{what}: {status}");
            tally.add(self.settle(&db, &what));
        }
        tally
    }

    /// The power goes during one operation after the other, and after the last; each time, several disks come of it.
    fn lose_power_at(&self) -> Tally {
        let mut tally = Tally::new(self, Fault::Power);
        let mut points = sample(self.operations, SAMPLE);
        points.push(self.operations + 1);
        for n in points {
            let db = self.fresh("power");
            vfs::arm_power(db.parent().unwrap(), n);
            let result = self.command.run(&db);
            assert_eq!(vfs::is_powered(), n > self.operations, "{}: {n}", self.label);
            // What fails while the connection is closed is nobody's business any more.
            assert!(n <= self.operations || result.is_ok(), "{}: {result:?}", self.label);
            let disk = vfs::disarm_power();
            let reported = REPORTED.get();
            let mut seen = HashMap::new();
            for (number, kept) in KEPT.into_iter().enumerate() {
                let seed = seed().wrapping_add(n * KEPT.len() as u64 + number as u64);
                let what =
                    format!("{}, power lost at {n}, {kept:?} of the rest kept, seed {seed}", self.label);
                let left = disk.after_loss(&mut Luck::new(kept, seed));
                // Where little is in flight, several lots leave the same.
                let number = *seen.entry(left).or_insert_with_key(|left| {
                    let dir = self.empty("after");
                    left.restore(&dir);
                    let number = self.settle(&dir.join("plan.db"), &what);
                    tally.add(number);
                    number
                });
                assert!(
                    reported <= number || !self.command.is_durable(),
                    "{what}: {reported} steps were reported as done, {number} are left"
                );
            }
        }
        tally
    }
}

/// Another one each time, unless `PLANCTL_FAULTS_SEED` says which.
fn seed() -> u64 {
    let given = std::env::var("PLANCTL_FAULTS_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| u64::from(process::id()) << 32)
}

/// What came of the faults of one kind in one case.
struct Tally {
    what: String,
    left: Vec<u32>,
}

impl Tally {
    fn new(case: &Case, fault: Fault) -> Tally {
        let what = format!("{}: {fault:?}, {} operations", case.label, case.operations);
        Tally { what, left: vec![0; case.states.len()] }
    }

    fn add(&mut self, number: usize) {
        self.left[number] += 1;
    }
}

/// The commands in both journal modes; unless all are asked for, only with so little cache that SQLite also writes in the
/// middle of a transaction.
fn cases(wanted: impl Fn(Command, &str) -> bool, mut each: impl FnMut(&Case) -> Tally) {
    let (started, mut operations, mut tried) = (Instant::now(), 0, 0);
    for command in COMMANDS {
        for (mode, cache) in [("DELETE", 2000), ("DELETE", 10), ("WAL", 2000), ("WAL", 10)] {
            // A new file has neither mode nor cache yet.
            let is_same = command == Command::UpNew && cache == 2000;
            let is_wanted = (is_all() || cache == 10) && !is_same && wanted(command, mode);
            if !is_wanted || !command.has_mode(mode) {
                continue;
            }
            let case = Case::new(command, mode, cache);
            let Tally { what, left } = each(&case);
            operations += case.operations;
            tried += left.iter().sum::<u32>();
            eprintln!("{what}; left as before, …, as after: {left:?}");
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{tried} databases after faults in {operations} operations, in {seconds:.1} s");
}

/// Those that `faults.rs` does not try these faults on.
fn others(command: Command, _: &str) -> bool {
    !command.is_for_power_alone()
}

/// Not a test of its own: the process that [`Case::kill_at`] starts.
#[test]
#[ignore = "it is started by the tests that kill it"]
fn the_command_that_is_killed() {
    let order = std::env::var(CHILD).expect("it is started by other tests");
    let [db, command, fault, n] = order.lines().collect::<Vec<_>>().try_into().unwrap();
    let fault = if fault == "Kill" { Fault::Kill } else { Fault::Torn };
    vfs::register();
    vfs::arm(fault, n.parse().unwrap());
    drop(COMMANDS[command.parse::<usize>().unwrap()].run(Path::new(db)));
}

#[test]
fn an_operation_that_fails_leaves_each_command_undone_or_done() {
    cases(others, |case| case.fail_at(Fault::IoError));
}

/// A backfill and a sample said that they had failed where the COMMIT had, though the rows were there.
#[test]
fn a_commit_that_fails_and_is_there_all_the_same_is_reported_as_done() {
    let mut done = 0;
    cases(others, |case| {
        let tally = case.fail_and_be_done();
        done += tally.left[case.last()];
        tally
    });
    assert!(done > 0);
}

#[test]
fn a_disk_that_stays_full_leaves_each_command_undone_or_done() {
    cases(others, |case| case.fail_at(Fault::FullFromHere));
}

#[test]
fn a_process_that_is_killed_leaves_each_command_undone_or_done() {
    cases(others, |case| case.kill_at(Fault::Kill));
}

#[test]
fn a_write_that_is_torn_leaves_each_command_undone_or_done() {
    cases(others, |case| case.kill_at(Fault::Torn));
}

#[test]
#[cfg(target_os = "linux")]
fn a_power_failure_leaves_each_command_undone_or_done_and_keeps_what_was_reported() {
    cases(|_, _| true, Case::lose_power_at);
}

/// SQLite's default, `synchronous = FULL`, does not keep this in rollback mode: the deleted journal is created again.
#[test]
#[cfg(target_os = "linux")]
fn a_power_failure_right_after_a_command_loses_nothing() {
    cases(
        |_, mode| mode == "DELETE",
        |case| {
            let mut tally = Tally::new(case, Fault::Power);
            let db = case.fresh("power");
            vfs::arm_power(db.parent().unwrap(), case.operations + 1);
            assert_eq!(case.command.run(&db), Ok(()), "{}", case.label);
            let dir = case.empty("after");
            vfs::disarm_power().after_loss(&mut Luck::new(Kept::Nothing, 0)).restore(&dir);
            let number = case.settle(&dir.join("plan.db"), &case.label);
            assert!(number == case.last() || !case.command.is_durable(), "{}: {number}", case.label);
            tally.add(number);
            tally
        },
    );
}

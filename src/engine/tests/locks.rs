//! Several at once: each migration is applied once, and who waits is told.

use super::*;

#[test]
fn concurrent_runs_apply_each_migration_once() {
    for mode in ["DELETE", "WAL"] {
        let bench = Bench::with(&format!("PRAGMA journal_mode = {mode}"));
        let scripts: Vec<String> = (0..10)
            .map(|n| format!("CREATE TABLE IF NOT EXISTS log(n); INSERT INTO log VALUES({n});"))
            .collect();
        let chain = set(&scripts.iter().map(|s| (s.as_str(), "")).collect::<Vec<_>>());
        let counts: Vec<usize> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| ok(&bench.up(&chain)).len())).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert_eq!(counts.iter().sum::<usize>(), 10, "{mode}");
        assert_eq!(strings(&bench.conn(), "SELECT count(*) || '' FROM log"), ["10"], "{mode}");
    }
}

#[test]
fn a_lock_that_stays_taken_is_reported() {
    let bench = Bench::with("CREATE TABLE t(x)");
    let holder = bench.conn();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let options = OpenOptions { lock_timeout: Duration::from_millis(50) };
    let mut engine = open(&bench.db, Access::ReadWrite { create: true }, options, Job::quiet()).unwrap();
    #[derive(Default)]
    struct Waits(usize);
    impl Observer for Waits {
        fn event(&mut self, event: crate::base::progress::Event<'_>) {
            self.0 += usize::from(matches!(event, crate::base::progress::Event::WaitingForLock { .. }));
        }
    }
    let (waits, interrupt) = (RefCell::new(Waits::default()), Interrupt::new());
    let up_options = UpOptions::of(Ulid::nil());
    let error = refused(engine.migrate_up(&set(&[A]), &up_options, Job::new(&waits, &interrupt)));
    assert_eq!((error.kind(), waits.borrow().0), (ErrorKind::Locked, 1));
    assert!(error.message().contains("still held the write lock"), "{error}");
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(ok(&up(&mut *engine, &set(&[A]))), [1]);
}

/// The history is read again under the lock exactly where somebody else has written since the first look.
#[test]
fn what_is_committed_while_the_lock_is_waited_for_is_not_applied_again() {
    struct Commits<'a>(&'a Connection);
    impl Observer for Commits<'_> {
        fn event(&mut self, event: crate::base::progress::Event<'_>) {
            if matches!(event, crate::base::progress::Event::WaitingForLock { .. }) {
                self.0.execute_batch("COMMIT").unwrap();
            }
        }
    }
    for mode in ["DELETE", "TRUNCATE", "WAL"] {
        let bench = Bench::with(&format!("PRAGMA journal_mode = {mode}"));
        let chain = set(&[A, B]);
        ok(&bench.up(&set(&[A])));
        let other = bench.conn();
        let sum = chain.migrations[1].checksum(crate::migrations::VersionWidth::Int4);
        other
            .execute_batch(&format!(
                "BEGIN IMMEDIATE; {} INSERT INTO refinery_schema_history VALUES(2, 'm2', '2026-01-01T00:00:00Z', '{sum}')",
                B.0
            ))
            .unwrap();
        let (commits, interrupt) = (RefCell::new(Commits(&other)), Interrupt::new());
        let options = UpOptions::of(Ulid::nil());
        let run = bench.engine().migrate_up(&chain, &options, Job::new(&commits, &interrupt));
        assert!(other.is_autocommit(), "{mode}: the run has waited");
        assert_eq!((ok(&run), run.before, run.after), (vec![], Some(1), Some(2)), "{mode}");
    }
}

#[test]
fn a_commit_that_a_reader_holds_up_is_tried_again_until_the_timeout() {
    let bench = Bench::new();
    ok(&bench.up(&set(&[A])));
    bench.conn().execute_batch("INSERT INTO a(x) VALUES('r'), ('s')").unwrap();
    let before = bench.dump();
    let reader = bench.conn();
    let mut statement = reader.prepare("SELECT * FROM a").unwrap();
    let mut rows = statement.query([]).unwrap();
    rows.next().unwrap();
    let options = OpenOptions { lock_timeout: Duration::from_millis(80) };
    let mut engine = open(&bench.db, Access::ReadWrite { create: false }, options, Job::quiet()).unwrap();
    let run = up(&mut *engine, &set(&[A, B]));
    assert_eq!((run.done.len(), run.after), (0, Some(1)));
    assert_eq!(refused(run).kind(), ErrorKind::Locked);
    drop(rows);
    assert_eq!(bench.dump(), before);
    let (send, receive) = std::sync::mpsc::channel();
    let db = bench.db.clone();
    let slow_reader = std::thread::spawn(move || {
        let reader = Connection::open(db).unwrap();
        let mut statement = reader.prepare("SELECT * FROM a").unwrap();
        let mut rows = statement.query([]).unwrap();
        rows.next().unwrap();
        send.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(150));
    });
    receive.recv().unwrap();
    assert_eq!(ok(&bench.up(&set(&[A, B]))), [2]);
    slow_reader.join().unwrap();
}

#[test]
fn concurrent_downs_revert_each_migration_once() {
    let bench = Bench::new();
    let chain = set(&[A, B]);
    ok(&bench.up(&chain));
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let down = || ok(&bench.down(&chain, DownTarget::Above(0))).len();
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(down)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(counts.iter().sum::<usize>(), 2);
}

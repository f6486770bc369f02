//! Whole processes, measured from the outside: planctl beside its peers.
//!
//! CPU time (user and system, as the kernel accounts it to the process and to the children that it waited for) is what
//! is compared: on a machine that does other work as well, it says more than the time on the wall. Contestants take
//! turns, so that all of them meet the same load.

use std::env::{self, consts::EXE_SUFFIX};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use super::command::{PLANCTL, program};

/// What one run of a process took.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system time, of the process and of the children that it waited for.
    pub cpu: Duration,
    /// From start to end.
    pub wall: Duration,
    /// The most memory that was resident, in bytes; at least what this benchmark itself had when it started the
    /// process (Linux carries that over).
    pub peak: u64,
    /// The exit status; `None` when a signal ended it.
    pub status: Option<i32>,
}

/// Runs a command without input and without output.
pub fn run(command: &mut Command) -> Usage {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let used = child.wait4().unwrap();
    Usage {
        cpu: used.rusage.utime + used.rusage.stime,
        wall: start.elapsed(),
        peak: used.rusage.maxrss,
        status: used.status.code(),
    }
}

/// A copy of the release binary that was built with this benchmark, or of the one that `PLANCTL` names: what an installation
/// is. The kernel maps the file that a linker has just written in smaller pieces, which takes 0.4 ms at each start.
pub fn planctl() -> Command {
    static COPY: LazyLock<PathBuf> = LazyLock::new(|| {
        let built = env::var_os("PLANCTL").unwrap_or_else(|| PLANCTL.into());
        let copy =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("installed").join(format!("planctl{EXE_SUFFIX}"));
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        // Not over one that may still run, nor by a system call that shares the pages.
        drop(fs::remove_file(&copy));
        let (mut from, mut to) = (fs::File::open(&built).unwrap(), fs::File::create(&copy).unwrap());
        // In pieces: what this process has had in memory counts for those that it starts.
        let mut piece = vec![0; 1 << 20];
        loop {
            match from.read(&mut piece).unwrap() {
                0 => break,
                read => to.write_all(&piece[..read]).unwrap(),
            }
        }
        drop(to);
        fs::set_permissions(&copy, fs::metadata(&built).unwrap().permissions()).unwrap();
        copy
    });
    program(COPY.to_str().unwrap())
}

/// Where a program is found on PATH; says a word when it is not.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file());
    if found.is_none() {
        println!("{program}: not on PATH, left out");
    }
    found
}

/// All runs of one contestant.
#[derive(Clone, Default, Debug)]
pub struct Runs(pub Vec<Usage>);

impl Runs {
    /// Lowest, middle and highest of what `by` takes from each run.
    pub fn spread<T: Ord + Copy>(&self, by: impl Fn(&Usage) -> T) -> [T; 3] {
        let mut all: Vec<T> = self.0.iter().map(by).collect();
        all.sort();
        [all[0], all[all.len() / 2], all[all.len() - 1]]
    }

    /// The median CPU time in milliseconds.
    pub fn cpu_ms(&self) -> f64 {
        ms(self.spread(|run| run.cpu)[1])
    }

    /// CPU time as text: the median and in brackets the lowest and the highest, in milliseconds.
    pub fn cpu_text(&self) -> String {
        let [low, middle, high] = self.spread(|run| run.cpu).map(ms);
        format!("{middle:.1} ms ({low:.1}–{high:.1})")
    }

    /// The most memory of any run, in MiB.
    pub fn peak_mib(&self) -> f64 {
        self.spread(|run| run.peak)[2] as f64 / f64::from(1 << 20)
    }
}

/// Milliseconds.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Runs each command once to warm up, then in turns, `rounds` times each. Every run must end with the status given.
pub fn in_turns(rounds: usize, contestants: &mut [(Command, i32)]) -> Vec<Runs> {
    let mut runs = vec![Runs::default(); contestants.len()];
    for round in 0..=rounds {
        for ((command, status), runs) in contestants.iter_mut().zip(&mut runs) {
            let used = run(command);
            assert_eq!(used.status, Some(*status), "{command:?}");
            if round > 0 {
                runs.0.push(used);
            }
        }
    }
    runs
}

/// The size of a file in bytes.
pub fn size(file: &Path) -> u64 {
    std::fs::metadata(file).unwrap().len()
}

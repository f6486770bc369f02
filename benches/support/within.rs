//! Work of this process: two ways to the same end, in turns.
//!
//! CPU time is that of the thread that works, as Linux accounts it (`/proc/thread-self/schedstat`); elsewhere only the
//! time on the wall is known, and stands for both. The time on the wall counts what the disk takes; CPU time counts
//! less of what other programs do at the same time.

use std::time::{Duration, Instant};

/// What one run took.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Took {
    /// User and system time of the thread.
    pub cpu: Duration,
    /// From start to end.
    pub wall: Duration,
}

/// Measures `work`.
pub fn took(work: impl FnOnce()) -> Took {
    let (start, before) = (Instant::now(), thread_cpu());
    work();
    let wall = start.elapsed();
    let cpu = thread_cpu().zip(before).map_or(wall, |(after, before)| after - before);
    Took { cpu, wall }
}

fn thread_cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Two contestants that took turns.
#[derive(Clone, Default, Debug)]
pub struct Pair {
    /// Each round: the floor, and what is measured against it.
    pub rounds: Vec<(Took, Took)>,
}

impl Pair {
    /// `rounds` rounds; who begins changes from one to the next, since the second one finds a warmer disk.
    pub fn in_turns(
        rounds: usize,
        mut floor: impl FnMut() -> Took,
        mut measured: impl FnMut() -> Took,
    ) -> Pair {
        let mut pair = Pair::default();
        for round in 0..rounds {
            if round % 2 == 0 {
                let floor = floor();
                pair.rounds.push((floor, measured()));
            } else {
                let measured = measured();
                pair.rounds.push((floor(), measured));
            }
        }
        pair
    }

    /// The medians of both.
    pub fn medians(&self, by: impl Fn(&Took) -> Duration) -> (Duration, Duration) {
        let floor = median(self.rounds.iter().map(|(floor, _)| by(floor)).collect());
        (floor, median(self.rounds.iter().map(|(_, measured)| by(measured)).collect()))
    }

    /// The ratio of each round: lowest, middle, highest.
    pub fn ratios(&self, by: impl Fn(&Took) -> Duration) -> [f64; 3] {
        let mut all: Vec<f64> = self
            .rounds
            .iter()
            .map(|(floor, measured)| by(measured).as_secs_f64() / by(floor).as_secs_f64())
            .collect();
        all.sort_by(f64::total_cmp);
        [all[0], all[all.len() / 2], all[all.len() - 1]]
    }
}

/// The middle one.
pub fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

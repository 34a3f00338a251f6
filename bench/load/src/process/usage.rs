//! Processor time and memory of a process with its children. Source: proc(5).

use std::{fs, time::Duration};

/// What a process and all its descendants use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// User and system time since it began, with that of children that have ended and been waited for.
    pub cpu: Duration,
    /// Resident bytes, pages that are shared between processes counted in each.
    pub resident: u64,
    /// How many there are.
    pub processes: usize,
}

impl Usage {
    /// Of a process with its descendants, at the moment. [`None`] when it is gone or there is no `/proc`.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let mut sum = Self::default();
        let tree = tree(pid);
        for pid in &tree {
            // A child may end in between; then its time has gone to its parent.
            let Some((ticks, pages)) = stat(*pid) else { continue };
            sum.cpu += Duration::from_secs_f64(ticks as f64 / ticks_per_second());
            sum.resident += pages * page_size();
            sum.processes += 1;
        }
        (sum.processes > 0).then_some(sum)
    }

    /// Bytes that they take together, what is shared divided between those that share it. Expensive: the kernel walks
    /// all of their pages. [`None`] where that may not be read.
    #[must_use]
    pub fn proportional(pid: u32) -> Option<u64> {
        let sizes = tree(pid).into_iter().map(|pid| {
            let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
        });
        let known: Vec<u64> = sizes.flatten().collect();
        (!known.is_empty()).then(|| known.iter().sum())
    }
}

/// The time that the processors of this machine have spent on anything, together.
#[must_use]
pub fn busy() -> Option<Duration> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let line = text.lines().next()?.strip_prefix("cpu")?;
    let ticks: Vec<u64> = line.split_whitespace().flat_map(str::parse).collect();
    let busy: u64 = BUSY.iter().filter_map(|field| ticks.get(*field)).sum();
    Some(Duration::from_secs_f64(busy as f64 / ticks_per_second()))
}

/// The process and its descendants.
fn tree(pid: u32) -> Vec<u32> {
    let mut tree = vec![pid];
    let mut next = 0;
    while let Some(pid) = tree.get(next).copied().filter(|_| next < MOST_PROCESSES) {
        next += 1;
        let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
        for thread in threads.flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            tree.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
    }
    tree
}

/// Ticks of the process and of the children it has waited for, and resident pages.
fn stat(pid: u32) -> Option<(u64, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program is in brackets and may hold anything; the numbers begin with the third field.
    let (_, fields) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let number = |field: usize| -> Option<u64> { fields.get(field - 3)?.parse().ok() };
    Some((number(14)? + number(15)? + number(16)? + number(17)?, number(24)?))
}

#[cfg(target_os = "linux")]
fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

#[cfg(target_os = "linux")]
fn page_size() -> u64 {
    rustix::param::page_size() as u64
}

#[cfg(not(target_os = "linux"))]
fn ticks_per_second() -> f64 {
    100.0
}

#[cfg(not(target_os = "linux"))]
fn page_size() -> u64 {
    4096
}

/// Of the first line of `/proc/stat`: user, nice, system, irq and softirq; not idle, iowait and steal.
const BUSY: &[usize] = &[0, 1, 2, 5, 6];
/// A tree that grows while it is walked must not be walked for ever.
const MOST_PROCESSES: usize = 10_000;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_use_of_a_process_and_its_child_is_seen() {
        let alone = Usage::of(std::process::id()).unwrap();
        assert!(alone.resident > 100_000 && alone.processes >= 1, "{alone:?}");
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let both = Usage::of(std::process::id()).unwrap();
        assert!(tree(std::process::id()).contains(&child.id()), "{both:?}");
        assert!(Usage::proportional(std::process::id()).unwrap() > 100_000);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(Usage::of(child.id()).is_none());
    }
}

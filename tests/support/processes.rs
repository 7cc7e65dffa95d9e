//! What the window's program and all it started take of the computer.

use std::path::Path;

/// The window's program and all it started.
pub struct Processes(Vec<u32>);

fn stat(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

impl Processes {
    /// The one whose home this is, and its children.
    pub fn of(home: &Path) -> Self {
        let all: Vec<u32> = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
            .collect();
        let parent = |pid: u32| stat(pid)?.get(1)?.parse::<u32>().ok();
        let is_ours = |pid: &u32| {
            let exe = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let home = home.to_str().unwrap().as_bytes();
            exe.ends_with("darkslide-app")
                && environment.windows(home.len()).any(|part| part == home)
        };
        let root = *all.iter().find(|pid| is_ours(pid)).expect("the window's program runs");
        let mut found = vec![root];
        let mut at = 0;
        while at < found.len() {
            let children = all.iter().filter(|pid| parent(**pid) == Some(found[at]));
            let new: Vec<u32> = children.filter(|pid| !found.contains(pid)).copied().collect();
            found.extend(new);
            at += 1;
        }
        Self(found)
    }

    /// Milliseconds since 1970 at which the program was started.
    pub fn started(&self) -> f64 {
        let ticks: f64 = stat(self.0[0]).unwrap()[19].parse().unwrap();
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let uptime: f64 = uptime.split_whitespace().next().unwrap().parse().unwrap();
        let now = jiff::Timestamp::now().as_millisecond() as f64;
        now - uptime * 1e3 + ticks * 10.0
    }

    /// Seconds of processor so far.
    pub fn processor(&self) -> f64 {
        let of = |pid: &u32| {
            let stat = stat(*pid)?;
            Some(stat[11].parse::<f64>().ok()? + stat[12].parse::<f64>().ok()?)
        };
        self.0.iter().filter_map(of).sum::<f64>() / 100.0
    }

    /// Megabytes; pages they share count once.
    pub fn memory(&self) -> f64 {
        let of = |pid: &u32| {
            let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let pss = text.lines().find(|line| line.starts_with("Pss:"))?;
            pss.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        self.0.iter().filter_map(of).sum::<f64>() / 1024.0
    }
}

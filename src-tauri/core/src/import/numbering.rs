//! Which numbers an exposure gets. RAW and JPEG of one exposure share them.
//!
//! A plan asks the catalogue for as many numbers of each series as it has exposures, gives them out
//! in the order of the card, and the batch that used them records the last ones.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use super::template::{Count, Numbered, Template};
use crate::catalog::{LastNumbers, Promise, Series};
use crate::media::{ImportId, working_day};

/// The series a template asks for, and the next number of each.
#[derive(Debug)]
pub(super) struct Numbering {
    counts: Vec<Count>,
    day_starts_at_hour: u8,
    import: ImportId,
    next: BTreeMap<Series, u64>,
}

impl Numbering {
    pub fn new(template: &Template, day_starts_at_hour: u8, import: ImportId) -> Self {
        Self { counts: template.counts(), day_starts_at_hour, import, next: BTreeMap::new() }
    }

    /// Whether names have no numbers at all.
    pub fn is_none(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many numbers of each series exposures of these times may need.
    pub fn wanted(&self, times: impl Iterator<Item = DateTime>) -> BTreeMap<Series, u64> {
        let mut wanted = BTreeMap::new();
        for time in times {
            for count in &self.counts {
                *wanted.entry(self.series(*count, time)).or_insert(0) += 1;
            }
        }
        wanted
    }

    /// Begins with the first numbers of a promise.
    pub fn begin(&mut self, wanted: &BTreeMap<Series, u64>, promise: &Promise) {
        self.next = wanted.keys().map(|series| (*series, promise.first(*series))).collect();
    }

    /// The next numbers for an exposure of this time.
    pub fn of(&self, time: DateTime) -> Numbered {
        let number = |count: Count| {
            let asked = self.counts.contains(&count);
            if asked { self.at(self.series(count, time)) } else { 0 }
        };
        Numbered { all: number(Count::All), day: number(Count::Day), import: number(Count::Import) }
    }

    /// Uses them up.
    pub fn take(&mut self, time: DateTime) -> LastNumbers {
        let mut used = LastNumbers::new();
        for count in &self.counts {
            let series = self.series(*count, time);
            let number = self.at(series);
            used.insert(series, number);
            self.next.insert(series, number + 1);
        }
        used
    }

    fn at(&self, series: Series) -> u64 {
        self.next.get(&series).copied().unwrap_or(1)
    }

    fn series(&self, count: Count, time: DateTime) -> Series {
        match count {
            Count::All => Series::All,
            Count::Day => Series::Day(working_day(time, self.day_starts_at_hour)),
            Count::Import => Series::Import(self.import),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_counts_for_itself_and_a_day_begins_at_its_hour() {
        let template = "{seq}-{seq_day}-{seq_import}".parse().unwrap();
        let mut numbering = Numbering::new(&template, 4, ImportId([1; 16]));
        numbering.next.insert(Series::All, 100);
        let at = |text: &str| text.parse::<DateTime>().unwrap();
        let times = ["2026-05-16T23:00:00", "2026-05-17T03:59:00", "2026-05-17T04:00:00"].map(at);
        let wanted = numbering.wanted(times.into_iter());
        assert_eq!(wanted.values().sum::<u64>(), 9);
        assert_eq!(wanted.len(), 4, "two days");
        let given = times.map(|time| {
            let numbers = numbering.of(time);
            numbering.take(time);
            (numbers.all, numbers.day, numbers.import)
        });
        assert_eq!(given, [(100, 1, 1), (101, 2, 2), (102, 1, 3)]);
    }
}

//! Running numbers for the names of files: none is given twice, after a crash neither.
//!
//! The last number of every series stands in the settings, one field for each computer
//! (`numbers/<device>` = `{"all": 812, "day/2026-05-16": 40, "import/<id>": 7}`), and is written in the
//! transaction of the batch that used it. What counts is the largest of all computers' numbers, so
//! merging never turns a series back. (Two computers that number at the same time without hearing of
//! one another may still meet; their files differ in folder or suffix.)
//!
//! Numbers promised to a plan and not yet used are held in memory, so that two imports at once do
//! not meet. What a plan did not use is given back when it goes, if nobody came after it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::media::{ImportId, SubjectKind};

use super::database::Catalog;
use super::error::Result;
use super::row::Change;
use super::settings::SETTINGS;
use super::subjects::Writing;

/// What is counted through without a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Series {
    /// Everything ever imported.
    All,
    /// What counts to one day.
    Day(Date),
    /// One import.
    Import(ImportId),
}

/// The last number used of each series.
pub type LastNumbers = BTreeMap<Series, u64>;

const FIELD: &str = "numbers/";
/// The only series of early catalogues, which did not tell computers apart.
const FIRST_FIELD: &str = "import_sequence";

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Day(day) => write!(f, "day/{day}"),
            Self::Import(id) => write!(f, "import/{id}"),
        }
    }
}

/// No series has this name.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no series of numbers")]
pub struct BadSeries(String);

impl FromStr for Series {
    type Err = BadSeries;

    fn from_str(text: &str) -> Result<Self, BadSeries> {
        let read = || match text.split_once('/') {
            None => (text == "all").then_some(Self::All),
            Some(("day", day)) => day.parse().ok().map(Self::Day),
            Some(("import", id)) => id.parse().ok().map(Self::Import),
            Some(_) => None,
        };
        read().ok_or_else(|| BadSeries(text.to_owned()))
    }
}

/// The last number promised of each series, while the catalogue is open.
#[derive(Debug, Default)]
pub(super) struct Promised(Arc<Mutex<HashMap<Series, u64>>>);

/// Numbers that belong to one plan.
#[derive(Debug, Default)]
pub struct Promise {
    held: Arc<Mutex<HashMap<Series, u64>>>,
    /// The number before the first, and the last.
    ranges: BTreeMap<Series, (u64, u64)>,
}

impl Promise {
    /// The first number of a series; 1 where none was asked for.
    #[must_use]
    pub fn first(&self, series: Series) -> u64 {
        self.ranges.get(&series).map_or(0, |(before, _)| *before) + 1
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for (series, (before, last)) in &self.ranges {
            // what was used of them is in the settings by now
            if held.get(series) == Some(last) {
                held.insert(*series, *before);
            }
        }
    }
}

/// The numbers of one field; what is not understood is passed over.
fn read(value: &Value) -> impl Iterator<Item = (Series, u64)> {
    let numbers = value.as_object().into_iter().flatten();
    numbers.filter_map(|(name, number)| Some((name.parse().ok()?, number.as_u64()?)))
}

impl Writing<'_> {
    /// Notes numbers as used, in this computer's field.
    pub(super) fn use_numbers(&mut self, used: &LastNumbers) -> Result<()> {
        if used.is_empty() {
            return Ok(());
        }
        self.change_numbers(|numbers| {
            for (series, number) in used {
                let last = numbers.get(series).copied().unwrap_or(0);
                numbers.insert(*series, last.max(*number));
            }
        })
    }

    fn change_numbers(&mut self, change: impl FnOnce(&mut LastNumbers)) -> Result<()> {
        let field = format!("{FIELD}{}", self.device);
        let state = self.load("setting", SETTINGS)?.unwrap_or_default();
        let before: LastNumbers = state.get(&field).map(read).into_iter().flatten().collect();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        let numbers: Map<String, Value> =
            after.iter().map(|(series, n)| (series.to_string(), Value::from(*n))).collect();
        self.change(&Change::new(SubjectKind::Setting, SETTINGS).set(field, numbers))
    }
}

impl Catalog {
    /// The last number of a series that any computer used.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn last_number(&self, series: Series) -> Result<u64> {
        let mut last = 0;
        for (name, value) in self.settings()? {
            if name.starts_with(FIELD) {
                let numbers = read(&value).filter(|(found, _)| *found == series);
                last = numbers.map(|(_, number)| number).fold(last, u64::max);
            } else if name == FIRST_FIELD && series == Series::All {
                last = last.max(value.as_u64().unwrap_or(0));
            }
        }
        Ok(last)
    }

    /// Promises so many numbers of each series, that nobody else gets while the promise lives.
    /// They come after those of `used`, which a run that was killed may not have recorded.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn promise_numbers(
        &self,
        wanted: &BTreeMap<Series, u64>,
        used: &LastNumbers,
    ) -> Result<Promise> {
        let mut ranges = BTreeMap::new();
        let promised = &self.promised().0;
        let mut held = promised.lock().unwrap_or_else(PoisonError::into_inner);
        for (series, count) in wanted {
            let of = |numbers: Option<&u64>| numbers.copied().unwrap_or(0);
            let last = self.last_number(*series)?.max(of(used.get(series)));
            let before = last.max(of(held.get(series)));
            ranges.insert(*series, (before, before + count));
        }
        held.extend(ranges.iter().map(|(series, (_, last))| (*series, *last)));
        Ok(Promise { held: Arc::clone(promised), ranges })
    }

    /// Notes numbers that were used without a record: a program was killed before it wrote one.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn note_numbers(&self, used: &LastNumbers) -> Result<()> {
        let mut news = LastNumbers::new();
        for (series, number) in used {
            if self.last_number(*series)? < *number {
                news.insert(*series, *number);
            }
        }
        if news.is_empty() {
            return Ok(());
        }
        self.transact(|writing| writing.use_numbers(&news))
    }

    /// Forgets the numbers of an import that nothing will ever be added to.
    ///
    /// # Errors
    /// The database could not be written.
    pub fn forget_numbers(&self, import: ImportId) -> Result<()> {
        let series = Series::Import(import);
        if self.last_number(series)? == 0 {
            return Ok(());
        }
        self.transact(|writing| {
            writing.change_numbers(|numbers| {
                numbers.remove(&series);
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{catalog, catalog_of, clock, exposure};
    use super::*;

    const DAY: Series = Series::Day(Date::constant(2026, 5, 16));

    fn used(series: Series, number: u64) -> LastNumbers {
        LastNumbers::from([(series, number)])
    }

    #[test]
    fn series_keep_their_names() {
        for series in [Series::All, DAY, Series::Import(ImportId([0xab; 16]))] {
            assert_eq!(series.to_string().parse::<Series>().unwrap(), series);
        }
        assert!("day/tomorrow".parse::<Series>().is_err() && "week/1".parse::<Series>().is_err());
    }

    #[test]
    fn numbers_go_on_after_a_restart_and_never_back() {
        let home = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(home.path(), None, clock()).unwrap();
        let numbers = LastNumbers::from([(Series::All, 7), (DAY, 3)]);
        catalog.record_numbered(&[exposure(1)], &[], &numbers).unwrap();
        catalog.record_numbered(&[exposure(2)], &[], &used(Series::All, 5)).unwrap();
        drop(catalog);
        let catalog = Catalog::open(home.path(), clock()).unwrap();
        assert_eq!(catalog.last_number(Series::All).unwrap(), 7, "a late batch has smaller ones");
        let none = LastNumbers::new();
        let wanted = BTreeMap::from([(Series::All, 2), (DAY, 2)]);
        let promise = catalog.promise_numbers(&wanted, &none).unwrap();
        assert_eq!((promise.first(Series::All), promise.first(DAY)), (8, 4));
    }

    #[test]
    fn a_batch_that_is_not_recorded_uses_no_numbers() {
        let catalog = catalog();
        let unknown = super::super::ImportFileRow {
            import: ImportId([9; 16]),
            card_path: b"x".to_vec(),
            bytes: 1,
            mtime_ns: 1,
            sha256: None,
            outcome: super::super::Outcome::Imported,
            reason: None,
            file: None,
            last_change: None,
        };
        let batch = catalog.record_numbered(&[exposure(1)], &[unknown], &used(Series::All, 9));
        assert!(batch.is_err());
        assert_eq!(catalog.last_number(Series::All).unwrap(), 0);
    }

    #[test]
    fn two_plans_at_once_get_different_numbers_and_unused_ones_come_back() {
        let catalog = catalog();
        let none = LastNumbers::new();
        let wanted = BTreeMap::from([(Series::All, 10)]);
        let first = catalog.promise_numbers(&wanted, &none).unwrap();
        let second = catalog.promise_numbers(&wanted, &none).unwrap();
        assert_eq!((first.first(Series::All), second.first(Series::All)), (1, 11));
        catalog.note_numbers(&used(Series::All, 3)).unwrap();
        drop(second);
        let third = catalog.promise_numbers(&wanted, &none).unwrap();
        assert_eq!(third.first(Series::All), 11, "the first plan still holds its own");
        drop(third);
        drop(first);
        assert_eq!(catalog.promise_numbers(&wanted, &none).unwrap().first(Series::All), 4);
    }

    #[test]
    fn the_largest_number_of_all_computers_counts() {
        let (here, there) = (catalog_of(1), catalog_of(2));
        here.note_numbers(&used(Series::All, 90)).unwrap();
        there.note_numbers(&used(Series::All, 12)).unwrap();
        for (row, _) in there.unsent(9).unwrap() {
            here.merge(&[row]).unwrap();
        }
        assert_eq!(here.last_number(Series::All).unwrap(), 90);
        here.note_numbers(&used(Series::All, 89)).unwrap();
        assert_eq!(here.last_number(Series::All).unwrap(), 90);
    }

    #[test]
    fn the_number_of_an_early_catalogue_is_gone_on_from() {
        let catalog = catalog();
        catalog.set_setting(FIRST_FIELD, json!(41)).unwrap();
        catalog.set_setting("numbers/zz", json!(["not", "numbers"])).unwrap();
        let promise = catalog
            .promise_numbers(&BTreeMap::from([(Series::All, 1)]), &LastNumbers::new())
            .unwrap();
        assert_eq!(promise.first(Series::All), 42);
        assert_eq!(catalog.last_number(DAY).unwrap(), 0);
    }

    #[test]
    fn an_ended_import_needs_its_numbers_no_more() {
        let catalog = catalog();
        let import = ImportId([5; 16]);
        let numbers = LastNumbers::from([(Series::Import(import), 4), (DAY, 2)]);
        catalog.note_numbers(&numbers).unwrap();
        catalog.forget_numbers(import).unwrap();
        assert_eq!(catalog.last_number(Series::Import(import)).unwrap(), 0);
        assert_eq!(catalog.last_number(DAY).unwrap(), 2);
    }
}

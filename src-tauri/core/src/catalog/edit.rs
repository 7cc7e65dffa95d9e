//! Edits of photos: stars, labels, flags, words, trash.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::media::{CaptureTime, ClockCorrection, PhotoId, ShootId, SubjectKind};

use super::database::Catalog;
use super::error::{CatalogError, Result};
use super::fold::{fold, tidy};
use super::photos;
use super::query::Query;
use super::row::{Change, Fields};
use super::state::State;
use super::subjects::Writing;

/// What to change; `None` leaves as it is, `Some(None)` clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edit {
    /// 0 to 5; 0 is no rating.
    pub rating: Option<u8>,
    pub label: Option<Option<String>>,
    pub flag: Option<Option<Flag>>,
    pub title: Option<Option<String>>,
    pub caption: Option<Option<String>>,
    /// `People|Ann` is the keyword `Ann` below `People`.
    pub add_keywords: Vec<String>,
    pub remove_keywords: Vec<String>,
    /// Facts of `IptcFields` by their names there: `creator`, `copyright`, `credit` and so on.
    pub iptc: BTreeMap<String, Option<String>>,
    /// Where it was taken, in signed degrees.
    pub place: Option<Option<(f64, f64)>>,
    pub shoot: Option<Option<ShootId>>,
    pub trash: Option<bool>,
    /// Corrects the time a picture was taken, from what the camera said: giving the same again
    /// changes nothing, giving none takes every correction back.
    pub clock: Option<ClockCorrection>,
}

/// Picked or rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    Pick,
    Reject,
}

/// What an edit met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Edited {
    /// Photos the query found.
    pub photos: u64,
    /// Photos that were not so already.
    pub changed: u64,
}

impl Flag {
    /// The word in the catalogue's rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pick => "pick",
            Self::Reject => "reject",
        }
    }
}

/// An edit whose values were looked at: fields to set, and keywords, which depend on the photo.
struct Checked {
    fields: Fields,
    add: Vec<String>,
    /// Folded.
    remove: BTreeSet<String>,
    /// Full paths of hierarchical ones among `add`.
    paths: Vec<String>,
    place: Option<Option<(f64, f64)>>,
    clock: Option<ClockCorrection>,
}

impl Edit {
    fn check(&self) -> Result<Checked> {
        let mut fields = Fields::new();
        if let Some(stars) = self.rating {
            if stars > 5 {
                let why = format!("{stars} stars are not possible, 0 to 5 are");
                return Err(CatalogError::BadValue { what: "rating", why });
            }
            fields.insert("rating".into(), if stars == 0 { Value::Null } else { stars.into() });
        }
        if let Some(label) = &self.label {
            fields.insert("label".into(), text("label", label.as_deref().map(tidy), 100)?);
        }
        if let Some(flag) = self.flag {
            fields.insert("flag".into(), flag.map_or(Value::Null, |flag| flag.word().into()));
        }
        if let Some(title) = &self.title {
            fields.insert("title".into(), text("title", title.as_deref().map(tidy), 2_000)?);
        }
        if let Some(caption) = &self.caption {
            let caption = caption.as_deref().map(|caption| caption.trim().to_owned());
            fields.insert("caption".into(), text("caption", caption, 20_000)?);
        }
        if let Some(shoot) = self.shoot {
            let id = shoot.map_or(Value::Null, |shoot| shoot.to_string().into());
            fields.insert("shoot".into(), id);
        }
        if let Some(trash) = self.trash {
            fields.insert("trash".into(), if trash { true.into() } else { Value::Null });
        }
        let word = |word: &String| match tidy(word) {
            empty if empty.is_empty() => {
                Err(CatalogError::BadValue { what: "keyword", why: "it is empty".into() })
            }
            long if long.len() > 200 => {
                Err(CatalogError::BadValue { what: "keyword", why: "it is too long".into() })
            }
            word => Ok(word),
        };
        for (name, value) in &self.iptc {
            let what = FACTS.iter().find(|known| *known == name);
            let what = what.copied().ok_or(CatalogError::BadValue {
                what: "iptc",
                why: format!("{name} is no fact that is known here"),
            })?;
            let value = text(what, value.as_deref().map(|v| v.trim().to_owned()), 2_000)?;
            fields.insert(format!("iptc/{what}"), value);
        }
        let inside = |(lat, lon): (f64, f64)| lat.abs() <= 90.0 && lon.abs() <= 180.0;
        if self.place.flatten().is_some_and(|place| !inside(place)) {
            let why = "latitudes go to 90, longitudes to 180 degrees".into();
            return Err(CatalogError::BadValue { what: "place", why });
        }
        let (mut add, mut paths) = (Vec::new(), Vec::new());
        for given in &self.add_keywords {
            let levels: Vec<String> =
                given.split('|').map(tidy).filter(|l| !l.is_empty()).collect();
            add.push(word(&levels.last().cloned().unwrap_or_default())?);
            if levels.len() > 1 {
                paths.push(levels.join("|"));
            }
        }
        let remove = self.remove_keywords.iter().map(|word| fold(word)).collect();
        Ok(Checked { fields, add, remove, paths, place: self.place, clock: self.clock.clone() })
    }
}

const FACTS: [&str; 10] = [
    "creator",
    "copyright",
    "usage_terms",
    "credit",
    "source",
    "contact_email",
    "contact_url",
    "headline",
    "city",
    "country",
];

fn text(what: &'static str, text: Option<String>, most: usize) -> Result<Value> {
    match text {
        None => Ok(Value::Null),
        Some(text) if text.is_empty() => Ok(Value::Null),
        Some(text) if text.len() > most => {
            Err(CatalogError::BadValue { what, why: format!("more than {most} bytes") })
        }
        Some(text) => Ok(text.into()),
    }
}

impl Checked {
    /// The fields of one photo that are not so already.
    fn fields_for(&self, state: &State) -> Fields {
        let mut fields = self.fields.clone();
        let mut carried: BTreeSet<String> = BTreeSet::new();
        for (word, _) in state.under("kw/") {
            if self.remove.contains(&fold(word)) {
                fields.insert(format!("kw/{word}"), Value::Null);
            } else {
                carried.insert(fold(word));
            }
        }
        for (path, _) in state.under("kwpath/") {
            let leaf = path.rsplit('|').next().unwrap_or(path);
            if self.remove.contains(&fold(leaf)) {
                fields.insert(format!("kwpath/{path}"), Value::Null);
            }
        }
        for path in &self.paths {
            fields.insert(format!("kwpath/{path}"), Value::Bool(true));
        }
        if let Some(place) = self.place {
            let mut meta =
                state.get("meta").and_then(Value::as_object).cloned().unwrap_or_default();
            meta.remove("gps");
            if let Some((lat, lon)) = place {
                meta.insert("gps".into(), serde_json::json!({ "lat": lat, "lon": lon }));
            }
            fields.insert("meta".into(), meta.into());
        }
        for word in &self.add {
            if carried.insert(fold(word)) {
                fields.insert(format!("kw/{word}"), Value::Bool(true));
            }
        }
        if let Some(clock) = &self.clock {
            fields.extend(corrected(clock, state));
        }
        fields.retain(|field, value| state.get(field).unwrap_or(&Value::Null) != value);
        fields
    }
}

/// The time fields of a photo, corrected anew; nothing for one that has no time.
fn corrected(clock: &ClockCorrection, state: &State) -> Fields {
    let text = |field: &str| state.get(field)?.as_str();
    let taken = || {
        let source = serde_json::from_value(state.get("taken_source")?.clone()).ok()?;
        if let Some(record) = state.get("clock") {
            return ClockCorrection::said(record, source);
        }
        let offset = state.get("offset").and_then(Value::as_i64);
        let offset_min = offset.and_then(|minutes| i16::try_from(minutes).ok());
        Some(CaptureTime { local: text("taken")?.parse().ok()?, offset_min, source })
    };
    let Some(said) = taken() else { return Fields::new() };
    let now = clock.apply(said);
    let record = if clock.is_none() { Value::Null } else { clock.record(said) };
    Fields::from([
        ("taken".to_owned(), now.local.to_string().into()),
        ("offset".to_owned(), now.offset_min.map_or(Value::Null, Value::from)),
        ("clock".to_owned(), record),
    ])
}

/// Edits these photos as part of something larger.
pub(super) fn edit_these(
    writing: &mut Writing<'_>,
    photos: &[PhotoId],
    change: &Edit,
) -> Result<Edited> {
    edit(writing, photos, &change.check()?)
}

fn edit(writing: &mut Writing<'_>, photos: &[PhotoId], edit: &Checked) -> Result<Edited> {
    let mut edited = Edited::default();
    for photo in photos {
        let Some(state) = writing.load("photo", (*photo).into())? else { continue };
        edited.photos += 1;
        let fields = edit.fields_for(&state);
        if !fields.is_empty() {
            edited.changed += 1;
            let subject = (*photo).into();
            writing.change(&Change { kind: SubjectKind::Photo, subject, fields })?;
        }
    }
    Ok(edited)
}

impl Catalog {
    /// Edits every photo a query finds.
    ///
    /// # Errors
    /// A value is out of range, or the database could not be written.
    pub fn edit(&self, query: &Query, change: &Edit) -> Result<Edited> {
        let checked = change.check()?;
        self.transact(|writing| {
            let photos = photos::find(writing.tx, query)?;
            edit(writing, &photos, &checked)
        })
    }

    /// Edits these photos; ids that are not in the catalogue are passed over.
    ///
    /// # Errors
    /// A value is out of range, or the database could not be written.
    pub fn edit_photos(&self, photos: &[PhotoId], change: &Edit) -> Result<Edited> {
        let checked = change.check()?;
        self.transact(|writing| edit(writing, photos, &checked))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{found, photo_id, with_photos};
    use super::super::{PhotoRow, Query};
    use super::*;

    fn photo(catalog: &Catalog, n: u8) -> PhotoRow {
        catalog.photo(photo_id(n)).unwrap().unwrap()
    }

    #[test]
    fn an_edit_touches_what_the_query_finds_and_nothing_else() {
        let catalog = with_photos(3);
        let edit = Edit {
            rating: Some(4),
            label: Some(Some(" red ".into())),
            flag: Some(Some(Flag::Pick)),
            title: Some(Some("The\nbride".into())),
            caption: Some(Some("first line\nsecond line".into())),
            ..Edit::default()
        };
        let edited = catalog.edit(&Query::parse("iso>=200").unwrap(), &edit).unwrap();
        assert_eq!(edited, Edited { photos: 2, changed: 2 });
        let row = photo(&catalog, 2);
        assert_eq!(
            (row.rating, row.label.as_deref(), row.flag.as_deref()),
            (4, Some("red"), Some("pick"))
        );
        assert_eq!(row.title.as_deref(), Some("The bride"), "a title is one line");
        assert_eq!(row.caption.as_deref(), Some("first line\nsecond line"));
        assert_eq!(photo(&catalog, 1).rating, 0);
    }

    #[test]
    fn clearing_is_not_the_same_as_leaving() {
        let catalog = with_photos(1);
        let red = Edit { rating: Some(2), label: Some(Some("red".into())), ..Edit::default() };
        catalog.edit(&Query::all(), &red).unwrap();
        catalog.edit(&Query::all(), &Edit { rating: Some(0), ..Edit::default() }).unwrap();
        let row = photo(&catalog, 1);
        assert_eq!((row.rating, row.label.as_deref()), (0, Some("red")));
        catalog.edit(&Query::all(), &Edit { label: Some(None), ..Edit::default() }).unwrap();
        assert_eq!(photo(&catalog, 1).label, None);
    }

    #[test]
    fn what_is_so_already_is_no_change_and_is_not_sent_again() {
        let catalog = with_photos(2);
        let edit = Edit { rating: Some(3), add_keywords: vec!["dance".into()], ..Edit::default() };
        catalog.edit(&Query::all(), &edit).unwrap();
        for (row, revision) in catalog.unsent(10).unwrap() {
            catalog.mark_sent(&[(row.subject, revision)]).unwrap();
        }
        let again = Edit { add_keywords: vec!["Dance".into()], ..edit };
        assert_eq!(catalog.edit(&Query::all(), &again).unwrap(), Edited { photos: 2, changed: 0 });
        assert_eq!(catalog.unsent_count().unwrap(), 0);
    }

    #[test]
    fn keywords_come_and_go_in_any_case() {
        let catalog = with_photos(1);
        let add =
            Edit { add_keywords: vec!["First  Dance".into(), "cake".into()], ..Edit::default() };
        catalog.edit(&Query::all(), &add).unwrap();
        assert_eq!(photo(&catalog, 1).keywords, ["cake", "First Dance"]);
        let swap = Edit {
            add_keywords: vec!["bride".into()],
            remove_keywords: vec!["FIRST dance".into()],
            ..Edit::default()
        };
        catalog.edit(&Query::all(), &swap).unwrap();
        assert_eq!(photo(&catalog, 1).keywords, ["bride", "cake"]);
        assert!(found(&catalog, "dance").is_empty(), "a removed word is no longer searched");
    }

    #[test]
    fn a_keyword_with_levels_is_its_last_word_and_goes_with_it() {
        let catalog = with_photos(1);
        let add = Edit { add_keywords: vec!["People| Ann".into()], ..Edit::default() };
        catalog.edit(&Query::all(), &add).unwrap();
        assert_eq!(photo(&catalog, 1).keywords, ["Ann"]);
        assert!(photo(&catalog, 1).fields.contains_key("kwpath/People|Ann"));
        let remove = Edit { remove_keywords: vec!["ann".into()], ..Edit::default() };
        catalog.edit(&Query::all(), &remove).unwrap();
        assert!(photo(&catalog, 1).keywords.is_empty());
        assert!(!photo(&catalog, 1).fields.contains_key("kwpath/People|Ann"));
    }

    #[test]
    fn facts_and_places_are_set_and_unknown_ones_refused() {
        let catalog = with_photos(1);
        let edit = Edit {
            iptc: [("credit".to_owned(), Some("Ada".to_owned()))].into(),
            place: Some(Some((48.5, -2.25))),
            ..Edit::default()
        };
        catalog.edit(&Query::all(), &edit).unwrap();
        let row = photo(&catalog, 1);
        assert_eq!(row.fields["iptc/credit"], "Ada");
        assert_eq!(row.fields["meta"]["gps"]["lon"], -2.25);
        assert_eq!(row.fields["meta"]["model"], "Canon EOS R6", "the rest stays");
        for wrong in [
            Edit { iptc: [("colour".to_owned(), None)].into(), ..Edit::default() },
            Edit { place: Some(Some((91.0, 0.0))), ..Edit::default() },
        ] {
            assert!(catalog.edit(&Query::all(), &wrong).is_err());
        }
    }

    #[test]
    fn a_clock_is_corrected_from_what_the_camera_said_and_back() {
        let catalog = with_photos(1);
        let correct = |shift: &str, zone: Option<&str>| {
            let zone = zone.map(|zone| zone.parse().unwrap());
            let clock = ClockCorrection { shift: shift.parse().unwrap(), zone };
            let edit = Edit { clock: Some(clock), ..Edit::default() };
            let changed = catalog.edit(&Query::all(), &edit).unwrap().changed;
            let row = photo(&catalog, 1);
            (changed, row.taken.unwrap().to_string(), row.offset_min)
        };
        assert_eq!(correct("+1h", None), (1, "2025-06-01T11:00:00.5".into(), Some(120)));
        assert_eq!(correct("+1h", None).0, 0, "the same again adds nothing");
        assert_eq!(
            correct("-1h", Some("America/New_York")),
            (1, "2025-06-01T03:00:00.5".into(), Some(-240))
        );
        assert_eq!(correct("0s", None), (1, "2025-06-01T10:00:00.5".into(), Some(120)));
        assert!(!photo(&catalog, 1).fields.contains_key("clock"), "nothing is left of it");
        assert_eq!(found(&catalog, "date:2025-06-01"), [1]);
    }

    #[test]
    fn impossible_values_are_refused_before_anything_is_written() {
        let catalog = with_photos(1);
        for edit in [
            Edit { rating: Some(6), ..Edit::default() },
            Edit { rating: Some(1), add_keywords: vec![" ".into()], ..Edit::default() },
            Edit { rating: Some(1), title: Some(Some("x".repeat(2001))), ..Edit::default() },
        ] {
            let refused = catalog.edit(&Query::all(), &edit).unwrap_err();
            assert!(matches!(refused, CatalogError::BadValue { .. }), "{refused:?}");
            assert_eq!(photo(&catalog, 1).rating, 0);
        }
    }

    #[test]
    fn photos_move_to_another_shoot_and_out_of_the_trash_again() {
        let catalog = with_photos(1);
        let shoot = catalog.shoot_named("Smith", None).unwrap();
        let edit = Edit { shoot: Some(Some(shoot)), trash: Some(true), ..Edit::default() };
        assert_eq!(catalog.edit(&Query::all(), &edit).unwrap().changed, 1);
        assert!(found(&catalog, "shoot:smith").is_empty());
        let back = Edit { trash: Some(false), ..Edit::default() };
        catalog.edit_photos(&[photo_id(1), photo_id(9)], &back).unwrap();
        assert_eq!(found(&catalog, "shoot:smith"), [1]);
    }
}

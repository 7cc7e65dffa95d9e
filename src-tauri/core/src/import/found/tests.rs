//! Libraries that other programs worked in.
#![allow(clippy::disallowed_methods, reason = "tests make and break files of their own")]

use super::super::adopt::tests::{Tree, now};
use super::*;
use crate::catalog::Query;

fn rescan(tree: &Tree) -> FoundAgain {
    find_again(&tree.path(""), None, &tree.catalog, &now, &Progress::new()).unwrap()
}

fn missing(tree: &Tree) -> usize {
    tree.catalog.find(&Query::parse("status:missing").unwrap()).unwrap().len()
}

#[test]
fn with_everything_in_place_nothing_is_walked_or_read() {
    let tree = Tree::adopted(&[("a/1.JPG", "image"), ("a/2.JPG", "picture")]);
    tree.put("a/stranger.JPG", "imagf");
    let report = rescan(&tree);
    assert_eq!((report.in_place, report.found.len(), report.missing.len()), (2, 0, 0));
    assert!(tree.catalog.seen_on(SEEN).unwrap().is_empty(), "nobody read the stranger");
}

#[test]
fn a_pair_renamed_and_moved_together_stays_one_exposure() {
    let tree = Tree::adopted(&[("a/1.CR2", "raw"), ("a/1.JPG", "image"), ("a/1.xmp", "words")]);
    for end in ["CR2", "JPG", "xmp"] {
        tree.rename(&format!("a/1.{end}"), &format!("Anna/portrait.{end}"));
    }
    let report = rescan(&tree);
    assert_eq!((report.found.len(), report.missing.len()), (3, 0), "{report:?}");
    assert_eq!(tree.exposures(), ["Anna/portrait.CR2 + Anna/portrait.JPG + Anna/portrait.xmp"]);
    assert_eq!(missing(&tree), 0);
    let photo = tree.catalog.find(&Query::all()).unwrap()[0];
    let lead = tree.catalog.files_of(photo).unwrap().remove(0);
    assert_eq!(lead.path.as_deref(), Some("Anna/portrait.CR2"), "other computers are told");
    assert_eq!(lead.shown_name(), "1.CR2", "the name it was taken in under stays");
    assert_eq!(rescan(&tree).in_place, 3);
}

#[test]
fn equal_sidecars_go_where_their_photos_went() {
    let tree = Tree::adopted(&[
        ("a/1.CR2", "raw one"),
        ("a/1.xmp", "same"),
        ("a/2.CR2", "raw two"),
        ("a/2.xmp", "same"),
    ]);
    // exchanged in order, so that the first place is the wrong one
    for (old, new) in [("1", "y/z"), ("2", "b/c")] {
        tree.rename(&format!("a/{old}.CR2"), &format!("{new}.CR2"));
        tree.rename(&format!("a/{old}.xmp"), &format!("{new}.xmp"));
    }
    assert_eq!(rescan(&tree).found.len(), 4);
    assert_eq!(tree.exposures(), ["b/c.CR2 + b/c.xmp", "y/z.CR2 + y/z.xmp"]);
}

#[test]
fn a_whole_folder_renamed_is_found_again() {
    let tree = Tree::adopted(&[("Originals/a/1.JPG", "image"), ("Originals/b/2.JPG", "picture")]);
    tree.rename("Originals", "Photos");
    assert_eq!(rescan(&tree).found.len(), 2);
    assert_eq!(tree.exposures(), ["Photos/a/1.JPG", "Photos/b/2.JPG"]);
}

#[test]
fn two_files_that_changed_places_are_told_apart() {
    let tree = Tree::adopted(&[("a/1.JPG", "image"), ("a/2.JPG", "a longer picture")]);
    tree.rename("a/1.JPG", "a/t");
    tree.rename("a/2.JPG", "a/1.JPG");
    tree.rename("a/t", "a/2.JPG");
    assert_eq!(rescan(&tree).found.len(), 2);
    let sizes: Vec<_> = tree.catalog.local_files().unwrap();
    assert_eq!(
        sizes.iter().map(|l| (l.path.as_str(), l.bytes)).collect::<Vec<_>>(),
        [("a/1.JPG", 16), ("a/2.JPG", 5)]
    );
    assert_eq!(missing(&tree), 0);
}

#[test]
fn what_is_not_found_is_missing_until_it_comes_back() {
    let tree = Tree::adopted(&[("a/1.JPG", "image"), ("a/2.JPG", "picture")]);
    let away = tree.dir.path().join("away");
    fs::rename(tree.path("a/1.JPG"), &away).unwrap();
    tree.put("a/lookalike.JPG", "imagf");
    let report = rescan(&tree);
    assert_eq!((report.in_place, report.found.len(), report.changed.len()), (1, 0, 0));
    assert_eq!(report.missing[0].path.as_deref(), Some("a/1.JPG"));
    assert!(!report.missing[0].cloud);
    assert_eq!(missing(&tree), 1);
    assert_eq!(rescan(&tree).missing.len(), 1, "still, with no path on this computer");
    fs::rename(&away, tree.path("back.JPG")).unwrap();
    assert_eq!(rescan(&tree).found[0].path, "back.JPG");
    assert_eq!(missing(&tree), 0);
}

#[test]
fn a_file_edited_in_place_is_said_and_not_given_up() {
    let tree = Tree::adopted(&[("a/1.JPG", "image"), ("a/2.JPG", "picture")]);
    tree.put("a/1.JPG", "imagf");
    tree.put("a/2.JPG", "picture");
    let report = rescan(&tree);
    assert_eq!((report.in_place, report.missing.len()), (1, 0), "a touched one is in place");
    assert_eq!(report.changed[0].path, "a/1.JPG");
    assert_eq!(missing(&tree), 0);
}

#[test]
fn a_library_that_is_away_is_not_taken_for_one_that_was_emptied() {
    let tree = Tree::adopted(&[("a/1.JPG", "image")]);
    let gone = tree.dir.path().join("gone");
    fs::rename(tree.path(""), &gone).unwrap();
    let look = || find_again(&tree.path(""), None, &tree.catalog, &now, &Progress::new());
    assert!(matches!(look(), Err(ImportError::LibraryAway(_))), "no folder");
    fs::create_dir(tree.path("")).unwrap();
    assert!(matches!(look(), Err(ImportError::LibraryAway(_))), "a mount point without its drive");
    tree.put("another/drive.JPG", "imagf");
    assert!(matches!(look(), Err(ImportError::LibraryAway(_))), "another drive in its place");
    assert_eq!(missing(&tree), 0);
    fs::create_dir(tree.path(".darkslide")).unwrap();
    assert_eq!(look().unwrap().missing.len(), 1, "the library itself, with its file deleted");
}

#[test]
fn an_unmarked_folder_says_nothing_of_the_files_of_a_marked_library() {
    let tree = Tree::adopted(&[("a/1.JPG", "image")]);
    files::mark_root(&tree.path(""), "a").unwrap();
    let look = || find_again(&tree.path(""), Some("a"), &tree.catalog, &now, &Progress::new());
    assert_eq!(look().unwrap().in_place, 1);
    fs::rename(tree.path(""), tree.dir.path().join("drive")).unwrap();
    // what a careless program left in the mount point
    fs::create_dir_all(tree.path(".darkslide")).unwrap();
    fs::write(tree.path(".darkslide/lock"), "").unwrap();
    assert!(matches!(look(), Err(ImportError::LibraryAway(_))));
    assert_eq!(missing(&tree), 0, "nothing is forgotten");
}

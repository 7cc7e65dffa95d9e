//! Writes `ui/src/lib/ipc/bindings.ts` from the types that cross, and fails when it was stale.

use darkslide_core::error::Code;
use ts_rs::{Config, TS};

use crate::error::WireError;
use crate::wire;

/// Every code; the match below does not compile when one is missing here and there.
const CODES: &[Code] = &[
    Code::Usage,
    Code::Io,
    Code::DiskFull,
    Code::CardGone,
    Code::LibraryAway,
    Code::NoCatalog,
    Code::CatalogLocked,
    Code::CatalogNewer,
    Code::CatalogDamaged,
    Code::NotFound,
    Code::BadQuery,
    Code::NoVault,
    Code::VaultExists,
    Code::WrongKey,
    Code::BadWords,
    Code::NoKeyring,
    Code::Locked,
    Code::Damaged,
    Code::RolledBack,
    Code::Offline,
    Code::Forbidden,
    Code::NoBucket,
    Code::ClockSkew,
    Code::Store,
    Code::Cancelled,
    Code::Internal,
    Code::NoCredentials,
];

const fn place(code: Code) -> usize {
    match code {
        Code::Usage => 0,
        Code::Io => 1,
        Code::DiskFull => 2,
        Code::CardGone => 3,
        Code::LibraryAway => 4,
        Code::NoCatalog => 5,
        Code::CatalogLocked => 6,
        Code::CatalogNewer => 7,
        Code::CatalogDamaged => 8,
        Code::NotFound => 9,
        Code::BadQuery => 10,
        Code::NoVault => 11,
        Code::VaultExists => 12,
        Code::WrongKey => 13,
        Code::BadWords => 14,
        Code::NoKeyring => 15,
        Code::Locked => 16,
        Code::Damaged => 17,
        Code::RolledBack => 18,
        Code::Offline => 19,
        Code::Forbidden => 20,
        Code::NoBucket => 21,
        Code::ClockSkew => 22,
        Code::Store => 23,
        Code::Cancelled => 24,
        Code::Internal => 25,
        Code::NoCredentials => 26,
    }
}

fn declaration<T: TS + 'static>(config: &Config, out: &mut String) {
    if let Some(docs) = T::docs() {
        out.push_str(&docs);
    }
    out.push_str("export ");
    out.push_str(&T::decl(config));
    out.push_str("\n\n");
}

fn bindings() -> String {
    let config = Config::default().with_large_int("number");
    let mut out =
        "// Made from src-tauri/src/wire.rs by `cargo test -p darkslide-app`. Do not edit.\n\n"
            .to_owned();
    let words: Vec<String> =
        CODES.iter().map(|code| serde_json::to_string(code).unwrap()).collect();
    out.push_str(&format!(
        "/** What went wrong, as far as anybody can act on it. */\nexport type Code =\n  | {};\n\n",
        words.join("\n  | ")
    ));
    macro_rules! declare {
        ($($name:ident),+ $(,)?) => { $(declaration::<wire::$name>(&config, &mut out);)+ };
    }
    declaration::<WireError>(&config, &mut out);
    declare!(
        Home,
        Bucket,
        BucketKeys,
        Card,
        ImportOrder,
        ImportPlan,
        Room,
        ImportReport,
        LeftOut,
        Counts,
        Month,
        Photo,
        PhotoKind,
        PreviewState,
        Album,
        ShareOrder,
        Link,
        LinkRow,
        LinkState,
        Revoked,
        Status,
        BackupReport,
        Film,
        PhotoFlag,
        Undone,
        Deed,
        Details,
        DetailFile,
        CopyPlace,
        PlaceKind,
        Histogram,
        Words,
        Facets,
        Facet,
        Safety,
        SafePlace,
        ShootSafety,
        MirrorReport,
        RestoreReport,
        Provider,
        Region,
        Price,
        BucketCheck,
        Finding,
        Mark,
        Policy,
        Recovery,
        Opening,
        VaultOpened,
        AdoptReport,
        CardContents,
        CardFrame,
        Ejected,
        Preferences,
        MirrorRow,
        WatchedRow,
        Followed,
        WatchedKind,
        PresetRow,
        PreviewRoom,
        BucketRow,
    );
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

#[test]
fn every_code_is_in_the_list_once() {
    for (i, code) in CODES.iter().enumerate() {
        assert_eq!(place(*code), i);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a generated source file, not a photographer's")]
fn the_windows_types_are_those_of_the_shell() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/lib/ipc/bindings.ts");
    let fresh = bindings();
    let stale = std::fs::read_to_string(path).unwrap_or_default();
    if stale != fresh {
        std::fs::write(path, &fresh).unwrap();
        panic!("bindings.ts was stale and has been written anew: look at the change and commit it");
    }
}

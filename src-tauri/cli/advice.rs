//! What to say when something could not be done: what happened comes from the error itself; what
//! is safe and what to do next stand here, one entry a code.

use std::process::ExitCode;

use darkslide_core::error::Code;

/// What is safe, and what to do next.
#[must_use]
pub fn advice(code: Code) -> &'static str {
    match code {
        Code::Usage | Code::BadQuery => "Nothing was changed. See `darkslide --help`.",
        Code::NotFound => {
            "Nothing was changed. Check the name, or the path: is the card still in, the disk connected? `darkslide list`, `album list` and `share list` show what the catalogue has."
        }
        Code::Io => {
            "What was verified before stays as it is. Check the path and its rights, then run the same command again."
        }
        Code::DiskFull => {
            "What was verified before stays as it is, and no half file is left. Make room, then run the same command again."
        }
        Code::CardGone => {
            "Files already verified are safe in the library. Put the card back in and run the same command again; do not format it."
        }
        Code::LibraryAway => {
            "The catalogue is safe. Connect the drive that holds the library, then run the same command again."
        }
        Code::NoCatalog => {
            "Start with `darkslide init --library DIR`, or `darkslide vault open` on a new computer."
        }
        Code::CatalogLocked => {
            "Nothing was changed. Close the other Darkslide, or give another --home."
        }
        Code::CatalogNewer => {
            "Nothing was changed. Install the newer version of Darkslide that wrote this catalogue."
        }
        Code::CatalogDamaged => {
            "Your originals are plain files in the library and untouched. Move the home folder aside; then `darkslide vault open` brings the catalogue back from the bucket, or, without one, `darkslide init` and `darkslide adopt` make it anew from the library."
        }
        Code::NoVault => {
            "If a vault should be there, check endpoint, bucket and --root, and delete nothing in the bucket. Otherwise `darkslide vault create` makes one; until then your photos are on this computer only."
        }
        Code::VaultExists => {
            "Nothing was changed. Open the vault that is there with `darkslide vault open`, or choose an empty bucket or another --root."
        }
        Code::WrongKey => {
            "Nothing was changed. Check that words or passphrase belong to this vault; the recovery kit names its id."
        }
        Code::BadWords => {
            "Nothing was changed. Compare the words with the recovery kit, one by one."
        }
        Code::NoKeyring => {
            "Nothing was changed. Unlock the system's keyring, or give a passphrase in DARKSLIDE_PASSPHRASE (or a file in DARKSLIDE_PASSPHRASE_FILE)."
        }
        Code::Locked => "Nothing was changed. Unlock the window with its passphrase.",
        Code::Damaged => {
            "Nothing was overwritten. Other copies may be whole: in the library, on mirrors, on another computer."
        }
        Code::RolledBack => {
            "Nothing was changed. Somebody may have put an old state of the bucket back: do not delete local files. Ask the provider for the newer versions; another computer that has seen them can back up again."
        }
        Code::Offline => {
            "Everything on this computer is safe. Check the network and the endpoint, then run the same command again; it goes on where it stopped."
        }
        Code::NoCredentials => {
            "Everything on this computer is safe. Unlock the system's keyring if it has the keys; otherwise give them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (`darkslide vault keys` keeps them)."
        }
        Code::Forbidden => {
            "Your photos are on this computer, and what reached the bucket stays there. Check the access key, its secret and its rights on the bucket, or give new keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (`darkslide vault keys` keeps them); the same command then goes on where it stopped."
        }
        Code::NoBucket => {
            "Nothing was changed. Check the bucket's name and region, or make the bucket with your provider."
        }
        Code::ClockSkew => {
            "Nothing was changed. Set this computer's clock, then run the same command again."
        }
        Code::Store => {
            "What was committed before is safe. Run the same command again; with -vv it says more."
        }
        Code::Cancelled => {
            "What was finished is safe. The same command goes on where this one stopped."
        }
        Code::Internal => {
            "This is a fault of Darkslide. Your originals are untouched; please report it."
        }
    }
}

#[must_use]
pub fn exit_code(code: Code) -> ExitCode {
    ExitCode::from(match code {
        Code::Cancelled => 130,
        Code::Usage | Code::BadQuery | Code::NotFound => 2,
        _ => 3,
    })
}

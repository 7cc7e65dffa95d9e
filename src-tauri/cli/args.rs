//! What can be typed. Names and flags are a contract that scripts rely on; secrets never come as
//! an argument, only from the keyring, a prompt, a `*_FILE` path or the environment.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use darkslide_core::catalog::{Flag, Order};
use darkslide_core::import;
use darkslide_core::media::{ClockCorrection, ClockShift, Zone};
use darkslide_core::metadata::IptcFields;
use darkslide_core::routine::Kind;

#[derive(Debug, Parser)]
#[command(
    name = "darkslide",
    version,
    about = "A photo vault: from the memory card to a catalogue, to your own encrypted bucket, to a client's link",
    after_help = "Exit status: 0 clean, 1 finished but something failed or was left out, 2 wrong usage,\n\
                  3 could not start (locked, no bucket, wrong key), 130 interrupted.",
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub struct Global {
    /// Catalogue, previews and state [default: the platform's data folder]
    #[arg(long, global = true, env = "DARKSLIDE_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// One JSON document on stdout; lists are one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Nothing but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more on stderr; twice for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// A new catalogue and library
    #[command(
        after_help = "Example:\n  darkslide init --library ~/Pictures/Darkslide --mirror /mnt/nas/photos"
    )]
    Init {
        /// The folder that will hold the originals, as plain files any program can read
        #[arg(long, value_name = "DIR")]
        library: PathBuf,
        /// A further local copy (NAS, RAID); may be given more than once
        #[arg(long, value_name = "DIR")]
        mirror: Vec<PathBuf>,
    },
    /// The memory cards that are plugged in
    #[command(after_help = "Example:\n  darkslide cards")]
    Cards,
    /// Let go of a card so that it can be taken out; refused while something on it is not copied
    #[command(after_help = "Example:\n  darkslide eject /media/EOS_DIGITAL")]
    Eject {
        /// The card's folder
        card: PathBuf,
    },
    /// Copy a card, verify every byte, catalogue it, make previews
    #[command(
        after_help = "Examples:\n  darkslide import /media/EOS_DIGITAL --shoot \"Smith wedding\" --client Smith\n  \
                      darkslide import /media/CARD_A /media/CARD_B --shoot \"Smith wedding\"\n  \
                      darkslide import /media/EOS_DIGITAL --preset wedding --job W-2026-04 --clock-shift +1h\n\n\
                      Tokens of a template: date, time and shoot_date ({date:%Y-%m-%d}), seq, seq_day and seq_import ({seq:4}),\n\
                      shoot, client, job, camera, serial, lens, creator, original, ext ({original:lower}); {{ and }} are braces."
    )]
    Import(Box<ImportArgs>),
    /// Presets: template, copyright, clock and more under a name
    #[command(subcommand)]
    Preset(Preset),
    /// Catalogue a tree that lies in the library, in place: nothing is moved or copied
    #[command(after_help = "Examples:\n  darkslide adopt ~/Pictures/Darkslide/2019\n  \
                      darkslide --home ~/archive-home init --library /mnt/archive && \\\n  \
                      darkslide --home ~/archive-home adopt /mnt/archive")]
    Adopt(AdoptArgs),
    /// The library's folder: files moved by other programs, the whole of it moved
    #[command(subcommand)]
    Library(Library),
    /// Folders whose finished pictures or catalogue backups join the library by themselves
    #[command(subcommand)]
    Watch(Watch),
    /// Photos, one a line
    #[command(after_help = "Examples:\n  darkslide list 'rating>=4 shoot:\"Smith wedding\"'\n  \
                            darkslide list date:2025-06 --sort rating --limit 20 --json")]
    List {
        #[command(flatten)]
        query: Query,
        /// captured_at, name, rating, imported or size; with a leading minus the other way round
        #[arg(long, value_name = "F", default_value = "captured_at", allow_hyphen_values = true)]
        sort: Order,
        /// At most this many
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
    /// Rate, label and describe photos
    #[command(
        after_help = "Example:\n  darkslide tag 'shoot:\"Smith wedding\" keyword:dance' --rating 4 --label red"
    )]
    Tag(TagArgs),
    /// Put photos into the trash, or back out of it; no file is touched
    #[command(
        after_help = "Examples:\n  darkslide trash flag:reject\n  darkslide list status:trash\n  darkslide trash --back 'date:2026-05'"
    )]
    Trash {
        #[command(flatten)]
        query: Query,
        /// Out of the trash: the query looks there only
        #[arg(long)]
        back: bool,
    },
    /// Albums: chosen photos in an order
    #[command(subcommand)]
    Album(Album),
    /// Write a photo's preview to a file
    #[command(after_help = "Example:\n  darkslide preview 3f2a --size screen --out dance.jpg")]
    Preview {
        /// The photo's id, or enough of its beginning
        photo: String,
        /// thumb: 512 px, screen: 2048 px, full: the original's own picture
        #[arg(long, value_enum, default_value_t = PreviewSize::Screen)]
        size: PreviewSize,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// The small pictures: how many, how much room, made anew
    #[command(subcommand)]
    Previews(Previews),
    /// XMP sidecars: what other programs changed in them, and what the catalogue puts there
    #[command(subcommand)]
    Sidecars(SidecarsCommand),
    /// The imports so far, and whether their cards may be formatted
    #[command(after_help = "Example:\n  darkslide imports")]
    Imports,
    /// Further local copies of the library (NAS, RAID)
    #[command(subcommand)]
    Mirror(Mirror),
    /// The encrypted vault in your bucket
    #[command(subcommand)]
    Vault(Vault),
    /// The bucket itself: what it does, making it, its rights, its cost
    #[command(subcommand)]
    Bucket(Bucket),
    /// Everything that is not in the bucket yet
    #[command(after_help = "Example:\n  darkslide backup --limit-rate 4M")]
    Backup {
        /// Bytes a second at most, as 500K or 4M
        #[arg(long, value_name = "RATE", value_parser = rate)]
        limit_rate: Option<u64>,
        /// Say what would be uploaded, upload nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Originals back from the bucket, each checked
    #[command(
        after_help = "Examples:\n  darkslide restore\n  darkslide restore 'shoot:\"Smith wedding\"' --to /mnt/usb"
    )]
    Restore {
        #[command(flatten)]
        query: Query,
        /// Here instead of in the library
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
    /// Copies for other programs, under the original names, with what is known of them as JSON
    #[command(
        after_help = "Examples:\n  darkslide export 'rating>=4 shoot:\"Smith wedding\"' --to /mnt/usb/smith\n  darkslide export --to ~/everything"
    )]
    Export {
        #[command(flatten)]
        query: Query,
        /// A folder outside the library; nothing in it is replaced
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Links for clients
    #[command(subcommand)]
    Share(Share),
    /// The whole main job on a sample card and an S3 server inside this program
    #[cfg(feature = "demo")]
    #[command(
        after_help = "Example:\n  darkslide demo\nOn a terminal it serves until Ctrl-C; otherwise it checks its own link and ends."
    )]
    Demo {
        /// Keep the folder with card, library and bucket
        #[arg(long)]
        keep: bool,
    },
    /// Shell completions on stdout
    #[command(
        after_help = "Example:\n  darkslide completions bash > /etc/bash_completion.d/darkslide"
    )]
    Completions { shell: clap_complete::Shell },
    /// The manual page on stdout, or a page for every command
    #[command(
        after_help = "Examples:\n  darkslide man > darkslide.1\n  darkslide man --to ~/.local/share/man/man1"
    )]
    Man {
        /// One page a command, into this folder
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
}

/// Put before a term such as `-keyword:blur`, so that it is not read as a bundle of short flags.
const SHIELD: char = '\u{1}';

/// Reads the command line. A query may hold excluded terms anywhere, and flags may stand behind it.
///
/// # Errors
/// Wrong usage; help and version, too, come this way.
pub fn parse() -> Result<Cli, clap::Error> {
    Cli::try_parse_from(shielded(std::env::args_os()))
}

/// `arguments` with excluded terms of a query marked as what they are.
fn shielded(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    const QUERYING: [&str; 5] = ["list", "tag", "album", "restore", "sidecars"];
    let (mut querying, mut open, mut takes_value) = (false, true, false);
    let shield = |argument: OsString| {
        let Some(text) = argument.to_str() else { return argument };
        let value = std::mem::take(&mut takes_value);
        takes_value = [
            "--home",
            "--keyword",
            "--title",
            "--caption",
            "--to",
            "--sort",
            "--clock-shift",
            "--zone",
            "--take",
        ]
        .contains(&text);
        querying |= !value && QUERYING.contains(&text);
        open &= text != "--";
        let excluded = text.strip_prefix('-').is_some_and(|rest| {
            !rest.starts_with('-') && !rest.chars().all(|c| "qvVh".contains(c))
        });
        if excluded && querying && open && !value {
            format!("{SHIELD}{text}").into()
        } else {
            argument
        }
    };
    arguments.into_iter().map(shield).collect()
}

#[derive(Debug, Args)]
pub struct Query {
    /// Such as: rating>=4 shoot:"Smith wedding" date:2025-06 -keyword:blur
    #[arg(value_name = "QUERY")]
    terms: Vec<String>,
}

impl Query {
    /// The words as one query. One argument is a whole query; several are its terms, and one that
    /// the shell has stripped of its quotes gets them back.
    #[must_use]
    pub fn text(&self) -> String {
        let bare: Vec<_> = self.terms.iter().map(|term| term.trim_start_matches(SHIELD)).collect();
        if let [whole] = bare.as_slice() {
            return (*whole).to_owned();
        }
        let quoted = bare.iter().map(|term| match term.split_once(':') {
            Some((field, value)) if value.contains(' ') && !value.contains('"') => {
                format!("{field}:\"{value}\"")
            }
            _ => (*term).to_owned(),
        });
        quoted.collect::<Vec<_>>().join(" ")
    }
}

#[derive(Debug, Subcommand)]
pub enum Previews {
    /// How many there are, how much room they take and may take
    #[command(after_help = "Example:\n  darkslide previews status")]
    Status,
    /// Bound the room they take: what was not looked at for longest goes first, thumbnails last
    #[command(
        after_help = "Examples:\n  darkslide previews limit 20GB\n  darkslide previews limit none"
    )]
    Limit {
        /// As 500MB or 20GB; none for no bound
        #[arg(value_name = "SIZE", value_parser = room)]
        size: Room,
    },
    /// Make them anew from the originals
    #[command(after_help = "Examples:\n  darkslide previews rebuild --shoot \"Smith wedding\"\n  \
                            darkslide previews rebuild --missing")]
    Rebuild(RebuildArgs),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct RebuildArgs {
    #[arg(long, value_name = "NAME")]
    pub shoot: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub album: Option<String>,
    /// Every photo
    #[arg(long)]
    pub all: bool,
    /// Photos without one, such as those whose drive was away
    #[arg(long)]
    pub missing: bool,
}

/// A bound, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room(pub Option<u64>);

fn room(text: &str) -> Result<Room, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Room(None));
    }
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[number.len()..].to_ascii_uppercase().as_str() {
        "MB" | "M" => 1_000_000,
        "GB" | "G" => 1_000_000_000,
        "TB" | "T" => 1_000_000_000_000,
        _ => return Err("give a size as 500MB or 20GB, or none".to_owned()),
    };
    let bytes = number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
    bytes.map(|bytes| Room(Some(bytes))).ok_or_else(|| format!("{number:?} is no number of {unit}"))
}

fn volume(text: &str) -> Result<u64, String> {
    room(text)?.0.ok_or_else(|| "give a size as 500GB or 2TB".to_owned())
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// A card's root folder, or any folder; several are imported at once
    #[arg(required = true)]
    pub source: Vec<PathBuf>,
    /// The job these photos belong to
    #[arg(long, value_name = "NAME")]
    pub shoot: Option<String>,
    /// Whom it was shot for
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// The job's code; without --shoot it names the shoot
    #[arg(long, value_name = "CODE")]
    pub job: Option<String>,
    /// Begin from this preset; what is said here goes before it
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    #[command(flatten)]
    pub with: PresetArgs,
    /// Say what would be copied and where, copy nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Leave the previews to the next import or backup
    #[arg(long)]
    pub no_previews: bool,
}

// What a preset holds and an import may say itself. (A doc comment would become the command's.)
#[derive(Debug, Args)]
pub struct PresetArgs {
    /// Where files go in the library
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    /// The hour a day's photos end and the next day's begin, for {shoot_date} and {seq_day} in the
    /// template ({date} is the calendar's day)
    #[arg(long, value_name = "HOUR", value_parser = clap::value_parser!(u8).range(0..=23))]
    pub day_starts: Option<u8>,
    /// How far the camera's clock was off: +1h2m3s is added to what it said
    #[arg(long, value_name = "SHIFT", allow_hyphen_values = true)]
    pub clock_shift: Option<ClockShift>,
    /// Where the photos were taken: +02:00 or Europe/Berlin
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub zone: Option<Zone>,
    /// Which photos get the fields below as XMP beside them [default: raw]
    #[arg(long, value_enum, value_name = "WHICH")]
    pub sidecars: Option<Sidecars>,
    /// Who made the photos
    #[arg(long, value_name = "NAME", help_heading = "Fields (in the catalogue and as XMP)")]
    pub creator: Option<String>,
    /// The copyright notice
    #[arg(long, value_name = "TEXT", help_heading = "Fields (in the catalogue and as XMP)")]
    pub copyright: Option<String>,
    /// How the photos may be used
    #[arg(long, value_name = "TEXT", help_heading = "Fields (in the catalogue and as XMP)")]
    pub usage_terms: Option<String>,
    /// Who is to be named beside a photo
    #[arg(long, value_name = "TEXT", help_heading = "Fields (in the catalogue and as XMP)")]
    pub credit: Option<String>,
    /// Who owned the photos first (IPTC's "source")
    #[arg(long, value_name = "TEXT", help_heading = "Fields (in the catalogue and as XMP)")]
    pub credit_source: Option<String>,
    #[arg(long, value_name = "ADDRESS", help_heading = "Fields (in the catalogue and as XMP)")]
    pub contact_email: Option<String>,
    #[arg(long, value_name = "URL", help_heading = "Fields (in the catalogue and as XMP)")]
    pub contact_url: Option<String>,
    #[arg(long, value_name = "TEXT", help_heading = "Fields (in the catalogue and as XMP)")]
    pub headline: Option<String>,
    /// For photos without a title
    #[arg(long, value_name = "TEXT", help_heading = "Fields (in the catalogue and as XMP)")]
    pub title: Option<String>,
    /// For photos without a caption
    #[arg(long, value_name = "TEXT", help_heading = "Fields (in the catalogue and as XMP)")]
    pub caption: Option<String>,
    #[arg(long, value_name = "NAME", help_heading = "Fields (in the catalogue and as XMP)")]
    pub city: Option<String>,
    #[arg(long, value_name = "NAME", help_heading = "Fields (in the catalogue and as XMP)")]
    pub country: Option<String>,
    /// Add a keyword; may be given more than once
    #[arg(long, value_name = "K", help_heading = "Fields (in the catalogue and as XMP)")]
    pub keyword: Vec<String>,
    /// For photos without a label
    #[arg(long, value_name = "C", help_heading = "Fields (in the catalogue and as XMP)")]
    pub label: Option<String>,
    /// 1 to 5 stars, for photos without any
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5),
        help_heading = "Fields (in the catalogue and as XMP)")]
    pub rating: Option<u8>,
}

impl From<PresetArgs> for import::Preset {
    fn from(args: PresetArgs) -> Self {
        Self {
            template: args.template,
            day_starts_at_hour: args.day_starts,
            clock_shift: args.clock_shift,
            zone: args.zone,
            sidecars: args.sidecars.map(Into::into),
            iptc: IptcFields {
                creator: args.creator,
                copyright: args.copyright,
                usage_terms: args.usage_terms,
                credit: args.credit,
                source: args.credit_source,
                contact_email: args.contact_email,
                contact_url: args.contact_url,
                headline: args.headline,
                title: args.title,
                caption: args.caption,
                city: args.city,
                country: args.country,
                keywords: args.keyword,
                label: args.label,
                rating: args.rating,
            },
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Preset {
    /// Keep a preset, instead of one that has this name
    #[command(
        after_help = "Example:\n  darkslide preset create wedding --template 'Originals/{shoot_date} {shoot}/{job}_{seq_day:4}' \\\n    \
                      --day-starts 4 --creator \"Ada Müller\" --copyright \"© 2026 Ada Müller\" --sidecars all"
    )]
    Create {
        name: String,
        #[command(flatten)]
        with: Box<PresetArgs>,
    },
    /// All presets
    #[command(after_help = "Example:\n  darkslide preset list")]
    List,
    /// What a preset says, and what it makes of a file's name
    #[command(after_help = "Example:\n  darkslide preset show wedding")]
    Show { name: String },
    /// Forget a preset; photos stay as they are
    #[command(after_help = "Example:\n  darkslide preset remove wedding")]
    Remove { name: String },
    /// The hour a day starts at where no preset says one
    #[command(after_help = "Example:\n  darkslide preset day-starts 4")]
    DayStarts {
        /// 0 to 23 [default: say what it is]
        #[arg(value_parser = clap::value_parser!(u8).range(0..=23))]
        hour: Option<u8>,
    },
}

#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// The library's root or a folder in it
    pub dir: PathBuf,
    /// The job these photos belong to
    #[arg(long, value_name = "NAME")]
    pub shoot: Option<String>,
    /// Whom it was shot for
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// Leave the previews to the next import or backup
    #[arg(long)]
    pub no_previews: bool,
}

#[derive(Debug, Subcommand)]
pub enum SidecarsCommand {
    /// Find sidecars that another program changed or added, and say in what they differ
    #[command(
        after_help = "Examples:\n  darkslide sidecars check\n  darkslide sidecars check 'shoot:\"Smith wedding\"' --take theirs"
    )]
    Check {
        #[command(flatten)]
        query: Query,
        /// Whose word is taken where they differ; without it nothing is changed
        #[arg(long, value_enum, value_name = "WHOSE")]
        take: Option<Take>,
    },
    /// Put ratings, labels, keywords, words, copyright, place and corrected time beside raw files
    #[command(
        after_help = "Examples:\n  darkslide sidecars write 'rating>=4'\n  darkslide sidecars write --all\n\n\
                            Originals are never changed, and of a sidecar only these fields are."
    )]
    Write {
        #[command(flatten)]
        query: Query,
        /// and IMG_1.JPG.xmp beside the others
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Take {
    /// What the sidecar says, into the catalogue
    Theirs,
    /// What the catalogue says, into the sidecar
    Ours,
}

impl From<Take> for import::Take {
    fn from(take: Take) -> Self {
        match take {
            Take::Theirs => Self::Theirs,
            Take::Ours => Self::Ours,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Library {
    /// Find files again that were moved or renamed, and say what is missing
    #[command(
        after_help = "Example:\n  darkslide library rescan\nImport, adopt, backup and restore do this first by themselves."
    )]
    Rescan,
    /// The library was moved by hand, or its drive has another name: it lies here now
    #[command(
        after_help = "Examples:\n  darkslide library at /mnt/new-drive/Darkslide\n  darkslide library at /mnt/nas2/photos --mirror /mnt/nas/photos"
    )]
    At {
        /// Where it lies now
        dir: PathBuf,
        /// Not the library but this mirror was moved
        #[arg(long, value_name = "OLD-DIR")]
        mirror: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Watch {
    /// Watch a folder from now on; it is only read
    #[command(
        after_help = "Examples:\n  darkslide watch add ~/Exports --as finished\n  darkslide watch add ~/Pictures/Lightroom/Backups --as catalogue-backup"
    )]
    Add {
        dir: PathBuf,
        /// finished: pictures an editor exports; catalogue-backup: an editor's backups of its catalogue
        #[arg(long = "as", value_enum, value_name = "KIND")]
        kind: WatchKind,
    },
    /// The watched folders, and which of them are away
    #[command(after_help = "Example:\n  darkslide watch list")]
    List,
    /// Watch a folder no longer; what came from it stays
    #[command(after_help = "Example:\n  darkslide watch remove ~/Exports")]
    Remove { dir: PathBuf },
    /// Look once over all of them and take in what is new
    #[command(
        after_help = "Example:\n  darkslide watch run\nA file still being written and a folder that is away are left for the next time."
    )]
    Run {
        /// How long a file must have been left alone: 0s to 1h
        #[arg(long, default_value = "5s", value_parser = settle, value_name = "T")]
        settle: std::time::Duration,
    },
    /// Take in what is new whenever there is something, until Ctrl-C
    #[command(
        after_help = "Example:\n  darkslide watch follow\nWith --json one document for each pass that found something. Other commands may run beside it."
    )]
    Follow {
        /// How long a file must have been left alone: 0s to 1h
        #[arg(long, default_value = "5s", value_parser = settle, value_name = "T")]
        settle: std::time::Duration,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sidecars {
    /// None: the fields stay in the catalogue
    None,
    /// IMG_1.xmp beside raw files
    Raw,
    /// and IMG_1.JPG.xmp beside the others
    All,
}

impl From<Sidecars> for import::Sidecars {
    fn from(which: Sidecars) -> Self {
        match which {
            Sidecars::None => Self::None,
            Sidecars::Raw => Self::Raw,
            Sidecars::All => Self::All,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WatchKind {
    Finished,
    CatalogueBackup,
}

impl From<WatchKind> for Kind {
    fn from(kind: WatchKind) -> Self {
        match kind {
            WatchKind::Finished => Self::Finished,
            WatchKind::CatalogueBackup => Self::CatalogueBackup,
        }
    }
}

#[derive(Debug, Args)]
#[group(id = "edit", required = true, multiple = true, args = ["rating", "label", "flag", "keyword", "title", "caption", "clock_shift", "zone"])]
pub struct TagArgs {
    #[command(flatten)]
    pub query: Query,
    /// 0 to 5 stars
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=5))]
    pub rating: Option<u8>,
    /// red, yellow, green, blue, purple, any other word, or none
    #[arg(long, value_name = "C")]
    pub label: Option<String>,
    #[arg(long, value_enum, value_name = "F")]
    pub flag: Option<FlagWord>,
    /// Add a keyword, or take it away with a leading minus; may be given more than once
    #[arg(long, value_name = "K", allow_hyphen_values = true)]
    pub keyword: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub caption: Option<String>,
    /// Add this to what the camera's clock said; +0s takes every correction back
    #[arg(long, value_name = "SHIFT", allow_hyphen_values = true)]
    pub clock_shift: Option<ClockShift>,
    /// Where the photos were taken: +02:00 or Europe/Berlin
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub zone: Option<Zone>,
}

impl TagArgs {
    /// The correction of the clock, if one was given.
    #[must_use]
    pub fn clock(&self) -> Option<ClockCorrection> {
        let given = self.clock_shift.is_some() || self.zone.is_some();
        given.then(|| ClockCorrection {
            shift: self.clock_shift.unwrap_or_default(),
            zone: self.zone.clone(),
        })
    }
}

#[derive(Debug, Subcommand)]
pub enum Album {
    /// A new, empty album
    #[command(after_help = "Example:\n  darkslide album create Best")]
    Create { name: String },
    /// Put photos into an album
    #[command(after_help = "Example:\n  darkslide album add Best 'rating>=4'")]
    Add {
        name: String,
        #[command(flatten)]
        query: Query,
    },
    /// Take photos out of an album; the photos stay
    #[command(after_help = "Example:\n  darkslide album remove Best rating:0")]
    Remove {
        name: String,
        #[command(flatten)]
        query: Query,
    },
    /// All albums
    #[command(after_help = "Example:\n  darkslide album list")]
    List,
}

#[derive(Debug, Subcommand)]
pub enum Mirror {
    /// Copy to this folder from now on; one that is known already is a new disk in its place
    #[command(
        after_help = "Example:\n  darkslide mirror add /mnt/nas/photos && darkslide mirror sync"
    )]
    Add { dir: PathBuf },
    /// Copy there no longer; what is there stays
    #[command(after_help = "Example:\n  darkslide mirror remove /mnt/nas/photos")]
    Remove { dir: PathBuf },
    /// All mirrors, and what they lack
    #[command(after_help = "Example:\n  darkslide mirror list")]
    List,
    /// Copy to every mirror what it lacks, verified
    #[command(after_help = "Example:\n  darkslide mirror sync")]
    Sync,
}

/// A bucket by name, or this home's.
#[derive(Debug, Args)]
pub struct WhichBucket {
    /// The store's address [default: that of this home's vault]
    #[arg(long, value_name = "URL", requires = "bucket")]
    pub endpoint: Option<String>,
    #[arg(long, default_value = "us-east-1", value_name = "R", requires = "endpoint")]
    pub region: String,
    #[arg(long, value_name = "B", requires = "endpoint")]
    pub bucket: Option<String>,
    /// Everything below this name, ending in /
    #[arg(long, default_value = "", value_name = "PREFIX", requires = "endpoint")]
    pub root: String,
    /// A profile of ~/.aws/config instead of the environment's keys
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Bucket {
    /// What the bucket does, tried out: reading, writing, checksums, strangers, links, the clock
    #[command(
        after_help = "Examples:\n  darkslide bucket check\n  darkslide bucket check --endpoint https://s3.eu-central-1.amazonaws.com --region eu-central-1 --bucket my-photos"
    )]
    Check {
        #[command(flatten)]
        which: WhichBucket,
    },
    /// Make the bucket, where the keys may
    #[command(
        after_help = "Example:\n  darkslide bucket create --endpoint https://s3.eu-central-1.amazonaws.com --region eu-central-1 --bucket my-photos"
    )]
    Create {
        #[command(flatten)]
        which: WhichBucket,
    },
    /// Set what the check found could be safer; needs keys that may
    #[command(after_help = "Example:\n  darkslide bucket harden --profile admin")]
    Harden {
        #[command(flatten)]
        which: WhichBucket,
    },
    /// The least rights that do, to paste or run at the provider's
    #[command(after_help = "Example:\n  darkslide bucket policy --provider aws --bucket my-photos")]
    Policy {
        /// aws, b2, r2, wasabi, hetzner, minio, garage or other [default: told by the vault's address]
        #[arg(long, value_name = "P")]
        provider: Option<String>,
        /// May be given more than once [default: this home's]
        #[arg(long, value_name = "B")]
        bucket: Vec<String>,
    },
    /// What a volume costs a month, by provider: an estimate
    #[command(after_help = "Example:\n  darkslide bucket cost 2TB")]
    Cost {
        /// As 500GB or 2TB [default: what the library holds]
        #[arg(value_name = "SIZE", value_parser = volume)]
        size: Option<u64>,
    },
}

#[derive(Debug, Args)]
pub struct BucketArgs {
    /// The store's address, such as https://s3.eu-central-1.amazonaws.com
    #[arg(long, value_name = "URL")]
    pub endpoint: String,
    /// The store's region, such as eu-central-1 (`auto` on R2, `garage` on Garage)
    #[arg(long, default_value = "us-east-1", value_name = "R")]
    pub region: String,
    #[arg(long, value_name = "B")]
    pub bucket: String,
    /// A bucket of its own for what clients see [default: the vault's]
    #[arg(long, value_name = "S")]
    pub share_bucket: Option<String>,
    /// Everything below this name, ending in /
    #[arg(long, default_value = "", value_name = "PREFIX")]
    pub root: String,
    /// A profile of ~/.aws/config instead of the environment's keys
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Vault {
    /// Keys and the bucket's layout; shows the 24 words once
    #[command(
        after_help = "Example:\n  AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… \\\n  darkslide vault create --endpoint https://s3.eu-central-1.amazonaws.com --region eu-central-1 \\\n    --bucket my-photos --kit recovery-kit.html"
    )]
    Create {
        #[command(flatten)]
        bucket: BucketArgs,
        /// Write the recovery kit here, as a page where the name ends in .html, else as text: print it,
        /// then delete the file
        #[arg(long, value_name = "FILE")]
        kit: Option<PathBuf>,
    },
    /// A new computer: catalogue and thumbnails from the bucket and the words
    #[command(
        after_help = "Example:\n  darkslide vault open --endpoint https://s3.example.com --bucket my-photos --words-file words.txt"
    )]
    Open {
        #[command(flatten)]
        bucket: BucketArgs,
        /// A file with the 24 words [default: ask]
        #[arg(long, value_name = "F")]
        words_file: Option<PathBuf>,
        /// Where originals will go when they are restored [default: `library` in the home]
        #[arg(long, value_name = "DIR")]
        library: Option<PathBuf>,
    },
    /// Last commit, what is covered, what is not
    #[command(after_help = "Example:\n  darkslide vault status")]
    Status,
    /// Keep new access keys in the keyring, in place of those that ended
    #[command(
        after_help = "Example:\n  AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… darkslide vault keys"
    )]
    Keys,
}

#[derive(Debug, Subcommand)]
pub enum Share {
    /// A link to an album that ends by itself
    #[command(
        after_help = "Example:\n  darkslide share create Best --expires 72h --passcode --watermark \"Proof for Smith\""
    )]
    Create {
        /// The album's name
        album: String,
        /// How long the link lives: 1 s to 7 d
        #[arg(long, default_value = "72h", value_parser = duration, value_name = "T")]
        expires: std::time::Duration,
        /// Make a passcode that is part of the key; send it another way than the link
        #[arg(long)]
        passcode: bool,
        /// Burn this text into every picture of this share
        #[arg(long, value_name = "TEXT")]
        watermark: Option<String>,
        /// The longer side of the pictures, in pixels
        #[arg(long, default_value_t = 2048, value_name = "PX", value_parser = clap::value_parser!(u32).range(256..=8192))]
        size: u32,
        /// Which originals the client may save in full
        #[arg(long, value_enum, default_value_t = Originals::None)]
        originals: Originals,
        /// What the page is headed with [default: the album's name]
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
        /// A few words to the client
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// All links: live, ended and revoked
    #[command(after_help = "Example:\n  darkslide share list")]
    List,
    /// One link again, with its passcode
    #[command(after_help = "Example:\n  darkslide share show 4c1d")]
    Show {
        /// The share's id, or enough of its beginning
        share: String,
    },
    /// Delete what a link shows, then prove that it is dead
    #[command(after_help = "Example:\n  darkslide share revoke 4c1d")]
    Revoke {
        /// The share's id, or enough of its beginning
        share: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FlagWord {
    Pick,
    Reject,
    None,
}

impl From<FlagWord> for Option<Flag> {
    fn from(word: FlagWord) -> Self {
        match word {
            FlagWord::Pick => Some(Flag::Pick),
            FlagWord::Reject => Some(Flag::Reject),
            FlagWord::None => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PreviewSize {
    Thumb,
    Screen,
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Originals {
    None,
    Chosen,
    All,
}

/// `0s`, `5s`, `2m`, `1h`.
fn settle(text: &str) -> Result<std::time::Duration, String> {
    if text == "0s" {
        return Ok(std::time::Duration::ZERO);
    }
    let long = duration(text).ok().filter(|time| time.as_secs() <= 3600);
    long.ok_or_else(|| "give a time from 0s to 1h, such as 5s or 2m".to_owned())
}

/// `90s`, `15m`, `24h`, `7d`.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    const HELP: &str = "give a time from 1s to 7d, such as 15m, 24h or 3d";
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| HELP.to_owned())?;
    let unit = match &text[digits.len()..] {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(HELP.to_owned()),
    };
    match number.checked_mul(unit) {
        Some(seconds @ 1..=604_800) => Ok(std::time::Duration::from_secs(seconds)),
        _ => Err(format!("a signed link cannot live that long or that short: {HELP}")),
    }
}

/// Bytes a second: `500K`, `4M`, `1G`, or a plain number.
fn rate(text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 1u64 << 10),
        None => match text.strip_suffix(['M', 'm']) {
            Some(digits) => (digits, 1 << 20),
            None => match text.strip_suffix(['G', 'g']) {
                Some(digits) => (digits, 1 << 30),
                None => (text, 1),
            },
        },
    };
    let number: u64 = digits.parse().map_err(|_| "give bytes a second, such as 500K or 4M")?;
    match number.checked_mul(factor) {
        Some(rate) if rate >= 16 * 1024 => Ok(rate),
        _ => Err("at least 16K".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_hang_together() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn links_live_from_one_second_to_seven_days() {
        assert_eq!(duration("1s").unwrap().as_secs(), 1);
        assert_eq!(duration("72h").unwrap().as_secs(), 259_200);
        assert_eq!(duration("7d").unwrap().as_secs(), 604_800);
        for wrong in ["0s", "8d", "604801s", "h", "", "3", "-1h", "99999999999999999999d", "3 h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn files_settle_for_up_to_an_hour() {
        assert_eq!(["0s", "5s", "1h"].map(|t| settle(t).unwrap().as_secs()), [0, 5, 3600]);
        assert!(["61m", "", "5", "-1s"].into_iter().all(|wrong| settle(wrong).is_err()));
    }

    #[test]
    fn flags_may_stand_behind_a_query_and_excluded_terms_before_it() {
        let read = |line: &[&str]| {
            let line = std::iter::once("darkslide").chain(line.iter().copied());
            Cli::try_parse_from(shielded(line.map(OsString::from))).unwrap()
        };
        let listed = |line: &[&str]| match read(line) {
            Cli { global, command: Command::List { query, .. } } => (query.text(), global.json),
            other => panic!("{other:?}"),
        };
        assert_eq!(listed(&["list", "camera:R6", "--json"]), ("camera:R6".to_owned(), true));
        assert_eq!(listed(&["list", "-keyword:blur", "--json"]).0, "-keyword:blur");
        assert_eq!(listed(&["--json", "list", "iso>=4", "-label:red"]).0, "iso>=4 -label:red");
        assert_eq!(listed(&["list", "iso>=4 -label:red"]).0, "iso>=4 -label:red");
        assert_eq!(listed(&["list", "-q", "-dance", "--limit", "3"]).0, "-dance");
        assert_eq!(listed(&["list", "--", "-dance"]).0, "-dance");
        let Command::Tag(tag) =
            read(&["tag", "-dance", "--keyword", "-blur", "--rating", "4"]).command
        else {
            panic!("a tag")
        };
        assert_eq!((tag.query.text().as_str(), tag.keyword[0].as_str()), ("-dance", "-blur"));
        assert_eq!(tag.rating, Some(4));
    }

    #[test]
    fn terms_keep_the_quotes_that_the_shell_took() {
        let of = |terms: &[&str]| {
            Query { terms: terms.iter().map(|s| (*s).to_owned()).collect() }.text()
        };
        assert_eq!(of(&["shoot:Smith wedding", "rating>=4"]), "shoot:\"Smith wedding\" rating>=4");
        assert_eq!(of(&["shoot:\"Smith wedding\" rating>=4"]), "shoot:\"Smith wedding\" rating>=4");
        assert_eq!(of(&[]), "");
    }

    #[test]
    fn rates_have_units() {
        assert_eq!(rate("4M").unwrap(), 4 << 20);
        assert!(rate("fast").is_err() && rate("3").is_err());
    }
}

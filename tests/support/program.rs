//! The real program on a home of its own, and the stores it talks to.
//!
//! No test touches the user's home, keyring or bucket: each `Place` is a temporary folder, the
//! keyring's bus is switched off, and what the program would ask for is given by environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use darkslide_demo::s3::EmbeddedS3;
use serde_json::Value;
use tempfile::TempDir;

use super::garage::Garage;

/// A folder with everything of one test in it.
pub struct Place {
    dir: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { dir: tempfile::Builder::new().prefix("darkslide-test-").tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A computer in this place: a home, and a library once `init` was called.
    pub fn computer(&self, name: &str) -> Computer {
        let home = self.path(name);
        std::fs::create_dir_all(&home).unwrap();
        Computer { home, library: self.path(&format!("{name}-library")), store: None }
    }
}

/// Where a vault lies, and the keys to it.
#[derive(Debug, Clone)]
pub struct Bucket {
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub access_key: String,
    pub secret_key: String,
}

impl Bucket {
    /// The flags of `vault create` and `vault open`.
    pub fn flags(&self) -> [&str; 6] {
        ["--endpoint", &self.endpoint, "--region", &self.region, "--bucket", &self.bucket]
    }
}

impl From<&Garage> for Bucket {
    fn from(garage: &Garage) -> Self {
        Self {
            endpoint: garage.endpoint.clone(),
            region: garage.region.clone(),
            bucket: "photos".to_owned(),
            access_key: garage.access_key.clone(),
            secret_key: garage.secret_key.clone(),
        }
    }
}

/// The S3 server of the demo, in this process.
pub struct Server {
    pub s3: EmbeddedS3,
    pub dir: PathBuf,
    // Behind the server: what it runs on goes last.
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub fn start(place: &Place) -> Self {
        let dir = place.path("s3");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let s3 = runtime.block_on(EmbeddedS3::start(&dir, &["photos"])).unwrap();
        Self { s3, dir, _runtime: runtime }
    }

    pub fn bucket(&self) -> Bucket {
        Bucket {
            endpoint: self.s3.endpoint.clone(),
            region: self.s3.region.clone(),
            bucket: "photos".to_owned(),
            access_key: self.s3.access_key.clone(),
            secret_key: self.s3.secret_key.clone(),
        }
    }

    /// Every object there is: its name and its bytes.
    pub fn objects(&self) -> Vec<(String, Vec<u8>)> {
        files_below(&self.dir.join("photos"))
            .into_iter()
            .map(|name| {
                let bytes = std::fs::read(self.dir.join("photos").join(&name)).unwrap();
                (name, bytes)
            })
            .collect()
    }
}

/// One installation of the program.
#[derive(Debug, Clone)]
pub struct Computer {
    pub home: PathBuf,
    pub library: PathBuf,
    pub store: Option<Bucket>,
}

/// What a run of the program said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Computer {
    /// The same computer with this bucket's keys in its environment.
    pub fn with(mut self, bucket: Bucket) -> Self {
        self.store = Some(bucket);
        self
    }

    /// The program with these arguments, not yet started.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_darkslide"));
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("DARKSLIDE_HOME", self.home.join("darkslide"))
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
            .env("DARKSLIDE_PASSPHRASE", "correct horse battery staple")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(bucket) = &self.store {
            command
                .env("AWS_ACCESS_KEY_ID", &bucket.access_key)
                .env("AWS_SECRET_ACCESS_KEY", &bucket.secret_key);
        }
        command
    }

    /// Runs it to its end.
    pub fn says(&self, args: &[&str]) -> Said {
        Said::from(self.command(args).output().unwrap())
    }

    /// Runs it with `--json`; it must end clean. The one document, parsed.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        self.json_with(args, &[0])
    }

    /// As `json`, for commands that may also end with another status.
    #[track_caller]
    pub fn json_with(&self, args: &[&str], codes: &[i32]) -> Value {
        let said = self.says(&[args, &["--json"]].concat());
        said.expect(args, codes);
        serde_json::from_str(&said.stdout)
            .unwrap_or_else(|e| panic!("{args:?} said no JSON ({e}):\n{}", said.stdout))
    }

    /// Runs it with `--json`; one object a line.
    #[track_caller]
    pub fn lines(&self, args: &[&str]) -> Vec<Value> {
        let said = self.says(&[args, &["--json"]].concat());
        said.expect(args, &[0]);
        said.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect()
    }

    /// Starts it; the caller may kill it.
    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args).spawn().unwrap()
    }

    #[track_caller]
    pub fn init(&self) {
        self.json(&["init", "--library", self.library.to_str().unwrap()]);
    }

    #[track_caller]
    pub fn import(&self, card: &Path, shoot: &str) -> Value {
        self.json_with(&["import", card.to_str().unwrap(), "--shoot", shoot], &[0])
    }

    /// Makes the vault in the bucket of `with`; returns the words.
    #[track_caller]
    pub fn vault_create(&self) -> String {
        let bucket = self.store.clone().expect("a computer with a bucket");
        let flags = bucket.flags();
        let created = self.json(&[&["vault", "create"], flags.as_slice()].concat());
        created["words"].as_str().expect("the words are shown once").to_owned()
    }

    /// Opens the vault of the bucket of `with` in this empty home.
    #[track_caller]
    pub fn vault_open(&self, words: &str) -> Value {
        self.try_vault_open(words, &[0])
    }

    /// The same, where it may end otherwise.
    #[track_caller]
    pub fn try_vault_open(&self, words: &str, codes: &[i32]) -> Value {
        let bucket = self.store.clone().expect("a computer with a bucket");
        let file = self.home.join("words.txt");
        std::fs::write(&file, words).unwrap();
        let flags = bucket.flags();
        let words_file = ["--words-file", file.to_str().unwrap()];
        let library = ["--library", self.library.to_str().unwrap()];
        let args = [&["vault", "open"], flags.as_slice(), &words_file, &library].concat();
        let opened = self.json_with(&args, codes);
        std::fs::remove_file(&file).unwrap();
        opened
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Said {
    #[track_caller]
    pub fn expect(&self, args: &[&str], codes: &[i32]) {
        assert!(
            self.code.is_some_and(|code| codes.contains(&code)),
            "`darkslide {}` ended with {:?}\n--- stdout\n{}\n--- stderr\n{}",
            args.join(" "),
            self.code,
            self.stdout,
            self.stderr
        );
    }
}

/// The regular files below `dir`, as paths relative to it, sorted.
pub fn files_below(dir: &Path) -> Vec<String> {
    fn walk(root: &Path, dir: &Path, out: &mut Vec<String>) {
        let Ok(entries) = std::fs::read_dir(dir) else { return };
        for entry in entries.map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                walk(root, &entry.path(), out);
            } else {
                let path = entry.path();
                out.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let mut out = Vec::new();
    walk(dir, dir, &mut out);
    out.sort();
    out
}

/// The originals of a library, relative to it, without the MHL history beside them.
pub fn originals_below(library: &Path) -> Vec<String> {
    let mut files = files_below(&library.join("Originals"));
    files.retain(|path| !path.starts_with("ascmhl/"));
    files.iter().map(|path| format!("Originals/{path}")).collect()
}

/// SHA-256 in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes))
}

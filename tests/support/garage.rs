//! A real Garage server: an S3 service nobody here wrote.
//!
//! It ignores `If-None-Match`, keeps no versions, answers an ended address with 400 and refuses
//! trailing checksums over plain http: the lesser end of what the program must work with.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use darkslide_core::store::{Connection, Credentials, S3Store, Store as _};
use jiff::Timestamp;

use super::program::Bucket;

const INSTALL: &str = "\
Garage is not installed. `make test` installs it; by hand:
  CARGO_TARGET_DIR=/tmp/target-garage cargo install garage@2.5.0 --locked --debug \\
    --no-default-features --features bundled-libs,sqlite --config profile.dev.debug=false
or name the binary in DARKSLIDE_GARAGE.";

/// Stops when dropped; its data goes with it.
#[derive(Debug)]
pub struct Garage {
    pub endpoint: String,
    pub access_key: String,
    pub secret_key: String,
    pub region: String,
    config: PathBuf,
    server: Child,
    _home: tempfile::TempDir,
}

impl Garage {
    /// Starts a server with these buckets, all open to the one key.
    ///
    /// # Panics
    /// When Garage is not installed: a missing server must not look like a passing test.
    pub async fn start(buckets: &[&str]) -> Self {
        let binary = find();
        // Another program may take a port between our letting go of it and Garage's start.
        for attempt in 1.. {
            let mut garage = Self::spawn(&binary, buckets[0]);
            if garage.answers(buckets[0]).await {
                for bucket in &buckets[1..] {
                    garage.run(&binary, &["bucket", "create", bucket]);
                    let key = garage.access_key.clone();
                    let allow = ["bucket", "allow", "--read", "--write", "--owner", bucket];
                    garage.run(&binary, &[&allow[..], &["--key", &key]].concat());
                }
                return garage;
            }
            let log = fs::read_to_string(garage.config.with_file_name("log")).unwrap_or_default();
            assert!(attempt < 3, "Garage does not start:\n{log}");
        }
        unreachable!("the loop ends by returning or panicking")
    }

    pub async fn connect(&self, bucket: &str) -> S3Store {
        let connection = Connection {
            endpoint: Some(self.endpoint.clone()),
            region: self.region.clone(),
            bucket: bucket.to_owned(),
            root: String::new(),
            path_style: None,
        };
        let credentials = Credentials::explicit(&self.access_key, &self.secret_key);
        S3Store::connect(connection, &credentials, Arc::new(Timestamp::now)).await.unwrap()
    }

    /// How many objects lie in the bucket, as whoever has these keys sees it.
    pub async fn stored(&self, bucket: &Bucket) -> usize {
        let connection = Connection {
            endpoint: Some(self.endpoint.clone()),
            region: self.region.clone(),
            bucket: bucket.bucket.clone(),
            root: String::new(),
            path_style: None,
        };
        let keys = Credentials::explicit(&bucket.access_key, &bucket.secret_key);
        let store = S3Store::connect(connection, &keys, Arc::new(Timestamp::now)).await.unwrap();
        store.list("", None).await.unwrap().len()
    }

    fn spawn(binary: &Path, bucket: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let [rpc, s3] = free_ports();
        let hex = |n: usize| -> String {
            (0..n).map(|_| format!("{:02x}", rand::random::<u8>())).collect()
        };
        let config = home.path().join("garage.toml");
        let at = home.path().display();
        let text = format!(
            "metadata_dir = \"{at}/meta\"\ndata_dir = \"{at}/data\"\ndb_engine = \"sqlite\"\n\
             replication_factor = 1\nmetadata_fsync = false\ndata_fsync = false\n\
             rpc_bind_addr = \"127.0.0.1:{rpc}\"\nrpc_public_addr = \"127.0.0.1:{rpc}\"\n\
             rpc_secret = \"{}\"\n\
             [s3_api]\ns3_region = \"garage\"\napi_bind_addr = \"127.0.0.1:{s3}\"\n",
            hex(32)
        );
        fs::write(&config, text).unwrap();
        restrict(&config);
        let (access_key, secret_key) = (format!("GK{}", hex(12)), hex(32));
        let log = fs::File::create(home.path().join("log")).unwrap();
        let server = Command::new(binary)
            .arg("-c")
            .arg(&config)
            .args(["server", "--single-node", "--default-bucket"])
            .env("GARAGE_DEFAULT_ACCESS_KEY", &access_key)
            .env("GARAGE_DEFAULT_SECRET_KEY", &secret_key)
            .env("GARAGE_DEFAULT_BUCKET", bucket)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self {
            endpoint: format!("http://127.0.0.1:{s3}"),
            access_key,
            secret_key,
            region: "garage".to_owned(),
            config,
            server,
            _home: home,
        }
    }

    async fn answers(&mut self, bucket: &str) -> bool {
        let store = self.connect(bucket).await;
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if self.server.try_wait().unwrap().is_some() {
                return false;
            }
            let port = self.endpoint.rsplit(':').next().unwrap().to_owned();
            let listens = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_ok();
            if listens && matches!(store.bucket_exists().await, Ok(true)) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// Makes further keys to a bucket: the access key and its secret.
    pub fn new_keys(&self, bucket: &str) -> (String, String) {
        let hex = |n: usize| -> String {
            (0..n).map(|_| format!("{:02x}", rand::random::<u8>())).collect()
        };
        let (key, secret) = (format!("GK{}", hex(12)), hex(32));
        let binary = find();
        self.run(&binary, &["key", "import", "--yes", "-n", "new", &key, &secret]);
        let allow = ["bucket", "allow", "--read", "--write", "--owner", bucket, "--key", &key];
        self.run(&binary, &allow);
        (key, secret)
    }

    /// Lets the keys the server began with make buckets.
    pub fn may_make_buckets(&self) {
        self.run(&find(), &["key", "allow", "--create-bucket", &self.access_key]);
    }

    /// Takes away the keys the server began with.
    pub fn end_keys(&self) {
        self.run(&find(), &["key", "delete", "--yes", &self.access_key]);
    }

    fn run(&self, binary: &Path, arguments: &[&str]) {
        let done = Command::new(binary).arg("-c").arg(&self.config).args(arguments).output();
        let done = done.unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "garage {arguments:?}: {said}");
    }
}

impl Drop for Garage {
    fn drop(&mut self) {
        let _gone = self.server.kill();
        let _reaped = self.server.wait();
    }
}

fn find() -> PathBuf {
    if let Some(named) = std::env::var_os("DARKSLIDE_GARAGE") {
        return PathBuf::from(named);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let home = std::env::home_dir().map(|home| home.join(".cargo/bin"));
    let found =
        std::env::split_paths(&path).chain(home).map(|d| d.join("garage")).find(|f| f.is_file());
    found.expect(INSTALL)
}

fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// Garage refuses a configuration that others may read.
fn restrict(config: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(config, fs::Permissions::from_mode(0o600)).unwrap();
}

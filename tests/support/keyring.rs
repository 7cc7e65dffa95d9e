//! The real gnome-keyring on a session bus of its own, unlocked, as a desktop's login leaves it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Keyring {
    /// Of the bus it is on.
    pub bus: String,
    home: PathBuf,
    running: Vec<Child>,
}

impl Keyring {
    /// What it is given lies in this home, and is there again when it is unlocked the next time.
    pub fn unlock(home: &Path) -> Self {
        let mut keyring = Self { bus: String::new(), home: home.to_owned(), running: Vec::new() };
        let mut bus = keyring.command("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address=1"]).stderr(Stdio::null());
        let mut bus = bus.stdout(Stdio::piped()).spawn().expect("dbus-daemon (apt: dbus)");
        let mut said = BufReader::new(bus.stdout.take().unwrap());
        keyring.running.push(bus);
        said.read_line(&mut keyring.bus).unwrap();
        keyring.bus.truncate(keyring.bus.trim_end().len());

        let mut daemon = keyring.command("gnome-keyring-daemon");
        daemon.args(["--foreground", "--unlock", "--components=secrets"]);
        let mut daemon = daemon
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon (apt: gnome-keyring)");
        daemon.stdin.take().unwrap().write_all(b"the password of the login").unwrap();
        keyring.running.push(daemon);

        let begun = Instant::now();
        while !keyring.keeps("probe") {
            assert!(begun.elapsed() < Duration::from_secs(60), "the keyring is there");
            std::thread::sleep(Duration::from_millis(50));
        }
        keyring
    }

    /// A program on this bus, in this home.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("XDG_RUNTIME_DIR", &self.home)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        command
    }

    /// The same with another program's secrets than Darkslide's.
    fn keeps(&self, name: &str) -> bool {
        let mut store = self.command("secret-tool");
        store.args(["store", "--label=another", "service", "another", "username", name]);
        let mut store = store
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("secret-tool (apt: libsecret-tools)");
        store.stdin.take().unwrap().write_all(b"a secret of another program").unwrap();
        store.wait().unwrap().success()
    }

    /// The names of the secrets the program has put there.
    pub fn names(&self) -> Vec<String> {
        let mut search = self.command("secret-tool");
        let found = search.args(["search", "--all", "service", "darkslide"]).output().unwrap();
        // Attributes come on the one or the other, as the version likes.
        let said = [found.stdout, found.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        let names = said.lines().filter_map(|line| line.strip_prefix("attribute.username = "));
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        names.dedup();
        names
    }

    /// One of them.
    pub fn secret(&self, name: &str) -> Vec<u8> {
        let mut look = self.command("secret-tool");
        look.args(["lookup", "service", "darkslide", "username", name]).output().unwrap().stdout
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        // The bus last: who is on it ends first.
        for mut child in self.running.drain(..).rev() {
            let _gone = child.kill();
            let _ended = child.wait();
        }
    }
}

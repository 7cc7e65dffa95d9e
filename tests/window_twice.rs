//! The program started a second time, and its window closed in the middle of work: there is one
//! program, its window comes up when it is asked for, and what runs is brought to its end.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use darkslide_demo::s3::Fault;

use crate::roundtrip::sample_card;
use crate::support::desktop::{Desktop, program};
use crate::support::program::{Computer, Place, Server};
use crate::support::x11::Screen;

const PATIENCE: Duration = Duration::from_secs(120);

/// A session bus of this test alone. Nothing can be started by it.
struct Bus {
    address: String,
    daemon: Child,
}

impl Bus {
    fn start(folder: &Path) -> Self {
        let address = format!("unix:path={}", folder.join("bus").display());
        let config = folder.join("bus.conf");
        let text = format!(
            "<busconfig><type>session</type><listen>{address}</listen>\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>"
        );
        std::fs::write(&config, text).unwrap();
        let daemon = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg(format!("--config-file={}", config.display()))
            .stdin(Stdio::null())
            .spawn()
            .expect("dbus is installed (apt-get install dbus)");
        soon("the bus", || folder.join("bus").exists());
        Self { address, daemon }
    }

    /// Starts the program once more, as from the system's menu, and waits for its end.
    fn start_again(&self, computer: &Computer, desktop: &Desktop) {
        let environment = computer.command([""; 0]);
        let mut second = Command::new(program())
            .env_clear()
            .envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .env("DISPLAY", &desktop.display)
            .env("XDG_RUNTIME_DIR", &computer.home)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("NO_AT_BRIDGE", "1")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = second.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                second.kill().unwrap();
                panic!("the second program stayed");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(status.success(), "the second program ended with {status}");
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _gone = self.daemon.kill();
        let _reaped = self.daemon.wait();
    }
}

/// Waits until it is so.
#[track_caller]
fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_second_start_raises_the_window_and_closing_it_ends_no_backup() {
    let place = Place::new();
    let server = Server::start(&place);
    let computer = place.computer("studio").with(server.bucket());
    computer.init();
    computer.import(&sample_card(&place, 31).root, "Harbour");
    computer.vault_create();
    let bus = Bus::start(&place.path(""));
    let on_bus = format!("DBUS_SESSION_BUS_ADDRESS={}", bus.address);
    let runtime = tokio::runtime::Runtime::new().unwrap();

    runtime.block_on(async {
        let desktop = Desktop::open_by(&computer, &["env", &on_bus, "WebKitWebDriver"]).await;
        desktop
            .until("photos", "return document.querySelectorAll('[role=option] img').length > 5")
            .await;
        let screen = Screen::of(&desktop.display);
        // What was used last is another program, and the window knows of no later moment.
        screen.click();
        let cover = screen.cover();
        bus.start_again(&computer, &desktop);
        soon("the window to be before all others", || !cover.is_on_top());
        soon("the window to have the keyboard", || !cover.has_keyboard());
        drop(cover);

        // Whoever would write meanwhile is told, and nothing of it happens.
        let refused = computer.says(&["album", "create", "Best"]);
        assert_eq!(refused.code, Some(3), "{}", refused.stderr);
        assert!(refused.stderr.contains("has this catalogue open"), "{}", refused.stderr);
        assert!(refused.stderr.contains("Close the other Darkslide"), "{}", refused.stderr);

        server
            .s3
            .inject(1_000, Fault::Late(Duration::from_millis(700)), |asked| asked.method == "PUT");
        let sent = || server.s3.requests().iter().filter(|asked| asked.method == "PUT").count();
        let before = sent();
        desktop.press("Back up now").await;
        soon("the first files to go up", || sent() > before);
        screen.close();
        soon("the window to be put away", || !screen.shows());
        bus.start_again(&computer, &desktop);
        soon("the window to come back", || screen.shows());
        desktop.until_text("Backing up").await;
        screen.close();
        soon("the window to be put away again", || !screen.shows());
        let lock = std::fs::File::open(computer.home.join("darkslide/catalog.lock")).unwrap();
        soon("the program to end after its work", || lock.try_lock().is_ok());
    });

    let left = computer.json(&["backup", "--dry-run"]);
    assert_eq!(left["files"], 0, "the backup came to its end without a window: {left}");
    assert!(computer.lines(&["album", "list"]).is_empty(), "what was refused did not happen");
}

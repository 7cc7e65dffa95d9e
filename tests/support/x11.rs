//! Others on the window's screen: something that lies over it, and a hand at its close button. No window
//! manager is there, so what the program asks the screen for is what it gets.

use x11rb::CURRENT_TIME;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux,
    EventMask, InputFocus, MapState, StackMode, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

const BUTTON_PRESS: u8 = 4;
const BUTTON_RELEASE: u8 = 5;

pub struct Screen {
    connection: RustConnection,
    root: u32,
    /// The program's.
    window: u32,
}

/// Lies over all of the screen and has the keyboard, until it is dropped.
pub struct Cover<'a> {
    screen: &'a Screen,
    window: u32,
}

impl Screen {
    /// The screen of this display, with the program's window on it.
    pub fn of(display: &str) -> Self {
        let (connection, number) = x11rb::connect(Some(display)).unwrap();
        let root = connection.setup().roots[number].root;
        let mut screen = Self { connection, root, window: 0 };
        let windows = screen.windows();
        let of_program =
            |window: &u32| screen.title(*window) == "Darkslide" && screen.is_shown(*window);
        screen.window = windows.into_iter().find(of_program).expect("the program has a window");
        screen
    }

    /// The highest last.
    fn windows(&self) -> Vec<u32> {
        self.connection.query_tree(self.root).unwrap().reply().unwrap().children
    }

    fn title(&self, window: u32) -> String {
        let (name, text) = (AtomEnum::WM_NAME, AtomEnum::ANY);
        let asked = self.connection.get_property(false, window, name, text, 0, 64).unwrap();
        asked.reply().map(|it| String::from_utf8_lossy(&it.value).into_owned()).unwrap_or_default()
    }

    fn is_shown(&self, window: u32) -> bool {
        let asked = self.connection.get_window_attributes(window).unwrap().reply();
        asked.is_ok_and(|it| it.map_state == MapState::VIEWABLE)
    }

    /// Whether the program's window can be seen at all.
    pub fn shows(&self) -> bool {
        self.is_shown(self.window)
    }

    /// Presses a mouse button in the middle of the screen, as a person does.
    pub fn click(&self) {
        for kind in [BUTTON_PRESS, BUTTON_RELEASE] {
            self.connection.xtest_fake_input(kind, 1, 0, self.root, 640, 400, 0).unwrap();
        }
        self.connection.sync().unwrap();
    }

    /// What the close button of a window manager does.
    pub fn close(&self) {
        let atom =
            |name: &[u8]| self.connection.intern_atom(false, name).unwrap().reply().unwrap().atom;
        let (protocols, delete) = (atom(b"WM_PROTOCOLS"), atom(b"WM_DELETE_WINDOW"));
        let data = [delete, CURRENT_TIME, 0, 0, 0];
        let event = ClientMessageEvent::new(32, self.window, protocols, data);
        self.connection.send_event(false, self.window, EventMask::NO_EVENT, event).unwrap();
        self.connection.sync().unwrap();
    }

    pub fn cover(&self) -> Cover<'_> {
        let window = self.connection.generate_id().unwrap();
        let look = CreateWindowAux::new().background_pixel(0x0033_6699);
        self.connection
            .create_window(
                0,
                window,
                self.root,
                0,
                0,
                1280,
                800,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &look,
            )
            .unwrap();
        self.connection.map_window(window).unwrap();
        let above = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
        self.connection.configure_window(window, &above).unwrap();
        self.connection.set_input_focus(InputFocus::PARENT, window, CURRENT_TIME).unwrap();
        self.connection.sync().unwrap();
        let cover = Cover { screen: self, window };
        assert!(cover.is_on_top() && cover.has_keyboard());
        cover
    }
}

impl Cover<'_> {
    pub fn is_on_top(&self) -> bool {
        let order = self.screen.windows();
        let place = |window| order.iter().position(|it| *it == window);
        place(self.window) > place(self.screen.window)
    }

    pub fn has_keyboard(&self) -> bool {
        let asked = self.screen.connection.get_input_focus().unwrap().reply().unwrap();
        asked.focus == self.window
    }
}

impl Drop for Cover<'_> {
    fn drop(&mut self) {
        let _gone = self.screen.connection.destroy_window(self.window);
        let _sent = self.screen.connection.flush();
    }
}

//! Writes what a camera writes around a picture: EXIF in a JPEG, and a small DNG.
//!
//! Not a TIFF library: little-endian, one strip, just the tags a catalogue reads. Values longer
//! than four bytes and sub-directories are laid behind the directory that names them.

use jiff::civil::DateTime;

/// What the camera knew about one exposure.
#[derive(Debug, Clone)]
pub(super) struct Shot {
    pub make: &'static str,
    pub model: &'static str,
    pub lens: &'static str,
    pub serial: &'static str,
    pub taken: DateTime,
    pub offset_min: i16,
    pub orientation: u16,
    pub iso: u16,
    /// f-number times ten.
    pub aperture: u32,
    /// One over this many seconds.
    pub shutter: u32,
    pub focal_length: u32,
    pub gps: Option<(f64, f64)>,
    /// Stored pixels, before orientation.
    pub size: (u32, u32),
    pub unique: u64,
    /// A word to be found again, if it leaks: put into artist, description and copyright.
    pub mark: Option<String>,
}

enum Value {
    Plain { kind: u16, count: u32, bytes: Vec<u8> },
    Directory(Ifd),
    Data(Vec<u8>),
}

/// One image file directory, in the order of its tags.
#[derive(Default)]
struct Ifd(Vec<(u16, Value)>);

impl Ifd {
    fn plain(&mut self, tag: u16, kind: u16, count: usize, bytes: Vec<u8>) {
        self.0.push((tag, Value::Plain { kind, count: count as u32, bytes }));
    }
    fn bytes(&mut self, tag: u16, bytes: &[u8]) {
        self.plain(tag, 1, bytes.len(), bytes.to_vec());
    }
    fn ascii(&mut self, tag: u16, text: &str) {
        let bytes = [text.as_bytes(), b"\0"].concat();
        self.plain(tag, 2, bytes.len(), bytes);
    }
    fn short(&mut self, tag: u16, values: &[u16]) {
        self.plain(tag, 3, values.len(), values.iter().flat_map(|v| v.to_le_bytes()).collect());
    }
    fn long(&mut self, tag: u16, value: u32) {
        self.plain(tag, 4, 1, value.to_le_bytes().to_vec());
    }
    fn ratio(&mut self, tag: u16, values: &[(u32, u32)]) {
        let bytes = values.iter().flat_map(|(n, d)| [n.to_le_bytes(), d.to_le_bytes()]).flatten();
        self.plain(tag, 5, values.len(), bytes.collect());
    }
    fn raw(&mut self, tag: u16, bytes: &[u8]) {
        self.plain(tag, 7, bytes.len(), bytes.to_vec());
    }
    fn directory(&mut self, tag: u16, ifd: Ifd) {
        self.0.push((tag, Value::Directory(ifd)));
    }
    fn data(&mut self, tag: u16, bytes: Vec<u8>) {
        self.0.push((tag, Value::Data(bytes)));
    }

    /// Appends this directory and all it points to; returns its offset.
    fn place(mut self, out: &mut Vec<u8>) -> u32 {
        self.0.sort_by_key(|(tag, _)| *tag);
        let start = align(out);
        out.extend((self.0.len() as u16).to_le_bytes());
        let entries = out.len();
        out.resize(entries + self.0.len() * 12 + 4, 0);
        for (n, (tag, value)) in self.0.into_iter().enumerate() {
            let (kind, count, inline) = match value {
                Value::Plain { kind, count, mut bytes } if bytes.len() <= 4 => {
                    bytes.resize(4, 0);
                    (kind, count, bytes)
                }
                Value::Plain { kind, count, bytes } => {
                    let at = align(out);
                    out.extend(bytes);
                    (kind, count, at.to_le_bytes().to_vec())
                }
                Value::Directory(ifd) => (4, 1, ifd.place(out).to_le_bytes().to_vec()),
                Value::Data(bytes) => {
                    let at = align(out);
                    out.extend(bytes);
                    (4, 1, at.to_le_bytes().to_vec())
                }
            };
            let slot = entries + n * 12;
            out[slot..slot + 2].copy_from_slice(&tag.to_le_bytes());
            out[slot + 2..slot + 4].copy_from_slice(&kind.to_le_bytes());
            out[slot + 4..slot + 8].copy_from_slice(&count.to_le_bytes());
            out[slot + 8..slot + 12].copy_from_slice(&inline);
        }
        start
    }

    fn into_tiff(self) -> Vec<u8> {
        let mut out = b"II*\0\x08\0\0\0".to_vec();
        self.place(&mut out);
        out
    }
}

fn align(out: &mut Vec<u8>) -> u32 {
    if out.len() % 2 == 1 {
        out.push(0);
    }
    out.len() as u32
}

/// The first directory: camera, orientation, and where the rest is.
fn main_directory(shot: &Shot) -> Ifd {
    let date = shot.taken.strftime("%Y:%m:%d %H:%M:%S").to_string();
    let mut ifd = Ifd::default();
    ifd.ascii(0x010f, shot.make);
    ifd.ascii(0x0110, shot.model);
    ifd.short(0x0112, &[shot.orientation]);
    ifd.ascii(0x0132, &date);
    if let Some(mark) = &shot.mark {
        ifd.ascii(0x010e, mark);
        ifd.ascii(0x013b, mark);
        ifd.ascii(0x8298, mark);
    }
    ifd.directory(0x8769, exposure_directory(shot, &date));
    if let Some((lat, lon)) = shot.gps {
        ifd.directory(0x8825, gps_directory(lat, lon));
    }
    ifd
}

fn exposure_directory(shot: &Shot, date: &str) -> Ifd {
    let sign = if shot.offset_min < 0 { '-' } else { '+' };
    let minutes = shot.offset_min.unsigned_abs();
    let offset = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    let mut ifd = Ifd::default();
    ifd.ratio(0x829a, &[(1, shot.shutter)]);
    ifd.ratio(0x829d, &[(shot.aperture, 10)]);
    ifd.short(0x8827, &[shot.iso]);
    ifd.raw(0x9000, b"0232");
    ifd.ascii(0x9003, date);
    ifd.ascii(0x9004, date);
    ifd.ascii(0x9010, &offset);
    ifd.ascii(0x9011, &offset);
    ifd.ratio(0x920a, &[(shot.focal_length, 1)]);
    ifd.ascii(0x9291, &format!("{:03}", shot.taken.millisecond()));
    ifd.short(0xa001, &[1]);
    ifd.long(0xa002, shot.size.0);
    ifd.long(0xa003, shot.size.1);
    ifd.ascii(0xa420, &format!("{:032x}", shot.unique));
    ifd.ascii(0xa431, shot.serial);
    ifd.ascii(0xa434, shot.lens);
    ifd
}

fn gps_directory(lat: f64, lon: f64) -> Ifd {
    let parts = |degrees: f64| {
        let hundredths = (degrees.abs() * 360_000.0).round() as u32;
        [(hundredths / 360_000, 1), (hundredths / 6_000 % 60, 1), (hundredths % 6_000, 100)]
    };
    let mut ifd = Ifd::default();
    ifd.bytes(0, &[2, 3, 0, 0]);
    ifd.ascii(1, if lat < 0.0 { "S" } else { "N" });
    ifd.ratio(2, &parts(lat));
    ifd.ascii(3, if lon < 0.0 { "W" } else { "E" });
    ifd.ratio(4, &parts(lon));
    ifd
}

/// Puts the EXIF block of `shot` right behind the JPEG's first marker.
pub(super) fn with_exif(jpeg: &[u8], shot: &Shot) -> Vec<u8> {
    let tiff = main_directory(shot).into_tiff();
    let length = u16::try_from(2 + 6 + tiff.len()).expect("a hand-written EXIF block is small");
    let mut out = Vec::with_capacity(jpeg.len() + tiff.len() + 10);
    out.extend(&jpeg[..2]);
    out.extend([0xff, 0xe1]);
    out.extend(length.to_be_bytes());
    out.extend(b"Exif\0\0");
    out.extend(tiff);
    out.extend(&jpeg[2..]);
    out
}

/// Builds a DNG: the JPEG as its preview, and a small mosaic of 16-bit sensor values.
pub(super) fn dng(shot: &Shot, preview: &[u8], sensor: &[u16], sensor_size: (u32, u32)) -> Vec<u8> {
    let mut raw = Ifd::default();
    raw.long(0x00fe, 0);
    raw.long(0x0100, sensor_size.0);
    raw.long(0x0101, sensor_size.1);
    raw.short(0x0102, &[16]);
    raw.short(0x0103, &[1]);
    raw.short(0x0106, &[32803]);
    raw.data(0x0111, sensor.iter().flat_map(|v| v.to_le_bytes()).collect());
    raw.short(0x0115, &[1]);
    raw.long(0x0116, sensor_size.1);
    raw.long(0x0117, (sensor.len() * 2) as u32);
    raw.short(0x011c, &[1]);
    raw.short(0x828d, &[2, 2]);
    raw.bytes(0x828e, &[0, 1, 1, 2]);

    let mut ifd = main_directory(shot);
    ifd.long(0x00fe, 1);
    ifd.long(0x0100, shot.size.0);
    ifd.long(0x0101, shot.size.1);
    ifd.short(0x0102, &[8, 8, 8]);
    ifd.short(0x0103, &[7]);
    ifd.short(0x0106, &[6]);
    ifd.data(0x0111, preview.to_vec());
    ifd.short(0x0115, &[3]);
    ifd.long(0x0116, shot.size.1);
    ifd.long(0x0117, preview.len() as u32);
    ifd.short(0x011c, &[1]);
    ifd.directory(0x014a, raw);
    ifd.bytes(0xc612, &[1, 4, 0, 0]);
    ifd.bytes(0xc613, &[1, 1, 0, 0]);
    ifd.ascii(0xc614, shot.model);
    ifd.into_tiff()
}

//! Canon's raw files of 2000 to 2004: a heap of numbered records, not TIFF.

use super::dates::{self, Moment};
use super::source::Window;
use super::tiff::clean;

/// What the heap says, and the JPEGs in it.
#[derive(Clone, Default)]
pub(crate) struct Crw<'a> {
    pub make: Option<String>,
    pub model: Option<String>,
    pub taken: Option<Moment>,
    pub size: Option<(u32, u32)>,
    /// Degrees clockwise, as the camera was held.
    pub rotation: Option<i32>,
    pub jpegs: Vec<Window<'a>>,
}

const MAX_HEAPS: usize = 32;
const MAX_RECORDS: u16 = 500;

pub(crate) fn crw(file: Window<'_>) -> Option<Crw<'_>> {
    let le32 = |at: u64| file.array(at).map(u32::from_le_bytes);
    let mut heaps = vec![file.from(le32(2)?.into())?];
    let mut crw = Crw::default();
    for _ in 0..MAX_HEAPS {
        let Some(heap) = heaps.pop() else { break };
        let _ = records(heap, &mut heaps, &mut crw);
    }
    Some(crw)
}

fn records<'a>(heap: Window<'a>, heaps: &mut Vec<Window<'a>>, crw: &mut Crw<'a>) -> Option<()> {
    let table = u32::from_le_bytes(heap.array(heap.len().checked_sub(4)?)?);
    let table = heap.from(table.into())?;
    let count = u16::from_le_bytes(table.array(0)?).min(MAX_RECORDS);
    for n in 0..u64::from(count) {
        let record: [u8; 10] = table.array(2 + n * 10)?;
        let [t0, t1, l0, l1, l2, l3, o0, o1, o2, o3] = record;
        let tag = u16::from_le_bytes([t0, t1]);
        let len = u32::from_le_bytes([l0, l1, l2, l3]);
        let offset = u32::from_le_bytes([o0, o1, o2, o3]);
        // Records of up to eight bytes lie in the table itself.
        let is_inline = tag & 0xC000 == 0x4000;
        let body = if is_inline {
            table.part(4 + n * 10, 8)
        } else {
            heap.part(offset.into(), len.into())
        };
        let Some(body) = body else { continue };
        let le = |at| body.array(at).map(u32::from_le_bytes);
        match tag & 0x3FFF {
            kind if kind & 0x3800 == 0x2800 || kind & 0x3800 == 0x3000 => heaps.push(body),
            0x080A => {
                let names = body.read_up_to(0, 256)?;
                let mut names = names.split(|b| *b == 0);
                crw.make = names.next().and_then(clean);
                crw.model = names.next().and_then(clean);
            }
            0x180E => crw.taken = le(0).and_then(|seconds| dates::unix(seconds.into())),
            0x1810 => {
                crw.size = le(0).zip(le(4)).filter(|(w, h)| *w > 0 && *h > 0);
                crw.rotation = le(12).map(u32::cast_signed);
            }
            0x2007 | 0x2008 => crw.jpegs.push(body),
            _ => {}
        }
    }
    Some(())
}

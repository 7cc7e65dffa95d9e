//! The boxes of ISO media files: MP4, MOV, HEIF, AVIF and Canon's CR3 are all made of them.

use super::source::Window;

/// Boxes of one level; films cut into fragments have many.
const MAX_BOXES: usize = 4_000;

/// One box: its four letters and what is inside.
#[derive(Clone, Copy)]
pub(crate) struct Box<'a> {
    pub kind: [u8; 4],
    pub body: Window<'a>,
}

/// Returns the boxes that lie side by side in `window`; the last may be cut by the file's end.
///
/// Boxes inside boxes are read only by asking again, so depth costs nothing.
pub(crate) fn boxes(window: Window<'_>) -> impl Iterator<Item = Box<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let [a, b, c, d, kind @ ..] = window.array::<8>(at)?;
        let (head, len) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, window.len() - at),
            1 => (16, window.be64(at + 8)?),
            len => (8, len.into()),
        };
        let body = window.part(at.checked_add(head)?, len.checked_sub(head)?)?;
        at = at.checked_add(len)?;
        Some(Box { kind, body })
    })
    .take(MAX_BOXES)
}

/// Returns the first box of `kind` in `window`.
pub(crate) fn find<'a>(window: Window<'a>, kind: &[u8; 4]) -> Option<Window<'a>> {
    boxes(window).find(|b| b.kind == *kind).map(|b| b.body)
}

/// Goes down a path of kinds, the first box of each.
pub(crate) fn descend<'a>(window: Window<'a>, path: &[&[u8; 4]]) -> Option<Window<'a>> {
    path.iter().try_fold(window, |window, kind| find(window, kind))
}

/// Returns what follows the 16 bytes of the `uuid` box named `id`.
pub(crate) fn uuid<'a>(window: Window<'a>, id: &[u8; 16]) -> Option<Window<'a>> {
    boxes(window)
        .filter(|b| b.kind == *b"uuid")
        .find(|b| b.body.array(0) == Some(*id))
        .and_then(|b| b.body.from(16))
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes(), kind.as_slice(), body].concat()
    }

    #[test]
    fn a_path_leads_to_the_inner_box() {
        let bytes = [boxed(b"free", b""), boxed(b"moov", &boxed(b"mvhd", b"inside"))].concat();
        let source = Source::memory(&bytes);
        let inner = descend(source.all(), &[b"moov", b"mvhd"]).unwrap();
        assert_eq!(inner.read(0, 6).unwrap(), b"inside");
    }

    #[test]
    fn lengths_that_lie_end_the_walk() {
        for len in [2u32, 7, u32::MAX] {
            let bytes = [&len.to_be_bytes(), b"moov".as_slice(), b"xx"].concat();
            let source = Source::memory(&bytes);
            assert!(boxes(source.all()).count() <= 1, "{len}");
        }
        let wide = [&1u32.to_be_bytes(), b"moov".as_slice(), &u64::MAX.to_be_bytes()].concat();
        assert!(boxes(Source::memory(&wide).all()).count() <= 1);
    }

    #[test]
    fn depth_costs_nothing() {
        let mut bytes = Vec::new();
        for _ in 0..2_000 {
            bytes = boxed(b"moov", &bytes);
        }
        assert!(descend(Source::memory(&bytes).all(), &[b"moov", b"trak"]).is_none());
    }
}

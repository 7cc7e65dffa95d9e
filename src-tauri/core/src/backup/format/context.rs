//! The context strings that bind a sealed thing to its place in the vault.

use crate::keys::SubKey;
use crate::media::VaultId;

use super::file::ItemKind;
use super::id::ObjectId;

/// Writes the contexts of one vault: `darkslide/1|<type>|<vault>|<place>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context(pub VaultId);

impl Context {
    /// Of a ring page, segment, commit or list of tombstones. `place` is `<shoot>/<page>`, the
    /// segment's id, the commit's name after `log/`, or `gc/`'s id.
    pub(super) fn under_vault(self, kind: SubKey, place: &str, generation: u32) -> String {
        let word = match kind {
            SubKey::Log if !place.contains('-') => "gc",
            other => other.word(),
        };
        format!("darkslide/1|{word}|{}|{place}|g{generation}", self.0)
    }

    /// Of row `n` of a segment.
    #[must_use]
    pub fn row(self, segment: ObjectId, n: usize) -> String {
        format!("darkslide/1|row|{}|{segment}/{n}", self.0)
    }

    /// Of a large file.
    #[must_use]
    pub fn object(self, object: ObjectId) -> String {
        format!("darkslide/1|file|{}|{object}", self.0)
    }

    /// Of item `n` of a pack.
    #[must_use]
    pub fn item(self, kind: ItemKind, pack: ObjectId, n: usize) -> String {
        format!("darkslide/1|{}|{}|{pack}/{n}", kind.word(), self.0)
    }

    /// Of a pack's index.
    #[must_use]
    pub fn pack(self, pack: ObjectId) -> String {
        format!("darkslide/1|pack|{}|{pack}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_those_of_the_table() {
        let v = Context(VaultId([0x1f; 16]));
        let hex = "1f".repeat(16);
        let id = ObjectId([0; 20]);
        let a = "a".repeat(32);
        assert_eq!(v.object(id), format!("darkslide/1|file|{hex}|{a}"));
        assert_eq!(v.item(ItemKind::Thumb, id, 7), format!("darkslide/1|thumb|{hex}|{a}/7"));
        assert_eq!(v.item(ItemKind::File, id, 0), format!("darkslide/1|file|{hex}|{a}/0"));
        assert_eq!(v.pack(id), format!("darkslide/1|pack|{hex}|{a}"));
        assert_eq!(v.row(id, 12), format!("darkslide/1|row|{hex}|{a}/12"));
        assert_eq!(v.under_vault(SubKey::Cat, &a, 1), format!("darkslide/1|cat|{hex}|{a}|g1"));
        assert_eq!(v.under_vault(SubKey::Log, &a, 1), format!("darkslide/1|gc|{hex}|{a}|g1"));
        let name = "0000000007-0101010101010101-0202020202020202";
        assert_eq!(v.under_vault(SubKey::Log, name, 3), format!("darkslide/1|log|{hex}|{name}|g3"));
    }
}

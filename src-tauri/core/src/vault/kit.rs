//! The recovery kit: everything that opens the vault on another computer, for paper.
//!
//! A page that any browser shows and prints, with the same as a QR code; plain text where the file
//! is not called a page. Only its owner may read it, and it never takes the place of another file:
//! that may be the words of another vault.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use zeroize::Zeroizing;

use super::Vault;
use super::bucket::Created;
use crate::error::{At as _, Result};
use crate::files::{self, FileError};

/// What a kit says, not yet written.
pub struct Kit<'a> {
    created: &'a Created,
    made: Timestamp,
}

/// A file that waits for a kit: made before the vault, so that the words find their place.
#[derive(Debug)]
pub struct KitFile(files::NewFile);

impl Vault {
    /// The recovery kit of a vault that was just made.
    #[must_use]
    pub fn kit<'a>(&self, created: &'a Created) -> Kit<'a> {
        Kit { created, made: self.now() }
    }
}

impl KitFile {
    /// Makes room for a kit at a place where nothing is.
    ///
    /// # Errors
    /// Something is there already, or nothing can be written there.
    pub fn reserve(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path).at(path)?;
        if path.symlink_metadata().is_ok() {
            return Err(FileError::Exists(path).into());
        }
        Ok(Self(files::NewFile::create_private(path)?))
    }

    /// The same, under the next free name where that one is taken.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub fn reserve_beside(path: &Path) -> Result<Self> {
        let taken = |path: &PathBuf| path.symlink_metadata().is_ok();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let ending = path.extension().map(|e| format!(".{}", e.to_string_lossy()));
        let numbered = (2..).map(|number| {
            path.with_file_name(format!("{stem} {number}{}", ending.as_deref().unwrap_or_default()))
        });
        let mut names = std::iter::once(path.to_owned()).chain(numbered);
        Self::reserve(&names.find(|name| !taken(name)).expect("names do not end"))
    }

    /// Where it will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// # Errors
    /// It cannot be written after all.
    pub fn write(mut self, kit: &Kit<'_>) -> Result<()> {
        let path = self.path().to_owned();
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        let text = if ending == "html" || ending == "htm" { kit.page() } else { kit.text() };
        self.0.write_all(text.as_bytes()).at(&path)?;
        self.0.sync()?;
        Ok(self.0.place_at(&path)?)
    }
}

impl Kit<'_> {
    /// What stands beside the words, as the other computer asks for it: in the code, and to people.
    fn facts(&self) -> Vec<(&'static str, &'static str, String)> {
        let Created { vault_id, endpoint, region, bucket, share_bucket, root, .. } = self.created;
        let mut facts = vec![
            ("endpoint", "Address", endpoint.clone()),
            ("region", "Region", region.clone()),
            ("bucket", "Bucket", bucket.clone()),
        ];
        let shares = share_bucket.iter().cloned();
        facts.extend(shares.map(|bucket| ("shares", "Bucket for shares", bucket)));
        if !root.is_empty() {
            facts.push(("root", "Below", root.clone()));
        }
        facts.push(("vault", "Vault", vault_id.to_string()));
        facts
    }

    fn made(&self) -> String {
        self.made.strftime("%Y-%m-%d %H:%M UTC").to_string()
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.created.words.split(' ')
    }

    /// What the QR code holds: a line a fact, as in the window's kit, so that any phone shows it.
    fn code(&self) -> Zeroizing<String> {
        let mut text = "DARKSLIDE RECOVERY KIT\n".to_owned();
        for (name, _, value) in self.facts() {
            text += &format!("{name} {value}\n");
        }
        Zeroizing::new(format!("{text}words {}", self.created.words))
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = "DARKSLIDE RECOVERY KIT\n\n\
             With this page and the bucket's access key, every photo can be brought back on any\n\
             computer, with any program that knows Darkslide's vault format. Print it, keep it\n\
             where you keep your passport, then delete this file.\n\n"
            .to_owned();
        for (_, name, value) in self.facts() {
            text += &format!("{name:<18} {value}\n");
        }
        text += &format!("{:<18} {}\n\nThe 24 words\n\n", "Made", self.made());
        for (i, word) in self.words().enumerate() {
            text += &format!("{:>4}  {word:<12}", i + 1);
            if i % 4 == 3 {
                text.push('\n');
            }
        }
        text += &format!("\nOn the new computer:\n\n    {}\n", self.command());
        Zeroizing::new(text)
    }

    fn page(&self) -> Zeroizing<String> {
        let mut facts = String::new();
        for (_, name, value) in self.facts() {
            let _ = write!(facts, "<dt>{name}</dt><dd>{}</dd>", plain(&value));
        }
        let _ = write!(facts, "<dt>Made</dt><dd>{}</dd>", self.made());
        let words: String = self.words().map(|word| format!("<li>{word}</li>")).collect();
        let page = include_str!("kit.html")
            .replace("{facts}", &facts)
            .replace("{words}", &words)
            .replace("{command}", &plain(&self.command()))
            .replace("{code}", &picture(&self.code()).unwrap_or_default());
        Zeroizing::new(page)
    }

    /// What opens the vault without a window.
    fn command(&self) -> String {
        let Created { endpoint, region, bucket, share_bucket, root, .. } = self.created;
        let mut command = format!(
            "darkslide vault open --endpoint {endpoint} --region {region} --bucket {bucket}"
        );
        if let Some(shares) = share_bucket {
            command += &format!(" --share-bucket {shares}");
        }
        if !root.is_empty() {
            command += &format!(" --root {root}");
        }
        command
    }
}

/// The code as SVG; nothing where an address is too long for one.
fn picture(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let drawn = code.render::<svg::Color<'_>>().module_dimensions(3, 3).build();
    // Inside a page it needs no head of its own.
    Some(drawn.split_once("?>").map_or(drawn.as_str(), |(_, drawn)| drawn).to_owned())
}

/// As text between tags.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn created() -> Created {
        Created {
            vault_id: "00112233445566778899aabbccddeeff".parse().unwrap(),
            words: ["ocean"; 24].join(" "),
            endpoint: "https://s3.example.com/a?b=<c>&d".to_owned(),
            region: "us-east-1".to_owned(),
            bucket: "my-photos".to_owned(),
            share_bucket: Some("my-links".to_owned()),
            root: "ada/".to_owned(),
        }
    }

    #[test]
    fn page_text_and_code_say_everything_another_computer_asks_for() {
        let created = created();
        let kit = Kit { created: &created, made: Timestamp::UNIX_EPOCH };
        for (name, said) in [("text", kit.text()), ("code", kit.code()), ("page", kit.page())] {
            for fact in ["us-east-1", "my-photos", "my-links", "ada/", "00112233445566778899aa"] {
                assert!(said.contains(fact), "{fact} is missing in the {name}");
            }
            assert_eq!(said.matches("ocean").count(), 24, "the words of the {name}");
            for blank in ["{facts}", "{words}", "{command}", "{code}"] {
                assert!(!said.contains(blank), "{blank} of the {name} was not filled in");
            }
        }
        assert!(kit.page().contains("a?b=&lt;c&gt;&amp;d"), "an address is text, not tags");
        assert!(kit.page().contains("<svg"));
    }

    #[test]
    fn an_address_too_long_for_a_code_leaves_a_page_without_one() {
        let created = Created { endpoint: "https://".to_owned() + &"a".repeat(5000), ..created() };
        let page = Kit { created: &created, made: Timestamp::UNIX_EPOCH }.page();
        assert!(!page.contains("<svg") && page.contains("my-photos"));
    }

    #[test]
    fn a_kit_takes_the_next_free_name_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let created = created();
        let kit = Kit { created: &created, made: Timestamp::UNIX_EPOCH };
        for name in ["kit.html", "kit 2.html", "kit 3.html"] {
            let file = KitFile::reserve_beside(&folder.path().join("kit.html")).unwrap();
            assert_eq!(file.path(), folder.path().join(name));
            file.write(&kit).unwrap();
            let made = folder.path().join(name);
            assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            assert!(std::fs::read_to_string(made).unwrap().starts_with("<!doctype html>"));
        }
        assert!(KitFile::reserve(&folder.path().join("kit.html")).is_err());
    }
}

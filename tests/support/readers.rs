//! ExifTool and Exiv2: what they read in a file, other programs do as well, and what they change in
//! one, other programs might.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const INSTALL: &str =
    "`make test` installs it; by hand: apt-get install libimage-exiftool-perl exiv2";

fn run(program: &str, args: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(args).arg(file).env("LC_ALL", "C.UTF-8").output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}. {INSTALL}"));
    assert!(
        output.status.success(),
        "{program} {args:?} {}: {}",
        file.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Everything ExifTool reads, as `Group:Tag`, numbers as numbers.
pub fn exiftool(file: &Path) -> Value {
    let text = run("exiftool", &["-j", "-n", "-G1", "-a"], file);
    let mut all: Vec<Value> = serde_json::from_str(&text).unwrap();
    all.pop().expect("ExifTool says something of every file")
}

/// Changes tags as another program would; times of the file follow.
pub fn exiftool_set(file: &Path, tags: &[&str]) {
    run("exiftool", &[&["-q", "-overwrite_original"], tags].concat(), file);
}

/// What Exiv2 reads of one XMP property; several values are joined by `, `.
pub fn exiv2(file: &Path, key: &str) -> Option<String> {
    let text = run("exiv2", &["-q", "-PXkv"], file);
    text.lines().find_map(|line| {
        let (name, value) = line.trim().split_once(char::is_whitespace)?;
        (name == key).then(|| value.trim().to_owned())
    })
}

/// The properties of an XMP file that are none of `but`, as canonical XML (C14N 2.0), sorted; names are
/// `{namespace}local`. By Python's parser: one that shares nothing with ours.
pub fn canonical(file: &Path, but: &[String]) -> Vec<String> {
    const SCRIPT: &str = r##"
import json, sys, xml.etree.ElementTree as E
but, R = set(json.loads(sys.argv[1])), "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
out = []
tree = E.parse(sys.argv[2], E.XMLParser(target=E.TreeBuilder(insert_comments=True)))
for about in tree.iter(R + "RDF"):
    for described in about.findall(R + "Description"):
        out += [k + "=" + v for k, v in described.attrib.items() if k not in but | {R + "about"}]
        for node in described:
            node.tail = None
            if node.tag not in but:
                text = E.tostring(node, encoding="unicode")
                alone = node.tag is E.Comment
                out.append(text if alone else E.canonicalize(text, rewrite_prefixes=True, with_comments=True))
print(json.dumps(sorted(out)))
"##;
    let but = serde_json::to_string(but).unwrap();
    serde_json::from_str(&run("python3", &["-c", SCRIPT, &but], file)).unwrap()
}

/// Changes a property with Exiv2.
pub fn exiv2_set(file: &Path, change: &str) {
    run("exiv2", &["-q", "-M", change], file);
}

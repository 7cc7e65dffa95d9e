//! Runs one of the core's targets by its name.

/// # Panics
/// There is no such target, or it found something.
pub fn run(name: &str, bytes: &[u8]) {
    let target = darkslide_core::fuzzing::TARGETS.iter().find(|(known, _)| *known == name);
    target.expect("a target of the core").1(bytes);
}

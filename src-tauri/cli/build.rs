//! Says plainly what is missing when the client's page, which is compiled in, was not built yet.
//! It does not build it: cargo never runs npm.
#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

const PAGE: &str = "ui/dist/gallery/index.html";

fn main() {
    println!("cargo::rerun-if-changed={PAGE}");
    if !std::path::Path::new(PAGE).is_file() {
        println!("cargo::error=the client's page is not built yet: run `make ui`");
    }
}

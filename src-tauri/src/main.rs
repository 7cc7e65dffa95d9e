fn main() {
    darkslide_app::run();
}

#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| darkslide_fuzz::run("cr3", bytes));

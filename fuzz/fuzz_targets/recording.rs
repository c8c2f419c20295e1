#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| precopy_fuzz::recording::look(data));

//! Prints docs/presets.md: `cargo run --example presets > docs/presets.md`.

fn main() {
    print!("{}", precopy::scenario::presets::page());
}

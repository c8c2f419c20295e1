//! The corpus of the fuzz targets, through the same functions, without a fuzzer: what once broke a reader stays mended.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn every_input_of_the_corpus_is_taken() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    assert_eq!(fs::read_dir(&corpus).unwrap().count(), targets::TARGETS.len(), "a folder for each target");
    for (target, look) in targets::TARGETS {
        let mut inputs: Vec<_> =
            fs::read_dir(corpus.join(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{target} has no inputs");
        for input in inputs {
            eprintln!("{}", input.display());
            look(&fs::read(input).unwrap());
        }
    }
}

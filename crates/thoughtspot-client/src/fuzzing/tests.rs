use std::path::Path;

use super::{count, decode};

#[path = "../../tests/it/endpoints/mangle.rs"]
mod mangle;

/// What the fuzzer starts from: answers as they should be, and headers.
fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/answers");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // What a run of the fuzzer leaves there has no suffix.
    files.retain(|file| file.extension().is_some());
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

#[test]
fn every_decoder_reads_something() {
    let seeds = seeds();
    let deaf: Vec<u8> = (0..count()).filter(|which| !seeds.iter().any(|seed| decode(*which, seed))).collect();
    assert!(deaf.is_empty(), "no seed is an answer to the decoders {deaf:?}");
}

/// The numbers are the seeds of the damage: the same at every run.
#[test]
fn no_decoder_panics_whatever_it_is_given() {
    for (seed, number) in seeds().iter().zip(0..) {
        // The long ones take most of the time, and are the same for every seed.
        for body in mangle::mangled(seed, number).into_iter().filter(|body| number == 0 || body.len() < 10_000) {
            for which in 0..count() {
                decode(which, &body);
            }
        }
    }
}

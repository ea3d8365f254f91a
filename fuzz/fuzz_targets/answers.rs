//! Any bytes as the answer to every call: no decoder panics, nor hangs, nor takes more memory than in proportion to them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thoughtspot_client::fuzzing;

// All of them meet each input, so that seeds are plain answers, and what leads deep into one decoder is tried on the others.
fuzz_target!(|bytes: &[u8]| {
    for which in 0..fuzzing::count() {
        fuzzing::decode(which, bytes);
    }
});

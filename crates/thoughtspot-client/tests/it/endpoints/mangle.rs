//! Answers that no server should give, made from ones that it gave: every decoder meets each of them.

use serde_json::{Value, json};

/// How many of each sort are made of one answer.
const OF_EACH: usize = 12;

/// Bodies like `answer`, but wrong: values of other types, values missing, text cut off or damaged, and nonsense.
pub(super) fn mangled(answer: &[u8], seed: u64) -> Vec<Vec<u8>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut bodies: Vec<Vec<u8>> = nonsense();
    if let Ok(value) = serde_json::from_slice::<Value>(answer) {
        bodies.extend((0..OF_EACH * 2).map(|_| {
            let mut value = value.clone();
            disturb(&mut value, &mut random);
            value.to_string().into_bytes()
        }));
    }
    bodies.extend((0..OF_EACH).map(|_| answer[..random.usize(..=answer.len())].to_vec()));
    bodies.extend((0..OF_EACH).map(|_| damaged(answer, &mut random)));
    bodies
}

fn nonsense() -> Vec<Vec<u8>> {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let texts = ["", "null", "[]", "{}", "[{}]", "[null]", "17", "\"text\"", "[[{\"id\":null}]]", "<html>", &deep];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Puts something else in the place of a value somewhere inside.
fn disturb(value: &mut Value, random: &mut fastrand::Rng) {
    let inside = random.u8(..10) < 8;
    match value {
        Value::Array(list) if inside && !list.is_empty() => {
            let at = random.usize(..list.len());
            disturb(&mut list[at], random);
        }
        Value::Object(map) if inside && !map.is_empty() => {
            let key = map.keys().nth(random.usize(..map.len())).cloned().unwrap();
            if random.u8(..8) == 0 {
                map.remove(&key);
            } else {
                disturb(&mut map[&key], random);
            }
        }
        Value::Array(_) | Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            *value = something_else(random);
        }
    }
}

fn something_else(random: &mut fastrand::Rng) -> Value {
    let long = "x".repeat(70_000);
    let all = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e308),
        json!(0.5),
        json!(""),
        json!("a\u{0}b\u{202e}c"),
        json!(long),
        json!([]),
        json!({}),
        json!([null]),
        json!([[[["x"]]]]),
        json!({ "id": {}, "name": [] }),
    ];
    all[random.usize(..all.len())].clone()
}

/// Some bytes are others.
fn damaged(answer: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut body = answer.to_vec();
    for _ in 0..random.usize(1..=8) {
        if !body.is_empty() {
            let at = random.usize(..body.len());
            body[at] = random.u8(..);
        }
    }
    body
}

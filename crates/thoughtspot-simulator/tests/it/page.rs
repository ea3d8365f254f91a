//! The pages about the simulator: commands that work, actions that are taken, every setting with its default.

use crate::support::plain;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use thoughtspot_simulator::{Rule, Settings};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn blocks(page: &str, language: &str) -> String {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

/// One shell runs everything, from top to bottom, as in a pipeline.
#[tokio::test]
async fn the_page_shows_what_its_commands_print() {
    let page = read("docs/simulator.md");
    let folder = tempfile::tempdir().unwrap();
    // Free a moment ago; the page wants a port that is known beforehand.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let binary = env!("CARGO_BIN_EXE_thoughtspot-simulator");
    let script =
        format!("thoughtspot-simulator() {{ exec {binary} \"$@\"; }}\ntrap 'kill %1 2>/dev/null' EXIT\n{}", blocks(&page, "sh"));
    let mut command = tokio::process::Command::new("bash");
    command.args(["-euc", &script.replace("127.0.0.1:8180", &address)]).current_dir(folder.path()).kill_on_drop(true);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output();
    let output = tokio::time::timeout(std::time::Duration::from_secs(60), running).await.expect("it ends").unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, blocks(&page, "text"), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_action_of_the_page_is_one() {
    let page = read("docs/simulator.md");
    let actions: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `{")?.split_once('`')).map(|(it, _)| it).collect();
    let rule = |action: &str| json!({ "action": serde_json::from_str::<Value>(&format!("{{{action}")).unwrap() });
    let rules: Vec<Rule> = actions.iter().map(|action| serde_json::from_value(rule(action)).unwrap()).collect();
    let variants = read("crates/thoughtspot-simulator/src/faults.rs");
    let variants = variants.split_once("pub enum Action {").unwrap().1.split_once("\n}").unwrap().0;
    let count =
        variants.lines().filter(|line| line.starts_with("    ") && line.trim_start().starts_with(char::is_uppercase)).count();
    assert_eq!((rules.len(), count), (12, 12), "{actions:?}");
}

/// Each field of the settings in the source, with its comment.
fn commented(source: &str) -> Vec<(String, String)> {
    let fields = source.split_once("pub struct Settings {").unwrap().1.split_once("\n}").unwrap().0;
    let (mut found, mut comment) = (Vec::new(), Vec::new());
    for line in fields.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("/// ") {
            comment.push(words);
        } else if let Some((name, _)) = line.strip_prefix("pub ").and_then(|line| line.split_once(':')) {
            found.push((name.to_owned(), std::mem::take(&mut comment).join(" ")));
        }
    }
    found
}

/// The default has a column of its own, unless more is said with it.
fn without_default(meaning: &str) -> &str {
    match meaning.split_once(" Default") {
        Some((words, rest)) if !rest.contains([';', ':']) => words,
        Some(_) | None => meaning,
    }
}

#[tokio::test]
async fn every_setting_is_listed_with_its_default() {
    let defaults = serde_json::to_value(Settings::default()).unwrap();
    let mut page = "# Settings of the simulator\n\nWhat it does where ThoughtSpot is not documented, or differs from release to release. How to set them: \
        [simulator.md](simulator.md#have-it-behave-like-another-release).\nMade of the comments in `settings.rs`: after a change, \
        `UPDATE_EXPECT=1 cargo test -p thoughtspot-simulator --test it page` writes it anew.\n\n| setting | default | meaning |\n| --- | --- | --- |\n"
        .to_owned();
    for (name, meaning) in commented(&read("crates/thoughtspot-simulator/src/settings.rs")) {
        let value = &defaults[&name];
        let made_up = value.as_str().is_some_and(|text| uuid::Uuid::parse_str(text).is_ok());
        let default = if made_up { "a new GUID".to_owned() } else { format!("`{value}`") };
        let meaning = without_default(&meaning).replace("[`Settings::", "`").replace("[`", "`").replace("`]", "`");
        page.push_str(&format!("| `{name}` | {default} | {meaning} |\n"));
    }
    let listed = page.matches("\n| `").count();
    assert_eq!(listed, defaults.as_object().unwrap().len());
    plain().await.set(|settings| *settings = settings.patched(&defaults).unwrap());
    expect_test::expect_file!["../../../../docs/simulator-settings.md"].assert_eq(&page);
}

//! docs/fields.md, made of the custom resource definitions; and what the reference says of flags and annotations, compared with the code.

use std::fmt::Write;

use serde_json::Value;

use super::read;

const HEAD: &str = "# Fields

Every field of every kind, made of the custom resource definitions: `UPDATE_EXPECT=1 cargo test --test it fields` writes it anew. `kubectl explain thoughtspotuser.spec` shows
the same in a terminal. How fields work together is in [reference.md](reference.md).
";

/// What a field may hold.
fn type_of(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    if schema["x-kubernetes-int-or-string"] == true {
        return "number or string".to_owned();
    }
    let range = |least: &str, most: &str| match (schema[least].as_u64(), schema[most].as_u64()) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (None, Some(most)) => format!(", up to {most}"),
        (Some(least), None) => format!(", at least {least}"),
        (None, None) => String::new(),
    };
    let keys = schema["x-kubernetes-list-map-keys"].as_array();
    let keys: Vec<&str> = keys.into_iter().flatten().filter_map(Value::as_str).collect();
    match schema["type"].as_str().unwrap_or_default() {
        "array" if !keys.is_empty() => format!("list by `{}`{}", keys.join("` and `"), range("minItems", "maxItems")),
        "array" => {
            let list = if schema["x-kubernetes-list-type"] == "set" { "set" } else { "list" };
            format!("{list} of {}s{}", schema["items"]["type"].as_str().unwrap_or_default(), range("minItems", "maxItems"))
        }
        "object" if schema["additionalProperties"].is_object() => "map of strings".to_owned(),
        "integer" => format!("integer{}", range("minimum", "maximum")),
        "string" => format!("string{}", range("minLength", "maxLength")),
        other => other.to_owned(),
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// The rows of what is inside of a field, and the rules about it.
fn fields(schema: &Value, path: &str, rows: &mut String, rules: &mut String) {
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        writeln!(rules, "- `{path}`: {}", plain(rule["message"].as_str().unwrap_or_default())).unwrap();
    }
    let required = |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name));
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let default = &field["default"];
        let default = if required(name) { "required".to_owned() } else { format!("`{default}`").replace("`null`", "") };
        let meaning = plain(field["description"].as_str().unwrap_or_default());
        writeln!(rows, "| `{path}` | {} | {default} | {meaning} |", type_of(field)).unwrap();
        if name == "conditions" || name == "selector" {
            continue; // as everywhere in Kubernetes
        }
        fields(field, &path, rows, rules);
        fields(&field["items"], &format!("{path}[]"), rows, rules);
    }
}

#[test]
fn every_field_is_listed_with_its_type_default_and_rules() {
    let mut page = HEAD.to_owned();
    for definition in thoughtspot_crds::definitions() {
        let schema = serde_json::to_value(&definition.spec.versions[0].schema).unwrap();
        let schema = &schema["openAPIV3Schema"];
        let (mut rows, mut rules) = (String::new(), String::new());
        for part in ["spec", "status"] {
            fields(&schema["properties"][part], part, &mut rows, &mut rules);
        }
        for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
            writeln!(rules, "- {}", plain(rule["message"].as_str().unwrap_or_default())).unwrap();
        }
        let kind = &definition.spec.names.kind;
        let table = "| field | type | default | meaning |\n| --- | --- | --- | --- |";
        write!(page, "\n## {kind}\n\n{table}\n{rows}\nWhat the API server refuses besides:\n\n{rules}").unwrap();
    }
    expect_test::expect_file!["../../../docs/fields.md"].assert_eq(&page);
}

#[test]
fn the_reference_says_of_each_flag_what_the_command_line_says() {
    let reference = read("docs/reference.md");
    let cli = <thoughtspot_operator::cli::Cli as clap::CommandFactory>::command();
    let run = cli.find_subcommand("run").unwrap();
    for argument in run.get_arguments().filter(|argument| argument.get_id() != "help") {
        let long = argument.get_long().unwrap();
        let environment = argument.get_env().map_or(String::new(), |name| format!("`{}`", name.to_str().unwrap()));
        let defaults: Vec<&str> = argument.get_default_values().iter().filter_map(|value| value.to_str()).collect();
        let default = if defaults.is_empty() { String::new() } else { format!("`{}`", defaults.join(",")) };
        let mut help = plain(&argument.get_help().unwrap().to_string());
        if !help.ends_with('.') {
            help.push('.');
        }
        let cells = format!("| `--{long}` | {environment} | {default} | {help}").replace("|  |", "| |");
        assert!(reference.contains(&format!("{cells} |")), "docs/reference.md:\n{cells} |");
    }
}

#[test]
fn the_reference_has_every_annotation_label_type_and_finalizer() {
    let reference = read("docs/reference.md");
    let source = read("crates/thoughtspot-crds/src/lib.rs");
    let names: Vec<&str> = source.split('"').filter(|text| text.starts_with("thoughtspot.dev/")).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(reference.contains(&format!("\n| `{name}` |")), "docs/reference.md: | `{name}` |");
    }
}

//! What is written down is true: the committed CRDs, the examples, the README, the reference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use thoughtspot_crds::grant::DEFAULT_PRIVILEGES;
use thoughtspot_crds::{Dialect, Reason};

use crate::bench::{Bench, GROUP, INSTANCE, ORG, PATIENCE, USER};
use crate::pages::Page;

mod fields;
mod links;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_committed_crds_are_those_of_the_types() {
    let generated = thoughtspot_operator::cli::crd::yaml().unwrap();
    assert!(read("crds/thoughtspot.dev.yaml") == generated, "run `make crds` and commit what it writes");
}

fn examples() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

async fn kubectl(bench: &Bench, args: &[&str]) -> String {
    let output = bench.cluster.kubectl().args(["-n", &bench.namespace]).args(args).output().await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "kubectl {args:?}: {said}");
    said
}

/// The examples, for the ThoughtSpot of this test.
async fn examples_for(bench: &Bench) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in examples() {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replace("127.0.0.1:8180", &bench.thoughtspot.host());
        let text = text.replace("tsadmin", "svc-operator").replace("simulator-admin-1", "Passw0rd-of-operator");
        std::fs::write(folder.path().join(file.file_name().unwrap()), text).unwrap();
    }
    folder
}

const WAIT: [&str; 4] = ["wait", "--for=condition=Ready", "--timeout=60s", "--all"];

#[tokio::test]
async fn the_examples_become_ready_applied_client_side() {
    let bench = Bench::start("examples", Dialect::V2).await;
    let folder = examples_for(&bench).await;
    kubectl(&bench, &["apply", "-f", folder.path().to_str().unwrap()]).await;
    let kinds = "thoughtspotinstances,thoughtspotorgs,thoughtspotgroups,thoughtspotusers";
    kubectl(&bench, &[WAIT.as_slice(), &[kinds]].concat()).await;
    let listed = kubectl(&bench, &["get", "thoughtspot"]).await;
    for name in ["analytics", "acme", "analysts", "ana"] {
        assert!(listed.contains(name), "{listed}");
    }
    let shown = kubectl(&bench, &["get", "tsuser", "ana", "-o", "wide"]).await;
    assert!(shown.contains("Deactivate") && shown.contains("True"), "{shown}");
    assert!(bench.thoughtspot.state().group("acme", "analysts").unwrap().users.contains(&"ana".to_owned()));
}

#[tokio::test]
async fn the_examples_become_ready_applied_server_side_and_two_managers_own_one_list_entry_each() {
    let bench = Bench::start("examples-ssa", Dialect::V2).await;
    let folder = examples_for(&bench).await;
    kubectl(&bench, &["apply", "--server-side", "-f", folder.path().to_str().unwrap()]).await;
    let kinds = "thoughtspotinstances,thoughtspotorgs,thoughtspotgroups,thoughtspotusers";
    kubectl(&bench, &[WAIT.as_slice(), &[kinds]].concat()).await;
    let another = folder.path().join("another.json");
    let second = [
        (GROUP, "analysts", serde_json::json!({ "orgRef": { "name": "acme" }, "privileges": ["SHAREWITHALL"] })),
        (
            USER,
            "ana",
            serde_json::json!({ "instanceRef": { "name": "analytics" }, "email": "ana@acme.example", "displayName": "Ana Diaz",
            "orgs": [{ "name": "second", "namespace": "" }] }),
        ),
        (
            INSTANCE,
            "analytics",
            serde_json::json!({ "url": bench.thoughtspot.url(), "auth": { "password": { "secretRef": { "name": "thoughtspot-login" } } },
            "grants": [{ "name": "two", "namespaces": { "from": "Names", "names": ["two"] } }] }),
        ),
        (
            ORG,
            "acme",
            serde_json::json!({ "instanceRef": { "name": "analytics" }, "grants": [{ "name": "two", "namespaces": { "from": "Names", "names": ["two"] } }] }),
        ),
    ];
    for manager in ["one", "two"] {
        for (kind, name, spec) in &second {
            let spec = spec
                .to_string()
                .replace("two", manager)
                .replace("SHAREWITHALL", if manager == "one" { "JOBSCHEDULING" } else { "SHAREWITHALL" });
            let spec = spec.replace("second", &format!("org-{manager}"));
            let object = serde_json::json!({ "apiVersion": "thoughtspot.dev/v1alpha1", "kind": kind, "metadata": { "name": name },
                "spec": serde_json::from_str::<Value>(&spec).unwrap() });
            std::fs::write(&another, object.to_string()).unwrap();
            let manager = format!("--field-manager={manager}");
            kubectl(&bench, &["apply", "--server-side", &manager, "-f", another.to_str().unwrap()]).await;
        }
    }
    let names = |value: &Value, key: &str| -> BTreeSet<String> {
        value.as_array().unwrap().iter().map(|v| v[key].as_str().or(v.as_str()).unwrap().to_owned()).collect()
    };
    let group = bench.get(GROUP, "analysts").await;
    assert!(
        names(&group["spec"]["privileges"], "").is_superset(&BTreeSet::from(["JOBSCHEDULING".into(), "SHAREWITHALL".into()]))
    );
    let user = bench.get(USER, "ana").await;
    assert_eq!(names(&user["spec"]["orgs"], "name"), BTreeSet::from(["acme".into(), "org-one".into(), "org-two".into()]));
    for (kind, name) in [(INSTANCE, "analytics"), (ORG, "acme")] {
        assert_eq!(names(&bench.get(kind, name).await["spec"]["grants"], "name"), BTreeSet::from(["one".into(), "two".into()]));
    }
}

/// The fenced blocks of a language in a document.
pub(crate) fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// Every kubectl command of the README is run, in its order, over its manifest saved as it says.
#[tokio::test]
async fn the_readme_does_what_it_says() {
    let bench = Bench::start("readme", Dialect::V2).await;
    let page = Page::open(&bench, "README.md");
    let text = read("README.md");
    let manifests = blocks(&text, "yaml");
    assert!(manifests.len() == 1 && text.contains("Save this as `tenant.yaml`"));
    std::fs::write(page.folder.path().join("tenant.yaml"), page.here(&manifests[0])).unwrap();
    std::fs::create_dir(page.folder.path().join("crds")).unwrap();
    std::fs::copy(root().join("crds/thoughtspot.dev.yaml"), page.folder.path().join("crds/all.yaml")).unwrap();
    let commands = blocks(&text, "sh");
    for command in commands.iter().flat_map(|block| block.lines()).filter(|line| line.starts_with("kubectl ")) {
        let said = shell(&bench, page.folder.path(), command).await;
        assert!(!said.is_empty(), "{command}");
    }
    bench.ready(USER, "ana").await;
    assert!(bench.thoughtspot.state().group("acme", "analysts").unwrap().users.contains(&"ana".to_owned()));
}

/// A kubeconfig with contexts of these names and namespaces, the first of them the one in use.
pub(crate) fn save_kubeconfig(bench: &Bench, folder: &Path, contexts: &[(&str, &str)]) {
    let text = std::fs::read_to_string(bench.cluster.kubeconfig()).unwrap();
    let mut kubeconfig: Value = serde_saphyr::from_str(&text).unwrap();
    let template = kubeconfig["contexts"][0].clone();
    let context = |(name, namespace): &(&str, &str)| {
        let mut context = template.clone();
        context["name"] = Value::from(*name);
        context["context"]["namespace"] = Value::from(*namespace);
        context
    };
    kubeconfig["contexts"] = contexts.iter().map(context).collect();
    kubeconfig["current-context"] = Value::from(contexts[0].0);
    std::fs::write(folder.join(KUBECONFIG), kubeconfig.to_string()).unwrap();
}

const KUBECONFIG: &str = ".kubeconfig";

/// A function of the shell by which this program goes by a name.
pub(crate) fn function(name: &str, command: &tokio::process::Command) -> String {
    format!("{name}() {{ command {} \"$@\"; }}\n", command.as_std().get_program().to_str().unwrap())
}

/// Runs a script as a person in this folder would, in the namespace of the test.
pub(crate) async fn shell(bench: &Bench, folder: &Path, script: &str) -> String {
    let kubectl = bench.cluster.kubectl();
    let mut script_here = format!("{}{script}", function("kubectl", &kubectl));
    if !folder.join(KUBECONFIG).exists() {
        save_kubeconfig(bench, folder, &[("here", &bench.namespace)]);
    }
    let mut command = tokio::process::Command::new("bash");
    if script.contains("helm ") {
        let helm = bench.cluster.helm().await.unwrap();
        script_here = format!("{}{script_here}", function("helm", &helm));
        command.envs(helm.as_std().get_envs().filter_map(|(name, value)| Some((name, value?))));
    }
    command.args(["-ec", &script_here]).current_dir(folder).env("HOME", folder).kill_on_drop(true);
    command.env("KUBECONFIG", folder.join(KUBECONFIG)).env("KUBECACHEDIR", bench.cluster.dir().join("kubectl-cache"));
    let output = tokio::time::timeout(PATIENCE * 2, command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("{script} does not end")).unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}: {said}");
    said
}

#[test]
fn every_other_command_of_the_readme_exists() {
    use clap::Parser;
    let makefile = read("Makefile");
    for line in blocks(&read("README.md"), "sh").iter().flat_map(|block| block.lines()).map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches('\'')).collect();
        match words.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            ["make", target] => assert!(makefile.contains(&format!("\n{target}:")), "{line}"),
            ["cargo", "build", "--release"] => {}
            ["target/release/thoughtspot-operator", arguments @ ..] => {
                let arguments = ["thoughtspot-operator"].iter().chain(arguments);
                thoughtspot_operator::cli::Cli::try_parse_from(arguments).unwrap_or_else(|error| panic!("{line}: {error}"));
            }
            ["kubectl", ..] | ["helm", ..] => {} // run by other tests
            _ => panic!("nothing tries this command: {line}"),
        }
    }
}

#[test]
fn the_reference_says_of_each_reason_what_the_code_says() {
    let reference = read("docs/reference.md");
    for reason in Reason::ALL {
        let meaning = reason.meaning().trim();
        assert!(reference.contains(&format!("| `{reason}` | {meaning} |")), "docs/reference.md: | `{reason}` | {meaning} |");
    }
}

/// What looks like the name of a test in a document: a sentence.
fn tests_in(document: &str) -> BTreeSet<String> {
    let words = document.split('`').skip(1).step_by(2);
    let sentence = |word: &&str| {
        word.matches('_').count() >= 3 && word.chars().all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    words.filter(sentence).map(str::to_owned).collect()
}

#[test]
fn every_test_that_a_threat_or_a_fault_names_is_there() {
    let mut code = String::new();
    for folder in ["src", "tests", "crates"] {
        crate::messages::sources(&root().join(folder), &mut code);
    }
    let named: Vec<String> = ["docs/security.md", "docs/faults.md"].iter().flat_map(|page| tests_in(&read(page))).collect();
    assert!(named.len() > 80, "the pages name tests: {named:?}");
    // Those told in both dialects of the client are listed for a macro, and have the function, too.
    let missing: Vec<&String> = named.iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}

fn property_names(schema: &Value, into: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        into.insert(name.clone());
        property_names(property, into);
        property_names(&property["items"], into);
    }
}

#[test]
fn the_reference_names_every_field_reason_and_privilege() {
    let reference = read("docs/reference.md");
    let mut words: BTreeSet<String> = Reason::ALL.iter().map(|reason| reason.as_str().to_owned()).collect();
    words.extend(DEFAULT_PRIVILEGES.iter().map(|p| (*p).to_owned()));
    for definition in thoughtspot_crds::definitions() {
        let schema = serde_json::to_value(&definition.spec.versions[0].schema).unwrap();
        let schema = &schema["openAPIV3Schema"]["properties"];
        property_names(&schema["spec"], &mut words);
        property_names(&schema["status"], &mut words);
    }
    let missing: Vec<&String> = words.iter().filter(|word| !reference.contains(&format!("`{word}`"))).collect();
    // What Kubernetes itself defines needs no telling.
    let known = [
        "matchExpressions",
        "matchLabels",
        "operator",
        "values",
        "lastTransitionTime",
        "message",
        "reason",
        "status",
        "type",
        "key",
    ];
    let missing: Vec<&&String> = missing.iter().filter(|word| !known.contains(&word.as_str())).collect();
    assert!(missing.is_empty(), "docs/reference.md does not name {missing:?}");
}

/// Where a kind names other resources: `spec/orgRef/name`, and for an Org of a user `spec/orgs/name`.
fn references(schema: &Value, path: &str, into: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}/{name}");
        let fields = if property["items"].is_object() { &property["items"] } else { property };
        let names_one = ["ref", "Ref", "Refs"].iter().any(|end| name.ends_with(end)) || name == "orgs";
        if names_one && fields["properties"]["name"].is_object() {
            into.insert(format!("{path}/name"));
        }
        references(fields, &path, into);
    }
}

#[test]
fn kustomize_is_told_every_field_that_names_a_resource() {
    let told: Value = serde_saphyr::from_str(&read("docs/pipelines/kustomize-names.yaml")).unwrap();
    let told: BTreeSet<String> = told["nameReference"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|referred| referred["fieldSpecs"].as_array().unwrap())
        .map(|spec| format!("{} {}", spec["kind"].as_str().unwrap(), spec["path"].as_str().unwrap()))
        .collect();
    let mut expected = BTreeSet::new();
    for definition in thoughtspot_crds::definitions() {
        let schema = serde_json::to_value(&definition.spec.versions[0].schema).unwrap();
        let mut paths = BTreeSet::new();
        references(&schema["openAPIV3Schema"]["properties"]["spec"], "spec", &mut paths);
        expected.extend(paths.iter().map(|path| format!("{} {path}", definition.spec.names.kind)));
    }
    assert_eq!(told, expected, "docs/pipelines/kustomize-names.yaml");
}

//! What is written about installing is true: each command is run in its order, each manifest is taken, each list of rights is the real one.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use thoughtspot_testkit::ControlPlane;

use super::try_render;
use crate::documents::{blocks, function, read, root};

/// A folder as a clone of this repository, with what the documentation says to save.
fn clone(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["charts", "crds"] {
        std::os::unix::fs::symlink(root().join(part), folder.path().join(part)).unwrap();
    }
    assert!(text.contains("save as `values.yaml`"));
    std::fs::write(folder.path().join("values.yaml"), &blocks(text, "yaml")[0]).unwrap();
    folder
}

/// Runs a line in this folder, with helm and kubectl for this control plane.
async fn shell(cluster: &ControlPlane, folder: &Path, line: &str) -> String {
    let (helm, kubectl) = (cluster.helm().await.unwrap(), cluster.kubectl());
    let script = format!("{}{}{line}", function("helm", &helm), function("kubectl", &kubectl));
    let mut command = tokio::process::Command::new("bash");
    command.args(["-c", &script]).current_dir(folder).kill_on_drop(true);
    let settings = helm.as_std().get_envs().chain(kubectl.as_std().get_envs());
    command.envs(settings.filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))));
    let output = command.output().await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{line}: {said}");
    said
}

fn lines<'a>(blocks: &'a [String], first: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let of_ours = |line: &&str| first.iter().any(|word| line.starts_with(word));
    blocks.iter().flat_map(|block| block.lines()).filter(move |line| of_ours(line))
}

/// On kinds that are there already by `kubectl apply`, which is the harder way round.
#[tokio::test]
async fn every_command_of_the_installation_works_in_its_order() {
    let uninstall = read("docs/uninstall.md");
    let (_, last) = uninstall.split_once("\n## The operator and its kinds\n").unwrap();
    let text = format!("{}{}{last}", read("docs/install.md"), read("docs/upgrading.md"));
    let folder = clone(&text);
    let cluster = ControlPlane::start().await.unwrap();
    shell(&cluster, folder.path(), "kubectl apply --server-side -f crds/").await;
    let commands = blocks(&text, "sh");
    for line in lines(&commands, &["kubectl label crd", "kubectl annotate crd"]) {
        shell(&cluster, folder.path(), line).await;
    }
    for line in lines(&blocks(&read("README.md"), "sh"), &["helm "]) {
        shell(&cluster, folder.path(), line).await;
    }
    for line in lines(&commands, &[""]).filter(|line| !makes_the_image(line)) {
        assert!(line.starts_with("helm ") || line.starts_with("kubectl "), "nothing tries this command: {line}");
        shell(&cluster, folder.path(), line).await;
        if line.starts_with("helm upgrade --install thoughtspot-operator charts") {
            manifests_are_taken(&cluster, folder.path(), &text).await;
        }
    }
    let left = shell(&cluster, folder.path(), "kubectl get crd,clusterroles -o name | grep -i thoughtspot || true").await;
    assert_eq!(left, "");
}

/// That takes a release build and root: it is compared with the script that does it.
fn makes_the_image(line: &str) -> bool {
    let values: Value = serde_saphyr::from_str(&blocks(&read("docs/install.md"), "yaml")[0]).unwrap();
    let (version, repository) = (env!("CARGO_PKG_VERSION"), values["image"]["repository"].as_str().unwrap());
    let push = "buildah --storage-driver vfs push";
    assert!(read("image/build.sh").contains(&format!("{push} $image WHERE")) && read("Makefile").contains("\nimage:"));
    line == "make image" || line == format!("{push} thoughtspot-operator:{version} docker://{repository}:{version}")
}

#[test]
fn every_installation_that_is_written_down_says_where_the_image_is() {
    let pages = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<String> =
        pages.chain([root().join("README.md")]).filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    let scripts: Vec<String> = pages.iter().flat_map(|page| blocks(page, "sh")).collect();
    let installs = |line: &&str| line.contains("helm ") && line.contains("charts/thoughtspot-operator ");
    let installations: Vec<&str> = scripts.iter().flat_map(|script| script.lines()).filter(installs).collect();
    assert!(installations.len() > 4, "{installations:?}");
    for line in installations {
        assert!(line.contains(" --set image.repository=") || line.ends_with(" --values values.yaml"), "{line}");
    }
    for page in ["docs/install.md", "docs/first-tenant.md"] {
        assert!(blocks(&read(page), "yaml")[0].contains("repository: registry.example/"), "{page}: values.yaml");
    }
}

async fn manifests_are_taken(cluster: &ControlPlane, folder: &Path, text: &str) {
    let manifests: Vec<String> = blocks(text, "yaml").into_iter().filter(|block| block.contains("\nkind: ")).collect();
    assert!(!manifests.is_empty());
    for manifest in manifests {
        std::fs::write(folder.join("manifest.yaml"), manifest).unwrap();
        shell(cluster, folder, "kubectl apply --server-side --dry-run=server -f manifest.yaml").await;
    }
}

#[tokio::test]
async fn all_values_of_the_installation_can_be_rendered() {
    for block in blocks(&read("docs/install.md"), "yaml").iter().filter(|block| !block.contains("\nkind: ")) {
        let values: Value = serde_saphyr::from_str(block).unwrap();
        let objects = try_render(&super::operator(), &values).await.unwrap_or_else(|error| panic!("{block}{error}"));
        let of_the_cluster = objects.iter().filter(|object| object["metadata"]["namespace"] == json!(null)).count();
        assert_eq!(of_the_cluster == 0, block.contains("admissionPolicy"), "{block}");
    }
}

/// Each of these verbs on each of these resources.
fn rights(group: &str, resources: &[String], verbs: &[String]) -> Vec<String> {
    let each = |resource: &String| verbs.iter().map(|verb| format!("{verb} {group}/{resource}")).collect::<Vec<_>>();
    resources.iter().flat_map(each).collect()
}

/// What the chart gives the operator where it gives all there is.
async fn rendered_rights() -> BTreeSet<String> {
    let secrets = json!({ "clusterWide": true, "generate": true, "hold": true });
    let objects =
        super::render(json!({ "rbac": { "secrets": secrets, "configMaps": [{ "name": "team-a", "names": ["ca"] }] } })).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let texts = |list: &Value| list.as_array().unwrap().iter().map(text).collect::<Vec<_>>();
    let bound = objects.iter().map(|object| &object["roleRef"]).filter(|role| role.is_object());
    let roles = bound.map(|role| super::named(&objects, role["kind"].as_str().unwrap(), role["name"].as_str().unwrap()));
    let rules = roles.flat_map(|role| role["rules"].as_array().unwrap());
    rules.flat_map(|rule| rights(&text(&rule["apiGroups"][0]), &texts(&rule["resources"]), &texts(&rule["verbs"]))).collect()
}

#[tokio::test]
async fn the_reference_lists_the_rights_that_the_chart_gives_and_no_others() {
    let reference = read("docs/reference.md");
    let (_, section) = reference.split_once("\n## Rights in Kubernetes\n").unwrap();
    let kinds: Vec<String> = thoughtspot_crds::definitions().into_iter().map(|definition| definition.spec.names.plural).collect();
    let mut documented = BTreeSet::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (group, resources) = cells[1].split_once(": ").unwrap_or(("", cells[1]));
        let resources = match resources {
            "the four kinds" => kinds.clone(),
            "their `/status`" => kinds.iter().map(|kind| format!("{kind}/status")).collect(),
            one => vec![one.replace('`', "")],
        };
        let verbs = cells[2].split(|letter: char| !letter.is_alphabetic());
        let verbs = verbs.filter(|word| ["create", "delete", "get", "list", "patch", "update", "watch"].contains(word));
        let verbs: Vec<String> = verbs.map(str::to_owned).collect();
        documented.extend(rights(group.trim_matches('`'), &resources, &verbs));
    }
    assert_eq!(documented, rendered_rights().await);
}

#[test]
fn the_rights_in_the_documentation_are_those_that_kubernetes_lists() {
    let documented = blocks(&read("docs/install.md"), "text");
    let golden = ["cluster", "watched", "secrets", "configmaps", "generate", "hold", "lease"]
        .map(|name| read(&format!("tests/it/chart/golden/rights-{name}.txt")));
    assert_eq!(documented, golden);
}

//! The image is what the chart starts: same programs, same user, and the roots where the client looks for them.

use serde_json::{Value, json};

use super::{everything, named, render};
use crate::documents::{blocks, read};

/// What follows a word at the beginning of a line of the Containerfile.
fn instruction(word: &str) -> Vec<String> {
    let text = read("image/Containerfile");
    let lines = text.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_image_holds_what_the_chart_starts() {
    let objects = render(everything()).await;
    let copied = instruction("COPY").join(" ");
    for deployment in ["ts-thoughtspot-operator", "ts-thoughtspot-operator-simulator"] {
        let container = &named(&objects, "Deployment", deployment)["spec"]["template"]["spec"]["containers"][0];
        let program = container["command"][0].as_str().unwrap().strip_prefix('/').unwrap();
        assert!(copied.split(' ').any(|word| word == program), "{program} is not in {copied}");
    }
    let entry: Vec<String> = instruction("ENTRYPOINT").iter().map(|line| line.replace(['[', ']', '"'], "")).collect();
    assert_eq!(entry, ["/thoughtspot-operator"]);
}

#[tokio::test]
async fn the_image_is_run_by_the_user_of_the_chart() {
    let objects = render(json!({})).await;
    let pod = &named(&objects, "Deployment", "ts-thoughtspot-operator")["spec"]["template"]["spec"]["securityContext"];
    assert_eq!(instruction("USER"), [format!("{}:{}", pod["runAsUser"], pod["runAsGroup"])]);
}

/// As on OpenShift, which admits no pod that asks for an id outside of those of its namespace.
#[tokio::test]
async fn the_user_can_be_left_to_the_platform_as_the_installation_says() {
    let text = read("docs/install.md");
    let block = blocks(&text, "yaml").into_iter().find(|block| block.contains("runAsUser: null")).unwrap();
    let mut values: Value = serde_saphyr::from_str(&block).unwrap();
    values["simulator"] = json!({ "enabled": true });
    let objects = render(values).await;
    for deployment in ["ts-thoughtspot-operator", "ts-thoughtspot-operator-simulator"] {
        let pod = &named(&objects, "Deployment", deployment)["spec"]["template"]["spec"]["securityContext"];
        assert_eq!(*pod, json!({ "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } }));
    }
}

/// No other image is needed to build it, and no network.
#[test]
fn the_image_is_made_of_nothing_but_what_is_copied() {
    assert_eq!(instruction("FROM"), ["scratch"]);
    assert!(instruction("RUN").is_empty() && instruction("ADD").is_empty());
    assert!(instruction("COPY").iter().any(|line| line == "ca-certificates.crt /etc/ssl/certs/"));
}

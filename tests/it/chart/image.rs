//! The image is what the chart starts: same programs, same user, and the roots where the client looks for them.

use serde_json::{Value, json};

use super::{everything, named, render};
use crate::documents::{blocks, read, root};

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

/// A copy of the chart, as the release workflow packs it.
fn pinned(image: &str) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&std::ffi::OsStr]| {
        let output = std::process::Command::new(program).args(arguments).output().unwrap();
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    };
    let chart = folder.path().join("thoughtspot-operator");
    run("cp", &["-r".as_ref(), super::operator().as_os_str(), chart.as_os_str()])?;
    let script = root().join("charts/pin.sh");
    run(script.to_str().unwrap(), &[chart.as_os_str(), image.as_ref()]).map(|()| folder)
}

#[tokio::test]
async fn a_released_chart_runs_the_image_that_was_signed_with_nothing_set() {
    let image = format!("registry.example:5000/team/thoughtspot-operator@sha256:{}", "0a".repeat(32));
    let folder = pinned(&image).unwrap();
    let chart = folder.path().join("thoughtspot-operator");
    let objects = super::try_render(&chart, &json!({ "simulator": { "enabled": true } })).await.unwrap();
    for deployment in ["ts-thoughtspot-operator", "ts-thoughtspot-operator-simulator"] {
        let container = &named(&objects, "Deployment", deployment)["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["image"], json!(image));
    }
    let (before, after) =
        (read("charts/thoughtspot-operator/values.yaml"), std::fs::read_to_string(chart.join("values.yaml")).unwrap());
    let changed = before.lines().zip(after.lines()).filter(|(before, after)| before != after).count();
    assert_eq!((changed, before.lines().count()), (2, after.lines().count()), "repository and digest, and nothing else");
    for bad in ["thoughtspot-operator:0.1.0", "thoughtspot-operator@sha256:0"] {
        assert!(pinned(bad).unwrap_err().contains("REPOSITORY@sha256:DIGEST"), "{bad}");
    }
}

/// What the page on releases verifies is what the workflow signs, by the name it signs with.
#[test]
fn a_release_is_pinned_before_it_is_packed_and_verified_by_the_names_it_has() {
    let (workflow, page) = (read(".github/workflows/release.yaml"), read("docs/releases.md"));
    let at = |text: &str| workflow.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(at("charts/pin.sh charts/thoughtspot-operator \"$IMAGE\"") < at("\"$HELM\" package"));
    for (signed, verified) in [
        ("image=$REGISTRY/thoughtspot-operator:${VERSION#v}", "REGISTRY/thoughtspot-operator:0.1.0"),
        ("\"oci://$REGISTRY/charts\"", "oci://REGISTRY/charts/thoughtspot-operator --version 0.1.0"),
        ("cosign sign --yes \"$REGISTRY/charts/$chart@", "REGISTRY/charts/thoughtspot-operator:0.1.0"),
        ("cosign attest --yes --type cyclonedx", "cosign verify-attestation --type cyclonedx"),
    ] {
        assert!(workflow.contains(signed) && page.contains(verified), "{signed}: {verified}");
    }
    assert!(page.contains(".github/workflows/release.yaml@refs/tags/v0.1.0"));
}

/// No other image is needed to build it, and no network.
#[test]
fn the_image_is_made_of_nothing_but_what_is_copied() {
    assert_eq!(instruction("FROM"), ["scratch"]);
    assert!(instruction("RUN").is_empty() && instruction("ADD").is_empty());
    assert!(instruction("COPY").iter().any(|line| line == "ca-certificates.crt /etc/ssl/certs/"));
}

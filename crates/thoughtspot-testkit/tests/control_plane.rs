//! The control plane is a real one, and leaves nothing behind.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::Api;
use kube::api::DeleteParams;
use thoughtspot_testkit::{ControlPlane, Lifeline, OperatorProcess, eventually};

const SOON: Duration = Duration::from_secs(60);

fn is_alive(pid: u32) -> bool {
    let signal_nothing = Command::new("sh").args(["-c", "kill -0 $1 2>/dev/null", "sh", &pid.to_string()]).status();
    signal_nothing.is_ok_and(|status| status.success())
}

async fn all_gone(pids: &[u32], dir: &std::path::Path) {
    eventually("the end of every process and of the folder", SOON, async || {
        let alive: Vec<_> = pids.iter().filter(|pid| is_alive(**pid)).collect();
        if alive.is_empty() && !dir.exists() { Ok(()) } else { Err(format!("alive: {alive:?}, folder: {}", dir.exists())) }
    })
    .await;
}

#[tokio::test]
async fn a_namespace_gets_its_service_account_and_really_goes_away() {
    let control_plane = ControlPlane::shared().await;
    let client = control_plane.client();
    let name = control_plane.namespace("testkit").await;
    let accounts = Api::<ServiceAccount>::namespaced(client.clone(), &name);
    eventually("the default ServiceAccount", SOON, async || accounts.get("default").await.map_err(|error| error.to_string()))
        .await;

    let namespaces = Api::<Namespace>::all(client);
    namespaces.delete(&name, &DeleteParams::default()).await.unwrap();
    eventually("the end of the namespace", SOON, async || match namespaces.get_opt(&name).await {
        Ok(None) => Ok(()),
        Ok(Some(namespace)) => Err(format!("{:?}", namespace.status)),
        Err(error) => Err(error.to_string()),
    })
    .await;
}

#[tokio::test]
async fn crds_are_served_once_installed_and_may_be_installed_again() {
    let control_plane = ControlPlane::shared().await;
    let yaml = ["thing", "other"].map(crd).join("---\n");
    for _ in 0..2 {
        control_plane.install_crds(&yaml).await.unwrap();
    }
    let listed = control_plane.client().list_api_group_resources("testkit.example/v1").await.unwrap();
    let mut plurals: Vec<_> = listed.resources.into_iter().map(|resource| resource.name).collect();
    plurals.sort();
    assert_eq!(plurals, ["others", "things"]);
}

#[tokio::test]
async fn what_is_no_crd_is_refused() {
    let error = ControlPlane::shared().await.install_crds("kind: [").await.unwrap_err();
    assert!(error.to_string().starts_with("unreadable YAML"), "{error}");
}

#[tokio::test]
async fn kubectl_works_on_it() {
    let output =
        ControlPlane::shared().await.kubectl().args(["get", "namespace", "default", "-o", "name"]).output().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "namespace/default\n", "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_control_plane_that_is_dropped_leaves_nothing_behind() {
    let control_plane = ControlPlane::start().await.unwrap();
    let (pids, dir) = (control_plane.pids(), control_plane.dir().to_owned());
    assert!(pids.len() == 3 && pids.iter().all(|pid| is_alive(*pid)), "{pids:?}");
    drop(control_plane);
    all_gone(&pids, &dir).await;
}

#[tokio::test]
async fn an_owner_that_is_killed_takes_its_processes_along() {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "an_owner_to_be_killed", "--nocapture"])
        .env("TESTKIT_OWNER", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.into_iter().find_map(|line| line.split_once("owned: ").map(|(_, rest)| rest.to_owned())).unwrap();
    let (pid, dir) = line.split_once(' ').unwrap();
    let pid = pid.parse().unwrap();
    assert!(is_alive(pid));
    owner.kill().unwrap();
    owner.wait().unwrap();
    all_gone(&[pid], std::path::Path::new(dir)).await;
}

/// Not a test of its own: the other half of the one above, run in another process.
#[test]
fn an_owner_to_be_killed() {
    if std::env::var_os("TESTKIT_OWNER").is_none() {
        return;
    }
    let lifeline = Lifeline::new("owner").unwrap();
    let mut command = Command::new("sleep");
    command.arg("600");
    let mut process = lifeline.spawn("sleep", command).unwrap();
    println!("owned: {} {}", process.pid(), lifeline.dir().display());
    while process.ended().unwrap().is_none() {
        std::thread::park_timeout(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn an_operator_process_is_killed_awaited_and_read() {
    let script = ["-c", "echo started with $COLOUR; echo trouble >&2; exec sleep 600"];
    let mut operator = OperatorProcess::spawn(std::path::Path::new("sh"), script, [("COLOUR", "green")]).unwrap();
    eventually("both its lines", SOON, async || match operator.log() {
        log if log == "started with green\ntrouble\n" => Ok(()),
        log => Err(log),
    })
    .await;
    assert!(operator.is_running() && is_alive(operator.pid()));
    operator.kill();
    assert!(!operator.is_running() && !is_alive(operator.pid()));
    assert_eq!(operator.wait(SOON).await.code(), None);
}

#[tokio::test]
async fn an_operator_process_may_end_by_itself_or_when_asked() {
    let sh = std::path::Path::new("sh");
    let none: [(&str, &str); 0] = [];
    let mut done = OperatorProcess::spawn(sh, ["-c", "exit 7"], none).unwrap();
    assert_eq!(done.wait(SOON).await.code(), Some(7));

    let mut asked =
        OperatorProcess::spawn(sh, ["-c", "trap 'exit 8' TERM; echo ready; while :; do sleep 0.1; done"], none).unwrap();
    eventually("its trap", SOON, async || if asked.log() == "ready\n" { Ok(()) } else { Err(asked.log()) }).await;
    asked.terminate();
    assert_eq!(asked.wait(SOON).await.code(), Some(8));
}

fn crd(singular: &str) -> String {
    let kind = singular.to_uppercase();
    format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {singular}s.testkit.example}}
spec:
  group: testkit.example
  scope: Namespaced
  names: {{kind: {kind}, plural: {singular}s, singular: {singular}}}
  versions:
  - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}
"
    )
}

//! What the network policy lets through: enough for what else is switched on, and nothing else.

use serde_json::{Value, json};

use super::{named, render};

const NAME: &str = "ts-thoughtspot-operator";

#[tokio::test]
async fn a_network_policy_lets_metrics_be_collected_where_they_are_and_nothing_else_in() {
    let theirs = json!({ "from": [{ "podSelector": { "matchLabels": { "app": "mine" } } }] });
    let policy = |collected: bool, extra: Value| {
        json!({ "networkPolicy": { "enabled": true, "extraIngress": extra }, "healthPort": 9000,
            "monitoring": { "serviceMonitor": { "enabled": collected } } })
    };
    let metrics = json!({ "ports": [{ "protocol": "TCP", "port": 9000 }] });
    let cases = [
        (policy(false, json!([])), json!([])),
        (policy(true, json!([])), json!([metrics])),
        (policy(true, json!([theirs])), json!([metrics, theirs])),
        (policy(false, json!([theirs])), json!([theirs])),
    ];
    for (values, expected) in cases {
        let objects = render(values.clone()).await;
        assert_eq!(named(&objects, "NetworkPolicy", NAME)["spec"]["ingress"], expected, "{values}");
    }
    let objects = render(policy(true, json!([]))).await;
    let service = named(&objects, "Service", &format!("{NAME}-metrics"));
    let container = &named(&objects, "Deployment", NAME)["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(service["spec"]["ports"][0]["targetPort"], container["ports"][0]["name"]);
    assert_eq!(container["ports"][0]["containerPort"], json!(9000));
}

#[tokio::test]
async fn a_network_policy_lets_out_to_the_ports_of_values_and_without_any_nowhere() {
    let egress = async |policy: Value| {
        let objects = render(json!({ "networkPolicy": policy })).await;
        named(&objects, "NetworkPolicy", NAME)["spec"]["egress"].clone()
    };
    let ports = |ports: &[(&str, u16)]| {
        let ports: Vec<Value> = ports.iter().map(|(protocol, port)| json!({ "protocol": protocol, "port": port })).collect();
        json!({ "ports": ports })
    };
    let dns = [53, 5353, 8053, 1053].map(|port| [("UDP", port), ("TCP", port)]).concat();
    assert_eq!(egress(json!({ "enabled": true })).await, json!([ports(&dns), ports(&[("TCP", 443), ("TCP", 6443)])]));
    let own = json!({ "enabled": true, "dnsPorts": [5353], "egressPorts": [8443] });
    assert_eq!(egress(own).await, json!([ports(&[("UDP", 5353), ("TCP", 5353)]), ports(&[("TCP", 8443)])]));
    assert_eq!(egress(json!({ "enabled": true, "dnsPorts": [], "egressPorts": [] })).await, json!([]));
}

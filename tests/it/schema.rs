//! What can be judged without a network is refused by the API server, with a message that says what to write.

use serde_json::{Value, json};

use thoughtspot_crds::Dialect;

use crate::bench::{Bench, GROUP, INSTANCE, ORG, USER};

fn good(kind: &str) -> Value {
    let spec = match kind {
        INSTANCE => json!({ "url": "https://acme.thoughtspot.cloud", "auth": { "password": { "secretRef": { "name": "s" } } } }),
        ORG => json!({ "instanceRef": { "name": "ts" } }),
        GROUP => json!({ "orgRef": { "name": "acme" } }),
        _ => json!({ "instanceRef": { "name": "ts" }, "displayName": "A", "email": "a@b.example", "orgs": [{ "name": "acme" }] }),
    };
    json!({ "apiVersion": "thoughtspot.dev/v1alpha1", "kind": kind, "metadata": { "name": "subject" }, "spec": spec })
}

/// The manifest with one place changed; `null` removes it.
fn with(kind: &str, path: &str, value: Value) -> Value {
    let mut object = good(kind);
    let (parent, key) = path.rsplit_once('/').unwrap();
    let parent = object.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(key)
    } else {
        parent.insert(key.to_owned(), value)
    };
    object
}

#[tokio::test]
async fn invalid_manifests_are_refused_with_what_to_write() {
    let bench = Bench::idle("schema", Dialect::V2).await;
    for kind in [INSTANCE, ORG, GROUP, USER] {
        bench.apply(&good(kind).to_string()).await;
    }
    let long = |n: usize| json!("x".repeat(n));
    let name = "write a name without '/' and control characters, and without a blank at either end";
    let url = "write scheme, host and port only, such as https://acme.thoughtspot.cloud";
    let interval = "write a duration from 5s to 24h, such as 10m";
    let most = "write a number, such as 10, or a percentage, such as 5%";
    let from = |from: &str, more: Value| {
        let mut namespaces = json!({ "from": from });
        namespaces.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([{ "name": "g", "namespaces": namespaces }])
    };
    let cases = [
        (INSTANCE, "/spec/url", json!("https://user@acme.example"), url),
        (INSTANCE, "/spec/url", json!("https://acme.example/path"), url),
        (INSTANCE, "/spec/url", json!("ftp://acme.example"), url),
        (INSTANCE, "/spec/url", json!("https://acme.example?x=y"), url),
        (
            INSTANCE,
            "/spec/auth/trustedAuthentication",
            json!({ "secretRef": { "name": "s" } }),
            "write exactly one of `password` and `trustedAuthentication`",
        ),
        (
            INSTANCE,
            "/spec/tls",
            json!({ "ca": { "configMapRef": { "name": "ca" }, "secretRef": { "name": "ca" } } }),
            "write exactly one of `configMapRef` and `secretRef`",
        ),
        (INSTANCE, "/spec/tls", json!({ "ca": {} }), "write exactly one of `configMapRef` and `secretRef`"),
        (INSTANCE, "/spec/limits", json!({ "requestsPerSecond": 0 }), "should be greater than or equal to 1"),
        (INSTANCE, "/spec/limits", json!({ "pageSize": 201 }), "should be less than or equal to 200"),
        (INSTANCE, "/spec/limits", json!({ "requestTimeout": "31s" }), "write a duration from 1s to 30s, such as 10s"),
        (INSTANCE, "/spec/limits", json!({ "requestTimeout": "soon" }), "write a duration from 1s to 30s, such as 10s"),
        // Each becomes a part of a URL to Kubernetes as it is.
        (INSTANCE, "/spec/auth/password/secretRef/name", json!("../../other/secrets/login"), "should match"),
        (INSTANCE, "/spec/auth/password/secretRef/name", json!("login?resourceVersion=0"), "should match"),
        (INSTANCE, "/spec/tls", json!({ "ca": { "configMapRef": { "name": "../../other/configmaps/ca" } } }), "should match"),
        (USER, "/spec/password", json!({ "secretKeyRef": { "name": "../login", "key": "password" } }), "should match"),
        (USER, "/spec/transferContentTo", json!({}), "write exactly one of `ref` and `name`"),
        (
            USER,
            "/spec/transferContentTo",
            json!({ "ref": { "name": "bo" }, "name": "bo" }),
            "write exactly one of `ref` and `name`",
        ),
        (INSTANCE, "/spec/syncInterval", json!("4s"), interval),
        (INSTANCE, "/spec/syncInterval", json!("often"), interval),
        (INSTANCE, "/spec/syncInterval", json!("25h"), interval),
        (INSTANCE, "/spec/protection", json!({ "maxDeletions": "5" }), most),
        (INSTANCE, "/spec/protection", json!({ "maxDeletions": -1 }), most),
        (INSTANCE, "/spec/protection", json!({ "maxDeletions": "101%" }), most),
        (INSTANCE, "/spec/grants", from("Names", json!({})), "list `names` with from: Names, and only there"),
        (INSTANCE, "/spec/grants", from("All", json!({ "names": ["a"] })), "list `names` with from: Names, and only there"),
        (INSTANCE, "/spec/grants", from("Selector", json!({})), "write `selector` with from: Selector, and only there"),
        (INSTANCE, "/spec/grants", json!([{ "name": "g" }]), "namespaces: Required value"),
        (ORG, "/spec/name", long(49), "may not be more than 48"),
        (ORG, "/spec/name", json!(""), "should be at least 1 chars"),
        (ORG, "/spec/name", json!("a/b"), name),
        (ORG, "/spec/name", json!(" a"), name),
        (ORG, "/spec/name", json!("a\nb"), name),
        (ORG, "/metadata/name", long(49), "an Org's name has at most 48 characters"),
        (ORG, "/spec/description", long(125), "may not be more than 124"),
        (ORG, "/spec/instanceRef", Value::Null, "instanceRef: Required value"),
        (ORG, "/spec/instanceRef", json!({ "name": "other" }), "instanceRef is fixed once"),
        (ORG, "/spec/managementPolicy", json!("Sometimes"), "supported values: \"Manage\", \"CreateOnly\", \"Observe\""),
        (ORG, "/spec/adoptionPolicy", json!("Maybe"), "supported values: \"Fail\", \"AdoptIfMatching\", \"Adopt\""),
        (ORG, "/spec/deletionPolicy", json!("Perhaps"), "supported values: \"Retain\", \"DeleteIfEmpty\", \"Delete\""),
        (GROUP, "/spec/name", json!("a/b"), name),
        (GROUP, "/spec/orgRef", json!({ "name": "other" }), "orgRef is fixed once"),
        (GROUP, "/spec/privileges", json!(["AUTHORING"]), "leave AUTHORING out"),
        (GROUP, "/spec", json!({ "orgRef": { "name": "acme" }, "privileges": [], "roles": [] }), "never both"),
        (GROUP, "/spec/type", json!("LOCAL_GROUP"), "type is fixed once"),
        (GROUP, "/spec/type", json!("local"), "should match '^[A-Z_]+$'"),
        (GROUP, "/spec/subGroups", json!(["subject"]), "take its own name out of `subGroups`"),
        (GROUP, "/spec/subGroups", json!(["All"]), "leave All, Administrator and System out"),
        (GROUP, "/spec/subGroupRefs", json!([{ "name": "subject" }]), "take its own name out of `subGroupRefs`"),
        (GROUP, "/spec/subGroupRefs", json!([{ "name": "a" }, { "name": "a" }]), "duplicate entries for key"),
        (GROUP, "/spec/defaultLiveboards", json!([{ "id": "a/b" }]), "should match '^[A-Za-z0-9-]+$'"),
        (GROUP, "/spec/privileges", json!(["administration"]), "write privileges in capitals, such as DATADOWNLOADING"),
        (USER, "/spec/name", json!("ana "), name),
        (USER, "/spec/email", json!("ana at example"), "write an e-mail address, such as ana@example.com"),
        (USER, "/spec/email", Value::Null, "write `email` and `displayName`"),
        (USER, "/spec/displayName", Value::Null, "write `email` and `displayName`"),
        (USER, "/spec/orgs", json!([]), "name at least one Org in `orgs`"),
        (USER, "/spec/orgs", json!([{ "name": "a" }, { "name": "a" }]), "duplicate entries for key"),
        (USER, "/spec/accountType", json!("LOCAL_USER"), "accountType is fixed once"),
        (USER, "/spec/accountType", json!("local"), "should match '^[A-Z_]+$'"),
        (USER, "/spec/instanceRef", json!({ "name": "other" }), "instanceRef is fixed once"),
        (
            USER,
            "/spec",
            json!({
                "instanceRef": { "name": "ts" }, "displayName": "A", "email": "a@b.example", "orgs": [{ "name": "acme" }],
                "sendActivationEmail": true, "password": { "generate": { "secretName": "s" } },
            }),
            "leave `password` or `sendActivationEmail` out",
        ),
        (USER, "/spec/preferences", json!({ "locale": "fr_FR" }), "write a language such as en-GB, fr-FR or zh-Hant"),
        (
            USER,
            "/spec/preferences",
            json!({ "locale": "fr-FR", "useBrowserLanguage": true }),
            "leave `locale` or `useBrowserLanguage` out",
        ),
        (USER, "/spec/preferencesPolicy", json!("Never"), "supported values: \"Initially\", \"Always\""),
        (USER, "/spec/password", json!({}), "write exactly one of `secretKeyRef` and `generate`"),
        (
            USER,
            "/spec/password",
            json!({ "generate": { "secretName": "s" }, "secretKeyRef": { "name": "s", "key": "password" } }),
            "write exactly one of `secretKeyRef` and `generate`",
        ),
        (
            USER,
            "/spec",
            json!({
                "instanceRef": { "name": "ts" }, "displayName": "A", "email": "a@b.example", "orgs": [{ "name": "acme" }],
                "accountType": "SAML_USER", "password": { "generate": { "secretName": "s" } },
            }),
            "leave `password` out: users of this accountType sign in elsewhere",
        ),
        (USER, "/spec/password", json!({ "generate": {} }), "secretName: Required value"),
        (USER, "/spec/password", json!({ "generate": { "secretName": "S" } }), "secretName in body should match"),
        (
            USER,
            "/spec/password",
            json!({ "generate": { "secretName": "s", "length": 15 } }),
            "should be greater than or equal to 16",
        ),
        (
            USER,
            "/spec/password",
            json!({ "generate": { "secretName": "s", "length": 129 } }),
            "should be less than or equal to 128",
        ),
        (
            USER,
            "/spec/password",
            json!({ "generate": { "secretName": "s", "rotateAfter": "1w" } }),
            "write a number of days or hours, such as 90d",
        ),
    ];
    for (kind, path, value, expected) in cases {
        let refused = bench.try_apply(&with(kind, path, value.clone()).to_string()).await;
        let message = refused.expect_err(&format!("{kind} {path} {value} was let in"));
        assert!(message.contains(expected), "{kind} {path} {value}: {message}");
    }
}

#[tokio::test]
async fn what_is_valid_is_let_in() {
    let bench = Bench::idle("valid", Dialect::V2).await;
    let cases = [
        (INSTANCE, "/spec/url", json!("http://127.0.0.1:8180")),
        (INSTANCE, "/spec/syncInterval", json!("1h30m")),
        (INSTANCE, "/spec/tls", json!({ "ca": { "secretRef": { "name": "ca.of.ours", "key": "tls.crt" } } })),
        (INSTANCE, "/spec/limits", json!({ "requestsPerSecond": 1, "requestTimeout": "1s500ms", "pageSize": 10 })),
        (INSTANCE, "/spec/protection", json!({ "maxDeletions": 0 })),
        (INSTANCE, "/spec/protection", json!({ "maxDeletions": "5%" })),
        (ORG, "/spec/name", json!("Org A")),
        (ORG, "/spec/name", json!("x".repeat(48))),
        (ORG, "/spec/description", json!("")),
        (GROUP, "/spec/privileges", json!([])),
        (GROUP, "/spec/roles", json!([])),
        (GROUP, "/spec/subGroups", json!(["subject 2"])),
        (GROUP, "/spec/type", json!("TEAM_GROUP")),
        (USER, "/spec/name", json!("ana@example.com")),
        (USER, "/spec/password", json!({ "generate": { "secretName": "s", "length": 16, "rotateAfter": "90d" } })),
        (USER, "/spec/accountType", json!("SAML_USER")),
        (USER, "/spec/preferences", json!({ "locale": "zh-Hant", "useBrowserLanguage": false, "notifyOnShare": true })),
        (USER, "/spec/preferences", json!({ "useBrowserLanguage": true, "showOnboarding": false })),
    ];
    for (kind, path, value) in cases {
        bench.apply(&with(kind, path, value).to_string()).await;
        bench.delete(kind, "subject").await;
        bench.gone(kind, "subject").await;
    }
    let observed = json!({
        "apiVersion": "thoughtspot.dev/v1alpha1", "kind": USER, "metadata": { "name": "observed" },
        "spec": { "instanceRef": { "name": "ts" }, "managementPolicy": "Observe" },
    });
    bench.apply(&observed.to_string()).await;
}

#[tokio::test]
async fn a_new_object_reads_as_in_progress_before_anybody_wrote() {
    let bench = Bench::idle("birth", Dialect::V2).await;
    for kind in [INSTANCE, ORG, GROUP, USER] {
        bench.apply(&good(kind).to_string()).await;
        assert_eq!(bench.get(kind, "subject").await["status"], json!({ "observedGeneration": -1 }), "{kind}");
    }
}

/// `docs/reference.md` warns of it. Should Kubernetes lose the habit, the warning goes.
#[tokio::test]
async fn a_server_side_apply_that_takes_the_last_entry_takes_the_list_and_the_next_one_empties_it() {
    let bench = Bench::idle("emptied", Dialect::V2).await;
    for (path, full) in [("privileges", json!(["DATADOWNLOADING"])), ("subGroupRefs", json!([{ "name": "other" }]))] {
        bench.apply(&with(GROUP, &format!("/spec/{path}"), full.clone()).to_string()).await;
        let mut seen = vec![bench.get(GROUP, "subject").await["spec"][path].clone()];
        for _ in 0..2 {
            bench.apply(&with(GROUP, &format!("/spec/{path}"), json!([])).to_string()).await;
            seen.push(bench.get(GROUP, "subject").await["spec"][path].clone());
        }
        assert_eq!(seen, [full, Value::Null, json!([])], "{path}");
    }
}

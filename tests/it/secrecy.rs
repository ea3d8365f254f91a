//! No secret in any log, event, status, metric, trace or error: canaries are planted, what can fail is made to fail, by far sides that repeat
//! what they are sent, and every sink is searched.

mod sinks;

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use thoughtspot_crds::Dialect::{self, V1, V2};
use thoughtspot_simulator::{Action, Rule};
use thoughtspot_testkit::proxy::{Gate, Trouble};
use thoughtspot_testkit::tls::{Authority, TlsFront, VALID};
use thoughtspot_testkit::{OperatorProcess, Proxy, eventually, leaks};

use crate::bench::{ACME, ANA, ANALYSTS, Bench, CONNECTION, GROUP, INSTANCE, LOGIN, ORG, PATIENCE, USER, conditions};
use crate::tls::{BY_CONFIG_MAP, instance};
use crate::traces::Collector;

const PASSWORD: &str = "canary-P4ss/w0rd+of=admin";
const WRONG: &str = "canary-wr0ng&password";
const OF_ANA: &str = "canary-of-ana%41";
const OF_COLLECTOR: &str = "canary-of-the-collector";
const BESIDE_THE_CA: &str = "canary-beside-the-ca";
/// The simulator's, for trusted authentication.
const SECRET_KEY: &str = "secret-key-of-simulator";
/// Each repeats what was sent, in its own way.
const ECHOES: [Action; 3] = [Action::Echo, Action::EchoPage, Action::EchoRedirect];

/// Two replicas: one behind a proxy that makes the API server repeat what it is sent, one that speaks to it by TLS, with a token.
struct Story {
    bench: Bench,
    collector: Collector,
    kubernetes: Proxy,
    first: OperatorProcess,
    second: OperatorProcess,
}

impl Story {
    async fn begin(dialect: Dialect) -> Story {
        let bench = Bench::idle("canary", dialect).await;
        bench.thoughtspot.edit(|world| world.set_password("svc-operator", PASSWORD).unwrap());
        let collector = Collector::start().await;
        // What goes wrong with it is told, too.
        collector.answer(401);
        let kubernetes = Proxy::of_kubernetes(bench.cluster.config(), Gate::default()).await.unwrap();
        let first = replica(&bench, &collector, kubernetes.kubeconfig(), "json");
        says(&first, "this replica leads").await;
        let second = replica(&bench, &collector, bench.cluster.kubeconfig(), "text");
        says(&second, "waiting for its turn").await;
        Story { bench, collector, kubernetes, first, second }
    }

    fn echo(&self, route: &str) {
        for action in ECHOES {
            self.bench.thoughtspot.fault(Rule::route(route, action).times(1));
        }
    }

    /// Waits until it is Ready, and asks for a pass all the while: of what went wrong some is tried again late.
    async fn ready(&self, kind: &str, name: &str) {
        let mut asked = 0;
        eventually(&format!("{kind} {name} is Ready"), PATIENCE, async || {
            let object = self.bench.get(kind, name).await;
            let is_ready = |c: &Value| c["type"] == "Ready" && c["status"] == "True";
            if object["status"]["conditions"].as_array().is_some_and(|all| all.iter().any(is_ready)) {
                return Ok(());
            }
            asked += 1;
            self.bench.annotate(kind, name, "thoughtspot.dev/reconcile-requested-at", &asked.to_string()).await;
            Err(conditions(&object))
        })
        .await;
    }

    async fn signs_in_by_password(&self) {
        let bench = &self.bench;
        bench.thoughtspot.fault(Rule::route(bench.calls().sign_in, Action::Echo).times(1));
        bench.apply(&LOGIN.replace("Passw0rd-of-operator", &format!("'{WRONG}'"))).await;
        bench.apply(CONNECTION).await;
        bench.says(INSTANCE, "ts", "Authenticated", "BadCredentials").await;
        self.echo(bench.calls().sign_in);
        self.echo(bench.calls().create_org);
        bench.apply(&LOGIN.replace("Passw0rd-of-operator", &format!("'{PASSWORD}'"))).await;
        bench.apply(ACME).await;
        bench.apply(ANALYSTS).await;
        self.ready(INSTANCE, "ts").await;
        self.ready(ORG, "acme").await;
        self.ready(GROUP, "analysts").await;
    }

    async fn signs_in_by_secret_key(&self) {
        let login = LOGIN
            .replace("name: login", "name: key")
            .replace("password: Passw0rd-of-operator", &format!("secretKey: {SECRET_KEY}"));
        let auth = "trustedAuthentication: { secretRef: { name: key } }";
        let instance = CONNECTION.replace("name: ts", "name: by-key").replace("password: { secretRef: { name: login } }", auth);
        self.echo("POST *auth/token*");
        self.bench.apply(&login).await;
        self.bench.apply(&instance).await;
        self.ready(INSTANCE, "by-key").await;
    }

    /// A CA that is none, one that signed nothing here, and the right one, each beside what is nobody's business.
    async fn trusts_only_its_ca(&self) {
        let (bench, ours, others) = (&self.bench, Authority::new("ours"), Authority::new("others"));
        let front = TlsFront::start(&bench.thoughtspot.host(), ours.certify("127.0.0.1", VALID)).await.unwrap();
        let login = LOGIN.replace("name: login", "name: tls").replace("$HOST", &front.host());
        bench.apply(&login.replace("Passw0rd-of-operator", &format!("'{PASSWORD}'"))).await;
        let by_secret = |key: &str| format!("tls: {{ ca: {{ secretRef: {{ name: bundle, key: {key} }} }} }}");
        let of = |tls: &str| instance(&front, tls).replace("name: ts", "name: tls").replace("name: login", "name: tls");
        let garbage = format!("-----BEGIN CERTIFICATE-----\n{BESIDE_THE_CA}\n-----END CERTIFICATE-----\n");
        let bundle = json!({ "tls.key": BESIDE_THE_CA, "tls.crt": garbage });
        bench
            .apply(
                &json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "bundle" }, "stringData": bundle })
                    .to_string(),
            )
            .await;
        let config_map = |pem: &str| {
            let data = json!({ "ca.crt": pem, "beside": BESIDE_THE_CA });
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "ca" }, "data": data }).to_string()
        };
        for key in ["tls.key", "tls.crt"] {
            bench.apply(&of(&by_secret(key))).await;
            bench.says(INSTANCE, "tls", "Stalled", "Invalid").await;
        }
        bench.apply(&config_map(others.pem())).await;
        bench.apply(&of(BY_CONFIG_MAP)).await;
        bench.says(INSTANCE, "tls", "Stalled", "Untrusted").await;
        bench.apply(&config_map(ours.pem())).await;
        self.ready(INSTANCE, "tls").await;
    }

    /// Passwords, one of them made up; while ThoughtSpot and the API server repeat what they are sent, and an answer with a Secret is cut.
    async fn sets_passwords(&self) {
        let (invalid, broken) = (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::INTERNAL_SERVER_ERROR);
        let troubles = [
            ("Kubernetes GET secrets/pw", Trouble::Torn),
            ("Kubernetes POST secrets", Trouble::Echoed(invalid)),
            ("Kubernetes POST secrets", Trouble::Echoed(broken)),
            ("Kubernetes PATCH secrets/bob-login", Trouble::Echoed(invalid)),
            ("Kubernetes PATCH secrets/bob-login", Trouble::Echoed(broken)),
            ("Kubernetes PATCH thoughtspotusers/ana/status", Trouble::Echoed(broken)),
        ];
        let left = Arc::new(Mutex::new(troubles.to_vec()));
        let of_proxy = Arc::clone(&left);
        self.kubernetes.troubles().befall(move |label| {
            let mut left = of_proxy.lock().unwrap();
            let place = left.iter().position(|(of, _)| *of == label)?;
            Some(left.remove(place).1)
        });
        self.echo(self.bench.calls().create_user);
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "pw", "labels": { "thoughtspot.dev/password": "true" } },
            "stringData": { "password": OF_ANA },
        });
        self.bench.apply(&secret.to_string()).await;
        self.bench.apply(&format!("{ANA}  password: {{ secretKeyRef: {{ name: pw, key: password }} }}\n")).await;
        let bob = ANA.replace("ana", "bob").replace("boblysts", "analysts");
        self.bench.apply(&format!("{bob}  password: {{ generate: {{ secretName: bob-login }} }}\n")).await;
        self.ready(USER, "ana").await;
        self.ready(USER, "bob").await;
        assert!(left.lock().unwrap().is_empty(), "not met: {left:?}");
    }

    async fn the_second_takes_over(&mut self) {
        self.first.terminate();
        self.first.wait(PATIENCE).await;
        says(&self.second, "this replica leads").await;
        self.bench.request(USER, "ana", "by-the-second").await;
        self.second.terminate();
        self.second.wait(PATIENCE).await;
    }

    /// The token with which the second spoke to the API server.
    fn token(&self) -> String {
        let kubeconfig = std::fs::read_to_string(self.bench.cluster.kubeconfig()).unwrap();
        let (_, token) = kubeconfig.split_once("token: ").unwrap();
        token.split('}').next().unwrap().trim().to_owned()
    }
}

fn replica(bench: &Bench, collector: &Collector, kubeconfig: &Path, format: &str) -> OperatorProcess {
    let (binary, lease) = (Path::new(env!("CARGO_BIN_EXE_thoughtspot-operator")), format!("{}/operator", bench.namespace));
    let hosts = "http://127.0.0.1:*,https://127.0.0.1:*";
    let args = ["run", "--allowed-hosts", hosts, "--watch-namespaces", &bench.namespace, "--lease", &lease, "--log", "trace"];
    let headers = format!("authorization={OF_COLLECTOR}");
    let env = [
        ("KUBECONFIG", kubeconfig.to_str().unwrap()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()),
        ("OTEL_EXPORTER_OTLP_HEADERS", &headers),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ];
    let more = ["--log-format", format, "--health-listen", "127.0.0.1:0"];
    OperatorProcess::spawn(binary, args.into_iter().chain(more), env).unwrap()
}

async fn says(operator: &OperatorProcess, part: &str) {
    let said = async || if operator.log().contains(part) { Ok(()) } else { Err(format!("no word of {part:?}")) };
    eventually(&format!("the log says {part:?}"), PATIENCE, said).await;
}

#[rstest]
#[tokio::test]
async fn canaries_are_found_nowhere(#[values(V1, V2)] dialect: Dialect) {
    let mut story = Story::begin(dialect).await;
    story.signs_in_by_password().await;
    says(&story.first, "traces cannot be exported").await;
    story.collector.answer(200);
    story.collector.reject(1, &format!("you said {OF_COLLECTOR}"));
    story.sets_passwords().await;
    says(&story.first, "the collector does not take all of the traces").await;
    story.signs_in_by_secret_key().await;
    story.trusts_only_its_ca().await;
    let mut sinks = vec![sinks::metrics(&story.first).await];
    story.the_second_takes_over().await;

    sinks.extend(sinks::of_cluster(&story.bench).await);
    sinks.push(("the log of the first".to_owned(), story.first.log()));
    sinks.push(("the log of the second".to_owned(), story.second.log()));
    sinks.push(("traces".to_owned(), sinks::traces(&story.collector)));
    sinks.push(("the journal".to_owned(), serde_json::to_string(&story.bench.thoughtspot.journal()).unwrap()));
    let all = sinks.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>();
    let scrubbed = all.iter().map(|text| text.matches("***").count() + text.matches("(withheld").count()).sum::<usize>();
    assert!(scrubbed >= 5, "the echoes arrived, scrubbed: {scrubbed}");
    assert!(
        all.iter().any(|text| text.contains("hyper_util")) && all.iter().any(|text| text.contains("rustls")),
        "all crates speak"
    );

    let (of_bob, passes, token) =
        (story.bench.secret("bob-login").await["password"].clone(), story.bench.thoughtspot.secrets(), story.token());
    assert!(passes.len() >= 2, "one for Primary, one for the tenant: {}", passes.len());
    let planted = [PASSWORD, WRONG, OF_ANA, OF_COLLECTOR, BESIDE_THE_CA, SECRET_KEY, &of_bob, &token];
    let secrets: Vec<&str> = planted.into_iter().chain(passes.iter().map(String::as_str)).collect();
    for (name, sink) in &sinks {
        assert_eq!(leaks(sink, &secrets), Vec::<String>::new(), "in {name}");
        let tokens: Vec<&str> = sink.lines().filter(|line| line.replace("Bearer ***", "").contains("Bearer ")).collect();
        assert!(tokens.is_empty(), "a token shows in {name}: {tokens:#?}");
    }
}

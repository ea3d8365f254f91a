//! Which URLs a policy allows.

use super::*;

fn allowed(policy: &HostPolicy, url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| policy.check(&url).is_ok())
}

fn check(patterns: &[&str], yes: &[&str], no: &[&str]) {
    let policy = HostPolicy::parse(patterns.iter().copied()).unwrap();
    for url in yes {
        assert!(allowed(&policy, url), "{url} should be allowed by {policy}");
    }
    for url in no {
        assert!(!allowed(&policy, url), "{url} should be refused by {policy}");
    }
}

#[test]
fn a_suffix_covers_names_below_it_and_nothing_else() {
    check(
        &["*.thoughtspot.cloud"],
        &[
            "https://acme.thoughtspot.cloud",
            "https://a.b.thoughtspot.cloud",
            "https://ACME.ThoughtSpot.Cloud/",
            "https://acme.thoughtspot.cloud.",
            "https://acme.thoughtspot.cloud:443",
        ],
        &[
            "https://thoughtspot.cloud",
            "https://evilthoughtspot.cloud",
            "https://acme.thoughtspot.cloud.evil.com",
            "https://acme.thoughtspot.cloud..",
            "https://.thoughtspot.cloud",
            "https://a..thoughtspot.cloud",
            "http://acme.thoughtspot.cloud",
            "https://acme.thoughtspot.cloud:8443",
            "https://acme.thoughtspot.cloud:80",
            "https://127.0.0.1",
            "ftp://acme.thoughtspot.cloud",
            "file:///etc/passwd",
        ],
    );
}

#[test]
fn only_scheme_host_and_port() {
    check(
        &["*.thoughtspot.cloud"],
        &["https://acme.thoughtspot.cloud/"],
        &[
            "https://user@acme.thoughtspot.cloud",
            "https://user:pass@acme.thoughtspot.cloud",
            "https://:pass@acme.thoughtspot.cloud",
            "https://acme.thoughtspot.cloud/path",
            "https://acme.thoughtspot.cloud//",
            "https://acme.thoughtspot.cloud/?q",
            "https://acme.thoughtspot.cloud/?",
            "https://acme.thoughtspot.cloud/#f",
            "https://acme.thoughtspot.cloud@evil.com/",
            "https://evil.com/.thoughtspot.cloud",
            "https://evil.com#.thoughtspot.cloud",
            "https://evil.com\\.thoughtspot.cloud",
        ],
    );
}

#[test]
fn an_address_or_localhost_only_as_listed() {
    check(
        &["http://127.0.0.1:*"],
        // The second and third are other spellings of the very address that is listed, and connect to it.
        &["http://127.0.0.1:8180", "http://2130706433:1", "http://0x7f.1:1", "http://127.0.0.1"],
        &[
            "https://127.0.0.1:8180",
            "http://127.0.0.2:8180",
            "http://localhost:8180",
            "http://[::1]:8180",
            "http://[::ffff:127.0.0.1]:8180",
            "http://127.0.0.1.nip.io:8180",
            "http://127.0.0.1:8180/x",
            "http://169.254.169.254",
            "http://2852039166",
        ],
    );
    check(&["https://[::1]:8443"], &["https://[::1]:8443", "https://[0:0::1]:8443"], &["https://[::1]", "https://[::2]:8443"]);
    check(&["http://localhost:8080"], &["http://LOCALHOST:8080", "http://localhost.:8080"], &["http://a.localhost:8080"]);
}

#[test]
fn ports_and_schemes() {
    check(
        &["ts.example.com:8443", "http://plain.example.com", "any.example.com:*"],
        &[
            "https://ts.example.com:8443",
            "http://plain.example.com",
            "http://plain.example.com:80",
            "https://any.example.com:1",
            "https://any.example.com",
        ],
        &[
            "https://ts.example.com",
            "http://ts.example.com:8443",
            "https://plain.example.com",
            "http://plain.example.com:443",
            "http://any.example.com:443",
            "https://ts.example.com:84430",
        ],
    );
    check(&[], &[], &["https://acme.thoughtspot.cloud"]);
    check(&["https://Bücher.example"], &["https://xn--bcher-kva.example", "https://BÜCHER.example"], &[]);
}

#[test]
fn bad_patterns_are_named() {
    for bad in [
        "",
        "*",
        "*.",
        "*.*.com",
        "a*.com",
        "ftp://x.com",
        "x.com/",
        "u@x.com",
        "x.com:99999",
        "x.com:",
        "x.com:a",
        "x..com",
        "*.127.0.0.1",
        "127.1",
        "2130706433",
        "http://",
        "[::1",
        "x y.com",
        "*.x.com.evil/%2e",
    ] {
        let error = HostPolicy::parse([bad]).expect_err(bad);
        assert_eq!(error.pattern, bad, "{error}");
    }
}

#[test]
fn a_refusal_says_why_without_the_user_info() {
    let policy = HostPolicy::parse(["*.thoughtspot.cloud"]).unwrap();
    let error = policy.check(&Url::parse("https://me:CANARY@acme.thoughtspot.cloud").unwrap()).unwrap_err();
    assert!(error.to_string().contains("user info"), "{error}");
    assert!(!format!("{error} {error:?}").contains("CANARY"), "{error:?}");
}

//! The cookies of a session: what a sign-in sets, what comes back, how a sign-out takes them away.

use axum::http::{HeaderMap, header};

/// The cookie that names the session, enough by itself.
const SESSION: &str = "JSESSIONID";
/// A second cookie, for TLS only. Over plain http it does not come back, and nothing needs it.
const CLIENT: &str = "clientId";

/// The session key among the cookies of a request.
pub(crate) fn session_key(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == SESSION).map(|(_, value)| value.to_owned()).next()
}

/// What a sign-in sets. `max_age` in seconds makes the browser keep them beyond its own end.
pub(crate) fn given(key: &str, max_age: Option<u32>) -> [String; 2] {
    let life = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    [
        format!("{SESSION}={key}; Path=/{life}; HttpOnly"),
        format!("{CLIENT}={}; Path=/{life}; Secure; HttpOnly", uuid::Uuid::new_v4()),
    ]
}

/// What a sign-out sets: cookies that end at once.
pub(crate) fn taken() -> [String; 2] {
    [format!("{SESSION}=; Path=/; Max-Age=0; HttpOnly"), format!("{CLIENT}=; Path=/; Max-Age=0; Secure; HttpOnly")]
}

#[cfg(test)]
mod tests {
    use super::session_key;
    use axum::http::{HeaderMap, HeaderValue, header};

    #[test]
    fn the_session_is_found_among_other_cookies() {
        for (line, expected) in [
            ("JSESSIONID=abc", Some("abc")),
            ("clientId=x; JSESSIONID=abc; theme=dark", Some("abc")),
            ("XJSESSIONID=abc", None),
            ("JSESSIONID", None),
        ] {
            let headers: HeaderMap = [(header::COOKIE, HeaderValue::from_static(line))].into_iter().collect();
            assert_eq!(session_key(&headers).as_deref(), expected, "{line}");
        }
    }
}

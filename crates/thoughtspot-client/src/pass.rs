//! What a request carries to show who asks: a bearer token, or the cookies of a session.

use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};

use crate::secret::{Secret, wiped};

/// The cookie that is the session.
const SESSION: &str = "JSESSIONID";

/// Leave to make calls in one Org. Its `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    Bearer(Secret),
    /// There is no store of cookies: each session is one Org's.
    Cookies(Vec<Cookie>),
}

/// A cookie as the server set it, without its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) value: Secret,
}

impl Pass {
    /// The session an answer opened; `None` if it opened none.
    pub(crate) fn of_session(mut cookies: Vec<Cookie>) -> Option<Pass> {
        // One without a value is one that the server takes back.
        cookies.retain(|cookie| !cookie.value.expose().is_empty());
        cookies.sort_by_key(|cookie| cookie.name != SESSION);
        let opened = cookies.first().is_some_and(|cookie| cookie.name == SESSION);
        opened.then_some(Pass::Cookies(cookies))
    }

    /// What must not be shown. Other cookies than the session's may be mere settings, such as `1`, which any text has in it.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        match self {
            Pass::Bearer(token) => vec![token.clone()],
            Pass::Cookies(cookies) => {
                let is_secret = |cookie: &&Cookie| cookie.name == SESSION || !cookie.value.is_short();
                cookies.iter().filter(is_secret).map(|cookie| cookie.value.clone()).collect()
            }
        }
    }

    /// The header's value; `None` for what cannot be a header, such as a token with a line break.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let pieces: Vec<&str> = match self {
            Pass::Bearer(token) => vec!["Bearer ", token.expose()],
            Pass::Cookies(cookies) => {
                cookies.iter().flat_map(|cookie| ["; ", &cookie.name, "=", cookie.value.expose()]).skip(1).collect()
            }
        };
        let mut value = HeaderValue::from_maybe_shared(wiped(pieces.concat())).ok()?;
        // Keeps it out of what the HTTP libraries log.
        value.set_sensitive(true);
        Some(value)
    }
}

/// The cookies an answer sets. Their attributes are left aside: they go back to the same host only, and their life is found out by
/// using them.
pub(crate) fn cookies(headers: &HeaderMap) -> Vec<Cookie> {
    headers.get_all(SET_COOKIE).iter().filter_map(|value| cookie(value.to_str().ok()?)).collect()
}

fn cookie(text: &str) -> Option<Cookie> {
    let (name, value) = text.split(';').next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty()).then(|| Cookie { name: name.to_owned(), value: Secret::new(value) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(cookies_set: &[&'static str]) -> HeaderMap {
        cookies_set.iter().map(|text| (SET_COOKIE, HeaderValue::from_static(text))).collect()
    }

    #[test]
    fn a_session_goes_back_as_it_was_set() {
        let headers = set(&["JSESSIONID=ab=c; Path=/; HttpOnly", "clientId=d; Path=/; Secure", "broken", "=e"]);
        let pass = Pass::of_session(cookies(&headers)).unwrap();
        assert_eq!(pass.header().unwrap(), "JSESSIONID=ab=c; clientId=d");
        assert!(!format!("{pass:?} {:?}", pass.header()).contains("ab=c"));
    }

    #[test]
    fn a_cookie_that_is_taken_back_is_not_sent_and_one_that_is_a_setting_is_no_secret() {
        let headers = set(&["theme=1", "clientId=; Max-Age=0", "route=long-enough", "JSESSIONID=ab"]);
        let pass = Pass::of_session(cookies(&headers)).unwrap();
        assert_eq!(pass.header().unwrap(), "JSESSIONID=ab; theme=1; route=long-enough");
        let secrets: Vec<String> = pass.secrets().iter().map(|secret| secret.expose().to_owned()).collect();
        assert_eq!(secrets, ["ab", "long-enough"]);
    }

    #[test]
    fn without_a_session_cookie_there_is_no_session() {
        assert_eq!(Pass::of_session(cookies(&set(&["clientId=d"]))), None);
        assert_eq!(Pass::of_session(cookies(&set(&["JSESSIONID=; Max-Age=0"]))), None);
        assert_eq!(Pass::of_session(cookies(&set(&[]))), None);
    }

    #[test]
    fn a_token_that_cannot_be_a_header_is_left_out() {
        assert_eq!(Pass::Bearer(Secret::new("a\nb")).header(), None);
    }
}

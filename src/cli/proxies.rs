//! Proxies of the environment, which the operator does not use.

use kube::Config;

/// Where kube looks for a proxy when the kubeconfig names none.
const VARIABLES: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];

/// Takes a proxy away that came from the environment. One that the kubeconfig names stays, and kube refuses to go on with it: it would be
/// wrong to pass it by in silence.
pub(super) fn forget(config: &mut Config) {
    let of_environment = VARIABLES.iter().filter_map(|variable| std::env::var(variable).ok());
    let used = |proxy: String| proxy.parse().is_ok_and(|proxy| config.proxy_url == Some(proxy));
    if of_environment.into_iter().any(used) {
        config.proxy_url = None;
    }
}

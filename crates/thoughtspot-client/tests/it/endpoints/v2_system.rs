//! The system and its settings, in v2.

use serde_json::{Map, json};
use thoughtspot_client::Error;
use thoughtspot_client::domain::OrgId;
use thoughtspot_client::v2::auth::AuthScope;
use thoughtspot_client::v2::change::Whole;
use thoughtspot_client::v2::security::{ClusterSecurity, ConfigureSecurity, Csp, NonEmbedAccess, OrgSecurity, Scripts};

use super::{Table, call};
use crate::{new_group, new_org};

#[tokio::test]
async fn every_call_about_the_system_is_understood() {
    calls().await;
}

fn one(text: &str) -> Option<Whole<String>> {
    Some(Whole::of([text.to_owned()]))
}

/// With every field that may be there.
fn of_everybody() -> ClusterSecurity {
    let csp_settings = Csp {
        connect_src_urls: one("https://connect.example.com"),
        font_src_urls: one("https://fonts.example.com"),
        visual_embed_hosts: one("https://app.example.com"),
        iframe_src_urls: one("https://frames.example.com"),
        img_src_urls: one("https://images.example.com"),
        script_src_urls: Some(Scripts { enabled: Some(true), urls: one("https://scripts.example.com") }),
        style_src_urls: Some(Whole::Nothing),
    };
    ClusterSecurity {
        enable_partitioned_cookies: Some(true),
        cors_whitelisted_urls: one("https://app.example.com"),
        csp_settings: Some(csp_settings),
        saml_redirect_urls: one("https://login.example.com"),
        non_embed_access: Some(NonEmbedAccess { block_full_app_access: Some(false), groups_identifiers_with_access: None }),
    }
}

fn of_org(org: OrgId) -> OrgSecurity {
    let access = NonEmbedAccess { block_full_app_access: Some(true), groups_identifiers_with_access: one("analysts") };
    OrgSecurity { org, cors_whitelisted_urls: one("https://acme.example.com"), non_embed_access: Some(access) }
}

pub(crate) async fn calls() -> Table {
    let mut table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let info = call!(table, far.system(), info());
    assert!(info.id.is_some() && info.release_version.is_some(), "{info:?}");
    let config = call!(table, far.system(), config());
    assert_eq!((config.saml_enabled, config.okta_enabled), (Some(false), Some(false)));
    let settings = Map::from_iter([("metadata.flag".to_owned(), json!(true))]);
    call!(table, far.system(), update_config(&settings));
    assert_eq!(call!(table, far.system(), config_overrides()), settings);

    let org = new_org(&far, "acme").await.id;
    let analysts = new_group(&far, org, "analysts").await;
    let preferences = ConfigureSecurity { cluster_preferences: Some(of_everybody()), org_preferences: vec![of_org(org)] };
    call!(table, far.security(OrgId::PRIMARY), configure(&preferences));
    let cluster = call!(table, far.security(OrgId::PRIMARY), search(Some(AuthScope::Cluster))).cluster_preferences.unwrap();
    assert_eq!((cluster.enable_partitioned_cookies, cluster.csp_settings.script_src_urls.enabled), (Some(true), Some(true)));
    assert_eq!(cluster.csp_settings.visual_embed_hosts, ["https://app.example.com"]);
    assert_eq!((cluster.csp_settings.style_src_urls.len(), cluster.saml_redirect_urls.len()), (0, 1));
    let own = far.security(org).search(None).await.unwrap();
    let [row] = own.org_preferences.as_slice() else { panic!("{own:#?}") };
    assert_eq!((own.cluster_preferences.is_none(), row.org.id, row.cors_whitelisted_urls.len()), (true, Some(org), 1));
    assert_eq!(row.non_embed_access.block_full_app_access, Some(true));
    let with_access: Vec<_> = row.non_embed_access.groups_with_access.iter().map(|group| group.id.as_ref()).collect();
    assert_eq!(with_access, [Some(&analysts.id)]);
    table
}

#[tokio::test]
async fn settings_of_the_cluster_are_refused_outside_of_primary() {
    let table = Table::new(module_path!()).await;
    let far = table.bench.client();
    let org = new_org(&far, "acme").await.id;
    let preferences = ConfigureSecurity { cluster_preferences: Some(of_everybody()), org_preferences: Vec::new() };
    let outcome = far.security(org).configure(&preferences).await;
    assert!(matches!(outcome, Err(Error::Forbidden { .. })), "{outcome:?}");
    let cluster = far.security(OrgId::PRIMARY).search(Some(AuthScope::Cluster)).await.unwrap().cluster_preferences.unwrap();
    assert_eq!(cluster.cors_whitelisted_urls, Vec::<String>::new());
}

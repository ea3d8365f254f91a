//! What each call does to the world, and how refusals come back.

use std::collections::{BTreeMap, BTreeSet};

use thoughtspot_client::Error;
use thoughtspot_client::domain::{
    ALL_GROUP_NAME, AccountAccess, BUILT_IN_GROUP_NAMES, ContentKind, Group, GroupPatch, ListChange, Lookup, NewGroup, NewOrg,
    OrgId, OrgPatch, Preferences, UserPatch, Visibility,
};
use thoughtspot_client::nonempty::NonEmpty;
use thoughtspot_client::port::{Page, ThoughtSpot};
use thoughtspot_client::secret::Secret;
use thoughtspot_client::settings::{Credentials, Proof, Settings};
use thoughtspot_client::v2::V2;
use thoughtspot_client::v2::roles::CreateRole;
use thoughtspot_simulator::settings::ErrorShape;
use thoughtspot_simulator::{Action, Body, Rule};

use crate::{ADMIN, Bench, Dialect, group, in_both, new_group, new_org, new_user, user};

/// Takes a user out of an Org.
const REMOVE: &str = "DELETE v1/user/{userid}";

const WHOLE: Page = Page { offset: 0, size: 100 };

in_both!(
    an_org_from_create_to_delete,
    the_content_of_an_org_is_counted_by_kind,
    the_system_names_what_it_cannot_do_without,
    a_user_from_create_to_delete,
    a_new_user_is_mailed_where_that_is_asked,
    preferences_are_set_one_by_one,
    access_is_switched_off_and_on,
    content_changes_hands,
    an_empty_change_of_groups_is_not_sent,
    a_password_that_is_set_opens_the_account,
    members_of_an_org_come_and_go,
    a_group_from_create_to_delete,
    what_is_nested_in_a_group_is_set_as_a_whole,
    roles_of_groups_are_there_where_roles_are,
    members_of_a_group_come_and_go,
    pages_hold_rows_of_their_org_only,
    a_name_that_is_taken_is_refused_whatever_the_status,
    an_unknown_id_is_refused_and_a_search_for_it_finds_nothing,
    every_shape_of_error_is_understood,
);

fn set<const N: usize>(words: [&str; N]) -> BTreeSet<String> {
    words.map(str::to_owned).into()
}

async fn the_content_of_an_org_is_counted_by_kind(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let org = new_org(far, "acme").await.id;
    assert_eq!(far.org_content(org).await.unwrap(), BTreeMap::new());
    bench.sim.edit(|world| {
        world.create_user("ana", "Ana Diaz", &["0", "acme"]).unwrap();
        world.create_liveboard("0", "ana", "Elsewhere", &[]).unwrap();
        let connection = world.create_connection("acme", "ana", "Warehouse").unwrap();
        for name in ["Sales", "Costs"] {
            world.create_table("acme", "ana", name, &["amount"], Some(&connection)).unwrap();
        }
        world.create_liveboard("acme", "ana", "Overview", &[]).unwrap();
    });
    let expected = [(ContentKind::Liveboard, 1), (ContentKind::Table, 2), (ContentKind::Connection, 1)];
    assert_eq!(far.org_content(org).await.unwrap(), expected.into());
}

async fn an_org_from_create_to_delete(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let made = far.create_org(&NewOrg { name: "acme".to_owned(), description: "a tenant".to_owned() }).await.unwrap();
    assert!(made.active && made.description == "a tenant", "{made:?}");
    assert_eq!(far.find_org(Lookup::Id(&made.id)).await.unwrap().as_ref(), Some(&made));
    assert_eq!(far.find_org(Lookup::Name("acme")).await.unwrap().as_ref(), Some(&made));
    assert_eq!(far.find_org(Lookup::Name("Acme")).await.unwrap(), None);
    assert_eq!(far.find_org(Lookup::Name(&made.id.to_string())).await.unwrap(), None, "an id is no name");

    let patch = OrgPatch { name: Some("acme-2".to_owned()), description: Some(String::new()) };
    far.update_org(made.id, &patch).await.unwrap();
    let now = far.find_org(Lookup::Id(&made.id)).await.unwrap().unwrap();
    assert_eq!((now.name.as_str(), now.description.as_str()), ("acme-2", ""));
    assert_eq!(far.orgs().await.unwrap().len(), 2);

    far.delete_org(made.id).await.unwrap();
    assert_eq!(far.find_org(Lookup::Id(&made.id)).await.unwrap(), None);
}

#[tokio::test]
async fn who_made_an_org_is_told_where_the_older_api_is_there() {
    let bench = Bench::new().await;
    let far = bench.client();
    let me = far.login().await.unwrap();
    let before = far.server_now();
    let org = new_org(&far, "acme").await.id;
    let provenance = far.org_provenance(org).await.unwrap().unwrap();
    assert_eq!(provenance.author, Some(me.id));
    assert!(provenance.created.unwrap() >= before, "{provenance:?}, asked at {before}");
    bench.sim.set(|s| s.v1_org_route = false);
    assert_eq!(far.org_provenance(org).await.unwrap(), None);
}

async fn the_system_names_what_it_cannot_do_without(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let system = far.system().await.unwrap();
    assert!(system.id.is_some() && system.protected_users.len() == 3 && system.protected_groups.len() == 3, "{system:?}");
    bench.sim.set(|s| (s.system_id, s.cluster_id, s.release_version) = (None, None, None));
    let system = far.system().await.unwrap();
    assert_eq!((system.id, system.release), (None, None));
}

async fn a_user_from_create_to_delete(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let org = new_org(far, "acme").await.id;
    let analysts = new_group(far, org, "analysts").await;
    let mut ana = user("Ana");
    ana.groups = [analysts.id.clone()].into();
    ana.visibility = Some(Visibility::NonSharable);
    let made = far.create_user(org, &ana).await.unwrap();
    assert_eq!(made.orgs, [org].into());
    assert!(made.groups.contains(&analysts.id), "{made:?}");

    let found = far.find_user(org, Lookup::Name("aNA")).await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.name.as_str(), found.visibility), (made.id.as_str(), "Ana", Visibility::NonSharable));
    assert_eq!(found.provenance.author, Some(far.login().await.unwrap().id));
    assert!(far.find_user(OrgId::PRIMARY, Lookup::Id(&made.id)).await.unwrap().is_some(), "the cluster has it");
    assert_eq!(far.find_user(org, Lookup::Name("an")).await.unwrap(), None);

    let patch = UserPatch { name: Some("ann".to_owned()), email: Some("new@example.com".to_owned()), ..UserPatch::default() };
    far.update_user(org, &made.id, &patch).await.unwrap();
    let others = new_group(far, org, "others").await;
    far.change_user_groups(org, &made.id, &[others.id.clone()].into(), ListChange::Add).await.unwrap();
    far.change_user_groups(org, &made.id, &[analysts.id.clone()].into(), ListChange::Remove).await.unwrap();
    let now = far.find_user(org, Lookup::Id(&made.id)).await.unwrap().unwrap();
    assert_eq!((now.name.as_str(), now.email.as_str(), now.display_name.as_str()), ("ann", "new@example.com", "Ana display"));
    assert!(now.groups.contains(&others.id) && !now.groups.contains(&analysts.id), "{now:?}");

    far.delete_user(&made.id).await.unwrap();
    assert_eq!(far.find_user(OrgId::PRIMARY, Lookup::Id(&made.id)).await.unwrap(), None);
    assert_eq!(bench.sim.counters().mails, 0, "nobody was written to");
}

async fn a_new_user_is_mailed_where_that_is_asked(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    new_user(far, OrgId::PRIMARY, "bo").await;
    let mut ana = user("ana");
    ana.activation_mail = true;
    let outcome = far.create_user(OrgId::PRIMARY, &ana).await;
    assert_eq!((outcome.is_ok(), bench.sim.counters().mails), (far.mails_activation(), u64::from(far.mails_activation())));
    assert_eq!(bench.sim.state().user("ana").is_some(), far.mails_activation());
}

async fn preferences_are_set_one_by_one(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let mut ana = user("ana");
    ana.preferences.notify_on_share = Some(false);
    let made = far.create_user(OrgId::PRIMARY, &ana).await.unwrap();
    let (locale, browser) = match dialect {
        Dialect::V2 => (Some(String::new()), Some(false)),
        Dialect::V1 => (None, None),
    };
    let new = Preferences {
        locale,
        use_browser_language: browser,
        notify_on_share: Some(dialect == Dialect::V1), // there, it is set by a call of its own
        show_onboarding: Some(true),
    };
    assert_eq!(made.preferences, new);
    let change = Preferences { locale: Some("de-DE".to_owned()), show_onboarding: Some(false), ..Preferences::default() };
    let patch = UserPatch { preferences: change, display_name: Some("Ana D.".to_owned()), ..UserPatch::default() };
    far.update_user(OrgId::PRIMARY, &made.id, &patch).await.unwrap();
    let now = far.find_user(OrgId::PRIMARY, Lookup::Id(&made.id)).await.unwrap().unwrap();
    let changed = Preferences { locale: Some("de-DE".to_owned()), show_onboarding: Some(false), ..new };
    assert_eq!((now.preferences, now.display_name.as_str()), (changed, "Ana D."));

    let change = Preferences { use_browser_language: Some(true), ..Preferences::default() };
    let patch = UserPatch { preferences: change, display_name: Some("Ana".to_owned()), ..UserPatch::default() };
    let outcome = far.update_user(OrgId::PRIMARY, &made.id, &patch).await;
    let now = far.find_user(OrgId::PRIMARY, Lookup::Id(&made.id)).await.unwrap().unwrap();
    if far.sets_browser_language() {
        assert_eq!((now.preferences.locale.as_deref(), now.preferences.use_browser_language), (Some(""), Some(true)));
    } else {
        assert!(matches!(outcome, Err(Error::Refused { .. })), "{outcome:?}");
        assert_eq!(now.display_name, "Ana D.", "nothing is sent of what cannot be sent whole");
    }
}

async fn access_is_switched_off_and_on(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let made = new_user(far, OrgId::PRIMARY, "ana").await;
    let me = far.login().await.unwrap().id;
    for access in [AccountAccess::Disabled, AccountAccess::Enabled] {
        let patch = UserPatch { access: Some(access), ..UserPatch::default() };
        far.update_user(OrgId::PRIMARY, &made.id, &patch).await.unwrap();
        far.end_sessions(&made.id).await.unwrap();
        let now = far.find_user(OrgId::PRIMARY, Lookup::Id(&made.id)).await.unwrap().unwrap();
        assert_eq!((now.access(), now.modified_by.as_ref()), (access, Some(&me)));
    }
    assert_eq!(bench.sim.counters().everybody_logged_out, 0);
}

async fn content_changes_hands(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let org = new_org(far, "acme").await.id;
    let (ana, bo) = (new_user(far, org, "ana").await, new_user(far, org, "bo").await);
    bench.sim.edit(|world| {
        for n in 0..101 {
            world.create_answer("acme", "ana", &format!("answer {n}"), None).unwrap();
        }
        world.create_connection("acme", "ana", "warehouse").unwrap();
        world.create_answer("acme", "bo", "his", None).unwrap();
    });
    let owned = async |whose: &str, most| far.content_of(org, whose, most).await.unwrap();
    assert_eq!((owned(&ana.id, 1).await.len(), owned(&ana.id, 1000).await.len()), (1, 102));
    let all = owned(&ana.id, 1000).await;
    let some = NonEmpty::collect(all.iter().filter(|item| item.kind == ContentKind::Connection).cloned()).unwrap();
    far.transfer_content(org, &ana, &bo, &some).await.unwrap();
    far.transfer_content(org, &ana, &bo, &some).await.unwrap();
    assert_eq!((owned(&ana.id, 1000).await.len(), owned(&bo.id, 1000).await.len()), (101, 2), "these, and nothing else");
    let elsewhere = new_user(far, OrgId::PRIMARY, "carol").await;
    assert!(far.transfer_content(org, &ana, &elsewhere, &some).await.is_err());

    // Who has left the Org is still the author of what she made there, and may be unknown to v2 otherwise.
    bench.sim.set(|settings| settings.former_members_give = dialect == Dialect::V1);
    far.change_org_members(OrgId::PRIMARY, &ana.id, ListChange::Add).await.unwrap();
    far.change_org_members(org, &ana.id, ListChange::Remove).await.unwrap();
    let ana = far.find_user(OrgId::PRIMARY, Lookup::Id(&ana.id)).await.unwrap().unwrap();
    let left = NonEmpty::collect(owned(&ana.id, 1000).await).unwrap();
    far.transfer_content(org, &ana, &bo, &left).await.unwrap();
    assert_eq!((owned(&ana.id, 1).await.len(), owned(&bo.id, 1000).await.len()), (0, 103));
}

async fn an_empty_change_of_groups_is_not_sent(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let made = new_user(far, OrgId::PRIMARY, "ana").await;
    let mark = bench.mark();
    let outcome = far.change_user_groups(OrgId::PRIMARY, &made.id, &BTreeSet::new(), ListChange::Remove).await;
    assert!(matches!(outcome, Err(Error::Refused { .. })), "{outcome:?}");
    assert!(far.delete_user("..").await.is_err());
    assert_eq!(bench.mark(), mark);
}

async fn a_password_that_is_set_opens_the_account(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let made = new_user(far, OrgId::PRIMARY, "ana").await;
    far.set_password(&made.id, &Secret::new("CANARY-long-enough")).await.unwrap();
    let credentials = Credentials { username: "ana".to_owned(), proof: Proof::Password(Secret::new("CANARY-long-enough")) };
    let url = bench.sim.url().parse().unwrap();
    let as_ana = bench.far_with(dialect, Settings::new(url, credentials));
    assert_eq!(as_ana.login().await.unwrap().id, made.id);
    let outcome = as_ana.create_org(&NewOrg { name: "mine".to_owned(), description: String::new() }).await;
    assert!(matches!(outcome, Err(Error::Forbidden { .. })), "{outcome:?}");
}

async fn members_of_an_org_come_and_go(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let org = new_org(far, "acme").await.id;
    let made = new_user(far, OrgId::PRIMARY, "ana").await;
    far.change_org_members(org, &made.id, ListChange::Add).await.unwrap();
    let row = far.find_user(OrgId::PRIMARY, Lookup::Id(&made.id)).await.unwrap().unwrap();
    assert_eq!(row.orgs, [OrgId::PRIMARY, org].into());
    assert!(far.find_user(org, Lookup::Id(&made.id)).await.unwrap().is_some());
    far.change_org_members(org, &made.id, ListChange::Remove).await.unwrap();
    assert_eq!(far.find_user(org, Lookup::Id(&made.id)).await.unwrap(), None);
}

async fn members_of_a_group_come_and_go(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let org = new_org(far, "acme").await.id;
    let (analysts, others) = (new_group(far, org, "analysts").await.id, new_group(far, org, "others").await.id);
    let mut all = BTreeSet::new();
    for n in 0..3 {
        all.insert(new_user(far, org, &format!("user-{n}")).await.id);
    }
    let one: BTreeSet<String> = all.iter().take(1).cloned().collect();
    far.change_group_members(org, &analysts, &all, ListChange::Add).await.unwrap();
    far.change_group_members(org, &others, &one, ListChange::Add).await.unwrap();
    far.change_group_members(org, &analysts, &one, ListChange::Remove).await.unwrap();
    let members = |of: Vec<thoughtspot_client::domain::User>| of.into_iter().map(|user| user.id).collect::<BTreeSet<_>>();
    assert_eq!(members(far.group_members(org, &analysts).await.unwrap()), all.difference(&one).cloned().collect());
    assert_eq!(members(far.group_members(org, &others).await.unwrap()), one, "and no other group is touched");

    let mark = bench.mark();
    let none = far.change_group_members(org, &analysts, &BTreeSet::new(), ListChange::Remove).await;
    assert!(matches!(none, Err(Error::Refused { .. })), "{none:?}");
    assert_eq!(bench.mark(), mark, "an empty list is not sent");
}

async fn a_group_from_create_to_delete(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let org = new_org(far, "acme").await.id;
    let mut analysts = group("Analysts");
    analysts.privileges = set(["DATADOWNLOADING"]);
    let made = far.create_group(org, &analysts).await.unwrap();
    // The same name in another Org is another group.
    let twin = new_group(far, OrgId::PRIMARY, "Analysts").await;
    assert_ne!(made.id, twin.id);
    for (org, id) in [(org, &made.id), (OrgId::PRIMARY, &twin.id)] {
        assert_eq!(far.find_group(org, Lookup::Name("Analysts")).await.unwrap().unwrap().id, *id);
    }
    assert_eq!(far.find_group(OrgId::PRIMARY, Lookup::Id(&made.id)).await.unwrap(), None, "it is another Org's");
    assert_eq!(far.find_group(org, Lookup::Name("analysts")).await.unwrap(), None, "another case, another name");

    let patch = GroupPatch { description: Some("who look".to_owned()), ..GroupPatch::default() };
    far.update_group(org, &made.id, &patch).await.unwrap();
    let now = far.find_group(org, Lookup::Id(&made.id)).await.unwrap().unwrap();
    assert_eq!((now.description.as_str(), &now.privileges), ("who look", &set(["DATADOWNLOADING"])));
    let patch = GroupPatch { privileges: Some(BTreeSet::new()), name: Some("Lookers".to_owned()), ..GroupPatch::default() };
    far.update_group(org, &made.id, &patch).await.unwrap();
    let now = far.find_group(org, Lookup::Id(&made.id)).await.unwrap().unwrap();
    assert_eq!((now.name.as_str(), now.privileges.len()), ("Lookers", 0));

    far.delete_group(org, &made.id).await.unwrap();
    assert_eq!(far.find_group(org, Lookup::Id(&made.id)).await.unwrap(), None);
    assert!(far.find_group(OrgId::PRIMARY, Lookup::Id(&twin.id)).await.unwrap().is_some());
}

async fn what_is_nested_in_a_group_is_set_as_a_whole(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let org = new_org(far, "acme").await.id;
    let ids = |groups: &[&Group]| Some(groups.iter().map(|group| group.id.clone()).collect::<BTreeSet<_>>());
    let [outer, a, b, c] = [
        new_group(far, org, "outer").await,
        new_group(far, org, "a").await,
        new_group(far, org, "b").await,
        new_group(far, org, "c").await,
    ];
    for (nested, privileges) in
        [(ids(&[&a, &b]), set(["DEVELOPER"])), (ids(&[&b, &c]), set([])), (ids(&[]), set(["SHAREWITHALL"]))]
    {
        let (sub_groups, name) = (nested.clone(), Some(format!("outer {}", privileges.len())));
        let patch = GroupPatch { name, privileges: Some(privileges.clone()), sub_groups, ..GroupPatch::default() };
        far.update_group(org, &outer.id, &patch).await.unwrap();
        let now = far.find_group(org, Lookup::Id(&outer.id)).await.unwrap().unwrap();
        assert_eq!((Some(&now.sub_groups), &now.privileges), (nested.as_ref(), &privileges));
        let listed = far.groups_page(org, WHOLE).await.unwrap().rows;
        assert!(listed.contains(&now), "the list shows the same: {listed:?}");
    }
}

async fn roles_of_groups_are_there_where_roles_are(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let org = new_org(far, "acme").await.id;
    let without = new_group(far, org, "without").await;
    assert_eq!(without.roles, None, "role-based access control is off");
    let outcome = far.roles(org).await;
    assert!(matches!(outcome, Err(Error::Forbidden { .. } | Error::Refused { .. })), "{outcome:?}");

    bench.sim.set(|s| s.rbac = true);
    let by_hand = bench.client();
    let new = |name: &str| CreateRole { name: name.to_owned(), privileges: set(["DEVELOPER"]), ..CreateRole::default() };
    let one = V2::roles(&by_hand, org).create(&new("one")).await.unwrap().id;
    let two = V2::roles(&by_hand, org).create(&new("two")).await.unwrap().id;
    V2::roles(&by_hand, OrgId::PRIMARY).create(&new("elsewhere")).await.unwrap();
    let roles = far.roles(org).await.unwrap();
    assert!(roles.iter().any(|role| role.id == one && role.name == "one" && role.privileges == set(["DEVELOPER"])), "{roles:?}");
    assert!(roles.iter().all(|role| role.name != "elsewhere"), "{roles:?}");

    let made = far
        .create_group(org, &NewGroup { roles: [one.clone()].into(), kind: Some("TEAM_GROUP".into()), ..group("with") })
        .await
        .unwrap();
    assert_eq!(made.roles, Some([one.clone()].into()));
    for wanted in [BTreeSet::from([one, two.clone()]), BTreeSet::from([two]), BTreeSet::new()] {
        far.update_group(org, &made.id, &GroupPatch { roles: Some(wanted.clone()), ..GroupPatch::default() }).await.unwrap();
        let now = far.find_group(org, Lookup::Id(&made.id)).await.unwrap().unwrap();
        assert_eq!(now.roles, Some(wanted));
    }
}

async fn pages_hold_rows_of_their_org_only(dialect: Dialect) {
    let bench = Bench::new().await;
    let far = &*bench.far(dialect);
    let org = new_org(far, "acme").await.id;
    new_user(far, org, "ana").await;
    new_group(far, org, "analysts").await;
    let names = |rows: Vec<thoughtspot_client::domain::User>| rows.into_iter().map(|u| u.name).collect::<BTreeSet<_>>();
    assert_eq!(names(far.users_page(org, WHOLE).await.unwrap().rows), set(["ana"]));
    let primary = names(far.users_page(OrgId::PRIMARY, WHOLE).await.unwrap().rows);
    assert!(primary.contains(ADMIN) && !primary.contains("ana"), "{primary:?}");
    let primary = far.groups_page(OrgId::PRIMARY, WHOLE).await.unwrap().rows;
    let names: BTreeSet<&str> = primary.iter().map(|g| g.name.as_str()).collect();
    assert_eq!(names, BUILT_IN_GROUP_NAMES.into());
    let all = far.groups_page(org, WHOLE).await.unwrap().rows;
    assert!(all.iter().any(|g| g.name == ALL_GROUP_NAME) && all.iter().any(|g| g.name == "analysts"), "{all:?}");
}

async fn a_name_that_is_taken_is_refused_whatever_the_status(dialect: Dialect) {
    for status in [400, 409, 500] {
        let bench = Bench::new().await;
        bench.sim.set(|s| {
            s.duplicate_name = status;
            (s.v1_duplicate_org, s.v1_duplicate_user, s.v1_duplicate_group) = (status, status, status);
        });
        let far = &*bench.far(dialect);
        new_org(far, "acme").await;
        new_user(far, OrgId::PRIMARY, "ana").await;
        new_group(far, OrgId::PRIMARY, "analysts").await;
        let refused = |error: Error| {
            let Error::Refused { status, said, .. } = error else { panic!("{error}") };
            (status, said)
        };
        let org = NewOrg { name: "acme".to_owned(), description: String::new() };
        for (got, said) in [
            refused(far.create_org(&org).await.unwrap_err()),
            refused(far.create_user(OrgId::PRIMARY, &user("ANA")).await.unwrap_err()),
            refused(far.create_group(OrgId::PRIMARY, &group("analysts")).await.unwrap_err()),
        ] {
            assert_eq!(got, status, "{said}");
            assert!(!said.is_empty());
        }
    }
}

async fn an_unknown_id_is_refused_and_a_search_for_it_finds_nothing(dialect: Dialect) {
    for (unknown, miss) in [(400, 400), (404, 200), (500, 200)] {
        let bench = Bench::new().await;
        bench.sim.set(|s| (s.unknown_id, s.v1_unknown_id, s.search_miss) = (unknown, unknown, miss));
        let far = &*bench.far(dialect);
        let id = "00000000-0000-4000-8000-000000000000";
        for outcome in [far.delete_user(id).await, far.delete_group(OrgId::PRIMARY, id).await, far.delete_org(OrgId(12345)).await]
        {
            assert!(
                matches!(outcome, Err(Error::Refused { status, .. }) if status == unknown || dialect == Dialect::V1),
                "{outcome:?}"
            );
        }
        assert_eq!(far.find_user(OrgId::PRIMARY, Lookup::Id(id)).await.unwrap(), None);
        assert_eq!(far.find_group(OrgId::PRIMARY, Lookup::Name("nothing")).await.unwrap(), None);
        assert_eq!(far.find_org(Lookup::Id(&OrgId(12345))).await.unwrap(), None);
    }
}

async fn every_shape_of_error_is_understood(dialect: Dialect) {
    for (shape, refused) in [(ErrorShape::A, true), (ErrorShape::B, true), (ErrorShape::Empty, true), (ErrorShape::Html, false)] {
        let bench = Bench::new().await;
        let far = &*bench.far(dialect);
        new_user(far, OrgId::PRIMARY, "ana").await;
        bench.sim.set(|s| s.error_shape = shape);
        let outcome = far.create_user(OrgId::PRIMARY, &user("ana")).await;
        let as_expected = match refused {
            true => matches!(outcome, Err(Error::Refused { status: 400 | 409, .. })),
            // A gateway's page tells nothing of what became of the write.
            false => matches!(outcome, Err(Error::Unclear { .. })),
        };
        assert!(as_expected, "{shape:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn what_one_dialect_makes_the_other_finds_under_the_same_ids() {
    let bench = Bench::new().await;
    let (v1, v2) = (bench.far(Dialect::V1), bench.far(Dialect::V2));
    let org = new_org(&*v1, "acme").await;
    let [parent, child] = [new_group(&*v1, org.id, "parent").await, new_group(&*v1, org.id, "child").await];
    let nested = NonEmpty::one(child.id.clone());
    bench.v1().groups(org.id).change_sub_groups(&parent.id, &nested, ListChange::Add).await.unwrap();
    let ana = new_user(&*v1, org.id, "ana").await;
    let shown = |org| Lookup::<OrgId>::Id(org);
    assert_eq!(v1.find_org(shown(&org.id)).await.unwrap(), v2.find_org(shown(&org.id)).await.unwrap());
    for id in [&parent.id, &child.id] {
        let [one, two] = [v1.find_group(org.id, Lookup::Id(id)).await, v2.find_group(org.id, Lookup::Id(id)).await];
        assert_eq!(one.unwrap().unwrap(), two.unwrap().unwrap());
    }
    let [one, two] = [v1.find_user(org.id, Lookup::Id(&ana.id)).await, v2.find_user(org.id, Lookup::Id(&ana.id)).await];
    let (one, mut two) = (one.unwrap().unwrap(), two.unwrap().unwrap());
    let Preferences { notify_on_share, show_onboarding, .. } = two.preferences;
    // V1 says nothing of a language that nobody chose.
    two.preferences = Preferences { notify_on_share, show_onboarding, ..Preferences::default() };
    assert_eq!(one, two);
    let mut pages = [v1.groups_page(org.id, WHOLE).await.unwrap().rows, v2.groups_page(org.id, WHOLE).await.unwrap().rows];
    pages.iter_mut().for_each(|rows| rows.sort_by(|a, b| a.id.cmp(&b.id)));
    assert_eq!(pages[0], pages[1]);
    let [one, two] = [v1.system().await.unwrap(), v2.system().await.unwrap()];
    // Each has an id of its own for the cluster.
    assert_eq!((one.id.is_some(), one.release), (two.id.is_some(), two.release));
    assert_eq!(v1.login().await.unwrap(), v2.login().await.unwrap());
    assert_eq!(v1.org_provenance(org.id).await.unwrap(), v2.org_provenance(org.id).await.unwrap());
}

#[tokio::test]
async fn v1_does_without_v2() {
    let bench = Bench::new().await;
    let with_v2 = bench.far(Dialect::V1).system().await.unwrap();
    bench.sim.set(|s| s.serves_v2 = false);
    let far = bench.far(Dialect::V1);
    assert_eq!(far.system().await.unwrap(), with_v2);
    let org = new_org(&*far, "acme").await.id;
    new_user(&*far, org, "ana").await;
}

#[tokio::test]
async fn v1_never_ends_the_last_membership_which_would_delete_the_user() {
    let bench = Bench::new().await;
    let far = bench.far(Dialect::V1);
    let org = new_org(&*far, "acme").await.id;
    let ana = new_user(&*far, org, "ana").await;
    let mark = bench.sim.counters().writes;
    let outcome = far.change_org_members(org, &ana.id, ListChange::Remove).await;
    assert!(matches!(outcome, Err(Error::Refused { .. })), "{outcome:?}");
    assert_eq!(bench.sim.counters().writes, mark);
}

#[tokio::test]
async fn v1_takes_nobody_out_of_an_org_he_is_not_in() {
    let bench = Bench::new().await;
    let far = bench.far(Dialect::V1);
    let org = new_org(&*far, "acme").await.id;
    let ana = new_user(&*far, OrgId::PRIMARY, "ana").await;
    let mark = bench.mark();
    far.change_org_members(org, &ana.id, ListChange::Remove).await.unwrap();
    assert_eq!(bench.count(mark, REMOVE), 0);
}

#[tokio::test]
async fn v1_ends_no_membership_that_leaves_only_orgs_out_of_use() {
    let bench = Bench::new().await;
    let far = bench.far(Dialect::V1);
    let (acme, globex) = (new_org(&*far, "acme").await.id, new_org(&*far, "globex").await.id);
    let ana = new_user(&*far, acme, "ana").await;
    // As the server shows it once globex is out of use.
    bench.sim.fault(Rule::route("GET v1/session/orgs/users/*", Action::StaleRead));
    far.change_org_members(globex, &ana.id, ListChange::Add).await.unwrap();
    let mark = bench.sim.counters().writes;
    let outcome = far.change_org_members(acme, &ana.id, ListChange::Remove).await;
    assert!(matches!(outcome, Err(Error::Refused { .. })), "{outcome:?}");
    assert_eq!(bench.sim.counters().writes, mark);
}

#[tokio::test]
async fn v1_looks_again_before_it_ends_a_membership_after_a_401() {
    let bench = Bench::new().await;
    let far = bench.far(Dialect::V1);
    let acme = new_org(&*far, "acme").await.id;
    let ana = new_user(&*far, OrgId::PRIMARY, "ana").await;
    far.change_org_members(acme, &ana.id, ListChange::Add).await.unwrap();
    // Served, and answered 401: sent again unseen, it would be refused, or worse.
    let lie = Action::Refuse { status: 401, retry_after: None, body: Body::Json, after_commit: true };
    bench.sim.fault(Rule::route(REMOVE, lie).times(1));
    let mark = bench.mark();
    far.change_org_members(acme, &ana.id, ListChange::Remove).await.unwrap();
    assert_eq!(bench.count(mark, REMOVE), 1);
    // Not served: it is done with a fresh session, once more.
    far.change_org_members(acme, &ana.id, ListChange::Add).await.unwrap();
    bench.sim.fault(Rule::route(REMOVE, Action::refuse(401)).times(1));
    far.change_org_members(acme, &ana.id, ListChange::Remove).await.unwrap();
    assert_eq!(far.find_user(acme, Lookup::Id(&ana.id)).await.unwrap(), None);
}

#[tokio::test]
async fn a_change_by_v1_leaves_alone_what_it_does_not_know() {
    let bench = Bench::new().await;
    let far = bench.v1();
    let ana = new_user(&far, OrgId::PRIMARY, "ana").await;
    let mut content = far.users(OrgId::PRIMARY).content(&ana.id).await.unwrap();
    content.set(&["userContent", "userProperties", "team"], "blue".into());
    far.users(OrgId::PRIMARY).update(&ana.id, &content, None).await.unwrap();
    let patch = UserPatch { email: Some("new@example.com".to_owned()), ..UserPatch::default() };
    far.update_user(OrgId::PRIMARY, &ana.id, &patch).await.unwrap();
    far.set_password(&ana.id, &Secret::new("CANARY-long-enough")).await.unwrap();
    let content = far.users(OrgId::PRIMARY).content(&ana.id).await.unwrap();
    let properties = content.get(&["userContent", "userProperties"]).unwrap();
    assert_eq!((&properties["team"], &properties["mail"]), (&"blue".into(), &"new@example.com".into()));
}

//! What there is, on both sides, as tables.

use std::io::Write;

use crate::Outcome;
use crate::environment::Environment;
use crate::simulator::State;

/// Prints what Kubernetes holds and what ThoughtSpot holds.
pub(crate) async fn print(environment: &Environment) -> Outcome<()> {
    let resources = environment.kubectl(&["get", "thoughtspot", "-A"]).await?;
    let rows = rows(&environment.simulator.added().await?);
    let mut stdout = std::io::stdout();
    writeln!(stdout, "\n$ kubectl get thoughtspot -A\n{}\n", resources.trim_end())?;
    writeln!(stdout, "In ThoughtSpot, beside what is built in ({}):\n{}", environment.simulator.url(), table(&rows))?;
    Ok(())
}

type Row = [String; 4];

/// One row per Org, then its groups and its users.
fn rows(state: &State) -> Vec<Row> {
    let mut rows = vec![["ORG", "KIND", "NAME", "DETAILS"].map(str::to_owned)];
    for org in &state.orgs {
        let description = org.description.as_deref().map(|text| format!(", {text}")).unwrap_or_default();
        rows.push([org.name.clone(), "Org".to_owned(), org.name.clone(), format!("id {}{description}", org.id)]);
        rows.extend(group_rows(state, &org.name));
        rows.extend(user_rows(state, &org.name));
    }
    rows
}

fn group_rows(state: &State, org: &str) -> impl Iterator<Item = Row> {
    state.groups.iter().filter(move |group| group.org == org).map(|group| {
        let details = format!("{:?}, privileges {}, users {}", group.display_name, list(&group.privileges), list(&group.users));
        [group.org.clone(), "group".to_owned(), group.name.clone(), details]
    })
}

fn user_rows(state: &State, org: &str) -> impl Iterator<Item = Row> {
    state.users.iter().filter(move |user| user.orgs.iter().any(|name| name == org)).map(move |user| {
        let prefix = format!("{org}/");
        let groups: Vec<String> = user.groups.iter().filter_map(|group| group.strip_prefix(&prefix)).map(str::to_owned).collect();
        let email = user.email.as_deref().unwrap_or("no e-mail");
        [
            org.to_owned(),
            "user".to_owned(),
            user.name.clone(),
            format!("{:?}, {email}, groups {}", user.display_name, list(&groups)),
        ]
    })
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

/// Columns as wide as their widest cell, three blanks between, as kubectl does.
fn table(rows: &[Row]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default() + 3;
    let widths = [width(0), width(1), width(2), 0];
    let line = |row: &Row| row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect::<String>();
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_each_org_with_its_groups_and_users() {
        let state = serde_json::json!({
            "orgs": [{"id": 1, "name": "acme", "description": "A tenant"}],
            "groups": [{"id": "g", "org": "acme", "name": "analysts", "display_name": "Analysts", "privileges": ["DATADOWNLOADING"], "users": ["anna"]}],
            "users": [{"id": "u", "name": "anna", "display_name": "Anna", "email": "anna@acme.example", "orgs": ["acme"], "groups": ["acme/All", "acme/analysts"]}],
        });
        let expected = "\
ORG    KIND    NAME       DETAILS
acme   Org     acme       id 1, A tenant
acme   group   analysts   \"Analysts\", privileges DATADOWNLOADING, users anna
acme   user    anna       \"Anna\", anna@acme.example, groups All analysts";
        assert_eq!(table(&rows(&serde_json::from_value(state).unwrap())), expected);
    }
}

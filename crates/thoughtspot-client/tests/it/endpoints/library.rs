//! Content to make calls about, in an Org of its own.

use serde_json::json;
use thoughtspot_client::domain::{Guid, OrgId};
use thoughtspot_simulator::{Refusal, Simulator};

/// The Org acme: ana's content in it, and bob, who is one of the group Analyst.
pub(crate) struct Library {
    pub(crate) org: OrgId,
    pub(crate) bob: Guid,
    pub(crate) analysts: Guid,
    pub(crate) connection: Guid,
    /// Named sales, with the columns region and amount, and two rows.
    pub(crate) sales: Guid,
    /// Named Overview, with one visualisation.
    pub(crate) liveboard: Guid,
    /// Named Question.
    pub(crate) answer: Guid,
}

impl Library {
    pub(crate) fn of(sim: &Simulator) -> Library {
        let made = sim.edit(|world| {
            let org = OrgId(world.create_org("acme", None)?.into());
            world.create_user("ana", "Ana", &["acme"])?;
            let bob = world.create_user("bob", "Bob", &["acme"])?;
            let analysts = world.create_group("acme", "Analyst", "Analysts")?;
            world.add_to_group("acme", "Analyst", "bob")?;
            let connection = world.create_connection("acme", "ana", "warehouse")?;
            let sales = world.create_table("acme", "ana", "sales", &["region", "amount"], Some(&connection))?;
            let rows = vec![vec![json!("north"), json!(3)], vec![json!("south"), json!(4)]];
            world.set_rows("acme", &sales, rows)?;
            let shows: [(&str, &str, &[&str]); 1] = [("by region", &sales, &["region", "amount"])];
            let liveboard = world.create_liveboard("acme", "ana", "Overview", &shows)?;
            let answer = world.create_answer("acme", "ana", "Question", Some(&sales))?;
            world.create_tag("acme", "gold")?;
            Ok::<_, Refusal>(Library { org, bob, analysts, connection, sales, liveboard, answer })
        });
        made.unwrap()
    }
}

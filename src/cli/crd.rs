//! `thoughtspot-operator crd`: the custom resource definitions as YAML.

use std::error::Error;
use std::io::Write;

/// Prints every definition as one YAML document each.
pub(super) fn print() -> Result<(), Box<dyn Error>> {
    std::io::stdout().write_all(yaml()?.as_bytes())?;
    Ok(())
}

/// What `crds/` holds.
pub fn yaml() -> Result<String, Box<dyn Error>> {
    let mut text = String::from("# Printed by `thoughtspot-operator crd`; `make crds` writes this file.\n");
    for definition in thoughtspot_crds::definitions() {
        text.push_str("---\n");
        text.push_str(&serde_saphyr::to_string(&definition)?);
    }
    Ok(text)
}

//! Every link of the documents leads somewhere: to a file that is there, and a heading in it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::root;

fn documents() -> Vec<PathBuf> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.chain([root().join("README.md")]).collect()
}

/// A heading as GitHub turns it into an anchor.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn anchors(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).collect()
}

/// What is wrong with a link of this page, if anything is.
fn broken(page: &Path, link: &str) -> Option<String> {
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
    let target = if file.is_empty() { page.to_owned() } else { page.parent().unwrap().join(file) };
    let whole = target.exists() && heading.is_none_or(|heading| anchors(&target).contains(heading));
    (!whole).then(|| format!("{}: {link}", page.strip_prefix(root()).unwrap().display()))
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for page in documents() {
        let text = std::fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
        wrong.extend(links.filter(|link| !link.contains("://")).filter_map(|link| broken(&page, link)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(anchor(" What it `never` does, really?"), "what-it-never-does-really");
}

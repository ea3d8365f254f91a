//! A page of docs/, followed by the letter: what is to be saved is saved, what is to be run is run, and what is shown is what one sees.

use std::collections::VecDeque;

use thoughtspot_testkit::eventually;

use crate::bench::{Bench, PATIENCE};
use crate::documents::{read, save_kubeconfig, shell};
use crate::messages::is_like;

/// A fenced block, and the heading it is under.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    heading: String,
    language: String,
    text: String,
}

/// What somebody does who follows a page, in a folder of their own.
pub(crate) struct Page<'a> {
    bench: &'a Bench,
    pub(crate) folder: tempfile::TempDir,
    left: VecDeque<Block>,
    /// What is another here than on the page.
    texts: Vec<(String, String)>,
}

impl<'a> Page<'a> {
    /// The page as written, for the ThoughtSpot of this test.
    pub(crate) fn open(bench: &'a Bench, path: &str) -> Page<'a> {
        let texts = [
            ("spec:\n  url:", format!("spec:\n  dialect: {}\n  url:", bench.dialect)),
            ("https://acme.thoughtspot.cloud", bench.thoughtspot.url()),
            ("acme.thoughtspot.cloud", bench.thoughtspot.host()),
            ("svc-kubernetes", "svc-operator".to_owned()),
            ("change-me", "Passw0rd-of-operator".to_owned()),
        ];
        let texts = texts.map(|(theirs, ours)| (theirs.to_owned(), ours)).into();
        Page { bench, folder: tempfile::tempdir().unwrap(), left: blocks(&read(path)).into(), texts }
    }

    /// The same, where this text of the page is another here.
    pub(crate) fn with(mut self, theirs: impl Into<String>, ours: impl Into<String>) -> Page<'a> {
        self.texts.insert(0, (theirs.into(), ours.into()));
        self
    }

    /// With these contexts in the kubeconfig, each with a namespace of its own.
    pub(crate) fn with_contexts(self, contexts: &[(&str, &str)]) -> Page<'a> {
        save_kubeconfig(self.bench, self.folder.path(), contexts);
        self
    }

    /// Does what the page says under a heading; the sections come in their order.
    pub(crate) async fn follow(&mut self, heading: &str) {
        assert_eq!(self.left.front().map(|block| block.heading.as_str()), Some(heading), "the next section with something to do");
        while let Some(block) = self.next_if(|block| block.heading == heading) {
            let text = self.here(&block.text);
            match block.language.as_str() {
                "yaml" => self.save(&text),
                "sh" => match self.next_if(|next| next.language == "text") {
                    Some(shown) => self.see(&text, &self.here(&shown.text)).await,
                    None => drop(shell(self.bench, self.folder.path(), &text).await),
                },
                other => panic!("nothing tries this block of {heading:?}: {other}\n{text}"),
            }
        }
    }

    /// Leaves a section to another test, which follows it.
    pub(crate) fn pass_over(&mut self, heading: &str) {
        assert!(self.next_if(|block| block.heading == heading).is_some(), "there is nothing to do in {heading:?}");
        while self.next_if(|block| block.heading == heading).is_some() {}
    }

    fn next_if(&mut self, is_meant: impl Fn(&Block) -> bool) -> Option<Block> {
        if self.left.front().is_some_and(is_meant) { self.left.pop_front() } else { None }
    }

    /// Nothing is left that nobody tried.
    pub(crate) fn end(self) {
        assert!(self.left.is_empty(), "{:?}", self.left);
    }

    /// A text of the page, as it is here.
    pub(crate) fn here(&self, text: &str) -> String {
        self.texts.iter().fold(text.to_owned(), |text, (theirs, ours)| text.replace(theirs.as_str(), ours))
    }

    /// A manifest begins with the name of its file, as a comment.
    fn save(&self, text: &str) {
        let file = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_else(|| panic!("its file?\n{text}"));
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Who only looks may look again until it is so.
    async fn see(&self, script: &str, shown: &str) {
        let look = async || {
            let said = shell(self.bench, self.folder.path(), script).await;
            if shows(&said, shown) { Ok(()) } else { Err(said) }
        };
        if script.starts_with("kubectl get ") {
            eventually(&format!("{script}shows\n{shown}"), PATIENCE, look).await;
        } else {
            look().await.unwrap_or_else(|said| panic!("{script}shows\n{shown}not\n{said}"));
        }
    }
}

/// Whether these lines were said in this order, whatever the blanks and whatever stands for `…`.
fn shows(said: &str, shown: &str) -> bool {
    let plain = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut said = said.lines().map(plain);
    shown.lines().map(plain).all(|shown| said.any(|line| is_like(&line, &shown)))
}

fn blocks(page: &str) -> Vec<Block> {
    let (mut found, mut heading, mut open): (Vec<Block>, _, Option<(usize, Block)>) = (Vec::new(), String::new(), None);
    for line in page.lines() {
        let indent = line.len() - line.trim_start().len();
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (Some(_), Some(_)) => found.extend(open.take().map(|(_, block)| block)),
            (Some((indent, block)), None) => {
                block.text.push_str(line.get(*indent..).unwrap_or_default());
                block.text.push('\n');
            }
            (None, Some(language)) => {
                let block = Block { heading: heading.clone(), language: language.to_owned(), text: String::new() };
                open = Some((indent, block));
            }
            (None, None) => heading = line.strip_prefix("## ").map_or(heading, str::to_owned),
        }
    }
    found
}

#[test]
fn a_page_is_cut_into_what_is_to_be_done() {
    let page = "# Title\n\n```sh\na\n```\n\n## One\n\n1. Do:\n\n   ```yaml\n   # f.yaml\n   b:\n     c\n   ```\n";
    let block = |heading: &str, language: &str, text: &str| Block {
        heading: heading.to_owned(),
        language: language.to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(blocks(page), [block("", "sh", "a\n"), block("One", "yaml", "# f.yaml\nb:\n  c\n")]);
    assert!(shows("NAME   READY\nana    True\nbob  False\n", "NAME READY\nbob …\n"));
    assert!(!shows("ana True\n", "NAME READY\n"));
}

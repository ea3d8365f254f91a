//! Changes of lists that cannot be misread: nothing here turns an empty list into "everything" or "nobody" by accident.
//!
//! `operation` is one for all lists of a request and its default differs from call to call (docs/thoughtspot-api.md, "Input
//! handling"), so an update has at most one list, as an enum of [`Change`]s, and its operation is always sent.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::nonempty::NonEmpty;

/// What to do with a list of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// Adds these; those that are there already stay.
    Add(NonEmpty<T>),
    /// Removes these. Whether one that is absent is refused depends on the release.
    Remove(NonEmpty<T>),
    /// Makes the list exactly this: what others put there goes.
    Replace(NonEmpty<T>),
    /// Empties the list.
    Clear,
}

/// A list that is sent whole, where an absent one leaves things as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole<T> {
    /// These and no others.
    Exactly(NonEmpty<T>),
    /// None at all.
    Nothing,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Operation {
    Add,
    Remove,
    Replace,
}

impl<T> Change<T> {
    /// Makes the list exactly these, be it none.
    pub fn exactly(items: impl IntoIterator<Item = T>) -> Self {
        NonEmpty::collect(items).map_or(Change::Clear, Change::Replace)
    }

    fn operation(&self) -> Operation {
        match self {
            Change::Add(_) => Operation::Add,
            Change::Remove(_) => Operation::Remove,
            Change::Replace(_) | Change::Clear => Operation::Replace,
        }
    }

    fn items(&self) -> &[T] {
        match self {
            Change::Add(items) | Change::Remove(items) | Change::Replace(items) => items,
            Change::Clear => &[],
        }
    }

    /// Writes the list under its `key`, each item as `form` has it, and the operation.
    pub(super) fn write<S: Serializer, F: Serialize>(&self, key: &str, form: impl Fn(&T) -> F, to: S) -> Result<S::Ok, S::Error> {
        let items: Vec<F> = self.items().iter().map(form).collect();
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry(key, &items)?;
        map.serialize_entry("operation", &self.operation())?;
        map.end()
    }
}

impl<T> Whole<T> {
    /// Exactly these, be it none.
    pub fn of(items: impl IntoIterator<Item = T>) -> Self {
        NonEmpty::collect(items).map_or(Whole::Nothing, Whole::Exactly)
    }
}

impl<T: Serialize> Serialize for Whole<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Whole::Exactly(items) => items.serialize(to),
            Whole::Nothing => to.collect_seq(std::iter::empty::<T>()),
        }
    }
}

/// For the flattened list of an update. Without one, `ADD` is sent, which is the operation that could not take anything away.
pub(super) fn one_list<L: Serialize, S: Serializer>(list: &Option<L>, to: S) -> Result<S::Ok, S::Error> {
    if let Some(list) = list {
        return list.serialize(to);
    }
    let mut map = to.serialize_map(Some(1))?;
    map.serialize_entry("operation", &Operation::Add)?;
    map.end()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Serialize)]
    struct Update {
        name: &'static str,
        #[serde(flatten, serialize_with = "one_list")]
        list: Option<List>,
    }

    struct List(Change<u8>);

    impl Serialize for List {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            self.0.write("numbers", u8::to_string, to)
        }
    }

    fn sent(list: Option<Change<u8>>) -> Value {
        serde_json::to_value(Update { name: "x", list: list.map(List) }).unwrap()
    }

    #[test]
    fn an_update_always_says_its_operation() {
        assert_eq!(sent(None), json!({"name": "x", "operation": "ADD"}));
        let one = || NonEmpty::one(7);
        for (change, word) in
            [(Change::Add(one()), "ADD"), (Change::Remove(one()), "REMOVE"), (Change::Replace(one()), "REPLACE")]
        {
            assert_eq!(sent(Some(change)), json!({"name": "x", "numbers": ["7"], "operation": word}));
        }
        assert_eq!(sent(Some(Change::Clear)), json!({"name": "x", "numbers": [], "operation": "REPLACE"}));
    }

    #[test]
    fn a_list_is_emptied_only_where_that_is_said() {
        assert_eq!(Change::exactly(Vec::<u8>::new()), Change::Clear);
        assert_eq!(Change::exactly([1]), Change::Replace(NonEmpty::one(1)));
        assert_eq!(serde_json::to_value(Whole::of([1, 2])).unwrap(), json!([1, 2]));
        assert_eq!(serde_json::to_value(Whole::<u8>::Nothing).unwrap(), json!([]));
    }
}

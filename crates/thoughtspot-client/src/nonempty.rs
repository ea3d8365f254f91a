//! A list that is never empty: for requests in which an empty one would mean everybody or everything.

use std::ops::Deref;
use std::slice;

use serde::Serialize;

/// A list of at least one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct NonEmpty<T>(Vec<T>);

/// A list that must name something is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list is empty")]
pub struct EmptyList;

impl<T> NonEmpty<T> {
    /// A list of `first` and what follows.
    pub fn new(first: T, rest: impl IntoIterator<Item = T>) -> Self {
        let mut list = vec![first];
        list.extend(rest);
        NonEmpty(list)
    }

    /// A list of one.
    pub fn one(item: T) -> Self {
        NonEmpty(vec![item])
    }

    /// The items of an iterator; `None` if it has none.
    pub fn collect(items: impl IntoIterator<Item = T>) -> Option<Self> {
        let list: Vec<T> = items.into_iter().collect();
        NonEmpty::try_from(list).ok()
    }

    /// The items, as an ordinary list.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> TryFrom<Vec<T>> for NonEmpty<T> {
    type Error = EmptyList;

    fn try_from(list: Vec<T>) -> Result<Self, EmptyList> {
        if list.is_empty() { Err(EmptyList) } else { Ok(NonEmpty(list)) }
    }
}

impl<T> Deref for NonEmpty<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for NonEmpty<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a NonEmpty<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_none() {
        assert_eq!(NonEmpty::<u8>::try_from(Vec::new()), Err(EmptyList));
        assert_eq!(NonEmpty::<u8>::collect([]), None);
        assert_eq!(NonEmpty::collect([1, 2]), Some(NonEmpty::new(1, [2])));
    }

    #[test]
    fn it_goes_over_the_wire_as_a_plain_list() {
        assert_eq!(serde_json::to_string(&NonEmpty::new("a", ["b"])).unwrap(), r#"["a","b"]"#);
    }
}

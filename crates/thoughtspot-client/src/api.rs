//! The two APIs of one server: where each is, and what it asks of every request.

/// The two APIs of one server. A pass of one opens the other, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    V1,
    V2,
}

impl Api {
    /// The path that all of its calls are below.
    pub(crate) fn base(self) -> &'static str {
        match self {
            Api::V1 => "/callosum/v1/tspublic/v1/",
            Api::V2 => "/api/rest/2.0/",
        }
    }

    /// As the label of a metric.
    pub(crate) fn dialect(self) -> &'static str {
        match self {
            Api::V1 => "V1",
            Api::V2 => "V2",
        }
    }

    /// What each of its requests carries besides.
    pub(crate) fn header(self) -> Option<(&'static str, &'static str)> {
        match self {
            Api::V1 => Some(("x-requested-by", "ThoughtSpot")),
            Api::V2 => None,
        }
    }
}

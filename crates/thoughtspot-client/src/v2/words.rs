//! Words that go both ways over the wire and grow with releases: known ones by name, others as they came
//! (docs/thoughtspot-api.md, "Transport").

use serde::{Deserialize, Serialize};

use crate::domain;

/// An enum of words with a way out for those of later releases.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$word_doc])* $variant,)*
            /// A word that this code does not know.
            Other(String),
        }

        impl $name {
            /// The word as it goes over the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $word,)*
                    $name::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => $name::$variant,)*
                    _ => $name::Other(word),
                }
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.as_str().to_owned()
            }
        }
    };
}

words! {
    /// How a user signs in.
    AccountType {
        LocalUser = "LOCAL_USER",
        LdapUser = "LDAP_USER",
        SamlUser = "SAML_USER",
        OidcUser = "OIDC_USER",
        RemoteUser = "REMOTE_USER",
    }
}

words! {
    /// Whether a user can sign in.
    AccountStatus {
        Active = "ACTIVE",
        Inactive = "INACTIVE",
        Expired = "EXPIRED",
        /// After too many refused sign-ins; ends by itself.
        Locked = "LOCKED",
        /// Invited, and never signed in.
        Pending = "PENDING",
        /// What `INACTIVE` and `EXPIRED` become where users are kept by the vendor's newer identity service.
        Suspended = "SUSPENDED",
    }
}

words! {
    /// Whether others find a user or a group when they share something.
    Visibility {
        Sharable = "SHARABLE",
        NonSharable = "NON_SHARABLE",
    }
}

words! {
    /// Where a group comes from.
    GroupType {
        LocalGroup = "LOCAL_GROUP",
        LdapGroup = "LDAP_GROUP",
        TeamGroup = "TEAM_GROUP",
        TenantGroup = "TENANT_GROUP",
    }
}

words! {
    /// Whether an Org is in use; no public call sets it.
    OrgStatus {
        Active = "ACTIVE",
        InActive = "IN_ACTIVE",
    }
}

words! {
    /// Whether an Org is listed; no public call sets it.
    OrgVisibility {
        Show = "SHOW",
        Hidden = "HIDDEN",
    }
}

words! {
    /// What may be done with a role.
    RolePermission {
        /// It was created read-only, or is built in: it is never changed or deleted.
        ReadOnly = "READ_ONLY",
        Modify = "MODIFY",
        NoAccess = "NO_ACCESS",
    }
}

words! {
    /// Whether trusted authentication is on.
    AuthStatus {
        Enabled = "ENABLED",
        Disabled = "DISABLED",
    }
}

words! {
    /// What a token opens.
    AccessType {
        Full = "FULL",
        /// One Liveboard or visualisation.
        ReportBookView = "REPORT_BOOK_VIEW",
    }
}

impl From<domain::Visibility> for Visibility {
    fn from(visibility: domain::Visibility) -> Self {
        match visibility {
            domain::Visibility::Sharable => Visibility::Sharable,
            domain::Visibility::NonSharable => Visibility::NonSharable,
        }
    }
}

/// A word that we do not know means the default, which is to be found by others.
impl From<&Visibility> for domain::Visibility {
    fn from(visibility: &Visibility) -> Self {
        match visibility {
            Visibility::NonSharable => domain::Visibility::NonSharable,
            Visibility::Sharable | Visibility::Other(_) => domain::Visibility::Sharable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_release_survives_the_way_there_and_back() {
        for (text, word) in
            [(r#""SAML_USER""#, AccountType::SamlUser), (r#""PASSKEY_USER""#, AccountType::Other("PASSKEY_USER".to_owned()))]
        {
            assert_eq!(serde_json::from_str::<AccountType>(text).unwrap(), word);
            assert_eq!(serde_json::to_string(&word).unwrap(), text);
        }
    }
}

//! The password of a user: read from a person's Secret, or made up and kept in one of ours.
//!
//! Each is set when its Secret is not the one, in the version, that status says it was set from. One of ours is written twice for that
//! ([`held`]), and what that leaves of it is what status remembers.

mod held;
mod known;
mod random;
mod rejected;

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use kube::{Resource, ResourceExt};
use serde_json::json;
use thoughtspot_client::Error;
use thoughtspot_client::secret::Secret;
use thoughtspot_crds::user::{Generate, PasswordSet};
use thoughtspot_crds::{Reason, SecretKeyReference, ThoughtSpotUser, annotations};
use thoughtspot_engine::Fault;
use thoughtspot_engine::cache::Key;

use super::{Desired, Observed, UserChange, Users};
use crate::access::Reached;
use crate::faults::stalled;
use crate::secrets::{self, ours};
use held::{Due, Held};
use known::Known;
use rejected::{Rejections, Sent, Try};

/// What the process remembers of passwords, none of which is a password.
#[derive(Default)]
pub struct Memory {
    rejections: Rejections,
    known: Known,
}

/// The password that a user is to have.
pub(super) struct Password {
    secret: Secret,
    source: Source,
    /// Whether ThoughtSpot does not have it yet, as far as is known.
    due: bool,
    /// What ThoughtSpot said to it, if it will not have it.
    rejected: Option<String>,
    tried: Try,
    /// Its Secret, as last read or written.
    version: Mutex<Option<PasswordSet>>,
}

enum Source {
    /// A person's Secret, and the key in it.
    Declared(SecretKeyReference),
    Generated(Box<Slot>),
}

/// A Secret of ours.
struct Slot {
    key: Key,
    /// The uid of the resource it is for.
    owner: String,
    /// What the key `url` is to say.
    url: String,
    held: Option<Held>,
    progress: Mutex<Progress>,
}

/// How far the password has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Made,
    /// In the Secret, for whoever goes on after a crash.
    Waiting,
    /// In the Secret, for everybody.
    Published,
}

impl Password {
    /// What is sent.
    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether it has to be set, and may be taken.
    pub(super) fn is_due(&self) -> bool {
        self.due && self.rejected.is_none()
    }

    /// ThoughtSpot has it.
    pub(super) fn is_set(&mut self) {
        self.due = false;
    }

    /// The user is taken back: what its Secret holds was set before the record of that was lost. Not what only waits in it.
    pub(super) fn was_set(&mut self) {
        let waits = match &self.source {
            Source::Declared(_) => false,
            Source::Generated(slot) => slot.progress() < Progress::Published,
        };
        self.due &= waits;
    }

    /// Which Secret, in which version, it was set from.
    pub(super) fn set_from(&self) -> Option<PasswordSet> {
        if self.due { None } else { self.version().clone() }
    }

    /// Whether its Secret says something about the login that is no longer so.
    pub(super) fn is_misdescribed(&self, want: &Desired, user: &Observed) -> bool {
        match &self.source {
            Source::Declared(_) => false,
            Source::Generated(slot) => {
                let described = |held: &Held| held.describes(want.login_name(Some(user)), &slot.url);
                !self.due && slot.held.as_ref().is_some_and(|held| !described(held))
            }
        }
    }

    /// What a person has to see to before it can be set.
    pub(super) fn shortcoming(&self) -> Result<(), Fault> {
        match &self.rejected {
            Some(said) if self.due => Err(self.rejection(said)),
            Some(_) | None => Ok(()),
        }
    }

    fn rejection(&self, said: &str) -> Fault {
        let message = match &self.source {
            Source::Declared(SecretKeyReference { name, key }) => {
                format!(
                    "ThoughtSpot does not take the password, key {key} of Secret {name}: change it there; ThoughtSpot says: {said}"
                )
            }
            Source::Generated(slot) => format!(
                "ThoughtSpot does not take the password made for Secret {}: change spec.password.generate.length; ThoughtSpot says: {said}",
                slot.key.name
            ),
        };
        stalled(Reason::PasswordRejected, message)
    }

    fn version(&self) -> MutexGuard<'_, Option<PasswordSet>> {
        self.version.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reached(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}

impl Desired {
    /// The name to sign in with.
    fn login_name<'a>(&'a self, have: Option<&'a Observed>) -> &'a str {
        match have {
            Some(have) if self.spec.name.is_none() => &have.user.name,
            Some(_) | None => &self.name,
        }
    }
}

impl Users {
    /// The password that the resource declares.
    pub(super) async fn password(&self, user: &ThoughtSpotUser, reached: &Reached) -> Result<Option<Password>, Fault> {
        let Some(declared) = &user.spec.password else { return Ok(None) };
        if !user.spec.management_policy.writes() {
            return Ok(None);
        }
        let mut password = match (&declared.secret_key_ref, &declared.generate) {
            (Some(reference), _) => self.declared(user, reference).await?,
            (None, Some(generate)) => self.generated(user, generate, reached).await?,
            (None, None) => return Ok(None), // the API server takes no such resource
        };
        password.rejected = self.passwords.rejections.said_to(&password.tried);
        // Whom it would be created with is not created without.
        if user.status.as_ref().is_none_or(|status| status.id.is_none()) {
            password.shortcoming()?;
        }
        Ok(Some(password))
    }

    async fn declared(&self, user: &ThoughtSpotUser, reference: &SecretKeyReference) -> Result<Password, Fault> {
        let key = Key::new(user.namespace().unwrap_or_default(), &reference.name);
        let secret = self.secrets.read(&key).await?;
        // One that cannot be used yet is watched until it can.
        let (secret, from) = secrets::password(&secret, &reference.key).inspect_err(|_| self.secrets.watch(&key))?;
        self.secrets.found(&key);
        let due = self.has_another(user, &secret, &from);
        Ok(password(user, secret, due, Source::Declared(reference.clone()), Some(from)))
    }

    /// Whether ThoughtSpot may have another password than this one, of a Secret in this version.
    fn has_another(&self, user: &ThoughtSpotUser, secret: &Secret, from: &PasswordSet) -> bool {
        let (key, uid) = (Key::of(user), user.uid().unwrap_or_default());
        match user.status.as_ref().and_then(|status| status.password.as_ref()) {
            None => true,
            Some(set) if set == from => {
                self.passwords.known.learn(&key, &uid, secret);
                false
            }
            Some(_) => !self.passwords.known.is(&key, &uid, secret),
        }
    }

    async fn generated(&self, user: &ThoughtSpotUser, generate: &Generate, reached: &Reached) -> Result<Password, Fault> {
        let namespace = user.namespace().unwrap_or_default();
        let (key, owner) = (Key::new(&namespace, &generate.secret_name), user.uid().unwrap_or_default());
        let url = self.access.world.instances.get(&reached.key).map(|instance| instance.spec.url.clone()).unwrap_or_default();
        let found = self.secrets.find(&key).await?;
        let held = found.map(|found| Held::read(&found, &owner)).transpose()?;
        let (secret, due, progress) = match held::due(held.as_ref(), generate, Timestamp::now()) {
            Due::Nothing(secret) => {
                let due = held.as_ref().is_none_or(|held| self.has_another(user, &secret, &held.version));
                (secret, due, Progress::Published)
            }
            Due::Waiting(secret) => (secret, true, Progress::Waiting),
            Due::New => (random::password(usize::try_from(generate.length).unwrap_or(32))?, true, Progress::Made),
        };
        if held.is_none() {
            if self.access.world.is_terminating(&namespace) {
                return Err(ours::terminating());
            }
            // Asked before anything is announced: nobody is created whose password could not be kept.
            self.secrets.may_create(&held::new(&key, &owner, "", &url, &secret)).await?;
        }
        let version = held.as_ref().map(|held| held.version.clone());
        let slot = Slot { key, owner, url, held, progress: Mutex::new(progress) };
        Ok(password(user, secret, due, Source::Generated(Box::new(slot)), version))
    }

    /// Before a password is sent: one that was made up waits in the Secret, so that nobody is locked out whatever happens next.
    pub(super) async fn before_sending(&self, want: &Desired, have: Option<&Observed>, change: &UserChange) -> Result<(), Fault> {
        let Some((password, slot)) = change.sends_password().then(|| want.generated()).flatten() else { return Ok(()) };
        if slot.progress() > Progress::Made {
            return Ok(());
        }
        let before = password.version().clone();
        let metadata = match before {
            None => {
                let secret = held::new(&slot.key, &slot.owner, want.login_name(have), &slot.url, &password.secret);
                self.secrets.create(&secret).await?.metadata
            }
            Some(version) => self.secrets.change(&slot.key, &held::waiting(&version, &password.secret)).await?.metadata,
        };
        *password.version() = Some(held::version(&metadata));
        slot.reached(Progress::Waiting);
        Ok(())
    }

    /// After ThoughtSpot has taken a password: one that was made up is there for everybody.
    pub(super) async fn after_sending(&self, want: &Desired, have: Option<&Observed>, change: &UserChange) -> Result<(), Fault> {
        if let Some(password) = want.password.as_ref().filter(|_| change.sends_password()) {
            self.passwords.rejections.forget(&password.tried.user);
            self.passwords.known.learn(&password.tried.user, &password.tried.uid, &password.secret);
        }
        let about_the_secret = change.sends_password() || *change == UserChange::DescribeLogin;
        let Some((password, slot)) = about_the_secret.then(|| want.generated()).flatten() else { return Ok(()) };
        let made = (slot.progress() < Progress::Published).then(Timestamp::now);
        let username = want.login_name(have);
        let described = slot.held.as_ref().is_some_and(|held| held.describes(username, &slot.url));
        let before = password.version().clone();
        if let Some(version) = before.filter(|_| made.is_some() || !described) {
            let patch = held::published(&version, &password.secret, username, &slot.url, made);
            let metadata = self.secrets.change(&slot.key, &patch).await?.metadata;
            *password.version() = Some(held::version(&metadata));
        }
        slot.reached(Progress::Published);
        Ok(())
    }

    /// What a failed call means, in which a password may have been sent.
    pub(super) fn refusal(&self, want: &Desired, change: &UserChange, error: &Error) -> Fault {
        let Some(password) = want.password.as_ref().filter(|_| change.sends_password()) else {
            return want.connection.fault(error);
        };
        let sent = if *change == UserChange::SetPassword { Sent::Alone } else { Sent::WithAUser };
        let tried = Try { from: password.version().clone(), ..password.tried.clone() };
        match self.passwords.rejections.note(&tried, sent, error) {
            Some(said) => password.rejection(&said),
            None => want.connection.fault(error),
        }
    }

    /// Leaves a Secret of ours to the garbage collector unless the account lives on, by its password. Only now: while the resource is
    /// there, nothing that deletes it, with its dependents first or by force, may take with it what is to stay.
    pub(super) async fn hand_over_secret(&self, user: &ThoughtSpotUser, lives_on: bool) -> Result<(), Fault> {
        self.passwords.rejections.forget(&Key::of(user));
        self.passwords.known.forget(&Key::of(user));
        let generate = user.spec.password.as_ref().and_then(|password| password.generate.as_ref());
        let Some(generate) = generate.filter(|_| !lives_on) else { return Ok(()) };
        let key = Key::new(user.namespace().unwrap_or_default(), &generate.secret_name);
        let uid = user.uid().unwrap_or_default();
        let secret = match self.secrets.find(&key).await {
            Ok(Some(secret)) if held::is_for(&secret, &uid) => secret,
            Ok(_) | Err(Fault::Waiting { .. }) => return Ok(()),
            Err(fault) => return Err(fault),
        };
        if secret.owner_references().iter().any(|owner| owner.uid == uid) {
            return Ok(());
        }
        let (kind, api_version) = (ThoughtSpotUser::kind(&()), ThoughtSpotUser::api_version(&()));
        let owner = json!({ "apiVersion": api_version, "kind": kind, "name": user.name_any(), "uid": uid });
        match self.secrets.change(&key, &held::owned(&secret, owner)).await {
            // Deleting asks for less: a Secret that may not be changed is left behind.
            Err(Fault::NotGranted { .. } | Fault::Stalled { .. } | Fault::Waiting { .. }) | Ok(_) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

impl Desired {
    fn generated(&self) -> Option<(&Password, &Slot)> {
        let password = self.password.as_ref()?;
        match &password.source {
            Source::Declared(_) => None,
            Source::Generated(slot) => Some((password, slot)),
        }
    }
}

fn password(user: &ThoughtSpotUser, secret: Secret, due: bool, source: Source, version: Option<PasswordSet>) -> Password {
    let tried = Try {
        user: Key::of(user),
        uid: user.uid().unwrap_or_default(),
        generation: user.metadata.generation.unwrap_or_default(),
        requested: user.annotations().get(annotations::RECONCILE_REQUESTED_AT).cloned(),
        from: version.clone(),
    };
    Password { secret, source, due, rejected: None, tried, version: Mutex::new(version) }
}

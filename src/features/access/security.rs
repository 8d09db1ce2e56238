//! Security events: who got in, who did not, and what ended. One line of the log each, under a target of their own, so that an operator can
//! keep them apart and be told of them.
//!
//! Never in one: a password, a token, an e-mail address, or a user name that nobody has.

use tracing::{field::display, info, warn};
use uuid::Uuid;

use crate::http::context::Context;

/// The target of these lines in the log.
pub const TARGET: &str = "gcm_api::security";

/// What happened. The names never change: operators set alarms by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    SignedIn,
    SignInFailed,
    /// There were too many wrong passwords or secrets: this one was not looked at.
    Throttled,
    /// Somebody used a refresh token that had been used before: it was stolen, from one side or the other.
    RefreshTokenReused,
    SessionEnded,
    PasswordChanged,
    PasswordChangeFailed,
    PasswordLinkRedeemed,
    PasswordLinkRefused,
}

impl Event {
    pub const ALL: [Self; 9] = [
        Self::SignedIn,
        Self::SignInFailed,
        Self::Throttled,
        Self::RefreshTokenReused,
        Self::SessionEnded,
        Self::PasswordChanged,
        Self::PasswordChangeFailed,
        Self::PasswordLinkRedeemed,
        Self::PasswordLinkRefused,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::Throttled => "throttled",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::SessionEnded => "session_ended",
            Self::PasswordChanged => "password_changed",
            Self::PasswordChangeFailed => "password_change_failed",
            Self::PasswordLinkRedeemed => "password_link_redeemed",
            Self::PasswordLinkRefused => "password_link_refused",
        }
    }

    /// Whether somebody should look at one alone.
    const fn alarms(self) -> bool {
        matches!(self, Self::RefreshTokenReused)
    }
}

/// Writes the line and counts it. `account`: whom it is about, when there is such an account; `detail`: a few words of our own, never of the caller's.
pub fn event(event: Event, account: Option<Uuid>, context: &Context, detail: &str) {
    let (name, account, network) = (event.name(), account.map(display), context.network.map(display));
    context.metrics.security_event(name);
    if event.alarms() {
        warn!(target: TARGET, event = name, account, network, detail, "security");
    } else {
        info!(target: TARGET, event = name, account, network, detail, "security");
    }
}

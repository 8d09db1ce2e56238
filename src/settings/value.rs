//! Reading one value. Each reader says what is wrong and what to write instead; those of secrets quote nothing.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use super::fault::Wrong;
use super::{Block, Endpoint, LogFormat, Secret};

/// A value as it was set, before its meaning is known.
#[derive(Clone)]
pub enum Raw {
    /// One value; variables always give this.
    Text(String),
    /// A list in the file.
    List(Vec<String>),
}

impl Raw {
    /// One text, trimmed and not empty.
    pub(super) fn text(&self) -> Result<&str, Wrong> {
        match self {
            Self::Text(text) if text.trim().is_empty() => Err(Wrong::new("is empty", "give a value or leave it out")),
            Self::Text(text) => Ok(text.trim()),
            Self::List(_) => Err(Wrong::new("is a list", "give one value")),
        }
    }

    /// A list; in one text its items are divided by commas.
    pub(super) fn list(&self) -> Vec<&str> {
        let items: Vec<&str> = match self {
            Self::Text(text) => text.split(',').collect(),
            Self::List(items) => items.iter().map(String::as_str).collect(),
        };
        items.into_iter().map(str::trim).filter(|item| !item.is_empty()).collect()
    }

    pub(super) fn secret(&self) -> Result<Secret, Wrong> {
        self.text().map(Secret::new)
    }

    pub(super) fn path(&self) -> Result<PathBuf, Wrong> {
        self.text().map(PathBuf::from)
    }

    pub(super) fn number<T: FromStr + PartialOrd + std::fmt::Display>(&self, range: RangeInclusive<T>) -> Result<T, Wrong> {
        let text = self.text()?;
        let remedy = || format!("write a whole number from {} to {}", range.start(), range.end());
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            Ok(_) => Err(Wrong::new(format!("{} is out of range", shown(text)), remedy())),
            Err(_) => Err(Wrong::new(format!("{} is not a whole number", shown(text)), remedy())),
        }
    }

    pub(super) fn address(&self) -> Result<SocketAddr, Wrong> {
        let text = self.text()?;
        text.parse().map_err(|_error| {
            let what = format!("{} is not an address with a port", shown(text));
            Wrong::new(what, "write it as 127.0.0.1:8080 or [::1]:8080")
        })
    }

    pub(super) fn endpoint(&self) -> Result<Endpoint, Wrong> {
        self.text()?.parse()
    }

    pub(super) fn log_filter(&self) -> Result<String, Wrong> {
        let text = self.text()?;
        match tracing_subscriber::EnvFilter::builder().parse(text) {
            Ok(_) => Ok(text.to_owned()),
            Err(_) => Err(Wrong::new(
                format!("{} is not a log filter", shown(text)),
                "write a level (error, warn, info, debug, trace) or directives such as info,gcm_api=debug",
            )),
        }
    }

    pub(super) fn log_format(&self) -> Result<LogFormat, Wrong> {
        match self.text()? {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            other => Err(Wrong::new(format!("{} is not a log format", shown(other)), "write text or json")),
        }
    }

    pub(super) fn timezone(&self) -> Result<chrono_tz::Tz, Wrong> {
        let text = self.text()?;
        text.parse().map_err(|_error| {
            let what = format!("{} is not a time zone of the IANA database", shown(text));
            Wrong::new(what, "write its name with capitals, such as Asia/Vientiane")
        })
    }

    /// Exactly `length` letters A-Z: a code of ISO 3166 or 4217.
    pub(super) fn capitals(&self, length: usize, example: &str) -> Result<String, Wrong> {
        let text = self.text()?;
        if text.len() == length && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(text.to_owned());
        }
        let what = format!("{} is not a code of {length} capital letters", shown(text));
        Err(Wrong::new(what, format!("write it like {example}")))
    }

    /// The code of a resource: small letters, digits and `_`, beginning with a letter.
    pub(super) fn code(&self) -> Result<String, Wrong> {
        let text = self.text()?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
        if text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(plain) {
            return Ok(text.to_owned());
        }
        let remedy = "write small letters, digits, - and _, at most 64, beginning with a letter, like mofa";
        Err(Wrong::new(format!("{} is not a code", shown(text)), remedy))
    }

    /// A name people read.
    pub(super) fn name(&self) -> Result<String, Wrong> {
        let text = self.text()?;
        if text.chars().count() > 200 || text.chars().any(char::is_control) {
            return Err(Wrong::new("is longer than 200 characters or has control characters", "shorten it"));
        }
        Ok(text.to_owned())
    }

    pub(super) fn language(&self) -> Result<String, Wrong> {
        language(self.text()?)
    }

    pub(super) fn languages(&self) -> Result<Vec<String>, Wrong> {
        let mut languages = Vec::new();
        for item in self.list() {
            let item = language(item)?;
            if languages.contains(&item) {
                return Err(Wrong::new(format!("names {item} twice"), "name each language once"));
            }
            languages.push(item);
        }
        match languages.is_empty() {
            true => Err(Wrong::new("names no language", "name at least one, like en")),
            false => Ok(languages),
        }
    }

    /// The database URL: it holds a password, so nothing of it is quoted.
    pub(super) fn database_url(&self) -> Result<Secret, Wrong> {
        let text = self.text()?;
        let remedy = "write postgres://user:password@host/database or sqlite:path, or leave it out for SQLite in \
                      the data directory (its value is not shown here because it may hold a password)";
        let server = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        match (server, text.strip_prefix("sqlite:")) {
            (Some(rest), _) | (_, Some(rest)) if rest.trim_start_matches('/').is_empty() => Err(Wrong::new("names no database", remedy)),
            (None, None) => Err(Wrong::new("does not begin with postgres://, postgresql:// or sqlite:", remedy)),
            _ => Ok(Secret::new(text)),
        }
    }

    /// An absolute http(s) address, kept without the slash at its end.
    pub(super) fn public_url(&self) -> Result<String, Wrong> {
        let text = self.text()?.trim_end_matches('/');
        let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || "?#@\\".contains(c));
        match http_rest(text) {
            Some(rest) if plain && is_authority(rest.split('/').next().unwrap_or("")) => Ok(text.to_owned()),
            _ => Err(Wrong::new(
                format!("{} is not an address of a web service", shown(text)),
                "write it like https://gcm.example.gov.la, without user name, query or fragment",
            )),
        }
    }

    pub(super) fn blocks(&self) -> Result<Vec<Block>, Wrong> {
        let read = |item: &str| {
            let remedy = "write an address (10.0.0.7, fd00::7) or a block whose host bits are zero (10.0.0.0/8, fd00::/64)";
            item.parse().map_err(|()| Wrong::new(format!("{} is neither an address nor a block of them", shown(item)), remedy))
        };
        self.list().into_iter().map(read).collect()
    }

    /// The address of a page, with `{token}` once.
    pub(super) fn link_url(&self) -> Result<String, Wrong> {
        let text = self.text()?;
        let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
        let host = http_rest(text).map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(""));
        match host {
            Some(host) if plain && is_authority(host) && text.matches("{token}").count() == 1 => Ok(text.to_owned()),
            _ => Err(Wrong::new(
                format!("{} is not the address of a page with {{token}} in it", shown(text)),
                "write it like https://portal.example/welcome#{token}: behind a # no server gets to read it",
            )),
        }
    }

    pub(super) fn origins(&self) -> Result<Vec<String>, Wrong> {
        let read = |item: &str| match http_rest(item) {
            Some(host) if is_authority(host) && !host.bytes().any(|b| b.is_ascii_uppercase()) => Ok(item.to_owned()),
            _ if item == "*" => Err(Wrong::new(
                "is *, which would let every web site call this service for its visitors",
                "name each origin, like https://portal.example.gov.la",
            )),
            _ => Err(Wrong::new(
                format!("{} is not an origin", shown(item)),
                "write scheme, host in small letters and port if any, nothing after it: https://portal.example.gov.la",
            )),
        };
        self.list().into_iter().map(read).collect()
    }
}

/// A BCP 47 language tag as we write it: `en`, `lo`, `pt-br`.
pub(super) fn language(text: &str) -> Result<String, Wrong> {
    let mut parts = text.split('-');
    let first = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if first && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(small)) {
        return Ok(text.to_owned());
    }
    let what = format!("{} is not a language code", shown(text));
    Err(Wrong::new(what, "write it in small letters, like en or lo"))
}

fn http_rest(text: &str) -> Option<&str> {
    text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))
}

/// `host` or `host:port`, where the host is a name, an IPv4 address or `[IPv6]`.
fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    let host_is_good = match inner {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(name),
    };
    host_is_good && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// A value as a message may quote it: cut short, and not at all where it could hold a password.
fn shown(text: &str) -> String {
    match text.contains('@') {
        true => "this value".to_owned(),
        false => format!("\"{}\"", text.chars().take(60).filter(|c| !c.is_control()).collect::<String>()),
    }
}

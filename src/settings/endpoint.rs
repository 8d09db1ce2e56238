//! Where another service listens.

use std::str::FromStr;

use super::fault::Wrong;

/// `http://collector:4318`, or with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// A name or an address, an IPv6 one without brackets.
    pub host: String,
    pub port: u16,
    /// Without a slash at the end; often empty.
    pub path: String,
}

impl Endpoint {
    /// As it stands in `Host`.
    pub fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

impl FromStr for Endpoint {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        if text.starts_with("https:") {
            let what = "is https, which is not spoken to a collector";
            return Err(Wrong::new(what, "run a collector or agent on this machine or network, and name its http address"));
        }
        read(text).ok_or_else(|| Wrong::new("is not the http address of a collector", "write it as http://127.0.0.1:4318"))
    }
}

fn read(text: &str) -> Option<Endpoint> {
    let rest = text.strip_prefix("http://")?;
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok().filter(|port| *port > 0)?),
        _ => (authority, 4318),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let fits = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')),
    };
    let path_fits = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~'));
    let path = path.trim_end_matches('/').to_owned();
    (fits && path_fits).then(|| Endpoint { host: bare.unwrap_or(host).to_owned(), port, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_named_by_its_http_address() {
        let read = |text: &str| text.parse::<Endpoint>().map(|endpoint| (endpoint.authority(), endpoint.path));
        let named = |authority: &str, path: &str| Ok((authority.to_owned(), path.to_owned()));
        assert_eq!(read("http://collector"), named("collector:4318", ""));
        assert_eq!(read("http://127.0.0.1:4000/"), named("127.0.0.1:4000", ""));
        assert_eq!(read("http://[::1]:4000/otlp/"), named("[::1]:4000", "/otlp"));
        assert_eq!(read("http://[::1]"), named("[::1]:4318", ""));
        for wrong in [
            "",
            "collector:4318",
            "http://",
            "http://a b",
            "http://user:pw@collector:4318",
            "http://c:0",
            "http://c:99999",
            "http://c/?a",
            "http://c/a\r\nb",
        ] {
            assert!(read(wrong).unwrap_err().what.contains("not the http address"), "{wrong}");
        }
        assert!(read("https://collector:4318").unwrap_err().what.contains("https"));
    }
}

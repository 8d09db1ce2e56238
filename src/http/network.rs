//! Who is at the other end of the line.

use std::{hash::Hash, net::IpAddr};

use actix_web::dev::ServiceRequest;

use crate::settings::{Block, masked};

/// Where a client stands: an IPv4 address, or the /64 that one IPv6 subscriber has for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    pub fn of(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self(if address.is_ipv6() { masked(address, 64).unwrap_or(address) } else { address })
    }

    /// Its first address, as text that always is the same.
    pub fn text(self) -> String {
        self.0.to_string()
    }
}

/// The address of the client. Of a request that a trusted proxy passed on: the last one in `X-Forwarded-For` that is no trusted proxy;
/// what anybody else writes there means nothing.
pub fn client(request: &ServiceRequest, trusted: &[Block]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|block| block.contains(address));
    let peer = request.peer_addr()?.ip().to_canonical();
    if !is_trusted(peer) {
        return Some(peer);
    }
    let headers: Vec<&str> = request.headers().get_all("x-forwarded-for").map(|value| value.to_str().unwrap_or_default()).collect();
    let mut nearest = peer;
    for hop in headers.iter().flat_map(|header| header.split(',')).rev() {
        // What cannot be read says nothing of who is behind it: the proxy that passed it on answers for it.
        let Some(address) = address(hop.trim()) else { break };
        nearest = address;
        if !is_trusted(address) {
            break;
        }
    }
    Some(nearest)
}

/// Headers by which proxies tell that the request is another's.
const PASSED_ON: [&str; 4] = ["via", "x-real-ip", "x-forwarded-host", "x-forwarded-proto"];

/// Whether the request certainly comes from this machine itself. One that a proxy passed on does only when the proxy is trusted, and names nobody on
/// the way who is elsewhere.
pub fn is_this_machine(request: &ServiceRequest, trusted: &[Block]) -> bool {
    let headers = request.headers();
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else { return false };
    if !peer.is_loopback() || headers.contains_key("forwarded") {
        return false;
    }
    if !headers.contains_key("x-forwarded-for") {
        return !PASSED_ON.iter().any(|name| headers.contains_key(*name));
    }
    let mut hops = headers.get_all("x-forwarded-for").flat_map(|value| value.to_str().unwrap_or("?").split(','));
    trusted.iter().any(|block| block.contains(peer)) && hops.all(|hop| address(hop.trim()).is_some_and(|hop| hop.is_loopback()))
}

/// `203.0.113.9`, `203.0.113.9:4711`, `2001:db8::9`, `[2001:db8::9]:4711`.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.parse::<IpAddr>().or_else(|_| hop.parse::<std::net::SocketAddr>().map(|socket| socket.ip()));
    bare.or_else(|_| hop.trim_start_matches('[').trim_end_matches(']').parse()).ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &str) -> String {
        let mut request = TestRequest::default().peer_addr(format!("{peer}:9").parse().unwrap());
        for header in forwarded {
            request = request.append_header(("x-forwarded-for", *header));
        }
        let trusted: Vec<Block> = trusted.split_whitespace().map(|block| block.parse().unwrap()).collect();
        client(&request.to_srv_request(), &trusted).unwrap().to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let proxy = "10.0.0.0/8";
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], ""), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], proxy), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"], proxy), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1, 198.51.100.1"], proxy), "198.51.100.1", "the client wrote the first one itself");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1, 198.51.100.1,10.0.0.2"], proxy), "198.51.100.1", "through two proxies");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1", "198.51.100.1", "10.0.0.2"], proxy), "198.51.100.1", "each with its own header");
        assert_eq!(seen("10.0.0.1", &[], proxy), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["10.0.0.3, 10.0.0.2"], proxy), "10.0.0.3", "all inside");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, unknown"], proxy), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1:4711"], proxy), "198.51.100.1");
        assert_eq!(seen("[::ffff:10.0.0.1]", &["[2001:db8::9]:4711"], proxy), "2001:db8::9");
        assert_eq!(seen("10.0.0.1", &["2001:db8::9"], proxy), "2001:db8::9");
        assert_eq!(seen("10.0.0.1", &["[2001:db8::9]"], proxy), "2001:db8::9");
        assert_eq!(seen("10.0.0.1", &[""], proxy), "10.0.0.1");
    }

    #[test]
    fn a_network_is_an_address_or_a_subscriber() {
        let network = |address: &str| Network::of(address.parse().unwrap());
        assert_ne!(network("203.0.113.9"), network("203.0.113.8"));
        assert_eq!(network("203.0.113.9"), network("::ffff:203.0.113.9"));
        assert_eq!(network("2001:db8:1:2::9"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
        assert_eq!(network("2001:db8:1:2::9").text(), "2001:db8:1:2::");
    }
}

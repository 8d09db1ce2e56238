//! `gcm-api health`: for a container that has no other program to ask with.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use gcm_api::settings::Settings;

use crate::{Failure, say};

const LONGEST: Duration = Duration::from_secs(4);
/// More than the answer is long, and an end to one that is not ours.
const MOST_BYTES: u64 = 65_536;

/// Asks the service of these settings, on this machine, whether it can do its work.
pub fn ask(settings: &Settings) -> Result<(), Failure> {
    let address = reachable(settings.listen);
    let answer = get_ready(address).map_err(|error| Failure::Other(format!("{address} does not answer: {error}")))?;
    let status = answer.split(' ').nth(1).unwrap_or("nothing that is HTTP");
    match status {
        "200" => say("ready"),
        _ => Err(Failure::Other(format!("{address} is not ready: it answers {status}"))),
    }
}

/// Whoever listens everywhere is asked on this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn get_ready(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, LONGEST)?;
    stream.set_read_timeout(Some(LONGEST))?;
    stream.set_write_timeout(Some(LONGEST))?;
    write!(stream, "GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(MOST_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

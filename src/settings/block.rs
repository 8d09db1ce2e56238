//! A block of addresses: one address, or all that begin with the same bits.

use std::{net::IpAddr, str::FromStr};

/// `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    first: IpAddr,
    bits: u8,
}

impl Block {
    /// An IPv4 address written as IPv6 counts as what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        masked(address.to_canonical(), self.bits) == Some(self.first)
    }
}

/// The first address of the block of this many bits; none when the address has fewer.
pub fn masked(address: IpAddr, bits: u8) -> Option<IpAddr> {
    let bits = u32::from(bits);
    match address {
        IpAddr::V4(address) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or_default();
            Some(IpAddr::V4((address.to_bits() & mask).into()))
        }
        IpAddr::V6(address) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or_default();
            Some(IpAddr::V6((address.to_bits() & mask).into()))
        }
        _ => None,
    }
}

impl FromStr for Block {
    type Err = ();

    /// Refuses host bits: `10.0.0.7/8` is more likely a slip than a block.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let first: IpAddr = address.parse().map_err(drop)?;
        let all = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), str::parse).map_err(drop)?;
        if first.to_canonical() == first && masked(first, bits) == Some(first) { Ok(Self { first, bits }) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_what_begins_alike() {
        let holds = |block: &str, address: &str| block.parse::<Block>().unwrap().contains(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.3.4") && !holds("10.0.0.0/8", "11.0.0.0"));
        assert!(holds("10.0.0.7", "10.0.0.7") && !holds("10.0.0.7", "10.0.0.8"));
        assert!(holds("10.0.0.7", "::ffff:10.0.0.7"));
        assert!(holds("fd00:1:2:3::/64", "fd00:1:2:3::9") && !holds("fd00:1:2:3::/64", "fd00:1:2:4::9"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "fd00::1") && holds("::/0", "fd00::1"));
        for wrong in ["", "10", "10.0.0.7/8", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0.0/-1", "proxy", "::ffff:10.0.0.0/104"] {
            assert_eq!(wrong.parse::<Block>(), Err(()), "{wrong}");
        }
    }
}

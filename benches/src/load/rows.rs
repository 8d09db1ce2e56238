//! Organizations as a country has them, the same at every run: row and revision follow from a number.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use gcm_api::{
    auth::Audience,
    clock::Timestamp,
    entity::organization::{Mandate, Model, Name},
    store::{ExternalId, Provenance},
    text::Items,
};
use uuid::Uuid;

use crate::Outcome;

/// How many rows, and how many changes made them.
#[derive(Clone, Copy)]
pub struct Plan {
    pub organizations: u64,
    pub changes: u64,
}

const BODIES: &[(&str, &str, &str)] = &[
    ("Department", "ກົມ", "state_body"),
    ("Office", "ຫ້ອງການ", "state_body"),
    ("Institute", "ສະຖາບັນ", "academia"),
    ("Committee", "ຄະນະກຳມະການ", "committee"),
    ("Association", "ສະມາຄົມ", "civil_society"),
    ("Union", "ສະຫະພັນ", "mass_organization"),
    ("Agency", "ອົງການ", "un_entity"),
    ("Fund", "ກອງທຶນ", "donor"),
    ("Authority", "ອົງການປົກຄອງ", "subnational_authority"),
    ("Company", "ບໍລິສັດ", "private_sector"),
];
const SUBJECTS: &[(&str, &str)] = &[
    ("Labour Migration", "ແຮງງານເຄື່ອນຍ້າຍ"),
    ("Immigration", "ກວດຄົນເຂົ້າເມືອງ"),
    ("Statistics", "ສະຖິຕິ"),
    ("Consular Affairs", "ກົງສຸນ"),
    ("Skills Development", "ພັດທະນາສີມືແຮງງານ"),
    ("Social Welfare", "ສະຫວັດດີການສັງຄົມ"),
    ("Public Health", "ສາທາລະນະສຸກ"),
    ("Border Management", "ຄຸ້ມຄອງຊາຍແດນ"),
    ("Anti-Trafficking", "ຕ້ານການຄ້າມະນຸດ"),
    ("Remittances", "ການໂອນເງິນ"),
    ("Return and Reintegration", "ການກັບຄືນ"),
    ("Civil Registration", "ທະບຽນພົນລະເມືອງ"),
];
const PLACES: &[(&str, &str)] = &[
    ("Vientiane", "ວຽງຈັນ"),
    ("Luang Prabang", "ຫຼວງພະບາງ"),
    ("Savannakhet", "ສະຫວັນນະເຂດ"),
    ("Champasak", "ຈຳປາສັກ"),
    ("Oudomxay", "ອຸດົມໄຊ"),
    ("Xayaboury", "ໄຊຍະບູລີ"),
    ("Khammouane", "ຄຳມ່ວນ"),
    ("Huaphanh", "ຫົວພັນ"),
];
const COUNTRIES: &[&str] = &["TH", "VN", "KH", "CN", "JP", "KR", "FR", "CH"];

/// SplitMix64: the same noise for the same number.
pub fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn pick<T: Copy>(list: &[T], noise: u64, shift: u32) -> Outcome<T> {
    let at = usize::try_from((noise >> shift) % u64::try_from(list.len())?)?;
    list.get(at).copied().ok_or_else(|| "an empty list".into())
}

impl Plan {
    /// Which revision of which row each change makes, in order: everything is entered first, then changed in turn.
    pub fn log(self) -> impl Iterator<Item = (u64, u64)> {
        (0..self.changes).map(move |number| (number % self.organizations, number / self.organizations + 1))
    }

    /// How often a row was written.
    pub fn revisions(self, index: u64) -> u64 {
        self.changes / self.organizations + u64::from(index < self.changes % self.organizations)
    }

    pub fn lead_ministry(self) -> Uuid {
        self.id(0)
    }

    /// When a row got a revision: four seconds after the change before.
    fn at(self, index: u64, revision: u64) -> DateTime<Utc> {
        let number = (revision - 1) * self.organizations + index;
        let micros = number.saturating_mul(4_000_000) + mix(number) % 1_000_000;
        DateTime::UNIX_EPOCH + TimeDelta::days(19_723) + TimeDelta::microseconds(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    fn id(self, index: u64) -> Uuid {
        let millis = u128::try_from(self.at(index, 1).timestamp_millis()).unwrap_or_default();
        let noise = u128::from(mix(index ^ 0x6964));
        Uuid::from_u128(millis << 80 | 7 << 76 | (noise >> 52 & 0xFFF) << 64 | 2 << 62 | noise & 0x3FFF_FFFF_FFFF_FFFF)
    }

    pub fn row(self, index: u64, revision: u64) -> Outcome<Model> {
        let noise = mix(index);
        let (body, subject, place) = (pick(BODIES, noise, 0)?, pick(SUBJECTS, noise, 8)?, pick(PLACES, noise, 16)?);
        let lead = index == 0;
        let id = self.id(index);
        let both = |en: String, lo: String| [("en".to_owned(), en), ("lo".to_owned(), lo)];
        let one_in = |many: u64, shift: u32| (noise >> shift).is_multiple_of(many);
        let name = match lead {
            true => both("Ministry of Foreign Affairs".to_owned(), "ກະຊວງການຕ່າງປະເທດ".to_owned()),
            false => both(
                format!("{} of {}, {} {}", body.0, subject.0, place.0, noise % 1_000_000),
                format!("{}{} {} {}", body.1, subject.1, place.1, noise % 1_000_000),
            ),
        };
        let mandate = both(
            format!(
                "Coordinates {} in {} with the institutions of the province, keeps its records and reports each year.",
                subject.0, place.0
            ),
            format!("ປະສານງານ{}ຢູ່{}", subject.1, place.1),
        );
        let number = |modulus: u64, shift: u32| i64::try_from((noise >> shift) % modulus);
        let first_day = NaiveDate::from_ymd_opt(1975, 12, 2).ok_or("no such day")?;
        let valid_from = first_day + TimeDelta::days(number(17_000, 20)?);
        let ids = one_in(10, 24).then(|| ExternalId { system: "iom-mims".to_owned(), id: format!("LAO-{index}") });
        let row = Model {
            id,
            revision: i64::try_from(revision)?,
            audience: Audience::Everyone,
            owner_id: Some(id),
            created_at: Timestamp(self.at(index, 1)),
            updated_at: Timestamp(self.at(index, revision)),
            archived_at: None,
            provenance: if one_in(3, 28) { Provenance::PublicSource } else { Provenance::Entered },
            external_ids: Items(ids.into_iter().collect()),
            kind: if lead { "ministry" } else { body.2 }.parse()?,
            code: if lead { "mofa".to_owned() } else { format!("org-{index:07}") }.parse()?,
            acronym: one_in(2, 32).then(|| format!("O{index}").parse()).transpose()?,
            name: Name::of(name),
            sort_name: String::new(),
            mandate: one_in(4, 36).then(|| Mandate::of(mandate)),
            // Twenty rows below each.
            parent_id: (index >= 20).then(|| self.id(index / 20)),
            country: Some(if one_in(5, 40) { pick(COUNTRIES, noise, 44)? } else { "LA" }.parse()?),
            website: Some(format!("https://www.org-{index}.example/{revision}").parse()?),
            valid_from: (!one_in(7, 48)).then_some(valid_from),
            valid_to: one_in(31, 52).then(|| valid_from + TimeDelta::days(17_500)),
        };
        Ok(row.sorted())
    }
}

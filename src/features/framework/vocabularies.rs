//! Open lists of words, with labels.

/// The kinds of institutions.
pub const ORGANIZATION_KINDS: &[(&str, &str)] = &[
    ("ministry", "Ministry"),
    ("state_body", "Other body of the State"),
    ("party_body", "Body of a party"),
    ("mass_organization", "Mass organization"),
    ("committee", "Committee"),
    ("subnational_authority", "Provincial or local authority"),
    ("un_entity", "United Nations entity"),
    ("intergovernmental", "Other intergovernmental organization"),
    ("donor", "Donor"),
    ("civil_society", "Civil society organization"),
    ("private_sector", "Private sector"),
    ("academia", "Academia"),
    ("other", "Other"),
];

//! The lists of words that this program defines.

/// A word of a vocabulary, with its label in English and, where it is a plain word, in Lao.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    pub code: &'static str,
    pub en: &'static str,
    pub lo: Option<&'static str>,
}

const fn word(code: &'static str, en: &'static str) -> Word {
    Word { code, en, lo: None }
}

const fn both(code: &'static str, en: &'static str, lo: &'static str) -> Word {
    Word { code, en, lo: Some(lo) }
}

/// A list of words that this program defines.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub name: &'static str,
    pub title: &'static str,
    pub words: &'static [Word],
}

/// Every one of them, each in the order of a menu. The lists of others, such as currencies, are data.
pub const OWN: &[Words] = &[
    Words {
        name: "organization_kinds",
        title: "Kinds of institutions",
        words: &[
            both("ministry", "Ministry", "ກະຊວງ"),
            word("state_body", "Other body of the State"),
            word("party_body", "Body of a party"),
            both("mass_organization", "Mass organization", "ອົງການຈັດຕັ້ງມະຫາຊົນ"),
            both("committee", "Committee", "ຄະນະກຳມະການ"),
            word("subnational_authority", "Provincial or local authority"),
            word("un_entity", "United Nations entity"),
            word("intergovernmental", "Other intergovernmental organization"),
            word("donor", "Donor"),
            word("civil_society", "Civil society organization"),
            both("private_sector", "Private sector", "ພາກເອກະຊົນ"),
            word("academia", "Academia"),
            both("other", "Other", "ອື່ນໆ"),
        ],
    },
    Words {
        name: "succession_kinds",
        title: "Kinds of successions of institutions",
        words: &[
            word("merge", "Merger"),
            word("split", "Split"),
            word("rename", "New name"),
            word("dissolve", "Dissolution"),
            word("function_moved", "Function moved to another institution"),
        ],
    },
    Words {
        name: "focal_point_roles",
        title: "Roles of focal points",
        words: &[
            word("lead", "Lead focal point"),
            word("alternate", "Alternate focal point"),
            word("technical", "Technical focal point"),
            word("data", "Data focal point"),
        ],
    },
    Words {
        name: "un_network_roles",
        title: "Roles in the United Nations Network on Migration",
        words: &[
            both("coordinator", "Coordinator", "ຜູ້ປະສານງານ"),
            word("secretariat", "Secretariat"),
            both("chair", "Chair", "ປະທານ"),
            word("co_chair", "Co-chair"),
            both("member", "Member", "ສະມາຊິກ"),
            both("observer", "Observer", "ຜູ້ສັງເກດການ"),
        ],
    },
    Words {
        name: "offer_kinds",
        title: "Kinds of support that network members offer",
        words: &[
            word("funding", "Funding"),
            word("expertise", "Expertise and technical advice"),
            both("training", "Training", "ການຝຶກອົບຮົມ"),
            word("data", "Data and research"),
            both("equipment", "Equipment", "ອຸປະກອນ"),
            word("services", "Services to migrants"),
            word("coordination", "Coordination and convening"),
            both("other", "Other", "ອື່ນໆ"),
        ],
    },
    Words {
        name: "coordination_levels",
        title: "Levels of coordination bodies",
        words: &[word("technical", "Technical"), word("ministerial", "Ministerial"), word("national", "National")],
    },
    Words {
        name: "review_cycle_kinds",
        title: "Kinds of review cycles",
        words: &[
            word("regional_review", "Regional review"),
            word("imrf", "International Migration Review Forum"),
            word("national", "National review"),
        ],
    },
    Words {
        name: "effort_kinds",
        title: "Kinds of efforts in the stock-taking",
        words: &[
            both("law", "Law", "ກົດໝາຍ"),
            both("policy", "Policy", "ນະໂຍບາຍ"),
            word("programme", "Programme"),
            both("service", "Service", "ການບໍລິການ"),
            word("agreement", "Agreement"),
            word("institution", "Institution"),
            both("data", "Data", "ຂໍ້ມູນ"),
            word("capacity_building", "Capacity building"),
            both("other", "Other", "ອື່ນໆ"),
        ],
    },
    Words {
        name: "consultation_kinds",
        title: "Kinds of consultations",
        words: &[
            word("national_workshop", "National workshop"),
            word("technical_meeting", "Technical meeting"),
            word("bilateral", "Bilateral meeting"),
            word("network_meeting", "Meeting of the United Nations Network on Migration"),
            word("regional_review", "Regional review"),
        ],
    },
    Words {
        name: "consultation_modes",
        title: "Ways of holding a consultation",
        words: &[word("in_person", "In person"), word("online", "Online"), word("hybrid", "In person and online")],
    },
    Words {
        name: "consultation_statuses",
        title: "Whether a consultation took place",
        words: &[word("planned", "Planned"), word("held", "Held"), word("cancelled", "Cancelled")],
    },
    Words {
        name: "participant_roles",
        title: "Roles of participants in a consultation",
        words: &[
            word("participant", "Participant"),
            word("speaker", "Speaker"),
            word("facilitator", "Facilitator"),
            both("observer", "Observer", "ຜູ້ສັງເກດການ"),
            both("other", "Other", "ອື່ນໆ"),
        ],
    },
    Words {
        name: "outcome_kinds",
        title: "Kinds of outcomes of a consultation",
        words: &[word("decision", "Decision"), word("recommendation", "Recommendation"), word("action_point", "Action point")],
    },
    Words {
        name: "budget_line_kinds",
        title: "Kinds of budget lines",
        words: &[word("required", "Required"), word("committed", "Committed"), word("disbursed", "Disbursed")],
    },
];

//! What can be wrong at one place of a request, and how it is said.

use crate::problem::Words;

/// What can be wrong at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    Required,
    UnknownField,
    UnknownParameter,
    WrongType,
    TooLong,
    TooShort,
    TooMany,
    TooFew,
    TooManyDecimals,
    OutOfRange,
    Form,
    UnknownValue,
    NotUnique,
    LanguageNotOffered,
    NoLanguageLeft,
    ObjectiveNotNamed,
    NotWritable,
    ReadOnly,
    ReferenceUnknown,
    ReferenceArchived,
    ParentCycle,
    PeriodReversed,
    EndsBeforeStart,
    PeriodNotWhole,
    OutsidePeriod,
    TooLate,
    FieldMissingForMove,
    NotYet,
    ReferenceBeginsLater,
    SucceedsItself,
    SetBySuccession,
    NotLeadMinistry,
    NoPredecessor,
    DutyOpen,
    NoDuty,
    HeirHasOne,
    LessThanParts,
    UnEntity,
    NotAVoter,
    PasswordWrong,
    PasswordGuessable,
    LinkNotValid,
    NotInFuture,
    RoundNotFinalized,
    WordMissing,
    ObjectionStands,
    AnswersAnAnswer,
    NotInThePlan,
    NotOfTheActivity,
    LeadMissing,
    SecondLead,
    EndsTwice,
    DependencyCycle,
    OfAnotherPlan,
    NotAPriorityOfThePlan,
    PriorityNotAgreed,
    ReportsUndecided,
    OutsidePlanUnexplained,
    Unreadable,
}

impl FaultCode {
    pub const ALL: &[Self] = &[
        Self::Required,
        Self::UnknownField,
        Self::UnknownParameter,
        Self::WrongType,
        Self::TooLong,
        Self::TooShort,
        Self::TooMany,
        Self::TooFew,
        Self::TooManyDecimals,
        Self::OutOfRange,
        Self::Form,
        Self::UnknownValue,
        Self::NotUnique,
        Self::LanguageNotOffered,
        Self::NoLanguageLeft,
        Self::ObjectiveNotNamed,
        Self::NotWritable,
        Self::ReadOnly,
        Self::ReferenceUnknown,
        Self::ReferenceArchived,
        Self::ParentCycle,
        Self::PeriodReversed,
        Self::EndsBeforeStart,
        Self::PeriodNotWhole,
        Self::OutsidePeriod,
        Self::TooLate,
        Self::FieldMissingForMove,
        Self::NotYet,
        Self::ReferenceBeginsLater,
        Self::SucceedsItself,
        Self::SetBySuccession,
        Self::NotLeadMinistry,
        Self::NoPredecessor,
        Self::DutyOpen,
        Self::NoDuty,
        Self::HeirHasOne,
        Self::LessThanParts,
        Self::UnEntity,
        Self::NotAVoter,
        Self::PasswordWrong,
        Self::PasswordGuessable,
        Self::LinkNotValid,
        Self::NotInFuture,
        Self::RoundNotFinalized,
        Self::WordMissing,
        Self::ObjectionStands,
        Self::AnswersAnAnswer,
        Self::NotInThePlan,
        Self::NotOfTheActivity,
        Self::LeadMissing,
        Self::SecondLead,
        Self::EndsTwice,
        Self::DependencyCycle,
        Self::OfAnotherPlan,
        Self::NotAPriorityOfThePlan,
        Self::PriorityNotAgreed,
        Self::ReportsUndecided,
        Self::OutsidePlanUnexplained,
        Self::Unreadable,
    ];

    pub const fn row(self) -> (&'static str, Words) {
        const fn words(en: &'static str, lo: &'static str) -> Words {
            Words { en, lo }
        }
        match self {
            Self::Required => ("required", words("is required", "ຕ້ອງມີ")),
            Self::UnknownField => {
                ("unknown_field", words("is not a field of this body; check the spelling against the contract", "ບໍ່ແມ່ນຊ່ອງຂໍ້ມູນຂອງເນື້ອໃນນີ້"))
            }
            Self::UnknownParameter => {
                ("unknown_parameter", words("is not a parameter here; allowed are {allowed}", "ບໍ່ແມ່ນພາຣາມິເຕີຢູ່ບ່ອນນີ້; ທີ່ໃຊ້ໄດ້ແມ່ນ {allowed}"))
            }
            Self::WrongType => ("wrong_type", words("must be {expected}", "ຕ້ອງເປັນ {expected}")),
            Self::TooLong => ("too_long", words("is longer than {limit} characters", "ຍາວເກີນ {limit} ຕົວອັກສອນ")),
            Self::TooShort => ("too_short", words("is shorter than {limit} characters", "ສັ້ນກວ່າ {limit} ຕົວອັກສອນ")),
            Self::TooMany => ("too_many", words("holds more than {limit} entries", "ມີຫຼາຍກວ່າ {limit} ລາຍການ")),
            Self::TooFew => ("too_few", words("holds fewer than {limit} entries", "ມີໜ້ອຍກວ່າ {limit} ລາຍການ")),
            Self::TooManyDecimals => (
                "too_many_decimals",
                words("has more decimals than {currency}: at most {limit}", "ມີຕົວເລກທົດສະນິຍົມຫຼາຍກວ່າ {currency}: ບໍ່ເກີນ {limit}"),
            ),
            Self::OutOfRange => {
                ("out_of_range", words("must be between the limits of the contract ({limit})", "ຕ້ອງຢູ່ໃນຂອບເຂດທີ່ກຳນົດ ({limit})"))
            }
            Self::Form => ("wrong_form", words("does not have the form {form}", "ບໍ່ຖືກຮູບແບບ {form}")),
            Self::UnknownValue => ("unknown_value", words("must be one of {allowed}", "ຕ້ອງເປັນໜຶ່ງໃນ {allowed}")),
            Self::NotUnique => ("not_unique", words("holds an entry twice", "ມີລາຍການຊ້ຳກັນ")),
            Self::LanguageNotOffered => {
                ("language_not_offered", words("the languages of this instance are {allowed}", "ພາສາທີ່ໃຊ້ໄດ້ແມ່ນ {allowed}"))
            }
            Self::NoLanguageLeft => {
                ("no_language_left", words("would be left without any language; keep at least one", "ຈະບໍ່ເຫຼືອພາສາໃດ; ຕ້ອງຮັກສາໄວ້ຢ່າງໜ້ອຍໜຶ່ງພາສາ"))
            }
            Self::ObjectiveNotNamed => (
                "objective_not_named",
                words(
                    "belongs to objective {number}, which is not among `objective_numbers`",
                    "ຂຶ້ນກັບຈຸດປະສົງທີ {number} ເຊິ່ງບໍ່ຢູ່ໃນ `objective_numbers`",
                ),
            ),
            Self::NotWritable => ("not_writable", words("may not be changed by you here", "ທ່ານບໍ່ມີສິດປ່ຽນແປງ")),
            Self::ReadOnly => {
                ("read_only_field", words("is set by the server; leave it out or send it as it is", "ກຳນົດໂດຍລະບົບ; ກະລຸນາບໍ່ສົ່ງ ຫຼື ສົ່ງຄືເກົ່າ"))
            }
            Self::ReferenceUnknown => ("reference_unknown", words("names no row that you can see", "ບໍ່ໄດ້ຊີ້ເຖິງຂໍ້ມູນທີ່ທ່ານເຫັນໄດ້")),
            Self::ReferenceArchived => {
                ("reference_archived", words("names a row that is archived or no longer valid", "ຊີ້ເຖິງຂໍ້ມູນທີ່ຖືກເກັບມ້ຽນ ຫຼື ໝົດອາຍຸແລ້ວ"))
            }
            Self::ParentCycle => ("parent_cycle", words("would make the row its own ancestor", "ຈະເຮັດໃຫ້ຂໍ້ມູນເປັນແມ່ຂອງຕົນເອງ")),
            Self::PeriodReversed => ("period_reversed", words("must be later than {start}", "ຕ້ອງຢູ່ຫຼັງ {start}")),
            Self::EndsBeforeStart => ("ends_before_start", words("must not be earlier than {start}", "ຕ້ອງບໍ່ກ່ອນ {start}")),
            Self::PeriodNotWhole => (
                "period_not_whole",
                words("must be {expected}, so that the dates cover a whole {precision}", "ຕ້ອງເປັນ {expected} ເພື່ອໃຫ້ວັນທີກວມ {precision} ເຕັມ"),
            ),
            Self::OutsidePeriod => {
                ("outside_period", words("has no day in common with the time from {from} to {to}", "ບໍ່ມີມື້ໃດຮ່ວມກັບໄລຍະແຕ່ {from} ເຖິງ {to}"))
            }
            Self::TooLate => ("too_late", words("must not be later than {end}", "ຕ້ອງບໍ່ຫຼັງ {end}")),
            Self::FieldMissingForMove => ("field_missing_for_move", words("must be set before this move", "ຕ້ອງກຳນົດກ່ອນການປ່ຽນສະຖານະນີ້")),
            Self::ReferenceBeginsLater => {
                ("reference_begins_later", words("names an institution that begins only on {day}", "ຊີ້ເຖິງອົງການທີ່ເລີ່ມຕົ້ນໃນວັນທີ {day} ເທົ່ານັ້ນ"))
            }
            Self::NotYet => (
                "not_yet",
                words("is {day}, which has not come yet; move on that day or later", "ແມ່ນ {day} ເຊິ່ງຍັງບໍ່ທັນຮອດ; ກະລຸນາດຳເນີນການໃນມື້ນັ້ນ ຫຼື ຫຼັງຈາກນັ້ນ"),
            ),
            Self::SucceedsItself => ("succeeds_itself", words("names an institution that ends by this act", "ຊີ້ເຖິງອົງການທີ່ສິ້ນສຸດລົງໂດຍການກະທຳນີ້")),
            Self::SetBySuccession => (
                "set_by_succession",
                words(
                    "was set by the succession {id}, which is history; what came after it is another succession",
                    "ຖືກກຳນົດໂດຍການສືບທອດ {id} ເຊິ່ງເປັນປະຫວັດແລ້ວ; ສິ່ງທີ່ເກີດຂຶ້ນພາຍຫຼັງແມ່ນການສືບທອດອື່ນ",
                ),
            ),
            Self::NotLeadMinistry => (
                "not_lead_ministry",
                words("is not the lead ministry ({id}), where coordinators sit", "ບໍ່ແມ່ນກະຊວງນຳໜ້າ ({id}) ບ່ອນທີ່ຜູ້ປະສານງານປະຈຳຢູ່"),
            ),
            Self::NoPredecessor => ("no_predecessor", words("is none of the predecessors", "ບໍ່ແມ່ນໜຶ່ງໃນອົງການເດີມ")),
            Self::DutyOpen => (
                "duty_open",
                words(
                    "says nothing of the {kind} of {id}: add an entry with an heir, or with null to leave it openly",
                    "ບໍ່ໄດ້ກ່າວເຖິງ {kind} ຂອງ {id}: ກະລຸນາເພີ່ມຜູ້ຮັບຊ່ວງ ຫຼື null ເພື່ອປະໄວ້ຢ່າງເປີດເຜີຍ",
                ),
            ),
            Self::NoDuty => {
                ("no_duty", words("names no duty that a predecessor has today; take it out", "ບໍ່ໄດ້ຊີ້ເຖິງໜ້າທີ່ທີ່ອົງການເດີມມີໃນມື້ນີ້; ກະລຸນາເອົາອອກ"))
            }
            Self::HeirHasOne => (
                "heir_has_one",
                words("names an heir who holds such a membership already; leave this one with null", "ຜູ້ຮັບຊ່ວງເປັນສະມາຊິກຢູ່ແລ້ວ; ກະລຸນາໃສ່ null"),
            ),
            Self::LessThanParts => {
                ("less_than_parts", words("is less than {sum}, which its parts add up to", "ໜ້ອຍກວ່າ {sum} ເຊິ່ງແມ່ນຜົນບວກຂອງສ່ວນຕ່າງໆ"))
            }
            Self::UnEntity => {
                ("un_entity", words("names a UN entity, which has no voice in a national round", "ຊີ້ເຖິງອົງການ ສປຊ ເຊິ່ງບໍ່ມີສິດອອກສຽງໃນຮອບແຫ່ງຊາດ"))
            }
            Self::NotAVoter => (
                "not_a_voter",
                words(
                    "has no voice in this round: it is not asked, and answers for nobody who is",
                    "ບໍ່ມີສິດອອກສຽງໃນຮອບນີ້: ບໍ່ໄດ້ຖືກຖາມ ແລະ ບໍ່ໄດ້ຕອບແທນຜູ້ໃດ",
                ),
            ),
            Self::PasswordWrong => ("password_wrong", words("is not your password", "ບໍ່ແມ່ນລະຫັດຜ່ານຂອງທ່ານ")),
            Self::PasswordGuessable => (
                "password_guessable",
                words(
                    "is too easy to guess ({guess}): choose several words that do not belong together, and nothing of your name",
                    "ເດົາໄດ້ງ່າຍເກີນໄປ ({guess}): ກະລຸນາເລືອກຫຼາຍຄຳທີ່ບໍ່ກ່ຽວຂ້ອງກັນ ແລະ ບໍ່ໃຊ້ຊື່ຂອງທ່ານ",
                ),
            ),
            Self::LinkNotValid => {
                ("link_not_valid", words("is unknown, used already or too old; ask for a new link", "ບໍ່ຮູ້ຈັກ, ຖືກໃຊ້ແລ້ວ ຫຼື ໝົດອາຍຸ; ກະລຸນາຂໍລິ້ງໃໝ່"))
            }
            Self::NotInFuture => ("not_in_future", words("must be in the future", "ຕ້ອງຢູ່ໃນອະນາຄົດ")),
            Self::RoundNotFinalized => (
                "round_not_finalized",
                words(
                    "names a round that is not finalized: nobody is there yet to be asked for their word",
                    "ຊີ້ເຖິງຮອບທີ່ຍັງບໍ່ສຳເລັດ: ຍັງບໍ່ມີຜູ້ທີ່ຈະຖືກຖາມຄຳເຫັນ",
                ),
            ),
            Self::WordMissing => (
                "word_missing",
                words(
                    "is needed: these organizations have not given their word: {organization_ids}",
                    "ຕ້ອງມີ: ອົງການເຫຼົ່ານີ້ຍັງບໍ່ໄດ້ໃຫ້ຄຳເຫັນ: {organization_ids}",
                ),
            ),
            Self::ObjectionStands => (
                "objection_stands",
                words("is needed: these organizations object: {organization_ids}", "ຕ້ອງມີ: ອົງການເຫຼົ່ານີ້ຄັດຄ້ານ: {organization_ids}"),
            ),
            Self::AnswersAnAnswer => (
                "answers_an_answer",
                words("names an answer; answer the comment that begins the thread", "ຊີ້ເຖິງຄຳຕອບ; ກະລຸນາຕອບຄຳເຫັນທີ່ເລີ່ມການສົນທະນາ"),
            ),
            Self::NotInThePlan => (
                "not_in_the_plan",
                words(
                    "is in no approved version of the plan yet: change the activity itself",
                    "ຍັງບໍ່ຢູ່ໃນສະບັບທີ່ຮັບຮອງຂອງແຜນ: ກະລຸນາປ່ຽນກິດຈະກຳນັ້ນໂດຍກົງ",
                ),
            ),
            Self::NotOfTheActivity => {
                ("not_of_the_activity", words("names nothing of this activity that is in use", "ບໍ່ໄດ້ຊີ້ເຖິງສິ່ງໃດຂອງກິດຈະກຳນີ້ທີ່ນຳໃຊ້ຢູ່"))
            }
            Self::LeadMissing => (
                "lead_missing",
                words(
                    "names no party with the role `lead`; exactly one answers for the activity",
                    "ບໍ່ມີຝ່າຍທີ່ມີບົດບາດ `lead`; ຕ້ອງມີຜູ້ຮັບຜິດຊອບພຽງໜຶ່ງດຽວ",
                ),
            ),
            Self::SecondLead => (
                "second_lead",
                words(
                    "is a second lead ({organization_id}); exactly one answers for the activity, others can be `co_lead`",
                    "ແມ່ນຜູ້ນຳທີສອງ ({organization_id}); ຕ້ອງມີຜູ້ຮັບຜິດຊອບພຽງໜຶ່ງດຽວ, ຜູ້ອື່ນເປັນ `co_lead` ໄດ້",
                ),
            ),
            Self::EndsTwice => (
                "ends_twice",
                words(
                    "cannot stand beside `ends_on`: what takes place once has `ends_on`, what comes again and again has `recurrence`",
                    "ບໍ່ສາມາດໃສ່ພ້ອມກັບ `ends_on`: ສິ່ງທີ່ເກີດຂຶ້ນຄັ້ງດຽວໃຊ້ `ends_on`, ສິ່ງທີ່ເກີດຂຶ້ນຊ້ຳໃຊ້ `recurrence`",
                ),
            ),
            Self::DependencyCycle => (
                "dependency_cycle",
                words("would close a ring of activities that wait for each other: {codes}", "ຈະເຮັດໃຫ້ກິດຈະກຳລໍຖ້າກັນເປັນວົງ: {codes}"),
            ),
            Self::OfAnotherPlan => ("of_another_plan", words("names an activity of another workplan", "ຊີ້ເຖິງກິດຈະກຳຂອງແຜນວຽກອື່ນ")),
            Self::NotAPriorityOfThePlan => {
                ("not_a_priority_of_the_plan", words("is none of the workplan's priorities: {allowed}", "ບໍ່ແມ່ນບູລິມະສິດຂອງແຜນວຽກນີ້: {allowed}"))
            }
            Self::PriorityNotAgreed => (
                "priority_not_agreed",
                words(
                    "names priorities that are not agreed, or no longer: {priority_ids}",
                    "ຊີ້ເຖິງບູລິມະສິດທີ່ຍັງບໍ່ໄດ້ຕົກລົງກັນ ຫຼື ບໍ່ມີຜົນແລ້ວ: {priority_ids}",
                ),
            ),
            Self::ReportsUndecided => (
                "reports_undecided",
                words(
                    "counts submitted reports that are neither accepted nor returned, and could not be afterwards: {count}; decide on them, or send a reason",
                    "ມີບົດລາຍງານທີ່ສົ່ງແລ້ວແຕ່ຍັງບໍ່ໄດ້ຮັບ ຫຼື ສົ່ງກັບຄືນ ແລະ ຈະເຮັດບໍ່ໄດ້ອີກຫຼັງຈາກນັ້ນ: {count}; ກະລຸນາຕັດສິນກ່ອນ ຫຼື ໃຫ້ເຫດຜົນ",
                ),
            ),
            Self::OutsidePlanUnexplained => (
                "outside_plan_unexplained",
                words(
                    "is needed: the activity reaches beyond the days of the plan, {start} to {end}",
                    "ຕ້ອງມີ: ກິດຈະກຳຢູ່ນອກໄລຍະຂອງແຜນວຽກ, {start} ຫາ {end}",
                ),
            ),
            Self::Unreadable => ("unreadable", words("cannot be read: {why}", "ອ່ານບໍ່ໄດ້: {why}")),
        }
    }
}

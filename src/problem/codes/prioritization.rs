//! A round of prioritization stands against it.

use super::{Row, row};

pub const ROUND_NOT_OPEN: Row = row(
    409,
    "round_not_open",
    ["The round is not open", "ຮອບບໍ່ໄດ້ເປີດຢູ່"],
    [
        "The round is {state}. Nominations are given, changed and taken back only while it is open.",
        "ຮອບຢູ່ໃນສະຖານະ {state}. ການສະເໜີສາມາດໃຫ້, ປ່ຽນ ແລະ ຖອນຄືນໄດ້ ສະເພາະເວລາທີ່ຮອບເປີດຢູ່.",
    ],
);

pub const ROUND_PAST_CLOSING_DATE: Row = row(
    409,
    "round_past_closing_date",
    ["The closing date has passed", "ກາຍກຳນົດປິດແລ້ວ"],
    [
        "Nominations were taken until {closes_on}. Ask the lead ministry whether it moves the date.",
        "ຮັບການສະເໜີເຖິງວັນທີ {closes_on}. ກະລຸນາຖາມກະຊວງນຳໜ້າ ວ່າຈະເລື່ອນກຳນົດຫຼືບໍ່.",
    ],
);

pub const NOMINATION_GIVEN: Row = row(
    409,
    "nomination_given",
    ["Nominated already", "ສະເໜີແລ້ວ"],
    [
        "The organization {organization_id} nominated objective {objective_number} in this round already, by the row {id}. Change that row.",
        "ອົງການ {organization_id} ໄດ້ສະເໜີເປົ້າໝາຍ {objective_number} ໃນຮອບນີ້ແລ້ວ ຕາມຂໍ້ມູນ {id}. ກະລຸນາປ່ຽນຂໍ້ມູນນັ້ນ.",
    ],
);

pub const RESULTS_NOT_READY: Row = row(
    409,
    "results_not_ready",
    ["There are no results", "ຍັງບໍ່ມີຜົນ"],
    [
        "The round is {state}. There are results from its closing on, and none of a round that was cancelled.",
        "ຮອບຢູ່ໃນສະຖານະ {state}. ຜົນມີຕັ້ງແຕ່ປິດຮອບ ແລະ ຮອບທີ່ຖືກຍົກເລີກບໍ່ມີຜົນ.",
    ],
);

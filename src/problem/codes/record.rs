//! What is on record stands against it.

use super::{Row, row};

pub const ARCHIVED: Row = row(
    409,
    "archived",
    ["Archived", "ເກັບມ້ຽນແລ້ວ"],
    [
        "The row is archived, or the one that it stands below. Restore that before changing it.",
        "ຂໍ້ມູນນີ້ ຫຼື ຂໍ້ມູນທີ່ຢູ່ເໜືອມັນ ຖືກເກັບມ້ຽນແລ້ວ. ກະລຸນາກູ້ຄືນກ່ອນປ່ຽນແປງ.",
    ],
);

pub const NOT_ARCHIVED: Row = row(
    409,
    "not_archived",
    ["Not archived", "ບໍ່ໄດ້ເກັບມ້ຽນ"],
    ["The row is not archived, so there is nothing to restore.", "ຂໍ້ມູນບໍ່ໄດ້ຖືກເກັບມ້ຽນ ຈຶ່ງບໍ່ມີຫຍັງໃຫ້ກູ້ຄືນ."],
);

pub const CODE_TAKEN: Row = row(
    409,
    "code_taken",
    ["In use", "ຖືກໃຊ້ແລ້ວ"],
    [
        "The {field} `{value}` is in use by another row, possibly an archived one. Choose another.",
        "{field} `{value}` ຖືກໃຊ້ໂດຍຂໍ້ມູນອື່ນແລ້ວ. ກະລຸນາເລືອກອັນອື່ນ.",
    ],
);

pub const HAS_DEPENDANTS: Row = row(
    409,
    "has_dependants",
    ["Others depend on it", "ມີຂໍ້ມູນອື່ນອ້າງອີງ"],
    [
        "{count} row(s) still depend on this one ({what}). Change or archive them first.",
        "ຍັງມີ {count} ຂໍ້ມູນທີ່ອ້າງອີງເຖິງອັນນີ້ ({what}). ກະລຸນາປ່ຽນ ຫຼື ເກັບມ້ຽນກ່ອນ.",
    ],
);

pub const ERASED: Row = row(
    409,
    "erased",
    ["Erased", "ຖືກລຶບແລ້ວ"],
    ["What the row said of the person was erased, for good. Enter a new row instead.", "ຂໍ້ມູນຂອງບຸກຄົນໃນນີ້ຖືກລຶບຖາວອນແລ້ວ. ກະລຸນາສ້າງຂໍ້ມູນໃໝ່ແທນ."],
);

pub const MEMBERSHIP_OPEN: Row = row(
    409,
    "membership_open",
    ["A member already", "ເປັນສະມາຊິກຢູ່ແລ້ວ"],
    [
        "The organization {organization_id} is a member already, by the row {id}. Change that row, or enter `left_on` there first.",
        "ອົງການ {organization_id} ເປັນສະມາຊິກຢູ່ແລ້ວ ຕາມຂໍ້ມູນ {id}. ກະລຸນາປ່ຽນຂໍ້ມູນນັ້ນ ຫຼື ໃສ່ `left_on` ກ່ອນ.",
    ],
);

pub const COORDINATOR_NAMED: Row = row(
    409,
    "coordinator_named",
    ["The Network has a coordinator", "ມີຜູ້ປະສານງານແລ້ວ"],
    [
        "The organization {organization_id} coordinates the Network, by the row {id}. Take the role from that row first.",
        "ອົງການ {organization_id} ເປັນຜູ້ປະສານງານຢູ່ແລ້ວ ຕາມຂໍ້ມູນ {id}. ກະລຸນາຖອນບົດບາດຈາກຂໍ້ມູນນັ້ນກ່ອນ.",
    ],
);

pub const TRANSITION_NOT_ALLOWED: Row = row(
    409,
    "transition_not_allowed",
    ["No such move from here", "ປ່ຽນສະຖານະບໍ່ໄດ້"],
    [
        "From the state `{from}` there is no move to `{to}`; possible are: {possible}.",
        "ຈາກສະຖານະ `{from}` ບໍ່ສາມາດໄປ `{to}`; ທີ່ເປັນໄປໄດ້: {possible}.",
    ],
);

pub const TRANSITION_INCOMPLETE: Row = row(
    409,
    "transition_incomplete",
    ["Something is missing for this move", "ຍັງຂາດຂໍ້ມູນສຳລັບການປ່ຽນສະຖານະ"],
    ["The move to `{to}` needs more; `errors` names what.", "ການໄປ `{to}` ຕ້ອງການຂໍ້ມູນເພີ່ມ; ເບິ່ງ `errors`."],
);

pub const TRANSITIONS_REFUSED: Row = row(
    409,
    "transitions_refused",
    ["Nothing was moved", "ບໍ່ມີຫຍັງຖືກປ່ຽນສະຖານະ"],
    [
        "{count} row(s) could not be moved, so none was. The first was refused with {first}. Send `atomic: \"row\"`, with `dry_run=true` as a trial, to hear the reason for each: {ids}.",
        "{count} ຂໍ້ມູນປ່ຽນບໍ່ໄດ້ ຈຶ່ງບໍ່ໄດ້ປ່ຽນອັນໃດ. ອັນທຳອິດ: {first}. ໃຊ້ `atomic: \"row\"` (ແລະ `dry_run=true`) ເພື່ອຮູ້ເຫດຜົນຂອງແຕ່ລະອັນ: {ids}.",
    ],
);

pub const NOT_EDITABLE_IN_STATE: Row = row(
    409,
    "not_editable_in_state",
    ["Not editable in this state", "ແກ້ໄຂບໍ່ໄດ້ໃນສະຖານະນີ້"],
    [
        "The row is {state}; what can still be changed: {fields}. Everything else stays as it is.",
        "ຂໍ້ມູນຢູ່ໃນສະຖານະ {state}; ສິ່ງທີ່ຍັງແກ້ໄຂໄດ້: {fields}. ນອກນັ້ນຄົງເດີມ.",
    ],
);

pub const QUESTION_CLOSED: Row = row(
    409,
    "question_closed",
    ["Not asked any more", "ບໍ່ຖືກຖາມອີກແລ້ວ"],
    [
        "The {kind} is {state} with the substance {substance}: organizations give their word while it is proposed or in review, on the substance of that moment. Read it again.",
        "{kind} ຢູ່ໃນສະຖານະ {state} ມີເນື້ອຫາສະບັບ {substance}: ອົງການໃຫ້ຄຳເຫັນໄດ້ສະເພາະເມື່ອຍັງສະເໜີ ຫຼື ທົບທວນຢູ່ ແລະ ຕາມເນື້ອຫາສະບັບປັດຈຸບັນ. ກະລຸນາອ່ານໃໝ່.",
    ],
);

pub const WORD_GIVEN: Row = row(
    409,
    "word_given",
    ["Its word is given", "ໃຫ້ຄຳເຫັນແລ້ວ"],
    [
        "The organization {organization_id} has given its word on this, by the row {id}. Change that row.",
        "ອົງການ {organization_id} ໄດ້ໃຫ້ຄຳເຫັນຕໍ່ເລື່ອງນີ້ແລ້ວ ຕາມຂໍ້ມູນ {id}. ກະລຸນາປ່ຽນຂໍ້ມູນນັ້ນ.",
    ],
);

pub const TOO_LATE_TO_EDIT: Row = row(
    409,
    "too_late_to_edit",
    ["Too late to edit", "ແກ້ໄຂບໍ່ທັນແລ້ວ"],
    [
        "A comment is edited for {minutes} minutes after it was written; others may have read and answered it by now. Write another one.",
        "ຄຳເຫັນແກ້ໄຂໄດ້ພາຍໃນ {minutes} ນາທີຫຼັງຈາກຂຽນ; ຜູ້ອື່ນອາດໄດ້ອ່ານ ແລະ ຕອບແລ້ວ. ກະລຸນາຂຽນອັນໃໝ່.",
    ],
);

pub const INSTITUTION_ENDED: Row = row(
    409,
    "institution_ended",
    ["An institution has ended", "ອົງການສິ້ນສຸດລົງແລ້ວ"],
    [
        "The row points at the institution {organization_id}, which has ended. Leave it archived, or enter a new one for the heir.",
        "ຂໍ້ມູນຊີ້ເຖິງອົງການ {organization_id} ເຊິ່ງສິ້ນສຸດລົງແລ້ວ. ກະລຸນາປະໄວ້ ຫຼື ສ້າງອັນໃໝ່ໃຫ້ຜູ້ຮັບຊ່ວງ.",
    ],
);

pub const LAST_ADMINISTRATOR: Row = row(
    409,
    "last_administrator",
    ["The last administrator", "ຜູ້ບໍລິຫານຄົນສຸດທ້າຍ"],
    [
        "This is the last administrator who can sign in. Let in another one first, so that accounts can still be kept.",
        "ນີ້ແມ່ນຜູ້ບໍລິຫານຄົນສຸດທ້າຍທີ່ເຂົ້າສູ່ລະບົບໄດ້. ກະລຸນາເພີ່ມຜູ້ບໍລິຫານອື່ນກ່ອນ.",
    ],
);

pub const TWO_LIVE_SECRETS: Row = row(
    409,
    "two_live_secrets",
    ["Two secrets already", "ມີສອງລະຫັດລັບແລ້ວ"],
    [
        "The machine account has two secrets that are good: the old and the new one of a change. Delete one of them first: {prefixes}.",
        "ບັນຊີເຄື່ອງນີ້ມີສອງລະຫັດລັບທີ່ໃຊ້ໄດ້ແລ້ວ. ກະລຸນາລຶບອັນໜຶ່ງກ່ອນ: {prefixes}.",
    ],
);

pub const ANSWER_ERASED: Row = row(
    409,
    "answer_erased",
    ["The kept answer was erased", "ຄຳຕອບທີ່ເກັບໄວ້ຖືກລຶບແລ້ວ"],
    [
        "The request with this Idempotency-Key was carried out before; its answer spoke of a person whose data were erased since. Nothing is carried out twice; read the row as it is now.",
        "ຄຳຂໍທີ່ມີ Idempotency-Key ນີ້ໄດ້ຖືກດຳເນີນການແລ້ວ; ຄຳຕອບກ່າວເຖິງບຸກຄົນທີ່ຂໍ້ມູນຖືກລຶບ. ບໍ່ມີຫຍັງຖືກເຮັດຊ້ຳ; ກະລຸນາອ່ານຂໍ້ມູນປັດຈຸບັນ.",
    ],
);

pub const STALE_REVISION: Row = row(
    412,
    "stale_revision",
    ["Changed by someone else", "ມີຜູ້ອື່ນປ່ຽນແປງແລ້ວ"],
    [
        "The row is at revision {revision} now. Read it again, carry your change over, and send the new revision in If-Match.",
        "ຂໍ້ມູນຢູ່ສະບັບ {revision} ແລ້ວ. ກະລຸນາອ່ານໃໝ່ ແລ້ວສົ່ງສະບັບໃໝ່ໃນ If-Match.",
    ],
);

pub const NOTHING_TO_MATCH: Row = row(
    412,
    "nothing_to_match",
    ["There is no row yet", "ຍັງບໍ່ມີຂໍ້ມູນນີ້"],
    [
        "If-Match names a revision, but no row is known by this external id. Leave If-Match out to make the row.",
        "If-Match ລະບຸສະບັບ ແຕ່ຍັງບໍ່ມີຂໍ້ມູນທີ່ມີລະຫັດພາຍນອກນີ້. ກະລຸນາບໍ່ສົ່ງ If-Match ເພື່ອສ້າງຂໍ້ມູນ.",
    ],
);

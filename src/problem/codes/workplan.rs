//! The workplan stands against it.

use super::{Row, row};

pub const WORKPLAN_ACTIVE: Row = row(
    409,
    "workplan_active",
    ["Another workplan is active", "ມີແຜນວຽກອື່ນດຳເນີນຢູ່"],
    ["The workplan {id} is active on some of the same days. Close that one first.", "ແຜນວຽກ {id} ກຳລັງດຳເນີນຢູ່ໃນບາງມື້ດຽວກັນ. ກະລຸນາປິດແຜນນັ້ນກ່ອນ."],
);

pub const REVISION_OPEN: Row = row(
    409,
    "revision_open",
    ["A revision is open", "ມີການປັບປຸງທີ່ເປີດຢູ່"],
    ["The revision {id} of the workplan is open. Approve it or withdraw it first.", "ການປັບປຸງ {id} ຂອງແຜນວຽກຍັງເປີດຢູ່. ກະລຸນາຮັບຮອງ ຫຼື ຖອນມັນກ່ອນ."],
);

pub const REVISION_NOT_OPEN: Row = row(
    409,
    "revision_not_open",
    ["The revision is not open", "ການປັບປຸງບໍ່ໄດ້ເປີດຢູ່"],
    [
        "The revision of the workplan is {state}: what it would change is written only while it is open. Revise the workplan to open one.",
        "ການປັບປຸງຂອງແຜນວຽກຢູ່ໃນສະຖານະ {state}: ສິ່ງທີ່ຈະປ່ຽນ ຂຽນໄດ້ສະເພາະເວລາທີ່ມັນເປີດຢູ່. ກະລຸນາເປີດການປັບປຸງຂອງແຜນວຽກກ່ອນ.",
    ],
);

pub const PROPOSAL_MADE: Row = row(
    409,
    "proposal_made",
    ["Proposed already", "ສະເໜີແລ້ວ"],
    [
        "The revision proposes something for this activity already, by the row {id}. Change that row.",
        "ການປັບປຸງໄດ້ສະເໜີບາງສິ່ງສຳລັບກິດຈະກຳນີ້ແລ້ວ ຕາມຂໍ້ມູນ {id}. ກະລຸນາປ່ຽນຂໍ້ມູນນັ້ນ.",
    ],
);

pub const PLAN_NOT_ACTIVE: Row = row(
    409,
    "plan_not_active",
    ["The workplan is not active", "ແຜນວຽກບໍ່ໄດ້ດຳເນີນຢູ່"],
    [
        "The workplan is {state}. This can be done only in these states: {allowed}.",
        "ແຜນວຽກຢູ່ໃນສະຖານະ {state}. ເຮັດໄດ້ສະເພາະໃນສະຖານະ: {allowed}.",
    ],
);

pub const SUM_OUT_OF_RANGE: Row = row(
    409,
    "sum_out_of_range",
    ["The sum is too large", "ຜົນບວກໃຫຍ່ເກີນໄປ"],
    [
        "The amounts in {currency} add up to more than can be told exactly. Narrow what is added up, or mend an amount that was mistyped.",
        "ຜົນບວກຂອງຈຳນວນເງິນສະກຸນ {currency} ໃຫຍ່ເກີນກວ່າຈະບອກໄດ້ຢ່າງຖືກຕ້ອງ. ກະລຸນາຈຳກັດສິ່ງທີ່ບວກ ຫຼື ແກ້ຈຳນວນທີ່ພິມຜິດ.",
    ],
);

pub const AWAITED_ARCHIVED: Row = row(
    409,
    "awaited_archived",
    ["It waits for one that is archived", "ລໍຖ້າກິດຈະກຳທີ່ຖືກເກັບມ້ຽນ"],
    [
        "The activity waits for {code} ({id}), which is archived. Restore that first.",
        "ກິດຈະກຳນີ້ລໍຖ້າ {code} ({id}) ເຊິ່ງຖືກເກັບມ້ຽນແລ້ວ. ກະລຸນາກູ້ຄືນອັນນັ້ນກ່ອນ.",
    ],
);

pub const PERIOD_REPORTED: Row = row(
    409,
    "period_reported",
    ["Another report on this period counts", "ມີບົດລາຍງານອື່ນຂອງໄລຍະນີ້ແລ້ວ"],
    [
        "The report {id} counts for this activity and period. Archive it first; when the activity's progress comes from it, write that at `tracking` before.",
        "ບົດລາຍງານ {id} ແມ່ນບົດທີ່ນັບສຳລັບກິດຈະກຳ ແລະ ໄລຍະນີ້. ກະລຸນາເກັບມ້ຽນມັນກ່ອນ; ຖ້າຄວາມຄືບໜ້າຂອງກິດຈະກຳມາຈາກມັນ, ໃຫ້ບັນທຶກທີ່ `tracking` ກ່ອນ.",
    ],
);

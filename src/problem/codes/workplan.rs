//! The workplan stands against it.

use super::{Row, row};

pub const PLAN_NOT_ACTIVE: Row = row(
    409,
    "plan_not_active",
    ["The workplan is not active", "ແຜນວຽກບໍ່ໄດ້ຢູ່ໃນໄລຍະປະຕິບັດ"],
    [
        "The workplan is {state}. How its activities go is written only while it is active.",
        "ແຜນວຽກຢູ່ໃນສະຖານະ {state}. ຄວາມຄືບໜ້າຂອງກິດຈະກຳ ບັນທຶກໄດ້ສະເພາະເວລາທີ່ແຜນກຳລັງປະຕິບັດ.",
    ],
);

pub const PERIOD_REPORTED: Row = row(
    409,
    "period_reported",
    ["Another report on this period counts", "ມີບົດລາຍງານອື່ນຂອງໄລຍະນີ້ແລ້ວ"],
    [
        "The report {id} on the same activity and period was accepted meanwhile. Archive that one first.",
        "ບົດລາຍງານ {id} ຂອງກິດຈະກຳ ແລະ ໄລຍະດຽວກັນ ໄດ້ຮັບການຮັບຮອງແລ້ວ. ກະລຸນາເກັບມ້ຽນອັນນັ້ນກ່ອນ.",
    ],
);

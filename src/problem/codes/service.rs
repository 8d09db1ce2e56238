//! The service cannot answer, or not now.

use super::{Row, row};

pub const INTERNAL_ERROR: Row = row(
    500,
    "internal_error",
    ["A fault of ours", "ຂໍ້ຜິດພາດຂອງລະບົບ"],
    ["Something went wrong on our side. Report the request_id to the operator.", "ມີຂໍ້ຜິດພາດໃນລະບົບ. ກະລຸນາແຈ້ງ request_id ໃຫ້ຜູ້ດູແລ."],
);

pub const DATABASE_UNAVAILABLE: Row = row(
    503,
    "database_unavailable",
    ["The database is away", "ຖານຂໍ້ມູນບໍ່ພ້ອມ"],
    [
        "The database cannot be reached. Try again after the time in Retry-After. Whether a write was kept is not known: send it again with the same \
         Idempotency-Key.",
        "ບໍ່ສາມາດເຂົ້າເຖິງຖານຂໍ້ມູນ. ກະລຸນາລອງໃໝ່ຕາມ Retry-After. ບໍ່ຮູ້ວ່າຖືກບັນທຶກ ຫຼື ບໍ່: ກະລຸນາສົ່ງໃໝ່ດ້ວຍ Idempotency-Key ເກົ່າ.",
    ],
);

pub const WRITER_BUSY: Row = row(
    503,
    "writer_busy",
    ["Too many writes at once", "ມີການບັນທຶກຫຼາຍເກີນໄປ"],
    [
        "Other writes took too long. Nothing was kept; try again after the time in Retry-After.",
        "ການບັນທຶກອື່ນໃຊ້ເວລາດົນ. ບໍ່ມີຫຍັງຖືກບັນທຶກ; ກະລຸນາລອງໃໝ່ຕາມ Retry-After.",
    ],
);

pub const SIGN_IN_BUSY: Row = row(
    503,
    "sign_in_busy",
    ["Too many sign-ins at once", "ມີຜູ້ເຂົ້າສູ່ລະບົບພ້ອມກັນຫຼາຍເກີນໄປ"],
    [
        "Too many passwords are being checked at the moment. Try again after the time in Retry-After.",
        "ກຳລັງກວດລະຫັດຜ່ານຫຼາຍເກີນໄປ. ກະລຸນາລອງໃໝ່ຕາມ Retry-After.",
    ],
);

pub const QUERY_TOO_BROAD: Row = row(
    503,
    "query_too_broad",
    ["The query is too broad", "ການຄົ້ນຫາກວ້າງເກີນໄປ"],
    [
        "The query took too long and was stopped. Narrow it with more filters, or try again later.",
        "ການຄົ້ນຫາໃຊ້ເວລາດົນເກີນໄປ. ກະລຸນາໃຊ້ຕົວກອງເພີ່ມ ຫຼື ລອງໃໝ່ພາຍຫຼັງ.",
    ],
);

pub const TOO_SLOW: Row = row(
    503,
    "too_slow",
    ["It took too long", "ໃຊ້ເວລາດົນເກີນໄປ"],
    [
        "The answer took too long and was given up. Whether a write was kept is not known: send it again with the same Idempotency-Key.",
        "ໃຊ້ເວລາດົນເກີນໄປຈຶ່ງຢຸດ. ບໍ່ຮູ້ວ່າຖືກບັນທຶກ ຫຼື ບໍ່: ກະລຸນາສົ່ງໃໝ່ດ້ວຍ Idempotency-Key ເກົ່າ.",
    ],
);

pub const SHUTTING_DOWN: Row = row(
    503,
    "shutting_down",
    ["About to stop", "ກຳລັງຈະຢຸດ"],
    [
        "The service was told to stop and will soon take no more requests. Send them elsewhere, or try again after the time in Retry-After.",
        "ລະບົບນີ້ກຳລັງຈະຢຸດ ແລະ ອີກບໍ່ດົນຈະບໍ່ຮັບຄຳຂໍໃໝ່. ກະລຸນາສົ່ງໄປບ່ອນອື່ນ ຫຼື ລອງໃໝ່ຕາມ Retry-After.",
    ],
);

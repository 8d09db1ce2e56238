//! Who asks may not have it, or not so often.

use super::{Row, row};

pub const UNAUTHENTICATED: Row = row(
    401,
    "unauthenticated",
    ["Not signed in", "ຍັງບໍ່ໄດ້ເຂົ້າສູ່ລະບົບ"],
    [
        "Send a valid access token as `Authorization: Bearer …`; POST /v1/auth/token gives one.",
        "ກະລຸນາສົ່ງໂທເຄັນທີ່ຖືກຕ້ອງໃນ `Authorization: Bearer …`; ຂໍໄດ້ທີ່ POST /v1/auth/token.",
    ],
);

pub const TOKEN_EXPIRED: Row = row(
    401,
    "token_expired",
    ["Access token expired", "ໂທເຄັນໝົດອາຍຸ"],
    [
        "The access token has expired. Get a new one at POST /v1/auth/token and send the request again.",
        "ໂທເຄັນໝົດອາຍຸແລ້ວ. ກະລຸນາຂໍອັນໃໝ່ທີ່ POST /v1/auth/token ແລ້ວສົ່ງຄຳຂໍອີກ.",
    ],
);

pub const FORBIDDEN: Row = row(
    403,
    "forbidden",
    ["Not allowed", "ບໍ່ອະນຸຍາດ"],
    [
        "You may see this, but the rule `{rule}` does not let you do it. GET /v1/me/permissions tells what you may do.",
        "ທ່ານເຫັນໄດ້ ແຕ່ກົດ `{rule}` ບໍ່ອະນຸຍາດໃຫ້ເຮັດ. ເບິ່ງ GET /v1/me/permissions.",
    ],
);

pub const INSUFFICIENT_SCOPE: Row = row(
    403,
    "insufficient_scope",
    ["The machine account's scopes do not reach", "ຂອບເຂດບໍ່ພຽງພໍ"],
    ["This needs the scope `{scope}`, which this machine account does not have.", "ຕ້ອງມີຂອບເຂດ `{scope}` ເຊິ່ງບັນຊີເຄື່ອງນີ້ບໍ່ມີ."],
);

pub const FIELD_NOT_WRITABLE: Row = row(
    403,
    "field_not_writable",
    ["Fields that are not yours to change", "ຊ່ອງຂໍ້ມູນທີ່ທ່ານບໍ່ມີສິດປ່ຽນ"],
    [
        "The rule `{rule}` lets you change other fields of this row only; `errors` names those that it does not.",
        "ກົດ `{rule}` ໃຫ້ທ່ານປ່ຽນໄດ້ສະເພາະຊ່ອງອື່ນ; ເບິ່ງ `errors`.",
    ],
);

pub const EXTERNAL_ID_TAKEN: Row = row(
    403,
    "external_id_taken",
    ["External id in use", "ລະຫັດພາຍນອກຖືກໃຊ້ແລ້ວ"],
    ["This id of the system `{system}` already stands for another row.", "ລະຫັດນີ້ຂອງລະບົບ `{system}` ເປັນຂອງຂໍ້ມູນອື່ນແລ້ວ."],
);

pub const EXTERNAL_SYSTEM_NOT_YOURS: Row = row(
    403,
    "external_system_not_yours",
    ["Not your system", "ບໍ່ແມ່ນລະບົບຂອງທ່ານ"],
    ["Your account may not write external ids of the system `{system}`.", "ບັນຊີຂອງທ່ານບໍ່ສາມາດຂຽນລະຫັດພາຍນອກຂອງລະບົບ `{system}`."],
);

pub const NOT_FOUND: Row =
    row(404, "not_found", ["Not found", "ບໍ່ພົບ"], ["There is no such row, or you may not see it.", "ບໍ່ມີຂໍ້ມູນນີ້ ຫຼື ທ່ານບໍ່ມີສິດເຫັນ."]);

pub const TOO_MANY_REQUESTS: Row = row(
    429,
    "too_many_requests",
    ["Too many requests", "ຄຳຂໍຫຼາຍເກີນໄປ"],
    [
        "The limit `{policy}` is reached. Send it again after {seconds} second(s), as Retry-After says.",
        "ຮອດຂີດຈຳກັດ `{policy}` ແລ້ວ. ກະລຸນາສົ່ງໃໝ່ຫຼັງ {seconds} ວິນາທີ ຕາມ Retry-After.",
    ],
);

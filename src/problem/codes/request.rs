//! The request cannot be taken as it was sent.

use super::{Row, row};

pub const MALFORMED_JSON: Row = row(
    400,
    "malformed_json",
    ["Unreadable JSON", "ອ່ານ JSON ບໍ່ໄດ້"],
    ["The body is not JSON: {why}. Nothing was kept.", "ເນື້ອໃນບໍ່ແມ່ນ JSON: {why}. ບໍ່ມີຫຍັງຖືກບັນທຶກ."],
);

pub const INVALID_QUERY: Row = row(
    400,
    "invalid_query",
    ["Parameters that cannot be taken", "ພາຣາມິເຕີບໍ່ຖືກຕ້ອງ"],
    ["{count} parameter(s) of the query cannot be taken; `errors` names each.", "ມີ {count} ພາຣາມິເຕີທີ່ບໍ່ຖືກຕ້ອງ; ເບິ່ງ `errors`."],
);

pub const INVALID_HEADER: Row = row(
    400,
    "invalid_header",
    ["A header that cannot be taken", "ສ່ວນຫົວບໍ່ຖືກຕ້ອງ"],
    ["The header {header} cannot be taken: {why}.", "ສ່ວນຫົວ {header} ບໍ່ຖືກຕ້ອງ: {why}."],
);

pub const CURSOR_INVALID: Row = row(
    400,
    "cursor_invalid",
    ["Unreadable cursor", "ຕົວຊີ້ໜ້າອ່ານບໍ່ໄດ້"],
    ["`cursor` is not one that this list gave out. Start again without it.", "`cursor` ບໍ່ແມ່ນອັນທີ່ລາຍການນີ້ໃຫ້ມາ. ກະລຸນາເລີ່ມໃໝ່ໂດຍບໍ່ມີມັນ."],
);

pub const CURSOR_MISMATCH: Row = row(
    400,
    "cursor_mismatch",
    ["Cursor of another list", "ຕົວຊີ້ໜ້າຂອງລາຍການອື່ນ"],
    [
        "`cursor` belongs to another sort or other filters. Send the same ones, or start again without it.",
        "`cursor` ເປັນຂອງການຈັດລຽງ ຫຼື ຕົວກອງອື່ນ. ກະລຸນາສົ່ງຄືເກົ່າ ຫຼື ເລີ່ມໃໝ່.",
    ],
);

pub const BAD_REQUEST: Row =
    row(400, "bad_request", ["Unreadable request", "ອ່ານຄຳຂໍບໍ່ໄດ້"], ["The request could not be read: {why}.", "ບໍ່ສາມາດອ່ານຄຳຂໍໄດ້: {why}."]);

pub const UNKNOWN_PATH: Row = row(
    404,
    "unknown_path",
    ["No such address", "ບໍ່ມີທີ່ຢູ່ນີ້"],
    ["There is nothing at this address; /docs lists all there is.", "ບໍ່ມີຫຍັງຢູ່ທີ່ຢູ່ນີ້; ເບິ່ງ /docs."],
);

pub const METHOD_NOT_ALLOWED: Row =
    row(405, "method_not_allowed", ["Method not allowed", "ວິທີບໍ່ອະນຸຍາດ"], ["This address answers to {allow} only.", "ທີ່ຢູ່ນີ້ຮັບສະເພາະ {allow}."]);

pub const REQUEST_TIMEOUT: Row = row(
    408,
    "request_timeout",
    ["The request took too long to arrive", "ຄຳຂໍມາຊ້າເກີນໄປ"],
    ["The body did not arrive in time. Nothing was kept; send it again.", "ເນື້ອໃນມາບໍ່ທັນເວລາ. ບໍ່ມີຫຍັງຖືກບັນທຶກ; ກະລຸນາສົ່ງໃໝ່."],
);

pub const BODY_TOO_LARGE: Row = row(
    413,
    "body_too_large",
    ["Body too large", "ເນື້ອໃນໃຫຍ່ເກີນໄປ"],
    ["The body is larger than {limit} bytes. Nothing was kept.", "ເນື້ອໃນໃຫຍ່ກວ່າ {limit} ໄບຕ໌. ບໍ່ມີຫຍັງຖືກບັນທຶກ."],
);

pub const UNSUPPORTED_MEDIA_TYPE: Row = row(
    415,
    "unsupported_media_type",
    ["Unsupported media type", "ປະເພດເນື້ອໃນບໍ່ຮອງຮັບ"],
    ["Send the body as {allowed}.", "ກະລຸນາສົ່ງເນື້ອໃນເປັນ {allowed}."],
);

pub const VALIDATION_FAILED: Row = row(
    422,
    "validation_failed",
    ["The body breaks rules", "ເນື້ອໃນບໍ່ຖືກຕາມກົດ"],
    ["{count} fault(s) in the body; `errors` names each. Nothing was kept.", "ມີ {count} ຂໍ້ຜິດພາດ; ເບິ່ງ `errors`. ບໍ່ມີຫຍັງຖືກບັນທຶກ."],
);

pub const IDEMPOTENCY_KEY_REUSED: Row = row(
    422,
    "idempotency_key_reused",
    ["Idempotency-Key used before", "Idempotency-Key ຖືກໃຊ້ແລ້ວ"],
    [
        "This Idempotency-Key belongs to another request of yours. Use a new key for a new request.",
        "Idempotency-Key ນີ້ເປັນຂອງຄຳຂໍອື່ນ. ກະລຸນາໃຊ້ອັນໃໝ່.",
    ],
);

pub const PRECONDITION_REQUIRED: Row = row(
    428,
    "precondition_required",
    ["If-Match is missing", "ຂາດ If-Match"],
    ["Send the ETag of the row you saw as If-Match, so that nobody's change is overwritten.", "ກະລຸນາສົ່ງ ETag ຂອງຂໍ້ມູນທີ່ທ່ານເຫັນໃນ If-Match."],
);

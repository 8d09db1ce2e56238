//! Every kind of problem that this API can answer with: one variant, one row.

use super::Words;

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    MalformedJson,
    InvalidQuery,
    InvalidHeader,
    CursorInvalid,
    CursorMismatch,
    BadRequest,
    Unauthenticated,
    TokenExpired,
    Forbidden,
    InsufficientScope,
    FieldNotWritable,
    ExternalIdTaken,
    ExternalSystemNotYours,
    NotFound,
    UnknownPath,
    MethodNotAllowed,
    RequestTimeout,
    Archived,
    NotArchived,
    CodeTaken,
    HasDependants,
    Erased,
    MembershipOpen,
    CoordinatorNamed,
    TransitionNotAllowed,
    TransitionIncomplete,
    TransitionsRefused,
    NotEditableInState,
    InstitutionEnded,
    LastAdministrator,
    TwoLiveSecrets,
    AnswerErased,
    StaleRevision,
    NothingToMatch,
    BodyTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    IdempotencyKeyReused,
    PreconditionRequired,
    TooManyRequests,
    InternalError,
    DatabaseUnavailable,
    WriterBusy,
    SignInBusy,
    QueryTooBroad,
    TooSlow,
    ShuttingDown,
}

/// What the contract says of one kind of problem.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub slug: &'static str,
    pub status: u16,
    pub retry_after: Option<u32>,
    pub title: Words,
    pub detail: Words,
}

const fn row(status: u16, slug: &'static str, title: [&'static str; 2], detail: [&'static str; 2]) -> Row {
    let [en, lo] = title;
    let title = Words { en, lo };
    let [en, lo] = detail;
    let retry_after = match status {
        503 => Some(2),
        429 => Some(1),
        _ => None,
    };
    Row { slug, status, retry_after, title, detail: Words { en, lo } }
}

impl Code {
    pub const ALL: &[Self] = &[
        Self::MalformedJson,
        Self::InvalidQuery,
        Self::InvalidHeader,
        Self::CursorInvalid,
        Self::CursorMismatch,
        Self::BadRequest,
        Self::Unauthenticated,
        Self::TokenExpired,
        Self::Forbidden,
        Self::InsufficientScope,
        Self::FieldNotWritable,
        Self::ExternalIdTaken,
        Self::ExternalSystemNotYours,
        Self::NotFound,
        Self::UnknownPath,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::Archived,
        Self::NotArchived,
        Self::CodeTaken,
        Self::HasDependants,
        Self::Erased,
        Self::MembershipOpen,
        Self::CoordinatorNamed,
        Self::TransitionNotAllowed,
        Self::TransitionIncomplete,
        Self::TransitionsRefused,
        Self::NotEditableInState,
        Self::InstitutionEnded,
        Self::LastAdministrator,
        Self::TwoLiveSecrets,
        Self::AnswerErased,
        Self::StaleRevision,
        Self::NothingToMatch,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::ValidationFailed,
        Self::IdempotencyKeyReused,
        Self::PreconditionRequired,
        Self::TooManyRequests,
        Self::InternalError,
        Self::DatabaseUnavailable,
        Self::WriterBusy,
        Self::SignInBusy,
        Self::QueryTooBroad,
        Self::TooSlow,
        Self::ShuttingDown,
    ];

    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.row().slug == slug)
    }

    #[expect(clippy::too_many_lines, reason = "one row for each kind of problem; the table is the document")]
    pub const fn row(self) -> Row {
        match self {
            Self::MalformedJson => row(
                400,
                "malformed_json",
                ["Unreadable JSON", "ອ່ານ JSON ບໍ່ໄດ້"],
                ["The body is not JSON: {why}. Nothing was kept.", "ເນື້ອໃນບໍ່ແມ່ນ JSON: {why}. ບໍ່ມີຫຍັງຖືກບັນທຶກ."],
            ),
            Self::InvalidQuery => row(
                400,
                "invalid_query",
                ["Parameters that cannot be taken", "ພາຣາມິເຕີບໍ່ຖືກຕ້ອງ"],
                ["{count} parameter(s) of the query cannot be taken; `errors` names each.", "ມີ {count} ພາຣາມິເຕີທີ່ບໍ່ຖືກຕ້ອງ; ເບິ່ງ `errors`."],
            ),
            Self::InvalidHeader => row(
                400,
                "invalid_header",
                ["A header that cannot be taken", "ສ່ວນຫົວບໍ່ຖືກຕ້ອງ"],
                ["The header {header} cannot be taken: {why}.", "ສ່ວນຫົວ {header} ບໍ່ຖືກຕ້ອງ: {why}."],
            ),
            Self::CursorInvalid => row(
                400,
                "cursor_invalid",
                ["Unreadable cursor", "ຕົວຊີ້ໜ້າອ່ານບໍ່ໄດ້"],
                ["`cursor` is not one that this list gave out. Start again without it.", "`cursor` ບໍ່ແມ່ນອັນທີ່ລາຍການນີ້ໃຫ້ມາ. ກະລຸນາເລີ່ມໃໝ່ໂດຍບໍ່ມີມັນ."],
            ),
            Self::CursorMismatch => row(
                400,
                "cursor_mismatch",
                ["Cursor of another list", "ຕົວຊີ້ໜ້າຂອງລາຍການອື່ນ"],
                [
                    "`cursor` belongs to another sort or other filters. Send the same ones, or start again without it.",
                    "`cursor` ເປັນຂອງການຈັດລຽງ ຫຼື ຕົວກອງອື່ນ. ກະລຸນາສົ່ງຄືເກົ່າ ຫຼື ເລີ່ມໃໝ່.",
                ],
            ),
            Self::BadRequest => row(
                400,
                "bad_request",
                ["Unreadable request", "ອ່ານຄຳຂໍບໍ່ໄດ້"],
                ["The request could not be read: {why}.", "ບໍ່ສາມາດອ່ານຄຳຂໍໄດ້: {why}."],
            ),
            Self::Unauthenticated => row(
                401,
                "unauthenticated",
                ["Not signed in", "ຍັງບໍ່ໄດ້ເຂົ້າສູ່ລະບົບ"],
                [
                    "Send a valid access token as `Authorization: Bearer …`; POST /v1/auth/token gives one.",
                    "ກະລຸນາສົ່ງໂທເຄັນທີ່ຖືກຕ້ອງໃນ `Authorization: Bearer …`; ຂໍໄດ້ທີ່ POST /v1/auth/token.",
                ],
            ),
            Self::TokenExpired => row(
                401,
                "token_expired",
                ["Access token expired", "ໂທເຄັນໝົດອາຍຸ"],
                [
                    "The access token has expired. Get a new one at POST /v1/auth/token and send the request again.",
                    "ໂທເຄັນໝົດອາຍຸແລ້ວ. ກະລຸນາຂໍອັນໃໝ່ທີ່ POST /v1/auth/token ແລ້ວສົ່ງຄຳຂໍອີກ.",
                ],
            ),
            Self::Forbidden => row(
                403,
                "forbidden",
                ["Not allowed", "ບໍ່ອະນຸຍາດ"],
                [
                    "You may see this, but the rule `{rule}` does not let you do it. GET /v1/me/permissions tells what you may do.",
                    "ທ່ານເຫັນໄດ້ ແຕ່ກົດ `{rule}` ບໍ່ອະນຸຍາດໃຫ້ເຮັດ. ເບິ່ງ GET /v1/me/permissions.",
                ],
            ),
            Self::InsufficientScope => row(
                403,
                "insufficient_scope",
                ["The machine account's scopes do not reach", "ຂອບເຂດບໍ່ພຽງພໍ"],
                ["This needs the scope `{scope}`, which this machine account does not have.", "ຕ້ອງມີຂອບເຂດ `{scope}` ເຊິ່ງບັນຊີເຄື່ອງນີ້ບໍ່ມີ."],
            ),
            Self::FieldNotWritable => row(
                403,
                "field_not_writable",
                ["Fields that are not yours to change", "ຊ່ອງຂໍ້ມູນທີ່ທ່ານບໍ່ມີສິດປ່ຽນ"],
                [
                    "The rule `{rule}` lets you change other fields of this row only; `errors` names those that it does not.",
                    "ກົດ `{rule}` ໃຫ້ທ່ານປ່ຽນໄດ້ສະເພາະຊ່ອງອື່ນ; ເບິ່ງ `errors`.",
                ],
            ),
            Self::ExternalIdTaken => row(
                403,
                "external_id_taken",
                ["External id in use", "ລະຫັດພາຍນອກຖືກໃຊ້ແລ້ວ"],
                ["This id of the system `{system}` already stands for another row.", "ລະຫັດນີ້ຂອງລະບົບ `{system}` ເປັນຂອງຂໍ້ມູນອື່ນແລ້ວ."],
            ),
            Self::ExternalSystemNotYours => row(
                403,
                "external_system_not_yours",
                ["Not your system", "ບໍ່ແມ່ນລະບົບຂອງທ່ານ"],
                ["Your account may not write external ids of the system `{system}`.", "ບັນຊີຂອງທ່ານບໍ່ສາມາດຂຽນລະຫັດພາຍນອກຂອງລະບົບ `{system}`."],
            ),
            Self::NotFound => {
                row(404, "not_found", ["Not found", "ບໍ່ພົບ"], ["There is no such row, or you may not see it.", "ບໍ່ມີຂໍ້ມູນນີ້ ຫຼື ທ່ານບໍ່ມີສິດເຫັນ."])
            }
            Self::UnknownPath => row(
                404,
                "unknown_path",
                ["No such address", "ບໍ່ມີທີ່ຢູ່ນີ້"],
                ["There is nothing at this address; /docs lists all there is.", "ບໍ່ມີຫຍັງຢູ່ທີ່ຢູ່ນີ້; ເບິ່ງ /docs."],
            ),
            Self::MethodNotAllowed => row(
                405,
                "method_not_allowed",
                ["Method not allowed", "ວິທີບໍ່ອະນຸຍາດ"],
                ["This address answers to {allow} only.", "ທີ່ຢູ່ນີ້ຮັບສະເພາະ {allow}."],
            ),
            Self::RequestTimeout => row(
                408,
                "request_timeout",
                ["The request took too long to arrive", "ຄຳຂໍມາຊ້າເກີນໄປ"],
                ["The body did not arrive in time. Nothing was kept; send it again.", "ເນື້ອໃນມາບໍ່ທັນເວລາ. ບໍ່ມີຫຍັງຖືກບັນທຶກ; ກະລຸນາສົ່ງໃໝ່."],
            ),
            Self::Archived => row(
                409,
                "archived",
                ["Archived", "ເກັບມ້ຽນແລ້ວ"],
                [
                    "The row is archived, or the one that it stands below. Restore that before changing it.",
                    "ຂໍ້ມູນນີ້ ຫຼື ຂໍ້ມູນທີ່ຢູ່ເໜືອມັນ ຖືກເກັບມ້ຽນແລ້ວ. ກະລຸນາກູ້ຄືນກ່ອນປ່ຽນແປງ.",
                ],
            ),
            Self::NotArchived => row(
                409,
                "not_archived",
                ["Not archived", "ບໍ່ໄດ້ເກັບມ້ຽນ"],
                ["The row is not archived, so there is nothing to restore.", "ຂໍ້ມູນບໍ່ໄດ້ຖືກເກັບມ້ຽນ ຈຶ່ງບໍ່ມີຫຍັງໃຫ້ກູ້ຄືນ."],
            ),
            Self::CodeTaken => row(
                409,
                "code_taken",
                ["In use", "ຖືກໃຊ້ແລ້ວ"],
                [
                    "The {field} `{value}` is in use by another row, possibly an archived one. Choose another.",
                    "{field} `{value}` ຖືກໃຊ້ໂດຍຂໍ້ມູນອື່ນແລ້ວ. ກະລຸນາເລືອກອັນອື່ນ.",
                ],
            ),
            Self::HasDependants => row(
                409,
                "has_dependants",
                ["Others depend on it", "ມີຂໍ້ມູນອື່ນອ້າງອີງ"],
                [
                    "{count} row(s) still depend on this one ({what}). Change or archive them first.",
                    "ຍັງມີ {count} ຂໍ້ມູນທີ່ອ້າງອີງເຖິງອັນນີ້ ({what}). ກະລຸນາປ່ຽນ ຫຼື ເກັບມ້ຽນກ່ອນ.",
                ],
            ),
            Self::Erased => row(
                409,
                "erased",
                ["Erased", "ຖືກລຶບແລ້ວ"],
                [
                    "What the row said of the person was erased, for good. Enter a new row instead.",
                    "ຂໍ້ມູນຂອງບຸກຄົນໃນນີ້ຖືກລຶບຖາວອນແລ້ວ. ກະລຸນາສ້າງຂໍ້ມູນໃໝ່ແທນ.",
                ],
            ),
            Self::MembershipOpen => row(
                409,
                "membership_open",
                ["A member already", "ເປັນສະມາຊິກຢູ່ແລ້ວ"],
                [
                    "The organization {organization_id} is a member already, by the row {id}. Change that row, or enter `left_on` there first.",
                    "ອົງການ {organization_id} ເປັນສະມາຊິກຢູ່ແລ້ວ ຕາມຂໍ້ມູນ {id}. ກະລຸນາປ່ຽນຂໍ້ມູນນັ້ນ ຫຼື ໃສ່ `left_on` ກ່ອນ.",
                ],
            ),
            Self::CoordinatorNamed => row(
                409,
                "coordinator_named",
                ["The Network has a coordinator", "ມີຜູ້ປະສານງານແລ້ວ"],
                [
                    "The organization {organization_id} coordinates the Network, by the row {id}. Take the role from that row first.",
                    "ອົງການ {organization_id} ເປັນຜູ້ປະສານງານຢູ່ແລ້ວ ຕາມຂໍ້ມູນ {id}. ກະລຸນາຖອນບົດບາດຈາກຂໍ້ມູນນັ້ນກ່ອນ.",
                ],
            ),
            Self::TransitionNotAllowed => row(
                409,
                "transition_not_allowed",
                ["No such move from here", "ປ່ຽນສະຖານະບໍ່ໄດ້"],
                [
                    "From the state `{from}` there is no move to `{to}`; possible are: {possible}.",
                    "ຈາກສະຖານະ `{from}` ບໍ່ສາມາດໄປ `{to}`; ທີ່ເປັນໄປໄດ້: {possible}.",
                ],
            ),
            Self::TransitionIncomplete => row(
                409,
                "transition_incomplete",
                ["Something is missing for this move", "ຍັງຂາດຂໍ້ມູນສຳລັບການປ່ຽນສະຖານະ"],
                ["The move to `{to}` needs more; `errors` names what.", "ການໄປ `{to}` ຕ້ອງການຂໍ້ມູນເພີ່ມ; ເບິ່ງ `errors`."],
            ),
            Self::TransitionsRefused => row(
                409,
                "transitions_refused",
                ["Nothing was moved", "ບໍ່ມີຫຍັງຖືກປ່ຽນສະຖານະ"],
                [
                    "{count} row(s) could not be moved, so none was. The first was refused with {first}. Send `atomic: \"row\"`, with `dry_run=true` as a trial, to hear the reason for each: {ids}.",
                    "{count} ຂໍ້ມູນປ່ຽນບໍ່ໄດ້ ຈຶ່ງບໍ່ໄດ້ປ່ຽນອັນໃດ. ອັນທຳອິດ: {first}. ໃຊ້ `atomic: \"row\"` (ແລະ `dry_run=true`) ເພື່ອຮູ້ເຫດຜົນຂອງແຕ່ລະອັນ: {ids}.",
                ],
            ),
            Self::InstitutionEnded => row(
                409,
                "institution_ended",
                ["An institution has ended", "ອົງການສິ້ນສຸດລົງແລ້ວ"],
                [
                    "The row points at the institution {organization_id}, which has ended. Leave it archived, or enter a new one for the heir.",
                    "ຂໍ້ມູນຊີ້ເຖິງອົງການ {organization_id} ເຊິ່ງສິ້ນສຸດລົງແລ້ວ. ກະລຸນາປະໄວ້ ຫຼື ສ້າງອັນໃໝ່ໃຫ້ຜູ້ຮັບຊ່ວງ.",
                ],
            ),
            Self::NotEditableInState => row(
                409,
                "not_editable_in_state",
                ["Not editable in this state", "ແກ້ໄຂບໍ່ໄດ້ໃນສະຖານະນີ້"],
                [
                    "The row is {state}; what can still be changed: {fields}. Everything else stays as it is.",
                    "ຂໍ້ມູນຢູ່ໃນສະຖານະ {state}; ສິ່ງທີ່ຍັງແກ້ໄຂໄດ້: {fields}. ນອກນັ້ນຄົງເດີມ.",
                ],
            ),
            Self::LastAdministrator => row(
                409,
                "last_administrator",
                ["The last administrator", "ຜູ້ບໍລິຫານຄົນສຸດທ້າຍ"],
                [
                    "This is the last administrator who can sign in. Let in another one first, so that accounts can still be kept.",
                    "ນີ້ແມ່ນຜູ້ບໍລິຫານຄົນສຸດທ້າຍທີ່ເຂົ້າສູ່ລະບົບໄດ້. ກະລຸນາເພີ່ມຜູ້ບໍລິຫານອື່ນກ່ອນ.",
                ],
            ),
            Self::TwoLiveSecrets => row(
                409,
                "two_live_secrets",
                ["Two secrets already", "ມີສອງລະຫັດລັບແລ້ວ"],
                [
                    "The machine account has two secrets that are good: the old and the new one of a change. Delete one of them first: {prefixes}.",
                    "ບັນຊີເຄື່ອງນີ້ມີສອງລະຫັດລັບທີ່ໃຊ້ໄດ້ແລ້ວ. ກະລຸນາລຶບອັນໜຶ່ງກ່ອນ: {prefixes}.",
                ],
            ),
            Self::AnswerErased => row(
                409,
                "answer_erased",
                ["The kept answer was erased", "ຄຳຕອບທີ່ເກັບໄວ້ຖືກລຶບແລ້ວ"],
                [
                    "The request with this Idempotency-Key was carried out before; its answer spoke of a person whose data were erased since. Nothing is carried out twice; read the row as it is now.",
                    "ຄຳຂໍທີ່ມີ Idempotency-Key ນີ້ໄດ້ຖືກດຳເນີນການແລ້ວ; ຄຳຕອບກ່າວເຖິງບຸກຄົນທີ່ຂໍ້ມູນຖືກລຶບ. ບໍ່ມີຫຍັງຖືກເຮັດຊ້ຳ; ກະລຸນາອ່ານຂໍ້ມູນປັດຈຸບັນ.",
                ],
            ),
            Self::StaleRevision => row(
                412,
                "stale_revision",
                ["Changed by someone else", "ມີຜູ້ອື່ນປ່ຽນແປງແລ້ວ"],
                [
                    "The row is at revision {revision} now. Read it again, carry your change over, and send the new revision in If-Match.",
                    "ຂໍ້ມູນຢູ່ສະບັບ {revision} ແລ້ວ. ກະລຸນາອ່ານໃໝ່ ແລ້ວສົ່ງສະບັບໃໝ່ໃນ If-Match.",
                ],
            ),
            Self::NothingToMatch => row(
                412,
                "nothing_to_match",
                ["There is no row yet", "ຍັງບໍ່ມີຂໍ້ມູນນີ້"],
                [
                    "If-Match names a revision, but no row is known by this external id. Leave If-Match out to make the row.",
                    "If-Match ລະບຸສະບັບ ແຕ່ຍັງບໍ່ມີຂໍ້ມູນທີ່ມີລະຫັດພາຍນອກນີ້. ກະລຸນາບໍ່ສົ່ງ If-Match ເພື່ອສ້າງຂໍ້ມູນ.",
                ],
            ),
            Self::BodyTooLarge => row(
                413,
                "body_too_large",
                ["Body too large", "ເນື້ອໃນໃຫຍ່ເກີນໄປ"],
                ["The body is larger than {limit} bytes. Nothing was kept.", "ເນື້ອໃນໃຫຍ່ກວ່າ {limit} ໄບຕ໌. ບໍ່ມີຫຍັງຖືກບັນທຶກ."],
            ),
            Self::UnsupportedMediaType => row(
                415,
                "unsupported_media_type",
                ["Unsupported media type", "ປະເພດເນື້ອໃນບໍ່ຮອງຮັບ"],
                ["Send the body as {allowed}.", "ກະລຸນາສົ່ງເນື້ອໃນເປັນ {allowed}."],
            ),
            Self::ValidationFailed => row(
                422,
                "validation_failed",
                ["The body breaks rules", "ເນື້ອໃນບໍ່ຖືກຕາມກົດ"],
                ["{count} fault(s) in the body; `errors` names each. Nothing was kept.", "ມີ {count} ຂໍ້ຜິດພາດ; ເບິ່ງ `errors`. ບໍ່ມີຫຍັງຖືກບັນທຶກ."],
            ),
            Self::IdempotencyKeyReused => row(
                422,
                "idempotency_key_reused",
                ["Idempotency-Key used before", "Idempotency-Key ຖືກໃຊ້ແລ້ວ"],
                [
                    "This Idempotency-Key belongs to another request of yours. Use a new key for a new request.",
                    "Idempotency-Key ນີ້ເປັນຂອງຄຳຂໍອື່ນ. ກະລຸນາໃຊ້ອັນໃໝ່.",
                ],
            ),
            Self::PreconditionRequired => row(
                428,
                "precondition_required",
                ["If-Match is missing", "ຂາດ If-Match"],
                [
                    "Send the ETag of the row you saw as If-Match, so that nobody's change is overwritten.",
                    "ກະລຸນາສົ່ງ ETag ຂອງຂໍ້ມູນທີ່ທ່ານເຫັນໃນ If-Match.",
                ],
            ),
            Self::TooManyRequests => row(
                429,
                "too_many_requests",
                ["Too many requests", "ຄຳຂໍຫຼາຍເກີນໄປ"],
                [
                    "The limit `{policy}` is reached. Send it again after {seconds} second(s), as Retry-After says.",
                    "ຮອດຂີດຈຳກັດ `{policy}` ແລ້ວ. ກະລຸນາສົ່ງໃໝ່ຫຼັງ {seconds} ວິນາທີ ຕາມ Retry-After.",
                ],
            ),
            Self::InternalError => row(
                500,
                "internal_error",
                ["A fault of ours", "ຂໍ້ຜິດພາດຂອງລະບົບ"],
                ["Something went wrong on our side. Report the request_id to the operator.", "ມີຂໍ້ຜິດພາດໃນລະບົບ. ກະລຸນາແຈ້ງ request_id ໃຫ້ຜູ້ດູແລ."],
            ),
            Self::DatabaseUnavailable => row(
                503,
                "database_unavailable",
                ["The database is away", "ຖານຂໍ້ມູນບໍ່ພ້ອມ"],
                [
                    "The database cannot be reached. Try again after the time in Retry-After; a write with the same Idempotency-Key.",
                    "ບໍ່ສາມາດເຂົ້າເຖິງຖານຂໍ້ມູນ. ກະລຸນາລອງໃໝ່ຕາມ Retry-After; ການບັນທຶກໃຫ້ໃຊ້ Idempotency-Key ເກົ່າ.",
                ],
            ),
            Self::WriterBusy => row(
                503,
                "writer_busy",
                ["Too many writes at once", "ມີການບັນທຶກຫຼາຍເກີນໄປ"],
                [
                    "Other writes took too long. Nothing was kept; try again after the time in Retry-After.",
                    "ການບັນທຶກອື່ນໃຊ້ເວລາດົນ. ບໍ່ມີຫຍັງຖືກບັນທຶກ; ກະລຸນາລອງໃໝ່ຕາມ Retry-After.",
                ],
            ),
            Self::SignInBusy => row(
                503,
                "sign_in_busy",
                ["Too many sign-ins at once", "ມີຜູ້ເຂົ້າສູ່ລະບົບພ້ອມກັນຫຼາຍເກີນໄປ"],
                [
                    "Too many passwords are being checked at the moment. Try again after the time in Retry-After.",
                    "ກຳລັງກວດລະຫັດຜ່ານຫຼາຍເກີນໄປ. ກະລຸນາລອງໃໝ່ຕາມ Retry-After.",
                ],
            ),
            Self::QueryTooBroad => row(
                503,
                "query_too_broad",
                ["The query is too broad", "ການຄົ້ນຫາກວ້າງເກີນໄປ"],
                [
                    "The query took too long and was stopped. Narrow it with more filters, or try again later.",
                    "ການຄົ້ນຫາໃຊ້ເວລາດົນເກີນໄປ. ກະລຸນາໃຊ້ຕົວກອງເພີ່ມ ຫຼື ລອງໃໝ່ພາຍຫຼັງ.",
                ],
            ),
            Self::TooSlow => row(
                503,
                "too_slow",
                ["It took too long", "ໃຊ້ເວລາດົນເກີນໄປ"],
                [
                    "The answer took too long and was given up. Whether a write was kept is not known: send it again with the same Idempotency-Key.",
                    "ໃຊ້ເວລາດົນເກີນໄປຈຶ່ງຢຸດ. ບໍ່ຮູ້ວ່າຖືກບັນທຶກ ຫຼື ບໍ່: ກະລຸນາສົ່ງໃໝ່ດ້ວຍ Idempotency-Key ເກົ່າ.",
                ],
            ),
            Self::ShuttingDown => row(
                503,
                "shutting_down",
                ["About to stop", "ກຳລັງຈະຢຸດ"],
                [
                    "This process was told to stop and takes no more traffic. Try again after the time in Retry-After.",
                    "ລະບົບນີ້ກຳລັງຈະຢຸດ ແລະ ບໍ່ຮັບຄຳຂໍໃໝ່. ກະລຸນາລອງໃໝ່ຕາມ Retry-After.",
                ],
            ),
        }
    }
}

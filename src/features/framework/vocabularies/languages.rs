//! What languages are called: in English, in themselves, and where it is a plain word in Lao.

use std::collections::BTreeMap;

use crate::text::LocalizedText;

/// Tag, English name, its own name.
const NAMES: &[(&str, &str, &str)] = &[
    ("am", "Amharic", "አማርኛ"),
    ("ar", "Arabic", "العربية"),
    ("bn", "Bangla", "বাংলা"),
    ("dz", "Dzongkha", "རྫོང་ཁ"),
    ("en", "English", "English"),
    ("es", "Spanish", "español"),
    ("fa", "Persian", "فارسی"),
    ("fr", "French", "français"),
    ("hi", "Hindi", "हिन्दी"),
    ("id", "Indonesian", "Bahasa Indonesia"),
    ("kk", "Kazakh", "қазақ тілі"),
    ("km", "Khmer", "ខ្មែរ"),
    ("ky", "Kyrgyz", "кыргызча"),
    ("lo", "Lao", "ພາສາລາວ"),
    ("mn", "Mongolian", "монгол"),
    ("ms", "Malay", "Bahasa Melayu"),
    ("my", "Burmese", "မြန်မာ"),
    ("ne", "Nepali", "नेपाली"),
    ("pt", "Portuguese", "português"),
    ("ru", "Russian", "русский"),
    ("si", "Sinhala", "සිංහල"),
    ("so", "Somali", "Soomaali"),
    ("sw", "Swahili", "Kiswahili"),
    ("ta", "Tamil", "தமிழ்"),
    ("tet", "Tetum", "tetun"),
    ("tg", "Tajik", "тоҷикӣ"),
    ("th", "Thai", "ไทย"),
    ("tl", "Tagalog", "Tagalog"),
    ("uk", "Ukrainian", "українська"),
    ("ur", "Urdu", "اردو"),
    ("uz", "Uzbek", "o‘zbek"),
    ("vi", "Vietnamese", "Tiếng Việt"),
    ("zh", "Chinese", "中文"),
];

/// What they are called in Lao.
const LAO: &[(&str, &str)] = &[("en", "ພາສາອັງກິດ"), ("fr", "ພາສາຝຣັ່ງ"), ("th", "ພາສາໄທ"), ("vi", "ພາສາຫວຽດນາມ"), ("zh", "ພາສາຈີນ")];

/// The name of the language with this BCP 47 tag; one that is not known here goes by its tag.
pub fn label(tag: &str) -> LocalizedText<300> {
    let (language, rest) = tag.split_once('-').map_or((tag, None), |(language, rest)| (language, Some(rest)));
    let name = |name: &str| rest.map_or_else(|| name.to_owned(), |rest| format!("{name} ({rest})"));
    let mut label = BTreeMap::new();
    if let Some((_, lao)) = LAO.iter().find(|(known, _)| *known == language) {
        label.insert("lo".to_owned(), name(lao));
    }
    match NAMES.iter().find(|(known, _, _)| *known == language) {
        Some((_, english, own)) => {
            label.insert(tag.to_owned(), name(own));
            label.insert("en".to_owned(), name(english));
        }
        None => drop(label.insert("en".to_owned(), tag.to_owned())),
    }
    LocalizedText::of(label)
}

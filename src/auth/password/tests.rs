use argon2::password_hash::PasswordHasher as _;

use super::*;

const GOOD: &str = "ferry-lantern-monsoon-42";

#[test]
fn hashed_and_verified() {
    let first = hash(GOOD).unwrap();
    assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
    assert_ne!(first, hash(GOOD).unwrap(), "each with its own salt");
    assert!(verify(GOOD, &first));
    for wrong in ["", "ferry-lantern-monsoon-43", "Ferry-lantern-monsoon-42", "ferry-lantern-monsoon-42 "] {
        assert!(!verify(wrong, &first), "{wrong}");
    }
    let long = "a".repeat(MAX_CHARACTERS + 1);
    assert!(!verify(&long, &hash(&long).unwrap()), "too long to be anybody's");
    for broken in ["", "plain", "$argon2id$v=19$m=19456,t=2,p=1$", "$2b$12$abcdefghijklmnopqrstuu"] {
        assert!(!verify(GOOD, broken), "{broken}");
    }
}

#[test]
fn hashes_with_other_costs_still_verify() {
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
    let phc = cheap.hash_password(GOOD.as_bytes()).unwrap().to_string();
    assert!(verify(GOOD, &phc) && !verify("other", &phc));
}

#[test]
fn an_unknown_account_costs_what_a_known_one_costs() {
    let phc = hash(GOOD).unwrap();
    let time = |work: &dyn Fn()| {
        let runs = (0..7).map(|_| {
            let start = std::time::Instant::now();
            work();
            start.elapsed()
        });
        runs.min().unwrap().as_secs_f64()
    };
    let known = time(&|| assert!(!verify("wrong-password-here", &phc)));
    let unknown = time(&waste);
    // Wide, because test machines are busy: it is there to catch work that is left out.
    assert!((0.4..2.5).contains(&(unknown / known)), "{unknown} and {known} seconds");
}

#[test]
fn strong_enough() {
    let good = [GOOD, "correct horse battery staple", "ນົກບິນຂ້າມແມ່ນ້ຳຂອງ", "k7fm-q3xw-9rda-h2tp", "🌧️ rain on the Mekong at 5"];
    for password in good {
        assert_eq!(check_strength(password, &["somchai", "mofa"]), Ok(()), "{password}");
    }
    assert_eq!(check_strength(&format!("{GOOD}{}", "a".repeat(100)), &[]), Ok(()));
}

#[test]
fn too_weak() {
    let cases = [
        ("short", Weakness::TooShort { characters: 5 }),
        ("ສະບາຍດີ", Weakness::TooShort { characters: 7 }),
        ("ferry-lantern\nmonsoon", Weakness::ControlCharacter),
        ("ferry-lantern\0monsoon", Weakness::ControlCharacter),
        ("aaaaaaaaaaaaaaaa", Weakness::Guessable(Guess::Repeat)),
        (&"qwerty".repeat(21), Weakness::Guessable(Guess::Repeat)),
        ("qwertyuiop[]", Weakness::Guessable(Guess::Keyboard)),
        ("somchai.vong1", Weakness::Guessable(Guess::Context)),
        ("Somchai-Vong", Weakness::Guessable(Guess::Context)),
    ];
    for (password, expected) in cases {
        let found = check_strength(password, &["somchai.vong@mofa.gov.la", "Somchai Vong"]);
        assert_eq!(found, Err(expected), "{password}");
    }
    let long = "ab".repeat(65);
    assert_eq!(check_strength(&long, &[]), Err(Weakness::TooLong { characters: 130 }));
    for common in ["password1234", "123456789012", "abcdefghijklm", "iloveyou2023"] {
        assert!(matches!(check_strength(common, &[]), Err(Weakness::Guessable(_))), "{common}");
    }
}

#[test]
fn judging_takes_bounded_time() {
    let worst = ["4@8({[<369!|1/0$5+7%2".repeat(7), "qwerty".repeat(22), "1".repeat(128), "ກ".repeat(128), "aA1!".repeat(32)];
    for password in worst {
        let start = std::time::Instant::now();
        let password: String = password.chars().take(MAX_CHARACTERS).collect();
        let _ = check_strength(&password, &["somchai"]);
        assert!(start.elapsed().as_secs() < 5, "{password}: {:?}", start.elapsed());
    }
}

#[test]
fn random_passwords() {
    let first = random_password().unwrap();
    assert_eq!(first.expose().len(), 19);
    assert_eq!(check_strength(first.expose(), &[]), Ok(()));
    assert_ne!(first.expose(), random_password().unwrap().expose());
    assert_eq!(random_token().unwrap().expose().len(), 43);
}

#[test]
fn client_secrets() {
    let secret = ClientSecret::generate().unwrap();
    assert_eq!(secret.expose().len(), 47);
    assert_eq!(secret.prefix(), &secret.expose()[4..12]);
    assert!(secret.matches(&secret.digest()));
    let again = ClientSecret::parse(secret.expose()).unwrap();
    assert!(again.matches(&secret.digest()));
    assert!(!ClientSecret::generate().unwrap().matches(&secret.digest()));
    assert!(!secret.matches(""));
    assert!(!format!("{secret:?}").contains(&secret.expose()[12..]));
    let cut = &secret.expose()[..46];
    for foreign in ["", "gcm_", cut, &secret.expose()[1..], &format!("{}!", cut), &format!("gcm_{}", "ກ".repeat(43))] {
        assert!(ClientSecret::parse(foreign).is_none(), "{foreign}");
    }
    assert_eq!(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

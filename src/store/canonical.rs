//! Canonical JSON, RFC 8785: the bytes that are hashed. Written by hand so that no dependency can change them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::problem::Problem;

/// The value in its one canonical form. Numbers must be whole: others have no place in a row (money is minor units, decimals are text).
pub fn canonical(value: &Value) -> Result<String, Problem> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, text: &mut String) -> Result<(), Problem> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            write!(text, "{number}").map_err(Problem::internal)?;
        }
        Value::Number(number) => return Err(Problem::internal(format!("{number} is not a whole number"))),
        Value::String(string) => write_string(string, text)?,
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write(item, text)?;
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            text.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_string(name, text)?;
                text.push(':');
                write(member, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

fn write_string(string: &str, text: &mut String) -> Result<(), Problem> {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            c if u32::from(c) < 0x20 => write!(text, "\\u{:04x}", u32::from(c)).map_err(Problem::internal)?,
            c => text.push(c),
        }
    }
    text.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::canonical;

    #[test]
    fn the_form_is_that_of_the_rfc() {
        // Keys sort by UTF-16 code units: the pair of surrogates of an emoji stands before U+FB33 (RFC 8785, section 3.2.3).
        let value = json!({"\u{fb33}": 1, "\u{1f600}": [], "\r": null, "1": true, "€": "\u{1}\t\"\\/é", "a": {"z": -7, "b": "x"}});
        assert_eq!(
            canonical(&value).unwrap(),
            "{\"\\r\":null,\"1\":true,\"a\":{\"b\":\"x\",\"z\":-7},\"€\":\"\\u0001\\t\\\"\\\\/é\",\"\u{1f600}\":[],\"\u{fb33}\":1}"
        );
        assert!(canonical(&json!(1.5)).is_err());
    }
}

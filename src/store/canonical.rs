//! Canonical JSON, RFC 8785: the bytes that are hashed. Written by hand so that no dependency can change them.

use std::fmt::{self, Display, Write as _};

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
        Value::String(string) => write_string(string, text).map_err(Problem::internal)?,
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
                write_string(name, text).map_err(Problem::internal)?;
                text.push(':');
                write(member, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

fn write_string(string: &str, text: &mut String) -> fmt::Result {
    text.push('"');
    let mut rest = string;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        let (plain, escaped) = rest.split_at(at);
        text.push_str(plain);
        let mut chars = escaped.chars();
        match chars.next().unwrap_or_default() {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            c => write!(text, "\\u{:04x}", u32::from(c))?,
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
    text.push('"');
    Ok(())
}

/// A canonical array that is written item by item: the chain of a long log is a great many of them.
pub struct Array(String);

impl Default for Array {
    fn default() -> Self {
        // The columns of one change are some 400 bytes: grown to that step by step, they would be moved six times.
        Self(String::with_capacity(512))
    }
}

impl Array {
    #[must_use]
    pub fn number(self, number: i64) -> Self {
        self.item(|text| write!(text, "{number}"))
    }

    #[must_use]
    pub fn text(self, string: Option<&str>) -> Self {
        self.item(|text| match string {
            Some(string) => write_string(string, text),
            None => text.write_str("null"),
        })
    }

    /// A string of which no character needs to be escaped.
    #[must_use]
    pub fn plain(self, string: Option<impl Display>) -> Self {
        self.item(|text| match string {
            Some(string) => write!(text, "\"{string}\""),
            None => text.write_str("null"),
        })
    }

    pub fn end(mut self) -> String {
        self.0.push(']');
        self.0
    }

    fn item(mut self, write: impl FnOnce(&mut String) -> fmt::Result) -> Self {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        // Writing into memory does not fail.
        let _always = write(&mut self.0);
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Array, canonical};

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
    #[test]
    fn an_array_written_item_by_item_is_the_same() {
        let text = "a \"quoted\" \\ line\n\u{1}ends \u{7f} ລາວ";
        let array = Array::default().number(-7).text(Some(text)).text(None).plain(Some(1.5)).plain(None::<u8>).end();
        assert_eq!(array, canonical(&json!([-7, text, null, "1.5", null])).unwrap());
    }
}

//! What comes in, as the data of an event: a JSON object.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hookseal::payload::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::ApiError;

/// What was not a JSON object, with one of `json`, `text` and `base64`.
#[derive(Serialize)]
struct Wrapped<'a> {
    content_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// A JSON object stays as it came, byte for byte. Anything else (a list, a form, XML, what an object with a member twice
/// is) is put into one.
pub(super) fn data_of(
    payload: &[u8],
    content_type: Option<&str>,
    query: Option<&str>,
) -> Result<String, ApiError> {
    let text = str::from_utf8(payload).ok().filter(|text| !text.contains(is_odd));
    if let Some(text) = text
        && Object::parse(payload).is_ok()
    {
        return Ok(text.trim_matches([' ', '\t', '\r', '\n']).to_owned());
    }
    let json = serde_json::from_slice(payload).ok();
    let text = text.filter(|_| json.is_none());
    let base64 = (json.is_none() && text.is_none()).then(|| STANDARD.encode(payload));
    let wrapped = Wrapped { content_type, query, json, text, base64 };
    serde_json::to_string(&wrapped).map_err(ApiError::internal)
}

/// What would be six characters in JSON; text has none of it.
fn is_odd(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(payload: &[u8], content_type: Option<&str>) -> String {
        data_of(payload, content_type, None).unwrap()
    }

    #[test]
    fn an_object_stays_as_it_came() {
        let object = "{ \"b\": 1.10, \"a\":\n12345678901234567890123 ,\"ü\":\"\\u00fc\"}";
        assert_eq!(data(object.as_bytes(), Some("text/plain")), object);
        assert_eq!(data(b"\n{} \r\n", None), "{}");
    }

    #[test]
    fn anything_else_is_put_into_one() {
        assert_eq!(
            data(b" [1.10, 2]", Some("application/json")),
            r#"{"content_type":"application/json","json":[1.10, 2]}"#
        );
        assert_eq!(
            data(b"From=%2B1&Body=a+b", Some("application/x-www-form-urlencoded")),
            r#"{"content_type":"application/x-www-form-urlencoded","text":"From=%2B1&Body=a+b"}"#
        );
        assert_eq!(
            data(b"{\"a\":1,\"a\":2}", None),
            r#"{"content_type":null,"json":{"a":1,"a":2}}"#
        );
        assert_eq!(data(&[0xff, 0], None), r#"{"content_type":null,"base64":"/wA="}"#);
        assert_eq!(data(b"\0\0", None), r#"{"content_type":null,"base64":"AAA="}"#);
        assert_eq!(
            data_of(b"", None, Some("a=1&b=%20")).unwrap(),
            r#"{"content_type":null,"query":"a=1&b=%20","text":""}"#
        );
    }
}

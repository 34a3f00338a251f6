//! What a content type says about the bytes it stands for (RFC 9110 §8.3, RFC 6839).

/// Plain JSON.
pub(super) const JSON: &str = "application/json";

/// Whether it is `type/subtype`, with or without parameters.
pub(super) fn is_valid(content_type: &str) -> bool {
    let token = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    essence(content_type).split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub))
}

/// Whether the bytes are JSON: `*/json` or `*/*+json`.
pub(super) fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence.ends_with("/json") || (essence.contains('/') && essence.ends_with("+json"))
}

/// Whether the bytes are text in UTF-8: `text/*` or XML, with no other character set.
pub(super) fn is_utf8_text(content_type: &str) -> bool {
    let essence = essence(content_type);
    let text =
        essence.starts_with("text/") || essence.ends_with("/xml") || essence.ends_with("+xml");
    text && is_utf8(content_type)
}

/// Whether no other character set than UTF-8 is named.
pub(super) fn is_utf8(content_type: &str) -> bool {
    content_type.split(';').skip(1).all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        !name.trim().eq_ignore_ascii_case("charset") || value.eq_ignore_ascii_case("utf-8")
    })
}

/// The type without its parameters, in lower case.
pub(super) fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

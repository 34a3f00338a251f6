//! A body that is still compressed.

use std::ops::ControlFlow;

use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

use super::{Bodies, Cause, MAX_LEN};

const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

pub(super) fn changes(bodies: &mut Bodies<'_, '_>) -> ControlFlow<()> {
    let body = bodies.body;
    if let Some(plain) = gunzip(body) {
        bodies.give(
            Cause::BodyCompressed,
            "the body is compressed by gzip; what was signed is the plain text",
            plain,
        )?;
    }
    if is_zlib(body)
        && let Ok(plain) = decompress_to_vec_zlib_with_limit(body, MAX_LEN)
    {
        bodies.give(
            Cause::BodyCompressed,
            "the body is compressed by deflate; what was signed is the plain text",
            plain,
        )?;
    }
    ControlFlow::Continue(())
}

/// The name of the compression that the body begins like.
pub(super) fn name(body: &[u8]) -> Option<&'static str> {
    if body.starts_with(GZIP) {
        Some("gzip")
    } else if body.starts_with(ZSTD) {
        Some("zstd")
    } else if is_zlib(body) {
        Some("deflate")
    } else {
        None
    }
}

/// A header of zlib (RFC 1950 §2.2) with the usual window, which no text begins with.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..])
}

/// The plain text of a gzip file of one member (RFC 1952); its checksum is left to the signature.
fn gunzip(body: &[u8]) -> Option<Vec<u8>> {
    let (flags, rest) = body.strip_prefix(GZIP)?.split_first()?;
    // The time, the level and the system.
    let mut rest = rest.get(6..)?;
    if flags & EXTRA != 0 {
        let ([low, high], after) = rest.split_first_chunk()?;
        rest = after.get(usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & HEADER_CRC != 0 {
        rest = rest.get(2..)?;
    }
    decompress_to_vec_with_limit(rest, MAX_LEN).ok()
}

const HEADER_CRC: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;

    use super::*;

    #[test]
    fn every_header_of_gzip_is_read() {
        let text = b"{\"a\":1}".repeat(9);
        let deflated = compress_to_vec(&text, 6);
        for (flags, fields) in [
            (0, &b""[..]),
            (NAME, b"a.json\0"),
            (EXTRA | NAME | COMMENT | HEADER_CRC, b"\x02\x00xyname\0comment\0\x12\x34"),
        ] {
            let file = [GZIP, &[flags], b"\0\0\0\0\0\x03", fields, &deflated, b"checksum"].concat();
            assert_eq!(gunzip(&file).as_deref(), Some(&*text), "{flags}");
            for end in 0..file.len() - 8 {
                assert_ne!(gunzip(&file[..end]).as_deref(), Some(&*text));
            }
        }
        let large =
            [GZIP, b"\0\0\0\0\0\0\x03", &compress_to_vec(&vec![0; MAX_LEN + 1], 1)].concat();
        assert_eq!(gunzip(&large), None);
    }
}

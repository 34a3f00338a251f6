//! A client of the API, small enough to send what a good client would not.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::PATIENCE;

/// Sends one request per connection.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    key: String,
}

/// An answer, with its JSON where it has one.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
    pub json: Value,
}

impl Client {
    pub fn new(address: SocketAddr, key: &str) -> Self {
        Self { address, key: key.to_owned() }
    }

    pub fn with_key(&self, key: &str) -> Self {
        Self::new(self.address, key)
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], b"").await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path, &[], b"").await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.request("PATCH", path, &json, body.to_string().as_bytes()).await
    }

    /// POST without a body.
    pub async fn act(&self, path: &str) -> Answer {
        self.request("POST", path, &[], b"").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body).await
    }

    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.request("POST", path, &all, body.to_string().as_bytes()).await
    }

    /// POST to a server that may be gone, or go away meanwhile.
    pub async fn try_post(&self, path: &str, body: &Value) -> std::io::Result<Answer> {
        let json = [("content-type", "application/json")];
        self.try_request("POST", path, &json, body.to_string().as_bytes()).await
    }

    /// Any call to a server that may be gone.
    pub async fn try_call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> std::io::Result<Answer> {
        let json = [("content-type", "application/json")];
        let headers = if body.is_some() { &json[..] } else { &[] };
        let body = body.map(Value::to_string).unwrap_or_default();
        self.try_request(method, path, headers, body.as_bytes()).await
    }

    pub async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.try_request(method, path, headers, body).await.unwrap()
    }

    async fn try_request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Answer> {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        head += &format!("content-length: {}\r\n", body.len());
        if !self.key.is_empty() {
            head += &format!("authorization: Bearer {}\r\n", self.key);
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        self.raw(&[head.as_bytes(), b"\r\n", body].concat()).await
    }

    /// Sends bytes as they are. Fails when the connection does; panics when no answer comes.
    pub async fn raw(&self, request: &[u8]) -> std::io::Result<Answer> {
        let exchange = tokio::time::timeout(PATIENCE, self.exchange(request));
        exchange.await.expect("no answer from the API")
    }

    async fn exchange(&self, request: &[u8]) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(self.address).await?;
        // A server that refuses a long body may answer and close before it has read it.
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer).await
            && answer.is_empty()
        {
            return Err(error);
        }
        let answer = String::from_utf8(answer).unwrap();
        let Some((head, body)) = answer.split_once("\r\n\r\n") else {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        };
        Ok(Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
            json: serde_json::from_str(body).unwrap_or_default(),
        })
    }
}

impl Answer {
    /// The text at a JSON pointer.
    pub fn text(&self, pointer: &str) -> String {
        let value = self.json.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no text at {pointer}: {}", self.body)).to_owned()
    }

    /// Checks that this is an error with our body, and returns its code.
    pub fn error_code(&self) -> String {
        let error = self.json["error"].as_object().unwrap_or_else(|| panic!("no error: {self:?}"));
        let mut members: Vec<_> = error.keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["code", "field", "hint", "message"]);
        for member in ["message", "hint"] {
            let text = error[member].as_str().unwrap();
            assert!(!text.is_empty() && !text.ends_with('.') && !text.contains('\n'), "{text}");
        }
        self.text("/error/code")
    }
}

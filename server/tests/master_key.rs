//! A new master key: everything still opens, whenever the change was broken off.

#![cfg(test)]

mod support;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Output},
};

use hookseal_server::{
    app::{Server, Shell},
    config::Config,
    rng::SystemRng,
    rotation::{Rotated, rotate},
    seal::MasterKey,
};
use serde_json::json;
use support::{Engine, TestServer, config, receiver::Receiver};
use tempfile::TempDir;
use zeroize::Zeroizing;

on_each_engine! {
    a_new_key_file_takes_the_place_of_the_old_one,
    what_was_broken_off_is_ended_by_the_next_run,
    the_command_takes_keys_from_the_environment,
    a_running_server_is_in_the_way,
}

const STANDARD: &str = "standard_webhooks";

/// Data of a server with an endpoint whose secret is being replaced, and one that is not signed.
struct World {
    data: TempDir,
    url: Option<Zeroizing<String>>,
    receiver: Receiver,
    secrets: Vec<String>,
}

impl World {
    async fn new(engine: Engine) -> Self {
        let (data, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
        let config = engine.config(&data).await;
        let url = config.database_url.clone();
        let server = TestServer::with(config).await;
        let endpoint = server.endpoint(&receiver.url(), STANDARD, &["*"]).await;
        server.endpoint("https://example.com/", "ainative", &["memory.stored"]).await;
        let path = format!("/v1/endpoints/{}/rotate-secret", endpoint.text("/id"));
        let rotated = server.client.act(&path).await;
        server.stop().await;
        Self {
            data,
            url,
            receiver,
            secrets: vec![endpoint.text("/secret"), rotated.text("/secret")],
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.data.path().join(name)
    }

    fn key(&self) -> String {
        fs::read_to_string(self.file("master.key")).unwrap().trim().to_owned()
    }

    fn config(&self, key: Option<&str>) -> Config {
        Config {
            master_key: key.map(|key| MasterKey::parse(key).unwrap()),
            database_url: self.url.clone(),
            ..config(&self.data)
        }
    }

    async fn rotate(&self, key: Option<&str>, new: Option<&str>) -> Result<Rotated, String> {
        let new = new.map(|new| MasterKey::parse(new).unwrap());
        rotate(&self.config(key), new, &SystemRng).await.map_err(|error| error.to_string())
    }

    /// A server with this key signs with both secrets.
    async fn works(&mut self, key: Option<&str>) {
        let server = TestServer::with(self.config(key)).await;
        server.send("a.b", json!({})).await;
        let seen = self.receiver.next().await;
        for secret in &self.secrets {
            seen.verify(STANDARD, secret).unwrap();
        }
        server.stop().await;
    }

    /// No server starts with this key.
    async fn is_refused(&self, key: Option<&str>) -> String {
        Server::start(self.config(key), Shell::default()).await.unwrap_err().to_string()
    }

    fn command(&self, variables: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hookseal"))
            .args(["master-key", "rotate", "--data"])
            .arg(self.data.path())
            .args(self.url.iter().flat_map(|url| ["--database-url", url.as_str()]))
            .env_remove("HOOKSEAL_MASTER_KEY")
            .env_remove("HOOKSEAL_NEW_MASTER_KEY")
            .env_remove("HOOKSEAL_DATABASE_URL")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }
}

async fn a_new_key_file_takes_the_place_of_the_old_one(engine: Engine) {
    let mut world = World::new(engine).await;
    let old = world.key();
    let rotated = world.rotate(None, None).await.unwrap();
    assert_eq!(
        (rotated.secrets, rotated.file, rotated.stale),
        (1, Some(world.file("master.key")), Some(world.file("master.key.old")))
    );
    assert_ne!(world.key(), old);
    // Backups of before still need it.
    let kept = |name| fs::read_to_string(world.file(name)).unwrap().trim().to_owned();
    assert_eq!(kept("master.key.old"), old);
    let mode = fs::metadata(world.file("master.key.old")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let second = world.key();
    let rotated = world.rotate(None, None).await.unwrap();
    assert_eq!(rotated.stale, Some(world.file("master.key.old.2")));
    assert_eq!((kept("master.key.old"), kept("master.key.old.2")), (old.clone(), second));
    assert_eq!(fs::metadata(world.file("master.key")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!world.file("master.key.next").exists());
    world.works(None).await;
    assert!(world.is_refused(Some(&old)).await.contains("another master key"));
    assert!(world.rotate(Some(&old), None).await.unwrap_err().contains("another master key"));
}

async fn what_was_broken_off_is_ended_by_the_next_run(engine: Engine) {
    let mut world = World::new(engine).await;
    let old = world.key();

    // Before the secrets were sealed anew: the new key is there, and nothing else has happened.
    let next = "07".repeat(32);
    fs::write(world.file("master.key.next"), &next).unwrap();
    fs::set_permissions(world.file("master.key.next"), fs::Permissions::from_mode(0o600)).unwrap();
    world.works(None).await;
    assert_eq!(world.rotate(None, None).await.unwrap().secrets, 1);
    assert_eq!(world.key(), next);
    world.works(None).await;

    // After they were, and before the file was put in its place.
    fs::rename(world.file("master.key"), world.file("master.key.next")).unwrap();
    fs::write(world.file("master.key"), &old).unwrap();
    fs::set_permissions(world.file("master.key"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(world.is_refused(None).await.contains("run it again"));
    assert_eq!(world.rotate(None, None).await.unwrap().secrets, 0);
    assert_eq!(world.key(), next);
    world.works(None).await;

    // The same, ended with a key that is given.
    fs::rename(world.file("master.key"), world.file("master.key.next")).unwrap();
    fs::write(world.file("master.key"), &old).unwrap();
    fs::set_permissions(world.file("master.key"), fs::Permissions::from_mode(0o600)).unwrap();
    let given = "08".repeat(32);
    let rotated = world.rotate(None, Some(&given)).await.unwrap();
    assert_eq!(
        (rotated.secrets, rotated.file, rotated.stale),
        (1, None, Some(world.file("master.key")))
    );
    assert!(!world.file("master.key.next").exists());
    world.works(Some(&given)).await;
    assert_eq!(world.rotate(Some(&next), Some(&given)).await.unwrap().secrets, 0);
}

async fn the_command_takes_keys_from_the_environment(engine: Engine) {
    let mut world = World::new(engine).await;
    let (first, second) = ("01".repeat(32), "02".repeat(32));
    let done = world.command(&[("HOOKSEAL_NEW_MASTER_KEY", &first)]);
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && said.contains("new master key: 1"), "{said}");
    assert!(said.contains("set `HOOKSEAL_MASTER_KEY`") && !said.contains(&first), "{said}");
    world.works(Some(&first)).await;

    for (variables, complaint) in [
        (vec![("HOOKSEAL_MASTER_KEY", second.as_str())], "another master key"),
        (vec![("HOOKSEAL_MASTER_KEY", "")], "is empty"),
        (vec![("HOOKSEAL_NEW_MASTER_KEY", "short")], "32 bytes"),
    ] {
        let failed = world.command(&variables);
        let said = String::from_utf8(failed.stderr).unwrap();
        assert!(!failed.status.success() && said.contains(complaint), "{said}");
    }
    world.works(Some(&first)).await;

    let both =
        [("HOOKSEAL_MASTER_KEY", first.as_str()), ("HOOKSEAL_NEW_MASTER_KEY", second.as_str())];
    assert!(world.command(&both).status.success());
    world.works(Some(&second)).await;
    let to_file = world.command(&[("HOOKSEAL_MASTER_KEY", &second)]);
    let said = String::from_utf8(to_file.stdout).unwrap();
    assert!(to_file.status.success() && said.contains("unset `HOOKSEAL_MASTER_KEY`"), "{said}");
    world.works(None).await;

    let empty = tempfile::tempdir().unwrap();
    let nothing = rotate(&config(&empty), None, &SystemRng).await.unwrap_err().to_string();
    assert!(nothing.contains("nothing is sealed here yet"), "{nothing}");
}

async fn a_running_server_is_in_the_way(engine: Engine) {
    let world = World::new(engine).await;
    let server = TestServer::with(world.config(None)).await;
    assert!(world.rotate(None, None).await.unwrap_err().contains("another server runs"));
    if world.url.is_some() {
        // Also one that has its key elsewhere.
        let (elsewhere, key) = (tempfile::tempdir().unwrap(), world.key());
        let config = Config {
            master_key: Some(MasterKey::parse(&key).unwrap()),
            database_url: world.url.clone(),
            ..config(&elsewhere)
        };
        let refused = rotate(&config, None, &SystemRng).await.unwrap_err().to_string();
        assert!(refused.contains("another server of this database runs"), "{refused}");
        server.stop().await;
        assert_eq!(rotate(&config, None, &SystemRng).await.unwrap().secrets, 1);
        return;
    }
    server.stop().await;
}

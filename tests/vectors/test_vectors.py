"""The vectors themselves: current, in the form that the schema says, and honest about their number."""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import providers
import pytest
import senders

HERE = pathlib.Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*.json") if not path.name.endswith(".schema.json"))
CATALOGUE = HERE.parents[1] / "core/src/scheme"
SCHEMA = json.loads((HERE / "vector.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("generator", ["generate.py", "handshakes.py"])
def test_files_are_what_the_generator_writes(generator):
    done = subprocess.run([sys.executable, HERE / generator, "--check"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_every_operation_has_vectors():
    operations = {json.loads(path.read_text(encoding="utf-8"))["operation"] for path in FILES}
    assert operations == set(SCHEMA["properties"]["operation"]["enum"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_fits_the_schema(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    tests = [test for group in document["testGroups"] for test in group["tests"]]
    assert [test["tcId"] for test in tests] == list(range(1, document["numberOfTests"] + 1))
    assert {flag for test in tests for flag in test["flags"]} <= set(document["notes"])


PAYLOADS = HERE / "payloads"
SCHEMAS = sorted((HERE.parent.parent / "schemas").glob("*.json"))


def fits(schema, instance):
    document = json.loads((HERE.parent.parent / "schemas" / f"{schema}.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(document).is_valid(instance)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schema_is_a_schema(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(document)
    assert {"$id", "$schema", "description", "title"} <= set(document)
    assert document["$id"].endswith(path.name)


def test_envelopes_fit_their_schemas():
    tests = json.loads((PAYLOADS / "envelopes.json").read_text(encoding="utf-8"))["tests"]
    assert tests
    for test in tests:
        expected = test["result"] == "valid" or test.get("fitsSchema", False)
        assert fits(test["schema"], json.loads(test["body"])) is expected, test["comment"]


def test_cloudevents_fit_their_schema():
    valid = json.loads((PAYLOADS / "cloudevents.json").read_text(encoding="utf-8"))["valid"]
    events = [json.loads(test["structured"]["body"]) for test in valid]
    assert events
    for event in events:
        assert fits("cloudevents", event), event
        assert not fits("cloudevents", {**event, "specversion": "0.3"})
        assert not fits("cloudevents", {**event, "some_extension": "x"})
        assert not fits("cloudevents", {**event, "extension": {}})
        assert not fits("cloudevents", {**event, "data": 1, "data_base64": "AA=="})
    assert fits("cloudevents-batch", events)
    assert not fits("cloudevents-batch", events[0])


def test_every_scheme_has_a_delivery():
    text = "".join(path.read_text(encoding="utf-8") for path in CATALOGUE.glob("catalogue.json*"))
    schemes = re.findall(r'^\s*\{?\s*"id": ?"([^"]+)"', text, re.MULTILINE)
    assert len(schemes) > 100
    assert set(schemes) <= {delivery.scheme for delivery in providers.deliveries()}


def test_the_senders_written_here_sign_every_delivery_alike():
    known = {*senders.IN_BODY, *senders.IN_HEADER}
    judged = [delivery for delivery in providers.deliveries() if delivery.scheme in known]
    assert {delivery.scheme for delivery in judged} == known
    for delivery in judged:
        assert senders.sign(delivery) == delivery, f"{delivery.scheme}: {delivery.comment}"

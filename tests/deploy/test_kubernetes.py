"""The platform in a cluster: valid by Kubernetes' own schemas, whole, and with no more rights than it needs.

kustomize is not needed: what it would collect is collected here.
"""

import base64
import hashlib
import json
import sys
from urllib.parse import urlsplit

import pytest
import yaml
from kubernetes_validate import ValidationError, latest_version, validate

from contracts.subscriptions import SUBSCRIPTIONS
from tests.deploy.deployed import BASE, BOUNCES, OVERLAY, PROCESSES, ROOT, changed, resources

sys.path.insert(0, str(ROOT / "deploy" / "k8s"))
from make_secrets import manifests

CUSTOM = {"RabbitmqCluster": "rabbitmq.com/v1beta1", "MongoDBCommunity": "mongodbcommunity.mongodb.com/v1"}
"""What the operators define, and Kubernetes' own schemas do not know."""

SECRET = (
    "AMQP_URI",
    "MONGO_URI",
    "ICAT_SECRET_KEY",
    "ICAT_FIRST_LOGIN",
    "ICAT_SMTP_URL",
    "ICAT_MISSION_AMQP_URI",
    "ICAT_BROKER_MANAGEMENT_URL",
)

OPERATOR = "operator"
"""Where a person works, and nothing runs."""

PRIVATE = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "100.64.0.0/10"}


@pytest.fixture(scope="module")
def base():
    return list(resources(BASE))


@pytest.fixture(scope="module")
def example():
    return list(resources(OVERLAY))


@pytest.fixture(scope="module")
def secrets():
    return {item["metadata"]["name"]: item for item in manifests({"ICAT_SMTP_URL": "smtp://mail:25"})["items"]}


def of_kind(objects, kind):
    return {o["metadata"]["name"]: o for o in objects if o["kind"] == kind}


def container(deployment):
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return only


# Valid


@pytest.mark.parametrize("folder", [BASE, OVERLAY], ids=["base", "example"])
def test_every_object_is_valid(folder):
    checked = 0
    for each in resources(folder):
        if each["kind"] in CUSTOM:
            assert each["apiVersion"] == CUSTOM[each["kind"]]
            continue
        validate(each, latest_version(), strict=True)
        checked += 1
    assert checked >= 16


def test_the_secrets_are_valid(secrets):
    for secret in secrets.values():
        validate(secret, latest_version(), strict=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: container(d)["livenessProbe"].update(initialDelay=3),
        lambda d: container(d).update(readOnlyRootFilesystem=True),
        lambda d: d["spec"].update(replicas="two"),
        lambda d: d["spec"].pop("selector"),
    ],
)
def test_what_is_invalid_is_refused(base, change):
    with pytest.raises(ValidationError):
        validate(changed(of_kind(base, "Deployment")["chairs"], change), latest_version(), strict=True)


@pytest.mark.parametrize("folder", [BASE, OVERLAY], ids=["base", "example"])
def test_every_file_is_a_resource(folder):
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert kustomization["apiVersion"] == "kustomize.config.k8s.io/v1beta1"
    assert set(kustomization) <= {"apiVersion", "kind", "namespace", "resources", "images", "patches"}
    files = {path.name for path in folder.iterdir()} - {"kustomization.yaml"}
    assert files == {entry for entry in kustomization["resources"] if not entry.startswith("..")}


def test_what_the_example_changes_is_there(example):
    kustomization = yaml.safe_load((OVERLAY / "kustomization.yaml").read_text())
    assert kustomization["namespace"] in of_kind(example, "Namespace")
    images = {container(d)["image"] for d in of_kind(example, "Deployment").values()}
    assert {image["name"] for image in kustomization["images"]} == images
    assert all(image["newTag"] not in ("", "latest") for image in kustomization["images"])
    for patch in kustomization["patches"]:
        wanted = yaml.safe_load(patch["patch"])
        found = of_kind(example, wanted["kind"])[wanted["metadata"]["name"]]
        assert set(wanted["data"]) <= set(found["data"])


def test_no_two_objects_have_one_name(example):
    names = [(o["kind"], o["metadata"]["name"]) for o in example]
    assert len(names) == len(set(names))


# Safe


def unsafe(objects):
    """What a deployment is allowed beyond its needs, in words."""
    accounts = of_kind(objects, "ServiceAccount")
    for name, deployment in of_kind(objects, "Deployment").items():
        pod, own = deployment["spec"]["template"]["spec"], container(deployment)
        if not pod["securityContext"].get("runAsNonRoot") or pod["securityContext"].get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name}: may run as root, or make any system call"
        if own["securityContext"] != {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}:
            yield f"{name}: may write its image or gain rights"
        if pod.get("automountServiceAccountToken") is not False or accounts[pod["serviceAccountName"]]["automountServiceAccountToken"]:
            yield f"{name}: has the cluster's token"
        if not own["resources"].get("requests") or "memory" not in own["resources"].get("limits", {}):
            yield f"{name}: may take all memory"
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe not in own and name != OPERATOR:
                yield f"{name}: nobody asks for its health ({probe})"
        for variable in own["env"]:
            secret = variable["name"] in SECRET
            if secret and "secretKeyRef" not in variable.get("valueFrom", {}):
                yield f"{name}: {variable['name']} is no secret"
        if pod["volumes"][0]["name"] != "tmp" or own["volumeMounts"] != [{"name": "tmp", "mountPath": "/tmp"}]:
            yield f"{name}: has nowhere to write, or elsewhere than /tmp"
    yield from (f"{name}: a secret stands in the repository" for name in of_kind(objects, "Secret"))
    if of_kind(objects, "NetworkPolicy").get("nobody", {}).get("spec") != {
        "podSelector": {"matchLabels": {"app.kubernetes.io/part-of": "icat"}},
        "policyTypes": ["Ingress", "Egress"],
    }:
        yield "everybody may talk to everybody"


def test_the_cluster_is_safe(base, example):
    assert list(unsafe(base)) == []
    assert list(unsafe(example)) == []


def pod(deployment):
    return deployment["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: pod(d)["securityContext"].update(runAsNonRoot=False), "as root"),
        (lambda d: container(d)["securityContext"].update(readOnlyRootFilesystem=False), "write its image"),
        (lambda d: container(d)["securityContext"]["capabilities"].update(add=["NET_ADMIN"]), "gain rights"),
        (lambda d: pod(d).pop("automountServiceAccountToken"), "token"),
        (lambda d: container(d)["resources"].pop("limits"), "memory"),
        (lambda d: container(d).pop("readinessProbe"), "readinessProbe"),
        (lambda d: container(d)["env"][0].update(valueFrom=None, value="amqp://chairs:chairs@broker"), "AMQP_URI is no secret"),
        (lambda d: pod(d)["volumes"].insert(0, {"name": "host", "hostPath": {"path": "/"}}), "nowhere to write, or elsewhere"),
    ],
)
def test_what_is_unsafe_is_found(base, change, words):
    def of_chairs(objects):
        deployment = of_kind(objects["all"], "Deployment")["chairs"]
        change(deployment)
        for variable in container(deployment)["env"]:
            if variable.get("valueFrom", ()) is None:
                del variable["valueFrom"]

    assert any(words in flaw for flaw in unsafe(changed({"all": base}, of_chairs)["all"]))


# Whole


def test_selectors_meet_their_pods(base):
    pods = {name: d["spec"]["template"]["metadata"]["labels"] for name, d in of_kind(base, "Deployment").items()}
    for name, deployment in of_kind(base, "Deployment").items():
        assert deployment["spec"]["selector"]["matchLabels"].items() <= pods[name].items()
        for spread in pod(deployment).get("topologySpreadConstraints", ()):
            assert met(spread["labelSelector"]["matchLabels"], pods) == [name]
    for name, budget in of_kind(base, "PodDisruptionBudget").items():
        assert met(budget["spec"]["selector"]["matchLabels"], pods) == [name]
        assert budget["spec"]["minAvailable"] < of_kind(base, "Deployment")[name]["spec"]["replicas"]
    assert set(of_kind(base, "PodDisruptionBudget")) == {*PROCESSES, BOUNCES}
    assert met(of_kind(base, "Service")["gateway"]["spec"]["selector"], pods) == ["gateway"]
    policies = {name: met(p["spec"]["podSelector"]["matchLabels"], pods) for name, p in of_kind(base, "NetworkPolicy").items()}
    everybody = sorted((*PROCESSES, BOUNCES, OPERATOR))
    assert policies == {
        "nobody": everybody,
        "grounds": everybody,
        "gateway": ["gateway"],
        "notifications": ["notifications"],
        "bounces": ["bounces"],
    }


def met(labels, pods):
    return sorted(name for name, has in pods.items() if labels.items() <= has.items())


def test_ports_of_policies_and_ingress_are_those_of_pods(example):
    (rule,) = of_kind(example, "NetworkPolicy")["gateway"]["spec"]["ingress"]
    names = {port["name"] for port in container(of_kind(example, "Deployment")["gateway"])["ports"]}
    assert {port["port"] for port in rule["ports"]} == names
    (path,) = of_kind(example, "Ingress")["gateway"]["spec"]["rules"][0]["http"]["paths"]
    service = of_kind(example, "Service")[path["backend"]["service"]["name"]]
    assert path["backend"]["service"]["port"]["name"] in {port["name"] for port in service["spec"]["ports"]}


def test_webhooks_never_go_inside_the_cluster(base):
    web = [r for r in of_kind(base, "NetworkPolicy")["notifications"]["spec"]["egress"] if {"protocol": "TCP", "port": 443} in r["ports"]]
    (rule,) = web
    for peer in rule["to"]:
        assert set(peer) == {"ipBlock"}
    assert set(rule["to"][0]["ipBlock"]["except"]) == PRIVATE


def test_every_secret_that_is_named_is_made(example, secrets):
    named = set()
    for deployment in of_kind(example, "Deployment").values():
        for variable in container(deployment)["env"]:
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference:
                named.add(reference["name"])
                assert reference["key"] in secrets[reference["name"]]["stringData"]
    broker = of_kind(example, "RabbitmqCluster")["icat-broker"]["spec"]
    (volume,) = broker["override"]["statefulSet"]["spec"]["template"]["spec"]["volumes"]
    named.add(volume["secret"]["secretName"])
    (mount,) = broker["override"]["statefulSet"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    (definitions,) = secrets[volume["secret"]["secretName"]]["stringData"]
    assert f"definitions.local.path = {mount['mountPath']}/{definitions}\n" in broker["rabbitmq"]["additionalConfig"]
    for user in of_kind(example, "MongoDBCommunity")["icat-store"]["spec"]["users"]:
        assert user["roles"] == [{"name": "readWrite", "db": user["name"]}]
        assert user["db"] == user["name"]
        named.add(user["passwordSecretRef"]["name"])
        assert "password" in secrets[user["passwordSecretRef"]["name"]]["stringData"]
    assert named == set(secrets)


def test_the_secrets_fit_together(example, secrets):
    broker, store = of_kind(example, "RabbitmqCluster"), of_kind(example, "MongoDBCommunity")
    assert len({s["stringData"]["password"] for n, s in secrets.items() if n.startswith("icat-store-")}) == len(PROCESSES)
    for process in PROCESSES:
        values = secrets[f"icat-{process}"]["stringData"]
        password = secrets[f"icat-store-{process}"]["stringData"]["password"]
        (name,) = store
        assert values["MONGO_URI"] == f"mongodb://{process}:{password}@{name}-svc:27017/{process}?replicaSet={name}"
        assert values["AMQP_URI"].endswith(f"@{next(iter(broker))}:5672/%2F")
    assert len(secrets["icat-gateway"]["stringData"]["ICAT_SECRET_KEY"]) >= 32


def test_missions_are_handed_an_address_or_nothing_and_users_are_made_by_notifications_alone(base, secrets):
    assert secrets["icat-notifications"]["stringData"]["ICAT_MISSION_AMQP_URI"] == ""
    made = manifests({"ICAT_SMTP_URL": "smtp://mail:25", "MISSION_BROKER": "broker.example.org:5671"})["items"]
    values = {item["metadata"]["name"]: item["stringData"] for item in made}
    assert values["icat-notifications"]["ICAT_MISSION_AMQP_URI"] == "amqps://broker.example.org:5671/%2F"
    managed = urlsplit(values["icat-notifications"]["ICAT_BROKER_MANAGEMENT_URL"])
    assert (managed.scheme, managed.hostname, managed.port) == ("http", "icat-broker", 15672)
    defined = json.loads(values["icat-broker-definitions"]["definitions.json"])
    (user,) = (user for user in defined["users"] if user["tags"])
    assert (user["name"], user["tags"]) == (managed.username, ["administrator"])
    assert managed.username not in {permission["user"] for permission in defined["permissions"]}
    salted = base64.b64decode(user["password_hash"])
    assert salted[4:] == hashlib.sha256(salted[:4] + managed.password.encode()).digest()
    policies = of_kind(base, "NetworkPolicy").items()
    reaching = [n for n, p in policies for r in p["spec"].get("egress", ()) if {"protocol": "TCP", "port": 15672} in r["ports"]]
    assert reaching == ["notifications"]
    assert [name for name, held in values.items() if "ICAT_BROKER_MANAGEMENT_URL" in held] == ["icat-notifications"]


def test_copies_are_as_many_as_the_platform_bears(base):
    replicas = {name: deployment["spec"]["replicas"] for name, deployment in of_kind(base, "Deployment").items()}
    assert replicas == {name: 2 for name in (*PROCESSES, BOUNCES)} | {OPERATOR: 0}
    for name in SUBSCRIPTIONS:
        # Two copies of one name would both hold the relay's lease.
        (instance,) = (v for v in container(of_kind(base, "Deployment")[name])["env"] if v["name"] == "ICAT_INSTANCE")
        assert instance["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}

"""Reads how the platform is deployed, from compose and from Kubernetes, into one shape; and finds what in it the code does not know."""

import ast
import copy
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from flask import Flask

from contracts.subscriptions import SUBSCRIPTIONS
from gateway import health
from launcher.broker_users import MANAGEMENT
from messaging.settings import TABLE

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "deploy" / "k8s" / "base"
OVERLAY = ROOT / "deploy" / "k8s" / "overlays" / "example"
PROCESSES = (*SUBSCRIPTIONS, "gateway")

BOUNCES = "bounces"
"""The receiver of returned mail, which has no store and asks one thing of the broker."""


@dataclass
class Deployed:
    """One of the five processes, or the receiver of bounces, as somebody means to run it.

    ``command``: what follows ``python -m``. ``probes``: path and port of each health check; no path where a connection is enough.
    ``ports``: those that others are sent to.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    probes: list[tuple[str, int]]
    ports: list[int] = field(default_factory=list)


def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def example_env() -> dict[str, str]:
    """The names of .env.example with their values, empty secrets included."""
    lines = (ROOT / "deploy" / "docker" / ".env.example").read_text().splitlines()
    return dict(assigned(line) for line in lines if line and not line.startswith("#"))


def assigned(line: str) -> tuple[str, str]:
    """Name and value of a line of .env, as compose and shells take it."""
    name, _, value = line.partition("=")
    return name, value.strip('"')


def changed(document: dict, change: Callable[[dict], object]) -> dict:
    """A copy of the document, changed."""
    document = copy.deepcopy(document)
    change(document)
    return document


VARIABLE = re.compile(r"\$\{(\w+)(?::([-?+])([^{}]*))?\}")
"""A variable that has no other within it: name, ``-`` ``?`` or ``+``, and the word after that."""


def interpolated(value: str, environ: Mapping[str, str]) -> str:
    """What compose makes of a value, the innermost variables first. Raises KeyError for a variable that is demanded and missing."""

    def substitute(found: re.Match) -> str:
        name, kind, word = found.groups()
        if kind == "+":
            return word if environ.get(name) else ""
        if environ.get(name):
            return environ[name]
        if kind == "?":
            raise KeyError(name)
        return word or ""

    text = str(value)
    while VARIABLE.search(text):
        text = VARIABLE.sub(substitute, text)
    return text


def composed(document: dict, environ: Mapping[str, str], names: Collection[str] = PROCESSES) -> list[Deployed]:
    """These processes of a compose file, with the variables of ``environ`` put in."""
    return [
        Deployed(
            name=name,
            command=[str(word) for word in service["command"]],
            environment={key: interpolated(value, environ) for key, value in service["environment"].items()},
            probes=[_asked(service["healthcheck"]["test"][-1])],
            ports=[int(str(port).rsplit(":", 1)[-1]) for port in service.get("ports", ())],
        )
        for name, service in document["services"].items()
        if name in names
    ]


def _asked(last: str) -> tuple[str, int]:
    """Path and port of a health check in compose, by the last word of its command: a port, or a program that connects to one."""
    return ("/health/ready", int(last)) if last.isdecimal() else ("", int(re.findall(r"\d{4,5}", last)[-1]))


def resources(folder: Path) -> Iterator[dict]:
    """Every object that kustomize would make of a folder's resources, before images and patches."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    for entry in kustomization["resources"]:
        path = folder / entry
        if path.is_dir():
            yield from resources(path)
        else:
            yield from (document for document in yaml.safe_load_all(path.read_text()) if document)


def clustered(objects: list[dict], secrets: Mapping[str, Mapping[str, str]], names: Collection[str] = PROCESSES) -> list[Deployed]:
    """These processes of Kubernetes objects, with the values of ``secrets`` put in. Raises KeyError for a reference to nothing."""
    maps = {o["metadata"]["name"]: o["data"] for o in objects if o["kind"] == "ConfigMap"}
    services = [o for o in objects if o["kind"] == "Service"]
    return [_clustered(o, maps, secrets, services) for o in objects if o["kind"] == "Deployment" and o["metadata"]["name"] in names]


def _clustered(deployment: dict, maps: Mapping, secrets: Mapping, services: list[dict]) -> Deployed:
    template = deployment["spec"]["template"]
    (container,) = template["spec"]["containers"]
    environment: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        environment |= maps[source["configMapRef"]["name"]]
    for variable in container["env"]:
        value = _value(variable, maps, secrets)
        if value is not None:
            environment[variable["name"]] = value
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    asked = [container[kind] for kind in ("startupProbe", "livenessProbe", "readinessProbe")]
    probes = [probe.get("httpGet") or {"path": "", **probe["tcpSocket"]} for probe in asked]
    labels = template["metadata"]["labels"].items()
    targets = [port["targetPort"] for s in services if s["spec"]["selector"].items() <= labels for port in s["spec"]["ports"]]
    return Deployed(
        name=deployment["metadata"]["name"],
        command=container["args"],
        environment=environment,
        probes=[(probe["path"], ports[probe["port"]]) for probe in probes],
        ports=[ports[target] for target in targets],
    )


def _value(variable: dict, maps: Mapping, secrets: Mapping) -> str | None:
    if "value" in variable:
        return variable["value"]
    ((kind, reference),) = variable["valueFrom"].items()
    if kind == "fieldRef":
        return reference["fieldPath"]
    found = {"configMapKeyRef": maps, "secretKeyRef": secrets}[kind][reference["name"]]
    return found.get(reference["key"]) if reference.get("optional") else found[reference["key"]]


# What the code does not know


def flaws(process: Deployed) -> list[str]:
    """Everything about a deployed process that the code contradicts, in words."""
    return [f"{process.name}: {flaw}" for flaw in (*_of_command(process), *_of_environment(process), *_of_ports(process))]


def _of_command(process: Deployed) -> Iterator[str]:
    module, *arguments = process.command
    if process.name == "gateway":
        if module != "gunicorn" or not find_spec("gunicorn.__main__"):
            yield f"{module} is not the server it runs under"
        config = arguments[arguments.index("--config") + 1]
        if not (ROOT / config).is_file():
            yield f"there is no {config}"
        file, _, name = arguments[-1].replace(".", "/", arguments[-1].count(".")).partition(":")
        if name not in _names_assigned(ROOT / f"{file}.py"):
            yield f"{arguments[-1]} is nowhere"
        return
    for name in (module, *arguments):
        place = ROOT / name.replace(".", "/")
        package = place / "__init__.py"  # one that is run has its classes there
        if not (place.with_suffix(".py").is_file() or (package.is_file() and "\nclass " in package.read_text(encoding="utf-8"))):
            yield f"there is no module {name}"
    if process.name == BOUNCES:
        if process.command != ["services.notifications.bounces"]:
            yield f"it runs {process.command}"
    elif arguments != [f"services.{process.name}.service"]:
        yield f"it runs {arguments}"


def _of_environment(process: Deployed) -> Iterator[str]:
    read = {name for name, (who, *_) in TABLE.items() if _reads(process.name, who)}
    for name in process.environment.keys() - read:
        yield f"{name} is no setting it reads"
    for name in sorted(read):
        if TABLE[name][1] and not process.environment.get(name):
            yield f"{name} is required and not set"
    broker, store = (urlsplit(process.environment.get(name, "")) for name in ("AMQP_URI", "MONGO_URI"))
    if broker.username != process.name:
        yield f"it speaks to the broker as {broker.username}"
    handed = urlsplit(process.environment.get("ICAT_MISSION_AMQP_URI", ""))
    if handed.netloc and (handed.username or handed.scheme != "amqps"):
        yield f"missions are handed {handed.scheme} as {handed.username}"
    managed = urlsplit(process.environment.get("ICAT_BROKER_MANAGEMENT_URL", ""))
    if managed.netloc and (managed.username != MANAGEMENT or managed.password == broker.password):
        yield f"it makes users as {managed.username}"
    if process.name == BOUNCES:
        return
    if store.username != process.name or store.path != f"/{process.name}":
        yield f"it speaks to the store as {store.username}, of the database {store.path}"
    if not broker.password or not store.password or broker.password == store.password:
        yield "broker and store have a password each"
    if process.environment.get("ICAT_TOPOLOGY") != "expect":
        yield "ICAT_TOPOLOGY is expect where users may not configure"


def _of_ports(process: Deployed) -> Iterator[str]:
    if process.name == "gateway":
        port = int(process.command[process.command.index("--bind") + 1].rpartition(":")[2])
        known = _gateway_paths()
    elif process.name == BOUNCES:
        port = int(process.environment.get("ICAT_BOUNCES_LISTEN", "").rpartition(":")[2] or 0)
        known = {""}
    else:
        port = int(process.environment.get("ICAT_HEALTH_PORT", "0"))
        known = _strings(ROOT / "messaging" / "runtime.py")
    for path, asked in process.probes:
        if asked != port:
            yield f"its health is asked at port {asked}, and told at {port}"
        if path not in known:
            yield f"its health is not told at {path}"
    for sent in process.ports:
        if sent != port or process.name not in ("gateway", BOUNCES):
            yield f"others are sent to port {sent}"


def _reads(process: str, who: str) -> bool:
    named = who.split(", ")
    return who == "all" or process in named or ("services" in named and process in SUBSCRIPTIONS)


def _names_assigned(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    tree = ast.walk(ast.parse(file.read_text()))
    return {target.id for node in tree if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)}


def _strings(file: Path) -> set[str]:
    return {node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _gateway_paths() -> set[str]:
    app = Flask("paths")
    app.register_blueprint(health.blueprint(opening=None))
    return {rule.rule for rule in app.url_map.iter_rules()}

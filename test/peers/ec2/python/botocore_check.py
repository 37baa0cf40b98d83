"""Holds recorded calls of EC2 against botocore's model: reads them from a file, prints what is checked and wrong."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from datetime import datetime
from urllib.parse import parse_qsl

import botocore.session
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

OBJECTIONS_MAX = 50


def local(tag):
    return tag.rsplit("}", 1)[-1]


def member_names(shape):
    return {
        member.serialization.get("name", name): member
        for name, member in shape.members.items()
    }


def unknown_elements(element, shape, path):
    """Elements that the model does not have."""
    if shape is None:
        return
    if shape.type_name == "structure":
        names = member_names(shape)
        for child in element:
            name = local(child.tag)
            if name in names:
                yield from unknown_elements(child, names[name], f"{path}.{name}")
            elif name != "requestId":
                yield f"{path}.{name}"
    elif shape.type_name == "list":
        for child in element:
            if local(child.tag) != shape.member.serialization.get("name", "item"):
                yield f"{path}[{local(child.tag)}]"
            yield from unknown_elements(child, shape.member, f"{path}[]")


def sent_by(serializer, operation, given):
    body = serializer.serialize_to_request(given, operation)["body"]
    return {name: str(value) for name, value in body.items()}


def is_same(ours, theirs):
    """Of a time botocore writes microseconds, and the SDK milliseconds."""
    if ours == theirs or None in (ours, theirs):
        return ours == theirs
    try:
        return datetime.fromisoformat(ours) == datetime.fromisoformat(theirs)
    except ValueError:
        return False


def objections_to(call, model, serializer, parser, validator):
    operation = model.operation_model(call["operation"])
    given = call["input"]
    report = validator.validate(given, operation.input_shape)
    if report.has_errors():
        yield f"input: {report.generate_report()}"
    ours = dict(parse_qsl(call["request"], keep_blank_values=True))
    theirs = sent_by(serializer, operation, given)
    # A token that the caller did not give is made anew by each.
    for token in ("ClientToken",):
        if token not in given:
            ours.pop(token, None)
            theirs.pop(token, None)
    for name in sorted(set(ours) | set(theirs)):
        if not is_same(ours.get(name), theirs.get(name)):
            yield f"sends {name}={ours.get(name)!r}, botocore {theirs.get(name)!r}"
    parsed = parser.parse(
        {"body": call["answer"].encode(), "headers": {}, "status_code": call["status"]},
        operation.output_shape,
    )
    if call["status"] >= 300:
        if not parsed.get("Error", {}).get("Code"):
            yield f"an error without a code: {call['answer'][:200]}"
        return
    root = ElementTree.fromstring(call["answer"])
    if local(root.tag) != f"{call['operation']}Response":
        yield f"answers <{local(root.tag)}>"
    for path in unknown_elements(root, operation.output_shape, ""):
        yield f"answers with {path}, which is not known"


def main(path):
    with open(path, encoding="utf-8") as file:
        calls = json.load(file)
    model = botocore.session.get_session().get_service_model("ec2")
    serializer = create_serializer(model.metadata["protocol"], include_validation=False)
    parser = create_parser(model.metadata["protocol"])
    validator = ParamValidator()
    checked = Counter()
    objections = []
    seen = set()
    for call in calls:
        checked[call["operation"]] += 1
        for objection in objections_to(call, model, serializer, parser, validator):
            text = f"{call['operation']} {objection}"
            if text not in seen and len(objections) < OBJECTIONS_MAX:
                objections.append(text)
            seen.add(text)
    print(json.dumps({"checked": checked, "objections": objections}))


main(sys.argv[1])

"""Types and operations of the Bellows API.

Made from lib/api by `node scripts/enter.mjs scripts/clients/main.ts`; edit the schemas there, not this file.
Times are RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Any, Literal, Mapping, NotRequired, Sequence, TypeAlias, TypedDict, Union
from urllib.parse import quote


Request: TypeAlias = 'Union[TaskRequest, VirtualMachineRequest, StorageRequest, NetworkRequest]'

TaskRequestSpreadItem = TypedDict(
    "TaskRequestSpreadItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
        "maxSkew": 'NotRequired[int]',
    },
)

TaskRequestAffinityItem = TypedDict(
    "TaskRequestAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

TaskRequestAntiAffinityItem = TypedDict(
    "TaskRequestAntiAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

TaskRequestPreferencesItem = TypedDict(
    "TaskRequestPreferencesItem",
    {
        "requirements": 'Requirements',
        "maxExtraUsdPerHour": 'float',
    },
)

# What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of both.
TaskRequestImageCredentials = TypedDict(
    "TaskRequestImageCredentials",
    {
        # Where a user and a password are kept, as JSON: {"username": …, "password": …}.
        "secret": 'NotRequired[str]',
        # The ARN of a role that may fetch it from ECR. The task does not act as it.
        "role": 'NotRequired[str]',
    },
)

TaskRequestSecretsItem = TypedDict(
    "TaskRequestSecretsItem",
    {
        # Of the environment variable or the file.
        "name": 'str',
        # aws-secret:NAME and ssm:NAME on AWS; env:NAME and file:PATH of the server on one machine; vault:MOUNT/PATH
        # and k8s:NAMESPACE/NAME where they are configured. #KEY for one field.
        "from": 'str',
        # A file is in the folder BELLOWS_SECRETS, in memory.
        "as": 'NotRequired[Literal["env", "file"]]',
    },
)

TaskRequestInputsItem = TypedDict(
    "TaskRequestInputsItem",
    {
        # What was sent to an address of POST /v1/uploads, by its SHA-256.
        "upload": 'NotRequired[str]',
        # An https URL, whose query, which may be a key, is never shown again; or s3://BUCKET/KEY, read by the task's
        # role.
        "url": 'NotRequired[str]',
        # Below the working directory; "." with unpack is that itself.
        "path": 'Union[str, Literal["."]]',
        # Of what the URL answers; another content fails the attempt.
        "sha256": 'NotRequired[str]',
        # It is a tar archive, also one compressed by gzip; `path` is the folder of its files.
        "unpack": 'NotRequired[bool]',
    },
)

# What is kept of its output when an attempt has ended. Unless given, of each stream the first and the last 128 KiB
# are.
TaskRequestOutput = TypedDict(
    "TaskRequestOutput",
    {
        # So many MiB of each stream, from its beginning; at most 256.
        "keepMib": 'int',
    },
)

TaskRequestMountsItem = TypedDict(
    "TaskRequestMountsItem",
    {
        # A storage request of yours.
        "request": 'str',
        # Where below the working directory; "mnt/N" unless given.
        "path": 'NotRequired[str]',
    },
)

# What it bears when its node goes by choice or for maintenance (docs/disruption.md). A stop costs no retry.
TaskRequestDisruption = TypedDict(
    "TaskRequestDisruption",
    {
        # `never`: it runs until it ends, at most for maxDrainSeconds. `restart`: it is stopped and queued again.
        # `checkpoint`: it is asked to save, stopped as soon as it has, and queued again.
        "mode": 'NotRequired[Literal["never", "restart", "checkpoint"]]',
        # Of `checkpoint`: how it is asked to save; TERM unless given.
        "signal": 'NotRequired[Literal["TERM", "INT", "HUP", "USR1", "USR2"]]',
        # What a stop of one task costs beside the work that it does again; consolidation weighs it.
        "costUsd": 'NotRequired[float]',
        # TERM to KILL when it is stopped; 10 unless given (3 on one machine), with `checkpoint` 120.
        "graceSeconds": 'NotRequired[float]',
        # Of `never`: it is stopped this long after its node began to drain; the pool decides.
        "maxDrainSeconds": 'NotRequired[float]',
    },
)

TaskRequest = TypedDict(
    "TaskRequest",
    {
        "type": 'Literal["task"]',
        # It is quoted when it is accepted, and keeps that: GET /v1/quotes/accuracy says how such quotes came true.
        # Not in a batch.
        "quote": 'NotRequired[bool]',
        # For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME.
        "name": 'NotRequired[str]',
        # At most 20, for finding and grouping, e.g. {"team": "search"}.
        "labels": 'NotRequired[Mapping[str, str]]',
        # Unless given, the first that accepts it: the default pool, then by priority, then the oldest.
        "pool": 'NotRequired[str]',
        "resources": 'Resources',
        # How many identical tasks; above 1 it is an array.
        "count": 'NotRequired[int]',
        # Higher is served first; a lower one has turns, at least every 10 minutes.
        "priority": 'NotRequired[int]',
        "requirements": 'NotRequired[Requirements]',
        # It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count what
        # full CPU for all the time costs, surplus credits included.
        "bursty": 'NotRequired[bool]',
        # A guess helps to choose nodes that empty together.
        "expectedDurationSeconds": 'NotRequired[float]',
        # The label by which spread, affinity and antiAffinity of tasks of the tenant count it.
        "group": 'NotRequired[str]',
        # Keep the number of tasks of the group per zone or node within maxSkew of each other.
        "spread": 'NotRequired[Sequence[TaskRequestSpreadItem]]',
        # Run where tasks of the group run.
        "affinity": 'NotRequired[Sequence[TaskRequestAffinityItem]]',
        # Run where no task of the group runs.
        "antiAffinity": 'NotRequired[Sequence[TaskRequestAntiAffinityItem]]',
        # Wishes: honoured while they raise the price by at most maxExtraUsdPerHour per task.
        "preferences": 'NotRequired[Sequence[TaskRequestPreferencesItem]]',
        # All tasks of the array at once, or none.
        "gang": 'NotRequired[bool]',
        # Program and arguments, each at most 131000 bytes of UTF-8. Exactly one of command and shell.
        "command": 'NotRequired[Sequence[str]]',
        # A script for sh -c, at most 131000 bytes of UTF-8. Exactly one of command and shell.
        "shell": 'NotRequired[str]',
        # Arguments for what the image itself starts; not beside command and shell.
        "args": 'NotRequired[Sequence[str]]',
        # A container image to run it in. Without command and shell the image starts what it starts by itself.
        "image": 'NotRequired[str]',
        # At most 256 environment variables, each value at most 32768 bytes of UTF-8; beside BELLOWS_REQUEST_ID,
        # BELLOWS_TASK_INDEX, BELLOWS_TASK_COUNT and BELLOWS_ATTEMPT.
        "env": 'NotRequired[Mapping[str, str]]',
        # What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of both.
        "imageCredentials": 'NotRequired[TaskRequestImageCredentials]',
        # A retry after too little memory has so many times as much, up to memoryMaxMib; it needs retries. Only for a
        # single task.
        "memoryGrowth": 'NotRequired[float]',
        # Up to what it grows.
        "memoryMaxMib": 'NotRequired[int]',
        # The ARN of a role whose temporary credentials the task has, of those that its pool allows
        # (docs/identity.md).
        "role": 'NotRequired[str]',
        # Read when an attempt starts, and kept nowhere (docs/secrets.md).
        "secrets": 'NotRequired[Sequence[TaskRequestSecretsItem]]',
        # Fetched before each attempt starts, in their order; at most 32 (docs/files.md).
        "inputs": 'NotRequired[Sequence[TaskRequestInputsItem]]',
        # Patterns of the files that are kept when an attempt has ended, however it ended: `*` and `?` within a part
        # of a path, `**` over parts, `{a,b}` and `[a-z]` (docs/files.md).
        "artifacts": 'NotRequired[Sequence[str]]',
        # What is kept of its output when an attempt has ended. Unless given, of each stream the first and the last
        # 128 KiB are.
        "output": 'NotRequired[TaskRequestOutput]',
        # Volumes that the task has as folders while it runs, one task at a time; BELLOWS_MOUNT_0, … are their paths.
        # Only for a single task.
        "mounts": 'NotRequired[Sequence[TaskRequestMountsItem]]',
        # A running task is stopped after this; no limit unless given.
        "timeoutSeconds": 'NotRequired[float]',
        # How often a failed task is run again. Losses of nodes do not count.
        "retries": 'NotRequired[int]',
        # So many nodes may be lost under it without notice before it fails; the pool's unless given. Spot
        # interruptions, drains, announced terminations and silence do not count. After the second one a task runs
        # alone on a node.
        "lossesMax": 'NotRequired[int]',
        # Ends as "expired" unless ended this long after acceptance.
        "deadlineSeconds": 'NotRequired[float]',
        # What it bears when its node goes by choice or for maintenance (docs/disruption.md). A stop costs no retry.
        "disruption": 'NotRequired[TaskRequestDisruption]',
        # Overrides the pool's for what is bought ahead of this request (docs/scaling.md). scheduled: its pool must
        # have a schedule.
        "learningStyle": 'NotRequired[Literal["reactive", "scheduled", "predictive", "adaptive"]]',
    },
)

Resources = TypedDict(
    "Resources",
    {
        # Fractions are allowed; rounded up to a thousandth.
        "vcpu": 'float',
        "memoryMib": 'int',
        "gpu": 'NotRequired[int]',
    },
)

# Lists of allowed values, least values of the whole instance, and expressions; all must be met, an absent key allows
# all. Values are compared without case.
Requirements = TypedDict(
    "Requirements",
    {
        "instanceCategory": 'NotRequired[Sequence[str]]',
        "instanceFamily": 'NotRequired[Sequence[str]]',
        "instanceType": 'NotRequired[Sequence[str]]',
        "arch": 'NotRequired[Sequence[Literal["amd64", "arm64"]]]',
        "zone": 'NotRequired[Sequence[str]]',
        "capacityType": 'NotRequired[Sequence[Literal["spot", "on-demand"]]]',
        "cpuManufacturer": 'NotRequired[Sequence[str]]',
        "hypervisor": 'NotRequired[Sequence[str]]',
        "gpuManufacturer": 'NotRequired[Sequence[str]]',
        # In any case, with "-" or blanks: "T4", "radeon-pro-v520".
        "gpuName": 'NotRequired[Sequence[str]]',
        # Whether it has CPU by credits (T types).
        "burstable": 'NotRequired[bool]',
        "bareMetal": 'NotRequired[bool]',
        "minInstanceGeneration": 'NotRequired[int]',
        # Of each GPU.
        "minGpuMemoryMib": 'NotRequired[int]',
        # NVMe instance store; what is on it goes with the instance.
        "minLocalDiskGib": 'NotRequired[int]',
        # Baseline bandwidth, not what it may burst to.
        "minNetworkGbps": 'NotRequired[int]',
        # Beside the lists: key, operator (In, NotIn, Exists, DoesNotExist, Gt, Lt) and values. Keys:
        # acceleratorCount, acceleratorManufacturer, acceleratorName, arch, bareMetal, burstable, capacityType,
        # cpuManufacturer, currentGeneration, gpuCount, gpuManufacturer, gpuMemoryMib, gpuName, hypervisor,
        # instanceCategory, instanceFamily, instanceGeneration, instanceSize, instanceType, localDiskGib, memoryMib,
        # networkMbps, vcpu, zone.
        "matchExpressions": 'NotRequired[Sequence[MatchExpression]]',
    },
)

# As in Kubernetes' node affinity.
MatchExpression = TypedDict(
    "MatchExpression",
    {
        "key": (
            'Literal["acceleratorCount", "acceleratorManufacturer", "acceleratorName", "arch", "bareMetal", '
            '"burstable", "capacityType", "cpuManufacturer", "currentGeneration", "gpuCount", "gpuManufacturer", '
            '"gpuMemoryMib", "gpuName", "hypervisor", "instanceCategory", "instanceFamily", "instanceGeneration", '
            '"instanceSize", "instanceType", "localDiskGib", "memoryMib", "networkMbps", "vcpu", "zone"]'
        ),
        "operator": 'Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]',
        # At least one for In and NotIn, one number for Gt and Lt, none for Exists and DoesNotExist.
        "values": 'NotRequired[Sequence[str]]',
    },
)

# The least hardware; the cheapest instance type that has it is taken.
VirtualMachineRequestNeeds = TypedDict(
    "VirtualMachineRequestNeeds",
    {
        "vcpu": 'NotRequired[int]',
        "memoryMib": 'NotRequired[int]',
        "gpu": 'NotRequired[int]',
        "arch": 'NotRequired[Literal["amd64", "arm64"]]',
        # NVMe instance store; what is on it goes with the instance.
        "localDiskGib": 'NotRequired[int]',
        # Baseline bandwidth, not what it may burst to.
        "networkGbps": 'NotRequired[int]',
    },
)

VirtualMachineRequestVolumesItemValue = TypedDict(
    "VirtualMachineRequestVolumesItemValue",
    {
        "request": 'str',
    },
)

VirtualMachineRequest = TypedDict(
    "VirtualMachineRequest",
    {
        "type": 'Literal["virtual_machine"]',
        # For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME.
        "name": 'NotRequired[str]',
        # At most 20, for finding and grouping, e.g. {"team": "search"}.
        "labels": 'NotRequired[Mapping[str, str]]',
        # Unless given, the first that accepts it: the default pool, then by priority, then the oldest.
        "pool": 'NotRequired[str]',
        # Released after this, unless renewed; kept until it is released if absent.
        "leaseSeconds": 'NotRequired[float]',
        # Ends as "expired" unless granted this long after acceptance.
        "deadlineSeconds": 'NotRequired[float]',
        "count": 'NotRequired[int]',
        # Or needs.
        "instanceType": 'NotRequired[str]',
        # The least hardware; the cheapest instance type that has it is taken.
        "needs": 'NotRequired[VirtualMachineRequestNeeds]',
        # Beside needs: what else the instance type must be.
        "requirements": 'NotRequired[Requirements]',
        # It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count what
        # full CPU for all the time costs, surplus credits included.
        "bursty": 'NotRequired[bool]',
        "zone": 'NotRequired[str]',
        # Amazon Linux unless given.
        "image": 'NotRequired[str]',
        # One of the installation's; its zone is the machine's.
        "subnetId": 'NotRequired[str]',
        "capacityType": 'NotRequired[Literal["spot", "on-demand"]]',
        # Text that the machine runs at its first boot.
        "userData": 'NotRequired[str]',
        "keyPair": 'NotRequired[str]',
        # Instance profile, by name or ARN; none unless given.
        "role": 'NotRequired[str]',
        # New volumes, or {"request": ID} of storage requests.
        "volumes": 'NotRequired[Sequence[Union[Volume, VirtualMachineRequestVolumesItemValue]]]',
        "network": 'NotRequired[NetworkRules]',
        # Ids of network requests.
        "networks": 'NotRequired[Sequence[str]]',
    },
)

# A new volume of each machine; encrypted.
Volume = TypedDict(
    "Volume",
    {
        "sizeGib": 'int',
        # Operations a second that it must sustain.
        "iops": 'NotRequired[int]',
        # MiB a second that it must sustain.
        "throughputMibps": 'NotRequired[int]',
        # The type of least price that meets the needs, unless given.
        "volumeType": 'NotRequired[Literal["gp3", "io2", "st1", "sc1"]]',
        "snapshotId": 'NotRequired[str]',
        # reuse-first: a volume that this tenant kept, if one is enough. performance: the fastest of those within a
        # quarter of the least price.
        "strategy": 'NotRequired[Literal["cheapest", "reuse-first", "performance"]]',
        # What becomes of it when its request is released.
        "onRelease": 'NotRequired[Literal["delete", "snapshot", "keep"]]',
        # With onRelease "keep": how long it waits for its next use by the same tenant; a day unless given.
        "keepSeconds": 'NotRequired[float]',
    },
)

NetworkRulesIngressItem = TypedDict(
    "NetworkRulesIngressItem",
    {
        "protocol": 'NotRequired[Literal["tcp", "udp", "icmp", "all"]]',
        # One port; or give fromPort and toPort.
        "port": 'NotRequired[int]',
        "fromPort": 'NotRequired[int]',
        "toPort": 'NotRequired[int]',
        # The network on the other side. Exactly one of cidr and request.
        "cidr": 'NotRequired[str]',
        # A network request of yours whose members are on the other side.
        "request": 'NotRequired[str]',
    },
)

NetworkRulesEgressItem = TypedDict(
    "NetworkRulesEgressItem",
    {
        "protocol": 'NotRequired[Literal["tcp", "udp", "icmp", "all"]]',
        # One port; or give fromPort and toPort.
        "port": 'NotRequired[int]',
        "fromPort": 'NotRequired[int]',
        "toPort": 'NotRequired[int]',
        # The network on the other side. Exactly one of cidr and request.
        "cidr": 'NotRequired[str]',
        # A network request of yours whose members are on the other side.
        "request": 'NotRequired[str]',
    },
)

NetworkRules = TypedDict(
    "NetworkRules",
    {
        # What may come in; nothing else does.
        "ingress": 'NotRequired[Sequence[NetworkRulesIngressItem]]',
        # What may go out; everything, unless given.
        "egress": 'NotRequired[Sequence[NetworkRulesEgressItem]]',
        # Identical rules of one tenant share one group.
        "sharing": 'NotRequired[Literal["share", "dedicated"]]',
        # Must be true for rules that let the whole internet in.
        "allowPublic": 'NotRequired[bool]',
    },
)

StorageRequest = TypedDict(
    "StorageRequest",
    {
        "type": 'Literal["storage"]',
        # For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME.
        "name": 'NotRequired[str]',
        # At most 20, for finding and grouping, e.g. {"team": "search"}.
        "labels": 'NotRequired[Mapping[str, str]]',
        # Unless given, the first that accepts it: the default pool, then by priority, then the oldest.
        "pool": 'NotRequired[str]',
        # Released after this, unless renewed; kept until it is released if absent.
        "leaseSeconds": 'NotRequired[float]',
        # Ends as "expired" unless granted this long after acceptance.
        "deadlineSeconds": 'NotRequired[float]',
        "sizeGib": 'int',
        # Operations a second that it must sustain.
        "iops": 'NotRequired[int]',
        # MiB a second that it must sustain.
        "throughputMibps": 'NotRequired[int]',
        # The type of least price that meets the needs, unless given.
        "volumeType": 'NotRequired[Literal["gp3", "io2", "st1", "sc1"]]',
        "snapshotId": 'NotRequired[str]',
        # reuse-first: a volume that this tenant kept, if one is enough. performance: the fastest of those within a
        # quarter of the least price.
        "strategy": 'NotRequired[Literal["cheapest", "reuse-first", "performance"]]',
        # What becomes of it when its request is released.
        "onRelease": 'NotRequired[Literal["delete", "snapshot", "keep"]]',
        # With onRelease "keep": how long it waits for its next use by the same tenant; a day unless given.
        "keepSeconds": 'NotRequired[float]',
        # Its machine's zone, or the pool's cheapest, unless given.
        "zone": 'NotRequired[str]',
        # A virtual machine request to whose (first) machine it is attached.
        "attachTo": 'NotRequired[str]',
    },
)

NetworkRequestIngressItem = TypedDict(
    "NetworkRequestIngressItem",
    {
        "protocol": 'NotRequired[Literal["tcp", "udp", "icmp", "all"]]',
        # One port; or give fromPort and toPort.
        "port": 'NotRequired[int]',
        "fromPort": 'NotRequired[int]',
        "toPort": 'NotRequired[int]',
        # The network on the other side. Exactly one of cidr and request.
        "cidr": 'NotRequired[str]',
        # A network request of yours whose members are on the other side.
        "request": 'NotRequired[str]',
    },
)

NetworkRequestEgressItem = TypedDict(
    "NetworkRequestEgressItem",
    {
        "protocol": 'NotRequired[Literal["tcp", "udp", "icmp", "all"]]',
        # One port; or give fromPort and toPort.
        "port": 'NotRequired[int]',
        "fromPort": 'NotRequired[int]',
        "toPort": 'NotRequired[int]',
        # The network on the other side. Exactly one of cidr and request.
        "cidr": 'NotRequired[str]',
        # A network request of yours whose members are on the other side.
        "request": 'NotRequired[str]',
    },
)

NetworkRequest = TypedDict(
    "NetworkRequest",
    {
        "type": 'Literal["network"]',
        # For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME.
        "name": 'NotRequired[str]',
        # At most 20, for finding and grouping, e.g. {"team": "search"}.
        "labels": 'NotRequired[Mapping[str, str]]',
        # Unless given, the first that accepts it: the default pool, then by priority, then the oldest.
        "pool": 'NotRequired[str]',
        # Released after this, unless renewed; kept until it is released if absent.
        "leaseSeconds": 'NotRequired[float]',
        # Ends as "expired" unless granted this long after acceptance.
        "deadlineSeconds": 'NotRequired[float]',
        # What may come in; nothing else does.
        "ingress": 'NotRequired[Sequence[NetworkRequestIngressItem]]',
        # What may go out; everything, unless given.
        "egress": 'NotRequired[Sequence[NetworkRequestEgressItem]]',
        # Identical rules of one tenant share one group.
        "sharing": 'NotRequired[Literal["share", "dedicated"]]',
        # Must be true for rules that let the whole internet in.
        "allowPublic": 'NotRequired[bool]',
    },
)

Batch = TypedDict(
    "Batch",
    {
        "requests": 'Sequence[Mapping[str, Any]]',
    },
)

UploadRequest = TypedDict(
    "UploadRequest",
    {
        "sha256": 'str',
        # Of the whole file.
        "bytes": 'int',
    },
)

Resize = TypedDict(
    "Resize",
    {
        "sizeGib": 'NotRequired[int]',
        # Operations a second that it must sustain.
        "iops": 'NotRequired[int]',
        # MiB a second that it must sustain.
        "throughputMibps": 'NotRequired[int]',
        # The type of least price that meets the needs, unless given.
        "volumeType": 'NotRequired[Literal["gp3", "io2", "st1", "sc1"]]',
    },
)

Attach = TypedDict(
    "Attach",
    {
        # A virtual machine request.
        "request": 'str',
    },
)

RulesEditIngressItem = TypedDict(
    "RulesEditIngressItem",
    {
        "protocol": 'NotRequired[Literal["tcp", "udp", "icmp", "all"]]',
        # One port; or give fromPort and toPort.
        "port": 'NotRequired[int]',
        "fromPort": 'NotRequired[int]',
        "toPort": 'NotRequired[int]',
        # The network on the other side. Exactly one of cidr and request.
        "cidr": 'NotRequired[str]',
        # A network request of yours whose members are on the other side.
        "request": 'NotRequired[str]',
    },
)

RulesEditEgressValueItem = TypedDict(
    "RulesEditEgressValueItem",
    {
        "protocol": 'NotRequired[Literal["tcp", "udp", "icmp", "all"]]',
        # One port; or give fromPort and toPort.
        "port": 'NotRequired[int]',
        "fromPort": 'NotRequired[int]',
        "toPort": 'NotRequired[int]',
        # The network on the other side. Exactly one of cidr and request.
        "cidr": 'NotRequired[str]',
        # A network request of yours whose members are on the other side.
        "request": 'NotRequired[str]',
    },
)

RulesEdit = TypedDict(
    "RulesEdit",
    {
        # All that may come in, in place of the present rules; they stay unless given.
        "ingress": 'NotRequired[Sequence[RulesEditIngressItem]]',
        # All that may go out; null: everything. It stays unless given.
        "egress": 'NotRequired[Union[Sequence[RulesEditEgressValueItem], None]]',
        "sharing": 'NotRequired[Literal["share", "dedicated"]]',
        # Must be true for rules that let the whole internet in.
        "allowPublic": 'NotRequired[bool]',
    },
)

# Of the pool: those that are given are these instead.
WhatIfLimits = TypedDict(
    "WhatIfLimits",
    {
        "instances": 'NotRequired[int]',
        "vcpu": 'NotRequired[float]',
        "memoryMib": 'NotRequired[float]',
        "usdPerHour": 'NotRequired[float]',
        # Of the volumes of claims.
        "volumeGib": 'NotRequired[float]',
        # Of the same.
        "usdPerMonth": 'NotRequired[float]',
    },
)

# Of each of its tasks: those that are given are these instead.
WhatIfResources = TypedDict(
    "WhatIfResources",
    {
        # Fractions are allowed; rounded up to a thousandth.
        "vcpu": 'NotRequired[float]',
        "memoryMib": 'NotRequired[int]',
        "gpu": 'NotRequired[int]',
    },
)

WhatIf = TypedDict(
    "WhatIf",
    {
        # Of the pool: those that are given are these instead.
        "limits": 'NotRequired[WhatIfLimits]',
        # Of the request: the keys that are given are these instead.
        "requirements": 'NotRequired[Requirements]',
        # Of each of its tasks: those that are given are these instead.
        "resources": 'NotRequired[WhatIfResources]',
        # As if the pool were not paused.
        "paused": 'NotRequired[Literal[False]]',
    },
)

# What the pool may have at once, launches under way counted; an absent key is no limit.
PoolLimits = TypedDict(
    "PoolLimits",
    {
        "instances": 'NotRequired[int]',
        "vcpu": 'NotRequired[float]',
        "memoryMib": 'NotRequired[float]',
        "usdPerHour": 'NotRequired[float]',
        # Of the volumes of claims.
        "volumeGib": 'NotRequired[float]',
        # Of the same.
        "usdPerMonth": 'NotRequired[float]',
    },
)

# Nodes whose tasks all have the mode `restart` or `checkpoint` and fit on others go when that pays; never unless
# given.
PoolDisruptionConsolidation = TypedDict(
    "PoolDisruptionConsolidation",
    {
        # After a launch of the pool, and on a node after a task was placed there; 300.
        "calmSeconds": 'NotRequired[float]',
        # From one node to the next; 60.
        "apartSeconds": 'NotRequired[float]',
    },
)

PoolDisruptionBudgetsItem = TypedDict(
    "PoolDisruptionBudgetsItem",
    {
        "nodes": 'NotRequired[int]',
        # Of the pool's nodes, rounded up.
        "percent": 'NotRequired[float]',
        # All that are a choice unless given.
        "methods": 'NotRequired[Sequence[Literal["emptiness", "drift", "expiry", "consolidation"]]]',
        # The budget binds from each of these times on (cron, e.g. "0 8 * * 1-5"); always unless given.
        "schedule": 'NotRequired[str]',
        # Of the schedule; UTC unless given.
        "timeZone": 'NotRequired[str]',
        # How long it binds from then on.
        "durationSeconds": 'NotRequired[float]',
    },
)

# By which choices nodes go, and how many at once (docs/disruption.md).
PoolDisruption = TypedDict(
    "PoolDisruption",
    {
        # Nodes that would not be bought so any more go.
        "drift": 'NotRequired[bool]',
        # Nodes of this age go, each up to a tenth earlier; never unless given.
        "expireAfterSeconds": 'NotRequired[float]',
        # Nodes whose tasks all have the mode `restart` or `checkpoint` and fit on others go when that pays; never
        # unless given.
        "consolidation": 'NotRequired[PoolDisruptionConsolidation]',
        # Tasks of the mode `never` are stopped this long after their node began to drain; a day.
        "maxDrainSeconds": 'NotRequired[float]',
        # How many nodes may be on their way out at once by choice; all of them bind.
        "budgets": 'NotRequired[Sequence[PoolDisruptionBudgetsItem]]',
    },
)

PoolAlarmsItem = TypedDict(
    "PoolAlarmsItem",
    {
        "alarmName": 'str',
        "addNodes": 'NotRequired[int]',
        "removeNodes": 'NotRequired[int]',
        # After it acted it does not act again for this time; if it is still in ALARM then, it acts.
        "cooldownSeconds": 'NotRequired[float]',
    },
)

# The task that each node kept without work carries at least. Without it, one like those that the pool runs or ran
# last.
PoolHeadroom = TypedDict(
    "PoolHeadroom",
    {
        # Fractions are allowed; rounded up to a thousandth.
        "vcpu": 'float',
        "memoryMib": 'int',
        "gpu": 'NotRequired[int]',
        # Nodes kept without work, whatever alarms say; those add to it.
        "nodes": 'NotRequired[int]',
    },
)

PoolPoliciesItem1Value = TypedDict(
    "PoolPoliciesItem1Value",
    {
        "kind": 'Literal["manual"]',
        "name": 'str',
        "nodes": 'int',
    },
)

PoolPoliciesItem2ValueEntriesItem = TypedDict(
    "PoolPoliciesItem2ValueEntriesItem",
    {
        # Minute, hour, day of month, month, day of week, e.g. "0 8 * * 1-5".
        "cron": 'str',
        "nodes": 'int',
    },
)

PoolPoliciesItem2Value = TypedDict(
    "PoolPoliciesItem2Value",
    {
        "kind": 'Literal["schedule"]',
        "name": 'str',
        "timeZone": 'NotRequired[str]',
        # Each sets the nodes when its time comes, until the next of them.
        "entries": 'Sequence[PoolPoliciesItem2ValueEntriesItem]',
    },
)

PoolPoliciesItem3ValueStepsItem = TypedDict(
    "PoolPoliciesItem3ValueStepsItem",
    {
        "fromVcpu": 'NotRequired[float]',
        "from": 'NotRequired[float]',
        "nodes": 'int',
    },
)

PoolPoliciesItem3Value = TypedDict(
    "PoolPoliciesItem3Value",
    {
        "kind": 'Literal["step"]',
        "name": 'str',
        # By what CloudWatch has; unless given by the demand of the pool.
        "metric": 'NotRequired[Literal["cloudwatch"]]',
        # Which metric of CloudWatch.
        "cloudwatch": 'NotRequired[CloudWatchMetric]',
        # By demand in vCPU, waiting and running (`fromVcpu`), or by the metric (`from`).
        "steps": 'Sequence[PoolPoliciesItem3ValueStepsItem]',
    },
)

PoolPoliciesItem4Value = TypedDict(
    "PoolPoliciesItem4Value",
    {
        "kind": 'Literal["target"]',
        "name": 'str',
        # By what CloudWatch has; unless given by the demand of the pool.
        "metric": 'NotRequired[Literal["cloudwatch"]]',
        # Which metric of CloudWatch.
        "cloudwatch": 'NotRequired[CloudWatchMetric]',
        # One node of headroom for so much demand, waiting and running.
        "vcpuPerNode": 'NotRequired[float]',
        # One node of headroom for so much of the metric.
        "target": 'NotRequired[float]',
        "tolerance": 'NotRequired[float]',
    },
)

PoolRolesItem = TypedDict(
    "PoolRolesItem",
    {
        # Its ARN, or the beginning of some and "*".
        "role": 'str',
        # Whose tasks; everybody's unless given.
        "tenants": 'NotRequired[Sequence[str]]',
    },
)

PoolSecretsItem = TypedDict(
    "PoolSecretsItem",
    {
        # A reference, or the beginning of some and "*".
        "from": 'str',
        # Whose tasks; everybody's unless given.
        "tenants": 'NotRequired[Sequence[str]]',
    },
)

PoolTargetGroupsItem = TypedDict(
    "PoolTargetGroupsItem",
    {
        # Its ARN, or the beginning of some and "*".
        "arn": 'str',
        # Whose services; everybody's unless given.
        "tenants": 'NotRequired[Sequence[str]]',
    },
)

PoolPricesItem = TypedDict(
    "PoolPricesItem",
    {
        # An instance type, or all of a family: "c7g.*".
        "instanceType": 'str',
        # Every zone unless given.
        "zone": 'NotRequired[str]',
        "capacityType": 'NotRequired[Literal["spot", "on-demand"]]',
        "usdPerHour": 'NotRequired[float]',
        # Off the price that would be paid otherwise.
        "discountPercent": 'NotRequired[float]',
    },
)

PoolCommitmentsItem1Value = TypedDict(
    "PoolCommitmentsItem1Value",
    {
        "kind": 'Literal["capacity-reservation"]',
        # As EC2 gave it; unique in the pool.
        "id": 'str',
        "instanceType": 'str',
        "count": 'int',
        # What each costs, used or not; what the type costs on demand unless given.
        "usdPerHour": 'NotRequired[float]',
        "zone": 'str',
        # When it begins, of one that has not.
        "from": 'NotRequired[str]',
        # When it ends: from then on it is ignored.
        "until": 'NotRequired[str]',
    },
)

PoolCommitmentsItem2Value = TypedDict(
    "PoolCommitmentsItem2Value",
    {
        "kind": 'Literal["capacity-block"]',
        # As EC2 gave it; unique in the pool.
        "id": 'str',
        "instanceType": 'str',
        "count": 'int',
        # What each costs, used or not; what the type costs on demand unless given.
        "usdPerHour": 'NotRequired[float]',
        "zone": 'str',
        # When it begins.
        "from": 'str',
        # When it ends. EC2 terminates what is in it half an hour before; nothing is launched in its last hour.
        "until": 'str',
    },
)

PoolCommitmentsItem3Value = TypedDict(
    "PoolCommitmentsItem3Value",
    {
        "kind": 'Literal["reserved-instances"]',
        # Unique in the pool, e.g. the id that EC2 gave it.
        "name": 'str',
        "instanceType": 'str',
        "count": 'int',
        # What each costs, used or not; what the type costs on demand unless given.
        "usdPerHour": 'NotRequired[float]',
        # Every zone unless given.
        "zone": 'NotRequired[str]',
        # When it ends: from then on it is ignored.
        "until": 'NotRequired[str]',
    },
)

PoolCommitmentsItem4Value = TypedDict(
    "PoolCommitmentsItem4Value",
    {
        "kind": 'Literal["savings-plan"]',
        # Unique in the pool, e.g. the id that EC2 gave it.
        "name": 'str',
        # What is committed, after the discount.
        "usdPerHour": 'float',
        # Off the price that would be paid otherwise.
        "discountPercent": 'float',
        # Any unless given.
        "instanceFamily": 'NotRequired[str]',
        # When it ends: from then on it is ignored.
        "until": 'NotRequired[str]',
    },
)

# The least hardware; the cheapest instance type that has it is taken.
PoolWarmNeeds = TypedDict(
    "PoolWarmNeeds",
    {
        "vcpu": 'NotRequired[int]',
        "memoryMib": 'NotRequired[int]',
        "gpu": 'NotRequired[int]',
        "arch": 'NotRequired[Literal["amd64", "arm64"]]',
        # NVMe instance store; what is on it goes with the instance.
        "localDiskGib": 'NotRequired[int]',
        # Baseline bandwidth, not what it may burst to.
        "networkGbps": 'NotRequired[int]',
    },
)

# Machines kept ready for virtual machine requests, of 2 vCPU and 4096 MiB unless said otherwise.
PoolWarm = TypedDict(
    "PoolWarm",
    {
        # Taken at once.
        "running": 'NotRequired[int]',
        # Started when taken; costs its disks only.
        "stopped": 'NotRequired[int]',
        # Or needs.
        "instanceType": 'NotRequired[str]',
        # The least hardware; the cheapest instance type that has it is taken.
        "needs": 'NotRequired[PoolWarmNeeds]',
        # Beside needs: what else the instance type must be.
        "requirements": 'NotRequired[Requirements]',
        # It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count what
        # full CPU for all the time costs, surplus credits included.
        "bursty": 'NotRequired[bool]',
        "zone": 'NotRequired[str]',
        # Amazon Linux unless given.
        "image": 'NotRequired[str]',
    },
)

# Nodes for tasks that are stopped when they have no work, cost their root volume then, and are started before others
# are bought (docs/elastic-fleet.md).
PoolWarmNodes = TypedDict(
    "PoolWarmNodes",
    {
        # So many of its on-demand nodes are stopped when they have no work, in place of being terminated.
        "stopped": 'int',
        # So many are bought, set up and stopped before anybody asks. At most as many as stopped.
        "minStopped": 'NotRequired[int]',
        # At this age they are terminated in place of being stopped.
        "expireAfterSeconds": 'NotRequired[float]',
    },
)

Pool = TypedDict(
    "Pool",
    {
        # For pool files; must be the name in the path.
        "name": 'NotRequired[str]',
        "requirements": 'NotRequired[Requirements]',
        # What the pool may have at once, launches under way counted; an absent key is no limit.
        "limits": 'NotRequired[PoolLimits]',
        # What the pool may spend. It buys no more than what is left would pay for an hour; where it is spent, nothing
        # more starts until the next day or month (UTC) begins, and what runs goes on (docs/cost.md).
        "budget": 'NotRequired[Budget]',
        "tasksPerNode": 'NotRequired[int]',
        # Largest node that may be bought.
        "maxNodeVcpu": 'NotRequired[int]',
        # Who is served first. For the first that does not fit, nodes are kept after 5 minutes (docs/mathematics.md).
        "ordering": 'NotRequired[Literal["fifo", "priority", "fair-share"]]',
        # How nodes are chosen.
        "placement": (
            'NotRequired[Literal["least-cost", "spread", "least-allocated", "most-allocated", "balanced"]]'
        ),
        # How headroom is kept.
        "learningStyle": 'NotRequired[Literal["reactive", "scheduled", "predictive", "adaptive"]]',
        # A node without work is terminated after this time.
        "idleAfterSeconds": 'NotRequired[float]',
        # Requests that name no pool go here, where it accepts them. Of several such pools, or where none is: by
        # priority, then the one named "default", then the oldest.
        "default": 'NotRequired[bool]',
        # Higher is asked first when a request names no pool.
        "priority": 'NotRequired[int]',
        "accepts": 'NotRequired[Sequence[Literal["task", "virtual_machine", "storage", "network"]]]',
        # So many nodes may be lost under a task without notice before it fails; 10 unless given. Spot interruptions,
        # drains, announced terminations and silence do not count. After the second one a task runs alone on a node.
        "lossesMax": 'NotRequired[int]',
        # What is bought and filled is weighed by what nodes cost until they are empty, or by price per hour of now.
        "objective": 'NotRequired[Literal["cost-over-time", "cost-now"]]',
        # So long tasks wait for room that is likely to become free before a new node could boot; half of a boot
        # unless given. With cost-over-time only.
        "patienceSeconds": 'NotRequired[float]',
        # Whether it learns from tasks that ended how long others will last (docs/elastic-fleet.md).
        "lifetimes": 'NotRequired[Literal["learned", "off"]]',
        # With learningStyle predictive or adaptive: nodes are bought for what demand stays below in this share of the
        # cases (docs/scaling.md).
        "forecastQuantile": 'NotRequired[float]',
        # So long its demand over time (docs/scaling.md) and traces of its tasks (docs/backtest.md) are kept; 0: not
        # at all.
        "historyDays": 'NotRequired[int]',
        # By which choices nodes go, and how many at once (docs/disruption.md).
        "disruption": 'NotRequired[PoolDisruption]',
        # CloudWatch alarms that move the headroom floor (nodes kept without work): once for each change to ALARM.
        "alarms": 'NotRequired[Sequence[PoolAlarmsItem]]',
        # The task that each node kept without work carries at least. Without it, one like those that the pool runs or
        # ran last.
        "headroom": 'NotRequired[PoolHeadroom]',
        # Move the headroom beside alarms (docs/scaling.md); the largest of what they want is kept.
        "policies": (
            'NotRequired[Sequence[Union[PoolPoliciesItem1Value, PoolPoliciesItem2Value, PoolPoliciesItem3Value, '
            'PoolPoliciesItem4Value]]]'
        ),
        # Whose requests it takes; everybody's unless given. What it has taken stays.
        "tenants": 'NotRequired[Sequence[str]]',
        # Whose tasks may share a node: those of one tenant at a time (the default), or of any (docs/identity.md).
        "nodesServe": 'NotRequired[Literal["one-tenant", "any-tenant"]]',
        # The role of its tasks that name none, where `roles` grants it to their tenant; none unless given. The
        # templates of services are tasks, too, and take it when they are declared.
        "role": 'NotRequired[str]',
        # Which roles its tasks may have, and whose tasks; none unless given (docs/identity.md).
        "roles": 'NotRequired[Sequence[PoolRolesItem]]',
        # Which secrets its tasks may use, and whose tasks; none unless given (docs/secrets.md).
        "secrets": 'NotRequired[Sequence[PoolSecretsItem]]',
        # Which target groups its services may be registered with, and whose services; none unless given
        # (docs/services.md).
        "targetGroups": 'NotRequired[Sequence[PoolTargetGroupsItem]]',
        # What the owner pays where that is not what the catalog says; of several that match the first counts. All
        # decisions, limits, quotes and costs of the pool are by these prices (docs/cost.md).
        "prices": 'NotRequired[Sequence[PoolPricesItem]]',
        # What is paid for whether it is used or not: it is filled before anything is bought (docs/elastic-fleet.md).
        "commitments": (
            'NotRequired[Sequence[Union[PoolCommitmentsItem1Value, PoolCommitmentsItem2Value, '
            'PoolCommitmentsItem3Value, PoolCommitmentsItem4Value]]]'
        ),
        # So much of its vCPUs is on demand at least, where EC2 has it, whatever spot costs (docs/elastic-fleet.md).
        "onDemand": 'NotRequired[OnDemandShare]',
        "shadow": 'NotRequired[ShadowPolicy]',
        # Machines kept ready for virtual machine requests, of 2 vCPU and 4096 MiB unless said otherwise.
        "warm": 'NotRequired[PoolWarm]',
        # Nodes for tasks that are stopped when they have no work, cost their root volume then, and are started before
        # others are bought (docs/elastic-fleet.md).
        "warmNodes": 'NotRequired[PoolWarmNodes]',
    },
)

# Of days and months in UTC, at list prices; an absent key is no bound.
Budget = TypedDict(
    "Budget",
    {
        "usdPerDay": 'NotRequired[float]',
        "usdPerMonth": 'NotRequired[float]',
    },
)

CloudWatchMetric = TypedDict(
    "CloudWatchMetric",
    {
        # E.g. "AWS/SQS".
        "namespace": 'str',
        # E.g. "ApproximateNumberOfMessagesVisible".
        "metricName": 'str',
        # All that the metric has: CloudWatch finds it by exactly these.
        "dimensions": 'NotRequired[Mapping[str, str]]',
        "statistic": 'NotRequired[str]',
        # It is read once for each period, when that has been over for a minute.
        "periodSeconds": 'NotRequired[Literal[60, 300, 900, 3600]]',
    },
)

OnDemandShare = TypedDict(
    "OnDemandShare",
    {
        # The first vCPUs that the pool has.
        "baseVcpu": 'NotRequired[int]',
        # Of the vCPUs above that.
        "percent": 'NotRequired[float]',
    },
)

# Nodes whose tasks all have the mode `restart` or `checkpoint` and fit on others go when that pays; never unless
# given.
ShadowPolicyDisruptionConsolidation = TypedDict(
    "ShadowPolicyDisruptionConsolidation",
    {
        # After a launch of the pool, and on a node after a task was placed there; 300.
        "calmSeconds": 'NotRequired[float]',
        # From one node to the next; 60.
        "apartSeconds": 'NotRequired[float]',
    },
)

ShadowPolicyDisruptionBudgetsItem = TypedDict(
    "ShadowPolicyDisruptionBudgetsItem",
    {
        "nodes": 'NotRequired[int]',
        # Of the pool's nodes, rounded up.
        "percent": 'NotRequired[float]',
        # All that are a choice unless given.
        "methods": 'NotRequired[Sequence[Literal["emptiness", "drift", "expiry", "consolidation"]]]',
        # The budget binds from each of these times on (cron, e.g. "0 8 * * 1-5"); always unless given.
        "schedule": 'NotRequired[str]',
        # Of the schedule; UTC unless given.
        "timeZone": 'NotRequired[str]',
        # How long it binds from then on.
        "durationSeconds": 'NotRequired[float]',
    },
)

ShadowPolicyDisruption = TypedDict(
    "ShadowPolicyDisruption",
    {
        # Nodes that would not be bought so any more go.
        "drift": 'NotRequired[bool]',
        # Nodes of this age go, each up to a tenth earlier; never unless given.
        "expireAfterSeconds": 'NotRequired[float]',
        # Nodes whose tasks all have the mode `restart` or `checkpoint` and fit on others go when that pays; never
        # unless given.
        "consolidation": 'NotRequired[ShadowPolicyDisruptionConsolidation]',
        # Tasks of the mode `never` are stopped this long after their node began to drain; a day.
        "maxDrainSeconds": 'NotRequired[float]',
        # How many nodes may be on their way out at once by choice; all of them bind.
        "budgets": 'NotRequired[Sequence[ShadowPolicyDisruptionBudgetsItem]]',
    },
)

# A second policy that is decided by beside the pool, and only recorded (docs/elastic-fleet.md): fields as the pool
# has them, each in the place of the pool's own; {} is the pool's own policy once more.
ShadowPolicy = TypedDict(
    "ShadowPolicy",
    {
        "tasksPerNode": 'NotRequired[int]',
        "maxNodeVcpu": 'NotRequired[int]',
        "ordering": 'NotRequired[Literal["fifo", "priority", "fair-share"]]',
        "placement": (
            'NotRequired[Literal["least-cost", "spread", "least-allocated", "most-allocated", "balanced"]]'
        ),
        "idleAfterSeconds": 'NotRequired[float]',
        "objective": 'NotRequired[Literal["cost-over-time", "cost-now"]]',
        "patienceSeconds": 'NotRequired[float]',
        "requirements": 'NotRequired[Requirements]',
        "onDemand": 'NotRequired[OnDemandShare]',
        "disruption": 'NotRequired[ShadowPolicyDisruption]',
    },
)

Drain = TypedDict(
    "Drain",
    {
        # Tasks that still run after this time are stopped; absent: they run until they end.
        "deadlineSeconds": 'NotRequired[float]',
    },
)

WebhookBody = TypedDict(
    "WebhookBody",
    {
        # https, and no link-local, private or reserved address; on a laptop also http to this machine. It is answered
        # with 422 `invalid_webhook` otherwise.
        "url": 'str',
        # Only these events; all unless given.
        "types": (
            'NotRequired[Sequence[Literal["RequestAccepted", "RequestEnded", "LeaseEnding", "TaskEnded", '
            '"NodeLaunched", "NodeTerminated"]]]'
        ),
        # Only those of this pool.
        "pool": 'NotRequired[str]',
        # Only those of requests with all of these labels, e.g. {"team": "search"}.
        "labels": 'NotRequired[Mapping[str, str]]',
    },
)

RotateBody = TypedDict(
    "RotateBody",
    {
        # So long the secrets before it sign as well.
        "keepHours": 'NotRequired[int]',
    },
)

ReplayBody: TypeAlias = 'Union[ReplaySince, ReplayDeadLetters]'

ReplaySince = TypedDict(
    "ReplaySince",
    {
        # Everything that was written from then on.
        "since": 'str',
    },
)

ReplayDeadLetters = TypedDict(
    "ReplayDeadLetters",
    {
        # As many as may wait.
        "deadLetters": 'Literal[True]',
    },
)

ServicePoliciesItem1Value = TypedDict(
    "ServicePoliciesItem1Value",
    {
        "kind": 'Literal["manual"]',
        "name": 'str',
        "replicas": 'int',
    },
)

ServicePoliciesItem2ValueEntriesItem = TypedDict(
    "ServicePoliciesItem2ValueEntriesItem",
    {
        # Minute, hour, day of month, month, day of week, e.g. "0 8 * * 1-5".
        "cron": 'str',
        "replicas": 'int',
    },
)

ServicePoliciesItem2Value = TypedDict(
    "ServicePoliciesItem2Value",
    {
        "kind": 'Literal["schedule"]',
        "name": 'str',
        "timeZone": 'NotRequired[str]',
        # Each sets the replicas when its time comes, until the next of them.
        "entries": 'Sequence[ServicePoliciesItem2ValueEntriesItem]',
    },
)

ServicePoliciesItem3ValueStepsItem = TypedDict(
    "ServicePoliciesItem3ValueStepsItem",
    {
        "from": 'float',
        "replicas": 'int',
    },
)

ServicePoliciesItem3Value = TypedDict(
    "ServicePoliciesItem3Value",
    {
        "kind": 'Literal["step"]',
        "name": 'str',
        # `waiting`: the tenant's tasks that wait in the pool. `cpu`, `memory`: what replicas use, in percent of what
        # the template asks for. `reported`: what PUT /v1/services/{name}/metrics/{metric} was told. `cloudwatch`:
        # what CloudWatch has.
        "metric": 'Literal["waiting", "cpu", "memory", "reported", "cloudwatch"]',
        # The name of a metric that is reported.
        "reported": 'NotRequired[str]',
        # Which metric of CloudWatch.
        "cloudwatch": 'NotRequired[CloudWatchMetric]',
        # Of a reported one or one of CloudWatch: of all replicas together (the default), or of each.
        "of": 'NotRequired[Literal["total", "average"]]',
        # What the last one says that the metric has reached.
        "steps": 'Sequence[ServicePoliciesItem3ValueStepsItem]',
    },
)

ServicePoliciesItem4Value = TypedDict(
    "ServicePoliciesItem4Value",
    {
        "kind": 'Literal["target"]',
        "name": 'str',
        # `waiting`: the tenant's tasks that wait in the pool. `cpu`, `memory`: what replicas use, in percent of what
        # the template asks for. `reported`: what PUT /v1/services/{name}/metrics/{metric} was told. `cloudwatch`:
        # what CloudWatch has.
        "metric": 'Literal["waiting", "cpu", "memory", "reported", "cloudwatch"]',
        # The name of a metric that is reported.
        "reported": 'NotRequired[str]',
        # Which metric of CloudWatch.
        "cloudwatch": 'NotRequired[CloudWatchMetric]',
        # Of a reported one or one of CloudWatch: of all replicas together (the default), or of each.
        "of": 'NotRequired[Literal["total", "average"]]',
        "target": 'float',
        "tolerance": 'NotRequired[float]',
    },
)

ServicePoliciesItem5ValueStepsItem = TypedDict(
    "ServicePoliciesItem5ValueStepsItem",
    {
        "from": 'float',
        "replicas": 'int',
    },
)

ServicePoliciesItem5Value = TypedDict(
    "ServicePoliciesItem5Value",
    {
        "kind": 'Literal["alarm"]',
        "name": 'str',
        "alarmName": 'str',
        "addReplicas": 'NotRequired[int]',
        "removeReplicas": 'NotRequired[int]',
        # So many instead where the metric is so far beyond the threshold, by the most of the datapoints that
        # CloudWatch names.
        "steps": 'NotRequired[Sequence[ServicePoliciesItem5ValueStepsItem]]',
        "cooldownSeconds": 'NotRequired[float]',
    },
)

ServiceBehaviourOutRatesItem = TypedDict(
    "ServiceBehaviourOutRatesItem",
    {
        "replicas": 'NotRequired[int]',
        "percent": 'NotRequired[int]',
        "periodSeconds": 'int',
    },
)

ServiceBehaviourOut = TypedDict(
    "ServiceBehaviourOut",
    {
        # The most careful of what was wanted in that time counts.
        "stabilizationSeconds": 'NotRequired[int]',
        # Which of the rates binds: the one that allows the most, or the least. Or: it never moves.
        "select": 'NotRequired[Literal["max", "min", "disabled"]]',
        # By so much in so many seconds. None: nothing bounds it.
        "rates": 'NotRequired[Sequence[ServiceBehaviourOutRatesItem]]',
    },
)

ServiceBehaviourInRatesItem = TypedDict(
    "ServiceBehaviourInRatesItem",
    {
        "replicas": 'NotRequired[int]',
        "percent": 'NotRequired[int]',
        "periodSeconds": 'int',
    },
)

ServiceBehaviourIn = TypedDict(
    "ServiceBehaviourIn",
    {
        # The most careful of what was wanted in that time counts.
        "stabilizationSeconds": 'NotRequired[int]',
        # Which of the rates binds: the one that allows the most, or the least. Or: it never moves.
        "select": 'NotRequired[Literal["max", "min", "disabled"]]',
        # By so much in so many seconds. None: nothing bounds it.
        "rates": 'NotRequired[Sequence[ServiceBehaviourInRatesItem]]',
    },
)

# How fast the count moves. Unless given: at once, and where a policy goes by a metric as the Kubernetes Horizontal
# Pod Autoscaler does unless told otherwise.
ServiceBehaviour = TypedDict(
    "ServiceBehaviour",
    {
        "out": 'NotRequired[ServiceBehaviourOut]',
        "in": 'NotRequired[ServiceBehaviourIn]',
    },
)

ServiceTemplateSpreadItem = TypedDict(
    "ServiceTemplateSpreadItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
        "maxSkew": 'NotRequired[int]',
    },
)

ServiceTemplateAffinityItem = TypedDict(
    "ServiceTemplateAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

ServiceTemplateAntiAffinityItem = TypedDict(
    "ServiceTemplateAntiAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

ServiceTemplatePreferencesItem = TypedDict(
    "ServiceTemplatePreferencesItem",
    {
        "requirements": 'Requirements',
        "maxExtraUsdPerHour": 'float',
    },
)

# What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of both.
ServiceTemplateImageCredentials = TypedDict(
    "ServiceTemplateImageCredentials",
    {
        # Where a user and a password are kept, as JSON: {"username": …, "password": …}.
        "secret": 'NotRequired[str]',
        # The ARN of a role that may fetch it from ECR. The task does not act as it.
        "role": 'NotRequired[str]',
    },
)

ServiceTemplateSecretsItem = TypedDict(
    "ServiceTemplateSecretsItem",
    {
        # Of the environment variable or the file.
        "name": 'str',
        # aws-secret:NAME and ssm:NAME on AWS; env:NAME and file:PATH of the server on one machine; vault:MOUNT/PATH
        # and k8s:NAMESPACE/NAME where they are configured. #KEY for one field.
        "from": 'str',
        # A file is in the folder BELLOWS_SECRETS, in memory.
        "as": 'NotRequired[Literal["env", "file"]]',
    },
)

# What is kept of its output when an attempt has ended. Unless given, of each stream the first and the last 128 KiB
# are.
ServiceTemplateOutput = TypedDict(
    "ServiceTemplateOutput",
    {
        # So many MiB of each stream, from its beginning; at most 256.
        "keepMib": 'int',
    },
)

ServiceTemplatePortsItem = TypedDict(
    "ServiceTemplatePortsItem",
    {
        # The process finds it as BELLOWS_PORT_NAME.
        "name": 'str',
        # Of the node, where one replica can have it; a free one is chosen unless given. 963 is the agent's.
        "port": 'NotRequired[int]',
        # Inside of the container that an image runs in; the same unless given.
        "container": 'NotRequired[int]',
    },
)

# GET answers 200 to 399. Exactly one of http, tcp and command.
ServiceTemplateHealthHttp = TypedDict(
    "ServiceTemplateHealthHttp",
    {
        # The name of a port.
        "port": 'str',
        "path": 'NotRequired[str]',
    },
)

# A connection is taken.
ServiceTemplateHealthTcp = TypedDict(
    "ServiceTemplateHealthTcp",
    {
        "port": 'str',
    },
)

# Checked by its agent; what is unhealthy is replaced. It is ready when it runs unless given.
ServiceTemplateHealth = TypedDict(
    "ServiceTemplateHealth",
    {
        # GET answers 200 to 399. Exactly one of http, tcp and command.
        "http": 'NotRequired[ServiceTemplateHealthHttp]',
        # A connection is taken.
        "tcp": 'NotRequired[ServiceTemplateHealthTcp]',
        # Ends with 0. It has PATH and the variables of ports.
        "command": 'NotRequired[Sequence[str]]',
        # So long after the start failures do not count, until the first success.
        "startPeriodSeconds": 'NotRequired[float]',
        "intervalSeconds": 'NotRequired[float]',
        "timeoutSeconds": 'NotRequired[float]',
        # So many successes in a row.
        "healthyThreshold": 'NotRequired[int]',
        # So many failures in a row.
        "unhealthyThreshold": 'NotRequired[int]',
    },
)

# Run by the agent before a replica gets TERM, within graceSeconds. It has PATH and the variables of ports.
ServiceTemplatePreStop = TypedDict(
    "ServiceTemplatePreStop",
    {
        "command": 'Sequence[str]',
    },
)

# What each replica is: fields of a task, or a machine.
ServiceTemplate = TypedDict(
    "ServiceTemplate",
    {
        "resources": 'NotRequired[Resources]',
        # Higher is served first; a lower one has turns, at least every 10 minutes.
        "priority": 'NotRequired[int]',
        "requirements": 'NotRequired[Requirements]',
        # It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count what
        # full CPU for all the time costs, surplus credits included.
        "bursty": 'NotRequired[bool]',
        # The label by which spread, affinity and antiAffinity of tasks of the tenant count it.
        "group": 'NotRequired[str]',
        # Keep the number of tasks of the group per zone or node within maxSkew of each other.
        "spread": 'NotRequired[Sequence[ServiceTemplateSpreadItem]]',
        # Run where tasks of the group run.
        "affinity": 'NotRequired[Sequence[ServiceTemplateAffinityItem]]',
        # Run where no task of the group runs.
        "antiAffinity": 'NotRequired[Sequence[ServiceTemplateAntiAffinityItem]]',
        # Wishes: honoured while they raise the price by at most maxExtraUsdPerHour per task.
        "preferences": 'NotRequired[Sequence[ServiceTemplatePreferencesItem]]',
        # Each replica is a virtual machine instead: fields of its request, and none beside it.
        "machine": 'NotRequired[MachineTemplate]',
        # Program and arguments, each at most 131000 bytes of UTF-8. Exactly one of command and shell.
        "command": 'NotRequired[Sequence[str]]',
        # A script for sh -c, at most 131000 bytes of UTF-8. Exactly one of command and shell.
        "shell": 'NotRequired[str]',
        # Arguments for what the image itself starts; not beside command and shell.
        "args": 'NotRequired[Sequence[str]]',
        # A container image to run it in. Without command and shell the image starts what it starts by itself.
        "image": 'NotRequired[str]',
        # What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of both.
        "imageCredentials": 'NotRequired[ServiceTemplateImageCredentials]',
        # At most 256 environment variables, each value at most 32768 bytes of UTF-8; beside BELLOWS_REQUEST_ID,
        # BELLOWS_TASK_INDEX, BELLOWS_TASK_COUNT and BELLOWS_ATTEMPT.
        "env": 'NotRequired[Mapping[str, str]]',
        # Read when an attempt starts, and kept nowhere (docs/secrets.md).
        "secrets": 'NotRequired[Sequence[ServiceTemplateSecretsItem]]',
        # So many nodes may be lost under it without notice before it fails; the pool's unless given. Spot
        # interruptions, drains, announced terminations and silence do not count. After the second one a task runs
        # alone on a node.
        "lossesMax": 'NotRequired[int]',
        # What is kept of its output when an attempt has ended. Unless given, of each stream the first and the last
        # 128 KiB are.
        "output": 'NotRequired[ServiceTemplateOutput]',
        # What it listens on.
        "ports": 'NotRequired[Sequence[ServiceTemplatePortsItem]]',
        # Checked by its agent; what is unhealthy is replaced. It is ready when it runs unless given.
        "health": 'NotRequired[ServiceTemplateHealth]',
        # Run by the agent before a replica gets TERM, within graceSeconds. It has PATH and the variables of ports.
        "preStop": 'NotRequired[ServiceTemplatePreStop]',
        # From TERM to KILL when a replica is stopped; 10 unless given.
        "graceSeconds": 'NotRequired[float]',
    },
)

# How another template takes the place of the one before.
ServiceUpdate = TypedDict(
    "ServiceUpdate",
    {
        # So many fewer than wanted may be available while a template changes.
        "maxUnavailable": 'NotRequired[int]',
        # So many more than wanted may run meanwhile; 1 or more where maxUnavailable is 0.
        "maxSurge": 'NotRequired[int]',
        # "stop-first": an old one ends before a new one starts, and none is above.
        "order": 'NotRequired[Literal["start-first", "stop-first"]]',
        # A new one counts when it has been ready for so long.
        "minHealthySeconds": 'NotRequired[float]',
        # Without a further available replica for so long the update has failed.
        "progressSeconds": 'NotRequired[float]',
        # An update that failed makes room for the revision before it.
        "rollback": 'NotRequired[bool]',
    },
)

ServiceTargetGroupsItem = TypedDict(
    "ServiceTargetGroupsItem",
    {
        "arn": 'str',
        # The name of a port of the template.
        "port": 'str',
    },
)

Service = TypedDict(
    "Service",
    {
        # If given, the name in the path.
        "name": 'NotRequired[str]',
        # As of a request; a service that is there stays in its pool.
        "pool": 'NotRequired[str]',
        # How many of the template run, 1 unless given; with policies where they begin.
        "replicas": 'NotRequired[int]',
        # The fewest replicas that policies may want; 1 unless given. 0 only with a policy that moves it from there.
        "min": 'NotRequired[int]',
        # The most that they may want; goes with policies.
        "max": 'NotRequired[int]',
        # What moves the count: the largest of what they want, and it goes in only when all agree (docs/services.md).
        "policies": (
            'NotRequired[Sequence[Union[ServicePoliciesItem1Value, ServicePoliciesItem2Value, '
            'ServicePoliciesItem3Value, ServicePoliciesItem4Value, ServicePoliciesItem5Value]]]'
        ),
        # reactive unless given. scheduled: one of the policies is a schedule. predictive: what they want is forecast,
        # and replicas are started before (docs/services.md).
        "learningStyle": 'NotRequired[Literal["reactive", "scheduled", "predictive"]]',
        # Predictive: replicas for what is wanted at most in this share of the cases; 0.9 unless given.
        "forecastQuantile": 'NotRequired[float]',
        # How fast the count moves. Unless given: at once, and where a policy goes by a metric as the Kubernetes
        # Horizontal Pod Autoscaler does unless told otherwise.
        "behaviour": 'NotRequired[ServiceBehaviour]',
        # What each replica is: fields of a task, or a machine.
        "template": 'ServiceTemplate',
        # How another template takes the place of the one before.
        "update": 'NotRequired[ServiceUpdate]',
        # From the moment that a replica is to go until it gets TERM: nothing new is sent to it.
        "drainSeconds": 'NotRequired[float]',
        # Target groups of Elastic Load Balancing that each replica is registered with while it serves: by the address
        # of its node where the target type is ip, by the instance where it is instance. It is ready when they say
        # that it is healthy. On AWS only.
        "targetGroups": 'NotRequired[Sequence[ServiceTargetGroupsItem]]',
    },
)

# The least hardware; the cheapest instance type that has it is taken.
MachineTemplateNeeds = TypedDict(
    "MachineTemplateNeeds",
    {
        "vcpu": 'NotRequired[int]',
        "memoryMib": 'NotRequired[int]',
        "gpu": 'NotRequired[int]',
        "arch": 'NotRequired[Literal["amd64", "arm64"]]',
        # NVMe instance store; what is on it goes with the instance.
        "localDiskGib": 'NotRequired[int]',
        # Baseline bandwidth, not what it may burst to.
        "networkGbps": 'NotRequired[int]',
    },
)

MachineTemplateVolumesItemValue = TypedDict(
    "MachineTemplateVolumesItemValue",
    {
        "request": 'str',
    },
)

MachineTemplate = TypedDict(
    "MachineTemplate",
    {
        # For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME.
        "name": 'NotRequired[str]',
        # At most 20, for finding and grouping, e.g. {"team": "search"}.
        "labels": 'NotRequired[Mapping[str, str]]',
        # Or needs.
        "instanceType": 'NotRequired[str]',
        # The least hardware; the cheapest instance type that has it is taken.
        "needs": 'NotRequired[MachineTemplateNeeds]',
        # Beside needs: what else the instance type must be.
        "requirements": 'NotRequired[Requirements]',
        # It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count what
        # full CPU for all the time costs, surplus credits included.
        "bursty": 'NotRequired[bool]',
        "zone": 'NotRequired[str]',
        # Amazon Linux unless given.
        "image": 'NotRequired[str]',
        # One of the installation's; its zone is the machine's.
        "subnetId": 'NotRequired[str]',
        "capacityType": 'NotRequired[Literal["spot", "on-demand"]]',
        # Text that the machine runs at its first boot.
        "userData": 'NotRequired[str]',
        "keyPair": 'NotRequired[str]',
        # Instance profile, by name or ARN; none unless given.
        "role": 'NotRequired[str]',
        # New volumes, or {"request": ID} of storage requests.
        "volumes": 'NotRequired[Sequence[Union[Volume, MachineTemplateVolumesItemValue]]]',
        "network": 'NotRequired[NetworkRules]',
        # Ids of network requests.
        "networks": 'NotRequired[Sequence[str]]',
    },
)

Scale = TypedDict(
    "Scale",
    {
        # How many are wanted.
        "replicas": 'int',
    },
)

Rollback = TypedDict(
    "Rollback",
    {
        # One that is kept; the one before unless given.
        "revision": 'NotRequired[int]',
    },
)

MetricReport = TypedDict(
    "MetricReport",
    {
        "value": 'float',
        # When it was so; now unless given. At most 60 s ahead. A number that is not newer than the last one changes
        # nothing, and after 300 s it counts as missing.
        "at": 'NotRequired[str]',
    },
)

Tenant = TypedDict(
    "Tenant",
    {
        # In pools with fair shares, who has twice the weight has twice the share.
        "weight": 'NotRequired[float]',
        # What the tenant may spend over all pools. Where it is spent nothing more of it starts until the next day or
        # month (UTC) begins; what runs goes on.
        "budget": 'NotRequired[Budget]',
    },
)

PlanQuestionNodesItem = TypedDict(
    "PlanQuestionNodesItem",
    {
        "instanceType": 'str',
        "zone": 'str',
        "capacityType": 'NotRequired[Literal["spot", "on-demand"]]',
        "count": 'NotRequired[int]',
    },
)

PlanQuestion = TypedDict(
    "PlanQuestion",
    {
        # The name of a pool, or a pool as it would be put.
        "pool": 'Union[str, Pool]',
        "requests": 'Sequence[PlanRequest]',
        # Nodes taken as running and empty.
        "nodes": 'NotRequired[Sequence[PlanQuestionNodesItem]]',
        # Steps of the search for a cheaper plan: the same number gives the same plan. As many as a tick takes unless
        # given.
        "iterations": 'NotRequired[int]',
    },
)

PlanRequestSpreadItem = TypedDict(
    "PlanRequestSpreadItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
        "maxSkew": 'NotRequired[int]',
    },
)

PlanRequestAffinityItem = TypedDict(
    "PlanRequestAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

PlanRequestAntiAffinityItem = TypedDict(
    "PlanRequestAntiAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

PlanRequestPreferencesItem = TypedDict(
    "PlanRequestPreferencesItem",
    {
        "requirements": 'Requirements',
        "maxExtraUsdPerHour": 'float',
    },
)

# What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of both.
PlanRequestImageCredentials = TypedDict(
    "PlanRequestImageCredentials",
    {
        # Where a user and a password are kept, as JSON: {"username": …, "password": …}.
        "secret": 'NotRequired[str]',
        # The ARN of a role that may fetch it from ECR. The task does not act as it.
        "role": 'NotRequired[str]',
    },
)

PlanRequestSecretsItem = TypedDict(
    "PlanRequestSecretsItem",
    {
        # Of the environment variable or the file.
        "name": 'str',
        # aws-secret:NAME and ssm:NAME on AWS; env:NAME and file:PATH of the server on one machine; vault:MOUNT/PATH
        # and k8s:NAMESPACE/NAME where they are configured. #KEY for one field.
        "from": 'str',
        # A file is in the folder BELLOWS_SECRETS, in memory.
        "as": 'NotRequired[Literal["env", "file"]]',
    },
)

PlanRequestInputsItem = TypedDict(
    "PlanRequestInputsItem",
    {
        # What was sent to an address of POST /v1/uploads, by its SHA-256.
        "upload": 'NotRequired[str]',
        # An https URL, whose query, which may be a key, is never shown again; or s3://BUCKET/KEY, read by the task's
        # role.
        "url": 'NotRequired[str]',
        # Below the working directory; "." with unpack is that itself.
        "path": 'Union[str, Literal["."]]',
        # Of what the URL answers; another content fails the attempt.
        "sha256": 'NotRequired[str]',
        # It is a tar archive, also one compressed by gzip; `path` is the folder of its files.
        "unpack": 'NotRequired[bool]',
    },
)

# What is kept of its output when an attempt has ended. Unless given, of each stream the first and the last 128 KiB
# are.
PlanRequestOutput = TypedDict(
    "PlanRequestOutput",
    {
        # So many MiB of each stream, from its beginning; at most 256.
        "keepMib": 'int',
    },
)

PlanRequestMountsItem = TypedDict(
    "PlanRequestMountsItem",
    {
        # A storage request of yours.
        "request": 'str',
        # Where below the working directory; "mnt/N" unless given.
        "path": 'NotRequired[str]',
    },
)

# What it bears when its node goes by choice or for maintenance (docs/disruption.md). A stop costs no retry.
PlanRequestDisruption = TypedDict(
    "PlanRequestDisruption",
    {
        # `never`: it runs until it ends, at most for maxDrainSeconds. `restart`: it is stopped and queued again.
        # `checkpoint`: it is asked to save, stopped as soon as it has, and queued again.
        "mode": 'NotRequired[Literal["never", "restart", "checkpoint"]]',
        # Of `checkpoint`: how it is asked to save; TERM unless given.
        "signal": 'NotRequired[Literal["TERM", "INT", "HUP", "USR1", "USR2"]]',
        # What a stop of one task costs beside the work that it does again; consolidation weighs it.
        "costUsd": 'NotRequired[float]',
        # TERM to KILL when it is stopped; 10 unless given (3 on one machine), with `checkpoint` 120.
        "graceSeconds": 'NotRequired[float]',
        # Of `never`: it is stopped this long after its node began to drain; the pool decides.
        "maxDrainSeconds": 'NotRequired[float]',
    },
)

PlanRequest = TypedDict(
    "PlanRequest",
    {
        # Names it in the answer; its position (request-1, …) unless given.
        "id": 'NotRequired[str]',
        "tenant": 'NotRequired[str]',
        "type": 'NotRequired[Literal["task", "virtual_machine", "storage", "network"]]',
        # Ignored: the plan's pool counts.
        "pool": 'NotRequired[str]',
        "resources": 'Resources',
        # How many identical tasks; above 1 it is an array.
        "count": 'NotRequired[int]',
        # Higher is served first; a lower one has turns, at least every 10 minutes.
        "priority": 'NotRequired[int]',
        "requirements": 'NotRequired[Requirements]',
        # It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count what
        # full CPU for all the time costs, surplus credits included.
        "bursty": 'NotRequired[bool]',
        # A guess helps to choose nodes that empty together.
        "expectedDurationSeconds": 'NotRequired[float]',
        # The label by which spread, affinity and antiAffinity of tasks of the tenant count it.
        "group": 'NotRequired[str]',
        # Keep the number of tasks of the group per zone or node within maxSkew of each other.
        "spread": 'NotRequired[Sequence[PlanRequestSpreadItem]]',
        # Run where tasks of the group run.
        "affinity": 'NotRequired[Sequence[PlanRequestAffinityItem]]',
        # Run where no task of the group runs.
        "antiAffinity": 'NotRequired[Sequence[PlanRequestAntiAffinityItem]]',
        # Wishes: honoured while they raise the price by at most maxExtraUsdPerHour per task.
        "preferences": 'NotRequired[Sequence[PlanRequestPreferencesItem]]',
        # All tasks of the array at once, or none.
        "gang": 'NotRequired[bool]',
        # Program and arguments, each at most 131000 bytes of UTF-8. Exactly one of command and shell.
        "command": 'NotRequired[Sequence[str]]',
        # A script for sh -c, at most 131000 bytes of UTF-8. Exactly one of command and shell.
        "shell": 'NotRequired[str]',
        # Arguments for what the image itself starts; not beside command and shell.
        "args": 'NotRequired[Sequence[str]]',
        # A container image to run it in. Without command and shell the image starts what it starts by itself.
        "image": 'NotRequired[str]',
        # At most 256 environment variables, each value at most 32768 bytes of UTF-8; beside BELLOWS_REQUEST_ID,
        # BELLOWS_TASK_INDEX, BELLOWS_TASK_COUNT and BELLOWS_ATTEMPT.
        "env": 'NotRequired[Mapping[str, str]]',
        # What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of both.
        "imageCredentials": 'NotRequired[PlanRequestImageCredentials]',
        # A retry after too little memory has so many times as much, up to memoryMaxMib; it needs retries. Only for a
        # single task.
        "memoryGrowth": 'NotRequired[float]',
        # Up to what it grows.
        "memoryMaxMib": 'NotRequired[int]',
        # The ARN of a role whose temporary credentials the task has, of those that its pool allows
        # (docs/identity.md).
        "role": 'NotRequired[str]',
        # Read when an attempt starts, and kept nowhere (docs/secrets.md).
        "secrets": 'NotRequired[Sequence[PlanRequestSecretsItem]]',
        # Fetched before each attempt starts, in their order; at most 32 (docs/files.md).
        "inputs": 'NotRequired[Sequence[PlanRequestInputsItem]]',
        # Patterns of the files that are kept when an attempt has ended, however it ended: `*` and `?` within a part
        # of a path, `**` over parts, `{a,b}` and `[a-z]` (docs/files.md).
        "artifacts": 'NotRequired[Sequence[str]]',
        # What is kept of its output when an attempt has ended. Unless given, of each stream the first and the last
        # 128 KiB are.
        "output": 'NotRequired[PlanRequestOutput]',
        # Volumes that the task has as folders while it runs, one task at a time; BELLOWS_MOUNT_0, … are their paths.
        # Only for a single task.
        "mounts": 'NotRequired[Sequence[PlanRequestMountsItem]]',
        # A running task is stopped after this; no limit unless given.
        "timeoutSeconds": 'NotRequired[float]',
        # How often a failed task is run again. Losses of nodes do not count.
        "retries": 'NotRequired[int]',
        # So many nodes may be lost under it without notice before it fails; the pool's unless given. Spot
        # interruptions, drains, announced terminations and silence do not count. After the second one a task runs
        # alone on a node.
        "lossesMax": 'NotRequired[int]',
        # Ends as "expired" unless ended this long after acceptance.
        "deadlineSeconds": 'NotRequired[float]',
        # What it bears when its node goes by choice or for maintenance (docs/disruption.md). A stop costs no retry.
        "disruption": 'NotRequired[PlanRequestDisruption]',
        # Overrides the pool's for what is bought ahead of this request (docs/scaling.md). scheduled: its pool must
        # have a schedule.
        "learningStyle": 'NotRequired[Literal["reactive", "scheduled", "predictive", "adaptive"]]',
    },
)

RequestViewCounts = TypedDict(
    "RequestViewCounts",
    {
        "pending": 'int',
        "running": 'int',
        "succeeded": 'int',
        "failed": 'int',
        "cancelled": 'int',
    },
)

# Of tasks that have a node or a style of their own, while their pool is there.
RequestViewLearning = TypedDict(
    "RequestViewLearning",
    {
        # The request's own, else that of its pool.
        "style": 'Literal["reactive", "scheduled", "predictive", "adaptive"]',
        # What comes of it as its pool is now.
        "acted": 'Literal["reactive", "scheduled", "predictive", "adaptive"]',
        "reason": 'str',
    },
)

# Of a task request with tasks that wait: the last entry of its timeline, which says why.
RequestViewWaitsFor = TypedDict(
    "RequestViewWaitsFor",
    {
        "code": 'str',
        "message": 'str',
    },
)

# The service that it is a replica of.
RequestViewService = TypedDict(
    "RequestViewService",
    {
        "name": 'str',
        "slot": 'int',
        "revision": 'int',
    },
)

# Its tasks are these of an array of so many, e.g. {"of": 2000, "indices": "77,92-95"}.
RequestViewSubset = TypedDict(
    "RequestViewSubset",
    {
        "of": 'int',
        "indices": 'str',
    },
)

# At most `p50` in one of two cases, `p90` in nine of ten.
RequestViewQuotedEndsAtValue = TypedDict(
    "RequestViewQuotedEndsAtValue",
    {
        # RFC 3339, UTC
        "p50": 'str',
        # RFC 3339, UTC
        "p90": 'str',
    },
)

# At most `p50` in one of two cases, `p90` in nine of ten.
RequestViewQuotedUsdValue = TypedDict(
    "RequestViewQuotedUsdValue",
    {
        "p50": 'float',
        "p90": 'float',
    },
)

# What its quote said when it was accepted, where it was sent with `quote`.
RequestViewQuoted = TypedDict(
    "RequestViewQuoted",
    {
        "endsAt": 'Union[RequestViewQuotedEndsAtValue, None]',
        "usd": 'Union[RequestViewQuotedUsdValue, None]',
    },
)

RequestView = TypedDict(
    "RequestView",
    {
        "id": 'str',
        "type": 'Literal["task", "virtual_machine", "storage", "network"]',
        "name": 'NotRequired[str]',
        "labels": 'NotRequired[Mapping[str, str]]',
        "pool": 'str',
        "tenant": 'str',
        "state": (
            'Literal["pending", "running", "active", "releasing", "succeeded", "failed", "cancelled", "expired", '
            '"released"]'
        ),
        "reason": 'Union[str, None]',
        # RFC 3339, UTC
        "createdAt": 'str',
        "startedAt": 'Union[str, None]',
        "endedAt": 'Union[str, None]',
        "count": 'int',
        "counts": 'RequestViewCounts',
        # null for arrays and for what did not exit.
        "exitCode": 'Union[int, None]',
        # Runs begun so far; null for arrays.
        "attempts": 'Union[int, None]',
        # What the last attempt of the task cost: its node's price for the time that it was placed there, by the
        # largest share that it asked of the node's vCPUs, memory or GPUs. null until it has ended, for arrays, and
        # for instance types that the packaged catalog does not have.
        "lastAttemptUsd": 'NotRequired[Union[float, None]]',
        # What all attempts cost that have ended, each counted as lastAttemptUsd is: the whole cost once the state is
        # an end, what it cost so far before that. What still runs counts when it ends; an array is as of the last
        # change of its counts. null where it is not known of one of them.
        "usd": 'NotRequired[Union[float, None]]',
        "usage": 'NotRequired[Usage]',
        # Of the image that the last attempt ran that ended: its manifest, `sha256:…`.
        "imageDigest": 'NotRequired[str]',
        "allocation": 'Union[Union[Allocation, VolumeAllocation, GroupAllocation], None]',
        # Of a claim: every machine, volume and security group that it has.
        "parts": 'NotRequired[Sequence[Part]]',
        "network": 'NotRequired[NetworkView]',
        # RFC 3339, UTC
        "leaseEndsAt": 'NotRequired[str]',
        # Until when what its reason says lasts, or when it is tried again; absent where that is not known.
        "nextTryAt": 'NotRequired[str]',
        # Of tasks that have a node or a style of their own, while their pool is there.
        "learning": 'NotRequired[RequestViewLearning]',
        # Of a task request with tasks that wait: the last entry of its timeline, which says why.
        "waitsFor": 'NotRequired[RequestViewWaitsFor]',
        # What was asked for; not in lists.
        "asked": 'NotRequired[Asked]',
        # The service that it is a replica of.
        "service": 'NotRequired[RequestViewService]',
        # The request of which tasks are run again here.
        "retryOf": 'NotRequired[str]',
        # Its tasks are these of an array of so many, e.g. {"of": 2000, "indices": "77,92-95"}.
        "subset": 'NotRequired[RequestViewSubset]',
        # What its quote said when it was accepted, where it was sent with `quote`.
        "quoted": 'NotRequired[RequestViewQuoted]',
        # Only in the answer to a submission: what slightly less, usually memory just over what a node leaves for
        # tasks, would cost by itself; absent where it would not cost much less.
        "advice": 'NotRequired[str]',
        # Of a claim: the revision of its spec. Also the header ETag; sent as If-Match it guards the next change.
        "etag": 'NotRequired[str]',
    },
)

# What the last attempt that ended used; null: its machine could not tell.
Usage = TypedDict(
    "Usage",
    {
        "memoryPeakMib": 'Union[int, None]',
        "cpuSeconds": 'Union[float, None]',
        # To disks.
        "writtenBytes": 'Union[int, None]',
        # Of all its GPUs together, looked at every 5 seconds.
        "gpuMemoryPeakMib": 'NotRequired[int]',
        # "cgroup": counted by the kernel for all of it. "processes": sums over its processes; memory is looked at
        # twice a second, so a shorter peak is missed.
        "by": 'Literal["cgroup", "processes"]',
    },
)

Allocation = TypedDict(
    "Allocation",
    {
        "resourceType": 'Literal["ec2-instance"]',
        "instanceType": 'str',
        "zone": 'str',
        "capacityType": 'Literal["spot", "on-demand"]',
        "priceUsdPerHour": 'float',
        # Of a virtual machine (the first of several).
        "instanceId": 'NotRequired[str]',
        "privateAddress": 'NotRequired[Union[str, None]]',
        "publicAddress": 'NotRequired[Union[str, None]]',
        # The pool's placement policy; null once the pool is gone.
        "placement": 'Union[str, None]',
        "learningStyle": 'Union[Literal["reactive", "scheduled", "predictive", "adaptive"], None]',
    },
)

# What a resize that is not done yet asked for.
VolumeAllocationWanted = TypedDict(
    "VolumeAllocationWanted",
    {
        "volumeType": 'str',
        "sizeGib": 'float',
        "iops": 'Union[float, None]',
        "throughputMibps": 'Union[float, None]',
        "priceUsdPerMonth": 'float',
    },
)

VolumeAllocation = TypedDict(
    "VolumeAllocation",
    {
        "resourceType": 'Literal["ebs-volume"]',
        "volumeId": 'Union[str, None]',
        "volumeType": 'str',
        "sizeGib": 'float',
        "iops": 'Union[float, None]',
        "throughputMibps": 'Union[float, None]',
        "zone": 'Union[str, None]',
        "priceUsdPerMonth": 'float',
        # What a resize that is not done yet asked for.
        "wanted": 'NotRequired[VolumeAllocationWanted]',
        # The virtual machine or task that uses it.
        "attachedTo": 'Union[str, None]',
        "device": 'Union[str, None]',
    },
)

GroupAllocation = TypedDict(
    "GroupAllocation",
    {
        "resourceType": 'Literal["security-group"]',
        "groupId": 'str',
    },
)

Part = TypedDict(
    "Part",
    {
        "kind": 'Literal["instance", "volume", "security-group", "snapshot"]',
        # EC2's id; null before it is known.
        "id": 'Union[str, None]',
        "state": 'str',
        "zone": 'Union[str, None]',
        "device": 'Union[str, None]',
        "privateAddress": 'Union[str, None]',
        "publicAddress": 'Union[str, None]',
    },
)

NetworkViewIngressItem = TypedDict(
    "NetworkViewIngressItem",
    {
        "protocol": 'str',
        "fromPort": 'Union[int, None]',
        "toPort": 'Union[int, None]',
        "cidr": 'Union[str, None]',
        "request": 'Union[str, None]',
    },
)

NetworkViewEgressValueItem = TypedDict(
    "NetworkViewEgressValueItem",
    {
        "protocol": 'str',
        "fromPort": 'Union[int, None]',
        "toPort": 'Union[int, None]',
        "cidr": 'Union[str, None]',
        "request": 'Union[str, None]',
    },
)

NetworkViewWantedValueIngressItem = TypedDict(
    "NetworkViewWantedValueIngressItem",
    {
        "protocol": 'str',
        "fromPort": 'Union[int, None]',
        "toPort": 'Union[int, None]',
        "cidr": 'Union[str, None]',
        "request": 'Union[str, None]',
    },
)

NetworkViewWantedValueEgressValueItem = TypedDict(
    "NetworkViewWantedValueEgressValueItem",
    {
        "protocol": 'str',
        "fromPort": 'Union[int, None]',
        "toPort": 'Union[int, None]',
        "cidr": 'Union[str, None]',
        "request": 'Union[str, None]',
    },
)

NetworkViewWantedValue = TypedDict(
    "NetworkViewWantedValue",
    {
        "ingress": 'Sequence[NetworkViewWantedValueIngressItem]',
        # null: everything may leave.
        "egress": 'Union[Sequence[NetworkViewWantedValueEgressValueItem], None]',
        "sharing": 'Literal["share", "dedicated"]',
        "allowPublic": 'bool',
    },
)

# The rules in force, and those that an edit asked for: the next edit builds on these.
NetworkView = TypedDict(
    "NetworkView",
    {
        "ingress": 'Sequence[NetworkViewIngressItem]',
        # null: everything may leave.
        "egress": 'Union[Sequence[NetworkViewEgressValueItem], None]',
        "sharing": 'Literal["share", "dedicated"]',
        "allowPublic": 'bool',
        # The rules of an edit that are not in force yet; null: there is none.
        "wanted": 'Union[NetworkViewWantedValue, None]',
    },
)

AskedResources = TypedDict(
    "AskedResources",
    {
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

AskedNeeds = TypedDict(
    "AskedNeeds",
    {
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

AskedRequirementsMatchExpressionsItem = TypedDict(
    "AskedRequirementsMatchExpressionsItem",
    {
        "key": (
            'Literal["acceleratorCount", "acceleratorManufacturer", "acceleratorName", "arch", "bareMetal", '
            '"burstable", "capacityType", "cpuManufacturer", "currentGeneration", "gpuCount", "gpuManufacturer", '
            '"gpuMemoryMib", "gpuName", "hypervisor", "instanceCategory", "instanceFamily", "instanceGeneration", '
            '"instanceSize", "instanceType", "localDiskGib", "memoryMib", "networkMbps", "vcpu", "zone"]'
        ),
        "operator": 'Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]',
        "values": 'Sequence[str]',
    },
)

AskedRequirements = TypedDict(
    "AskedRequirements",
    {
        "instanceCategory": 'NotRequired[Sequence[str]]',
        "instanceFamily": 'NotRequired[Sequence[str]]',
        "instanceType": 'NotRequired[Sequence[str]]',
        "arch": 'NotRequired[Sequence[str]]',
        "zone": 'NotRequired[Sequence[str]]',
        "capacityType": 'NotRequired[Sequence[str]]',
        "cpuManufacturer": 'NotRequired[Sequence[str]]',
        "hypervisor": 'NotRequired[Sequence[str]]',
        "gpuManufacturer": 'NotRequired[Sequence[str]]',
        "gpuName": 'NotRequired[Sequence[str]]',
        "burstable": 'NotRequired[bool]',
        "bareMetal": 'NotRequired[bool]',
        "minInstanceGeneration": 'NotRequired[int]',
        "minGpuMemoryMib": 'NotRequired[int]',
        "minLocalDiskGib": 'NotRequired[int]',
        "minNetworkGbps": 'NotRequired[int]',
        "matchExpressions": 'NotRequired[Sequence[AskedRequirementsMatchExpressionsItem]]',
    },
)

AskedSpreadItem = TypedDict(
    "AskedSpreadItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
        "maxSkew": 'int',
    },
)

AskedAffinityItem = TypedDict(
    "AskedAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

AskedAntiAffinityItem = TypedDict(
    "AskedAntiAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

AskedPreferencesItemRequirementsMatchExpressionsItem = TypedDict(
    "AskedPreferencesItemRequirementsMatchExpressionsItem",
    {
        "key": (
            'Literal["acceleratorCount", "acceleratorManufacturer", "acceleratorName", "arch", "bareMetal", '
            '"burstable", "capacityType", "cpuManufacturer", "currentGeneration", "gpuCount", "gpuManufacturer", '
            '"gpuMemoryMib", "gpuName", "hypervisor", "instanceCategory", "instanceFamily", "instanceGeneration", '
            '"instanceSize", "instanceType", "localDiskGib", "memoryMib", "networkMbps", "vcpu", "zone"]'
        ),
        "operator": 'Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]',
        "values": 'Sequence[str]',
    },
)

AskedPreferencesItemRequirements = TypedDict(
    "AskedPreferencesItemRequirements",
    {
        "instanceCategory": 'NotRequired[Sequence[str]]',
        "instanceFamily": 'NotRequired[Sequence[str]]',
        "instanceType": 'NotRequired[Sequence[str]]',
        "arch": 'NotRequired[Sequence[str]]',
        "zone": 'NotRequired[Sequence[str]]',
        "capacityType": 'NotRequired[Sequence[str]]',
        "cpuManufacturer": 'NotRequired[Sequence[str]]',
        "hypervisor": 'NotRequired[Sequence[str]]',
        "gpuManufacturer": 'NotRequired[Sequence[str]]',
        "gpuName": 'NotRequired[Sequence[str]]',
        "burstable": 'NotRequired[bool]',
        "bareMetal": 'NotRequired[bool]',
        "minInstanceGeneration": 'NotRequired[int]',
        "minGpuMemoryMib": 'NotRequired[int]',
        "minLocalDiskGib": 'NotRequired[int]',
        "minNetworkGbps": 'NotRequired[int]',
        "matchExpressions": 'NotRequired[Sequence[AskedPreferencesItemRequirementsMatchExpressionsItem]]',
    },
)

AskedPreferencesItem = TypedDict(
    "AskedPreferencesItem",
    {
        "requirements": 'AskedPreferencesItemRequirements',
        "maxExtraUsdPerHour": 'float',
    },
)

AskedDisruption = TypedDict(
    "AskedDisruption",
    {
        "mode": 'Literal["never", "restart", "checkpoint"]',
        "signal": 'NotRequired[str]',
        "costUsd": 'NotRequired[float]',
        "graceSeconds": 'NotRequired[float]',
        "maxDrainSeconds": 'NotRequired[float]',
    },
)

AskedPortsItem = TypedDict(
    "AskedPortsItem",
    {
        "name": 'str',
        "port": 'NotRequired[int]',
        "container": 'NotRequired[int]',
    },
)

AskedHealthHttp = TypedDict(
    "AskedHealthHttp",
    {
        "port": 'str',
        "path": 'str',
    },
)

AskedHealthTcp = TypedDict(
    "AskedHealthTcp",
    {
        "port": 'str',
    },
)

AskedHealth = TypedDict(
    "AskedHealth",
    {
        "http": 'NotRequired[AskedHealthHttp]',
        "tcp": 'NotRequired[AskedHealthTcp]',
        "command": 'NotRequired[Sequence[str]]',
        "startPeriodSeconds": 'float',
        "intervalSeconds": 'float',
        "timeoutSeconds": 'float',
        "healthyThreshold": 'int',
        "unhealthyThreshold": 'int',
    },
)

AskedPreStop = TypedDict(
    "AskedPreStop",
    {
        "command": 'Sequence[str]',
    },
)

AskedImageCredentials = TypedDict(
    "AskedImageCredentials",
    {
        "secret": 'NotRequired[str]',
        "role": 'NotRequired[str]',
    },
)

AskedSecretsItem = TypedDict(
    "AskedSecretsItem",
    {
        "name": 'str',
        "from": 'str',
        "as": 'Literal["env", "file"]',
    },
)

AskedInputsItem = TypedDict(
    "AskedInputsItem",
    {
        "upload": 'NotRequired[str]',
        "url": 'NotRequired[str]',
        "path": 'str',
        "sha256": 'NotRequired[str]',
        "unpack": 'NotRequired[Literal[True]]',
    },
)

AskedOutput = TypedDict(
    "AskedOutput",
    {
        "keepMib": 'int',
    },
)

AskedMountsItem = TypedDict(
    "AskedMountsItem",
    {
        "request": 'str',
        "path": 'NotRequired[str]',
    },
)

Asked = TypedDict(
    "Asked",
    {
        "command": 'NotRequired[Sequence[str]]',
        "args": 'NotRequired[Sequence[str]]',
        "shell": 'NotRequired[str]',
        "image": 'NotRequired[str]',
        # The names of the variables; values are not shown.
        "env": 'NotRequired[Sequence[str]]',
        "resources": 'NotRequired[AskedResources]',
        "needs": 'NotRequired[AskedNeeds]',
        "capacityType": 'NotRequired[str]',
        "requirements": 'NotRequired[AskedRequirements]',
        "priority": 'NotRequired[int]',
        "retries": 'NotRequired[int]',
        "lossesMax": 'NotRequired[int]',
        "timeoutSeconds": 'NotRequired[float]',
        "deadlineSeconds": 'NotRequired[float]',
        "leaseSeconds": 'NotRequired[float]',
        "expectedDurationSeconds": 'NotRequired[float]',
        "group": 'NotRequired[str]',
        "gang": 'NotRequired[bool]',
        "spread": 'NotRequired[Sequence[AskedSpreadItem]]',
        "affinity": 'NotRequired[Sequence[AskedAffinityItem]]',
        "antiAffinity": 'NotRequired[Sequence[AskedAntiAffinityItem]]',
        "preferences": 'NotRequired[Sequence[AskedPreferencesItem]]',
        "disruption": 'NotRequired[AskedDisruption]',
        "ports": 'NotRequired[Sequence[AskedPortsItem]]',
        "health": 'NotRequired[AskedHealth]',
        "preStop": 'NotRequired[AskedPreStop]',
        "memoryGrowth": 'NotRequired[float]',
        "memoryMaxMib": 'NotRequired[int]',
        "imageCredentials": 'NotRequired[AskedImageCredentials]',
        # Where they are kept; values are nowhere here.
        "secrets": 'NotRequired[Sequence[AskedSecretsItem]]',
        "inputs": 'NotRequired[Sequence[AskedInputsItem]]',
        "artifacts": 'NotRequired[Sequence[str]]',
        "output": 'NotRequired[AskedOutput]',
        "mounts": 'NotRequired[Sequence[AskedMountsItem]]',
        "subnetId": 'NotRequired[str]',
        "keyPair": 'NotRequired[str]',
        "role": 'NotRequired[str]',
        "zone": 'NotRequired[str]',
        "attachTo": 'NotRequired[str]',
        "sizeGib": 'NotRequired[float]',
        "iops": 'NotRequired[float]',
        "throughputMibps": 'NotRequired[float]',
        "volumeType": 'NotRequired[str]',
        "snapshotId": 'NotRequired[str]',
        "onRelease": 'NotRequired[str]',
    },
)

ProblemErrorsItem = TypedDict(
    "ProblemErrorsItem",
    {
        "path": 'str',
        "message": 'str',
    },
)

# RFC 9457 problem details.
Problem = TypedDict(
    "Problem",
    {
        "type": 'str',
        "title": 'str',
        "status": 'int',
        "code": 'str',
        "detail": 'str',
        "errors": 'Sequence[ProblemErrorsItem]',
    },
)

RequestList = TypedDict(
    "RequestList",
    {
        "items": 'Sequence[RequestView]',
        "nextCursor": 'Union[str, None]',
        # How many requests this page looked at, at most 1,100, those among them that the filter leaves out.
        "examined": 'int',
    },
)

BatchResultsResultsItem = TypedDict(
    "BatchResultsResultsItem",
    {
        "status": 'int',
        "id": 'NotRequired[str]',
        "problem": 'NotRequired[Problem]',
    },
)

BatchResults = TypedDict(
    "BatchResults",
    {
        "results": 'Sequence[BatchResultsResultsItem]',
    },
)

UploadPlaceValue = TypedDict(
    "UploadPlaceValue",
    {
        "url": 'str',
        "headers": 'Mapping[str, str]',
    },
)

Upload = TypedDict(
    "Upload",
    {
        "sha256": 'str',
        # Where the file is sent, by one PUT with these headers, within an hour; a path is one of this server. null:
        # it is there already.
        "place": 'Union[UploadPlaceValue, None]',
    },
)

ArtifactsItemsItem = TypedDict(
    "ArtifactsItemsItem",
    {
        "path": 'str',
        # Bytes.
        "bytes": 'int',
        "sha256": 'str',
        # For a GET within an hour; a path is one of this server.
        "url": 'str',
    },
)

ArtifactsLeftOutItem = TypedDict(
    "ArtifactsLeftOutItem",
    {
        "path": 'str',
        "why": 'str',
    },
)

Artifacts = TypedDict(
    "Artifacts",
    {
        # The latest attempt that has kept its files; null: none has (yet).
        "attempt": 'Union[str, None]',
        "items": 'Sequence[ArtifactsItemsItem]',
        # The first of those that matched and are not kept.
        "leftOut": 'Sequence[ArtifactsLeftOutItem]',
        "leftOutCount": 'int',
    },
)

# How much of each stream is not here.
OutputLeftOutBytes = TypedDict(
    "OutputLeftOutBytes",
    {
        # Bytes.
        "stdout": 'int',
        # Bytes.
        "stderr": 'int',
    },
)

Output = TypedDict(
    "Output",
    {
        # UTF-8; each byte that is none is a U+FFFD. Of a long stream the first and the last 128 KiB are kept, with a
        # line between them. With `encoding=base64` the bytes as the task wrote them, without that line.
        "stdout": 'str',
        # UTF-8; each byte that is none is a U+FFFD. Of a long stream the first and the last 128 KiB are kept, with a
        # line between them. With `encoding=base64` the bytes as the task wrote them, without that line.
        "stderr": 'str',
        # Something of a stream is not here, because it is not kept or was not asked for (tailBytes).
        "truncated": 'bool',
        # How much of each stream is not here.
        "leftOutBytes": 'OutputLeftOutBytes',
        # As `sinceBytes` it answers what comes after this; null while there is no output.
        "next": 'Union[str, None]',
        # The task has ended: no more will come.
        "ended": 'bool',
        "whole": 'NotRequired[WholeOutput]',
    },
)

WholeOutputStdout = TypedDict(
    "WholeOutputStdout",
    {
        # Bytes.
        "bytes": 'int',
        "sha256": 'str',
        # For a GET within an hour; a path is one of this server.
        "url": 'str',
    },
)

WholeOutputStderr = TypedDict(
    "WholeOutputStderr",
    {
        # Bytes.
        "bytes": 'int',
        "sha256": 'str',
        # For a GET within an hour; a path is one of this server.
        "url": 'str',
    },
)

# Behind what is kept.
WholeOutputLeftOutBytes = TypedDict(
    "WholeOutputLeftOutBytes",
    {
        # Bytes.
        "stdout": 'int',
        # Bytes.
        "stderr": 'int',
    },
)

# Where each stream can be fetched as the task wrote it, where the request has `output`.
WholeOutput = TypedDict(
    "WholeOutput",
    {
        "stdout": 'WholeOutputStdout',
        "stderr": 'WholeOutputStderr',
        # Behind what is kept.
        "leftOutBytes": 'WholeOutputLeftOutBytes',
    },
)

TimelineItemsItemExcludedItem = TypedDict(
    "TimelineItemsItemExcludedItem",
    {
        "constraint": 'str',
        "offerings": 'int',
    },
)

TimelineItemsItem = TypedDict(
    "TimelineItemsItem",
    {
        # RFC 3339, UTC
        "at": 'str',
        "stage": 'str',
        "code": 'str',
        "message": 'str',
        # RFC 3339, UTC
        "nextTryAt": 'NotRequired[str]',
        "excluded": 'NotRequired[Sequence[TimelineItemsItemExcludedItem]]',
    },
)

Timeline = TypedDict(
    "Timeline",
    {
        "items": 'Sequence[TimelineItemsItem]',
    },
)

WhatIfAnswerNowLaunchesItem = TypedDict(
    "WhatIfAnswerNowLaunchesItem",
    {
        "count": 'int',
        "instanceType": 'str',
        "zone": 'str',
        "capacityType": 'Literal["spot", "on-demand"]',
        # Of each.
        "usdPerHour": 'float',
        # Other offerings that EC2 may give instead.
        "alternatives": 'int',
    },
)

# What the next decision does about it as it is.
WhatIfAnswerNow = TypedDict(
    "WhatIfAnswerNow",
    {
        # `placed`: on nodes that are there; `bought`: nodes are bought for it; `waits`: neither.
        "kind": 'Literal["placed", "bought", "waits"]',
        # Of a wait: as in the timeline.
        "code": 'str',
        "message": 'str',
        # What is bought; nodes may carry other tasks, too.
        "launches": 'Sequence[WhatIfAnswerNowLaunchesItem]',
    },
)

WhatIfAnswerThenLaunchesItem = TypedDict(
    "WhatIfAnswerThenLaunchesItem",
    {
        "count": 'int',
        "instanceType": 'str',
        "zone": 'str',
        "capacityType": 'Literal["spot", "on-demand"]',
        # Of each.
        "usdPerHour": 'float',
        # Other offerings that EC2 may give instead.
        "alternatives": 'int',
    },
)

# What it would do with the difference.
WhatIfAnswerThen = TypedDict(
    "WhatIfAnswerThen",
    {
        # `placed`: on nodes that are there; `bought`: nodes are bought for it; `waits`: neither.
        "kind": 'Literal["placed", "bought", "waits"]',
        # Of a wait: as in the timeline.
        "code": 'str',
        "message": 'str',
        # What is bought; nodes may carry other tasks, too.
        "launches": 'Sequence[WhatIfAnswerThenLaunchesItem]',
    },
)

WhatIfAnswer = TypedDict(
    "WhatIfAnswer",
    {
        "pool": 'str',
        # What the next decision does about it as it is.
        "now": 'WhatIfAnswerNow',
        # What it would do with the difference.
        "then": 'WhatIfAnswerThen',
    },
)

# At most `p50` in one of two cases, `p90` in nine of ten.
QuoteLastsSeconds = TypedDict(
    "QuoteLastsSeconds",
    {
        "p50": 'float',
        "p90": 'float',
    },
)

QuoteLasts = TypedDict(
    "QuoteLasts",
    {
        # `declared`: expectedDurationSeconds; `learned`: from tasks of the pool that ended; `prior`: too few have, so
        # as long as tasks usually last.
        "basis": 'Literal["declared", "learned", "prior"]',
        # Tasks that ended from which it was learned.
        "ends": 'int',
        # At most `p50` in one of two cases, `p90` in nine of ten.
        "seconds": 'QuoteLastsSeconds',
    },
)

QuoteOffersItemLaunchesItem = TypedDict(
    "QuoteOffersItemLaunchesItem",
    {
        "count": 'int',
        "instanceType": 'str',
        "zone": 'str',
        "capacityType": 'Literal["spot", "on-demand"]',
        # Of each.
        "usdPerHour": 'float',
        # Other offerings that EC2 may give instead.
        "alternatives": 'int',
    },
)

# At most `p50` in one of two cases, `p90` in nine of ten.
QuoteOffersItemStartsAtValue = TypedDict(
    "QuoteOffersItemStartsAtValue",
    {
        # RFC 3339, UTC
        "p50": 'str',
        # RFC 3339, UTC
        "p90": 'str',
    },
)

# At most `p50` in one of two cases, `p90` in nine of ten.
QuoteOffersItemEndsAtValue = TypedDict(
    "QuoteOffersItemEndsAtValue",
    {
        # RFC 3339, UTC
        "p50": 'str',
        # RFC 3339, UTC
        "p90": 'str',
    },
)

# At most `p50` in one of two cases, `p90` in nine of ten.
QuoteOffersItemUsdValue = TypedDict(
    "QuoteOffersItemUsdValue",
    {
        "p50": 'float',
        "p90": 'float',
    },
)

QuoteOffersItem = TypedDict(
    "QuoteOffersItem",
    {
        # `placed`: on nodes that are there; `bought`: nodes are bought for it; `waits`: neither.
        "kind": 'Literal["placed", "bought", "waits"]',
        "message": 'str',
        # What is bought; nodes may carry other tasks, too.
        "launches": 'Sequence[QuoteOffersItemLaunchesItem]',
        # On such nodes only; null: as it was asked.
        "capacityType": 'Union[Literal["spot", "on-demand"], None]',
        # When its tasks start; null: nobody knows.
        "startsAt": 'Union[QuoteOffersItemStartsAtValue, None]',
        # When the last of them has ended.
        "endsAt": 'Union[QuoteOffersItemEndsAtValue, None]',
        # Its tasks' share of their nodes; boot and idle time of nodes are not in it.
        "usd": 'Union[QuoteOffersItemUsdValue, None]',
    },
)

Quote = TypedDict(
    "Quote",
    {
        "pool": 'str',
        # RFC 3339, UTC
        "at": 'str',
        # The pool has seen no node boot: one is taken to need one minute, at most two.
        "bootIsGuessed": 'bool',
        "lasts": 'QuoteLasts',
        # As it was asked first; then by capacity type, where it may have either.
        "offers": 'Sequence[QuoteOffersItem]',
    },
)

# Whether the last task had ended by then.
QuoteAccuracyFinish = TypedDict(
    "QuoteAccuracyFinish",
    {
        # Of which the quote said a figure, and the truth is known.
        "known": 'int',
        "withinP50": 'int',
        "withinP90": 'int',
    },
)

# Whether it cost no more.
QuoteAccuracyUsd = TypedDict(
    "QuoteAccuracyUsd",
    {
        # Of which the quote said a figure, and the truth is known.
        "known": 'int',
        "withinP50": 'int',
        "withinP90": 'int',
    },
)

QuoteAccuracy = TypedDict(
    "QuoteAccuracy",
    {
        "pool": 'str',
        # The caller's newest requests of the pool that were sent with `quote` and are kept, at most 200.
        "quoted": 'int',
        # Of these; only they are compared.
        "succeeded": 'int',
        # Those that have not ended.
        "open": 'int',
        # Whether the last task had ended by then.
        "finish": 'QuoteAccuracyFinish',
        # Whether it cost no more.
        "usd": 'QuoteAccuracyUsd',
    },
)

TaskList = TypedDict(
    "TaskList",
    {
        "items": 'Sequence[Task]',
        # `from` of the next page; null on the last.
        "nextFrom": 'Union[int, None]',
    },
)

TaskNodeValue = TypedDict(
    "TaskNodeValue",
    {
        "id": 'str',
        "instanceType": 'str',
        "zone": 'str',
        "capacityType": 'Literal["spot", "on-demand"]',
        # Of the whole node.
        "priceUsdPerHour": 'float',
    },
)

Task = TypedDict(
    "Task",
    {
        "index": 'int',
        # `running`: on a node; `startedAt` is null until the node has started it.
        "state": 'Literal["pending", "running", "succeeded", "failed", "cancelled", "expired"]',
        # Of the last attempt that exited.
        "exitCode": 'Union[int, None]',
        "reason": 'Union[str, None]',
        # Runs begun so far.
        "attempts": 'int',
        "usage": 'NotRequired[Usage]',
        # Of the image that the last attempt ran that ended: its manifest, `sha256:…`.
        "imageDigest": 'NotRequired[str]',
        # Of the last attempt.
        "node": 'Union[TaskNodeValue, None]',
        # What the last attempt of the task cost: its node's price for the time that it was placed there, by the
        # largest share that it asked of the node's vCPUs, memory or GPUs. null until it has ended, for arrays, and
        # for instance types that the packaged catalog does not have.
        "lastAttemptUsd": 'Union[float, None]',
        # What all attempts cost that have ended, each counted as lastAttemptUsd is: the whole cost once the state is
        # an end, what it cost so far before that. What still runs counts when it ends; an array is as of the last
        # change of its counts. null where it is not known of one of them.
        "usd": 'Union[float, None]',
        "placedAt": 'Union[str, None]',
        "startedAt": 'Union[str, None]',
        "endedAt": 'Union[str, None]',
        # Of one that waits after a failure or a loss: not before this.
        "nextTryAt": 'NotRequired[str]',
    },
)

PoolList = TypedDict(
    "PoolList",
    {
        "items": 'Sequence[PoolView]',
        "nextCursor": 'Union[str, None]',
    },
)

PoolViewRequirementsMatchExpressionsItem = TypedDict(
    "PoolViewRequirementsMatchExpressionsItem",
    {
        "key": (
            'Literal["acceleratorCount", "acceleratorManufacturer", "acceleratorName", "arch", "bareMetal", '
            '"burstable", "capacityType", "cpuManufacturer", "currentGeneration", "gpuCount", "gpuManufacturer", '
            '"gpuMemoryMib", "gpuName", "hypervisor", "instanceCategory", "instanceFamily", "instanceGeneration", '
            '"instanceSize", "instanceType", "localDiskGib", "memoryMib", "networkMbps", "vcpu", "zone"]'
        ),
        "operator": 'Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]',
        "values": 'Sequence[str]',
    },
)

PoolViewRequirements = TypedDict(
    "PoolViewRequirements",
    {
        "instanceCategory": 'NotRequired[Sequence[str]]',
        "instanceFamily": 'NotRequired[Sequence[str]]',
        "instanceType": 'NotRequired[Sequence[str]]',
        "arch": 'NotRequired[Sequence[str]]',
        "zone": 'NotRequired[Sequence[str]]',
        "capacityType": 'NotRequired[Sequence[str]]',
        "cpuManufacturer": 'NotRequired[Sequence[str]]',
        "hypervisor": 'NotRequired[Sequence[str]]',
        "gpuManufacturer": 'NotRequired[Sequence[str]]',
        "gpuName": 'NotRequired[Sequence[str]]',
        "burstable": 'NotRequired[bool]',
        "bareMetal": 'NotRequired[bool]',
        "minInstanceGeneration": 'NotRequired[int]',
        "minGpuMemoryMib": 'NotRequired[int]',
        "minLocalDiskGib": 'NotRequired[int]',
        "minNetworkGbps": 'NotRequired[int]',
        "matchExpressions": 'NotRequired[Sequence[PoolViewRequirementsMatchExpressionsItem]]',
    },
)

PoolViewLimits = TypedDict(
    "PoolViewLimits",
    {
        "instances": 'NotRequired[float]',
        "vcpu": 'NotRequired[float]',
        "memoryMib": 'NotRequired[float]',
        "usdPerHour": 'NotRequired[float]',
        "volumeGib": 'NotRequired[float]',
        "usdPerMonth": 'NotRequired[float]',
    },
)

PoolViewBudget = TypedDict(
    "PoolViewBudget",
    {
        "usdPerDay": 'NotRequired[float]',
        "usdPerMonth": 'NotRequired[float]',
    },
)

PoolViewDisruptionConsolidation = TypedDict(
    "PoolViewDisruptionConsolidation",
    {
        "calmSeconds": 'NotRequired[float]',
        "apartSeconds": 'NotRequired[float]',
    },
)

PoolViewDisruptionBudgetsItem = TypedDict(
    "PoolViewDisruptionBudgetsItem",
    {
        "nodes": 'NotRequired[int]',
        "percent": 'NotRequired[float]',
        "methods": 'NotRequired[Sequence[str]]',
        "schedule": 'NotRequired[str]',
        "timeZone": 'NotRequired[str]',
        "durationSeconds": 'NotRequired[float]',
    },
)

PoolViewDisruption = TypedDict(
    "PoolViewDisruption",
    {
        "drift": 'bool',
        "expireAfterSeconds": 'NotRequired[float]',
        "consolidation": 'NotRequired[PoolViewDisruptionConsolidation]',
        "maxDrainSeconds": 'NotRequired[float]',
        "budgets": 'NotRequired[Sequence[PoolViewDisruptionBudgetsItem]]',
    },
)

PoolViewAlarmsItem = TypedDict(
    "PoolViewAlarmsItem",
    {
        "alarmName": 'str',
        "addNodes": 'NotRequired[int]',
        "removeNodes": 'NotRequired[int]',
        "cooldownSeconds": 'float',
        # The last that CloudWatch said; absent until it says something.
        "state": 'NotRequired[str]',
        # RFC 3339, UTC
        "since": 'NotRequired[str]',
        "actedAt": 'NotRequired[Union[str, None]]',
    },
)

# As declared; and, where one pool is shown, what it keeps.
PoolViewHeadroom = TypedDict(
    "PoolViewHeadroom",
    {
        "vcpu": 'NotRequired[float]',
        "memoryMib": 'NotRequired[float]',
        "gpu": 'NotRequired[float]',
        "nodes": 'NotRequired[int]',
        # Nodes kept without work now: declared, and by alarms.
        "floorNodes": 'NotRequired[int]',
        # What set the floor of alarms last.
        "alarmName": 'NotRequired[Union[str, None]]',
        "reason": 'NotRequired[Union[str, None]]',
        # Why the floor is not reached, as of the last tick; null where it is.
        "lacking": 'NotRequired[Union[str, None]]',
    },
)

PoolViewPoliciesItem1Value = TypedDict(
    "PoolViewPoliciesItem1Value",
    {
        "kind": 'Literal["manual"]',
        "name": 'str',
        "nodes": 'int',
    },
)

PoolViewPoliciesItem2ValueEntriesItem = TypedDict(
    "PoolViewPoliciesItem2ValueEntriesItem",
    {
        # Minute, hour, day of month, month, day of week, e.g. "0 8 * * 1-5".
        "cron": 'str',
        "nodes": 'int',
    },
)

PoolViewPoliciesItem2Value = TypedDict(
    "PoolViewPoliciesItem2Value",
    {
        "kind": 'Literal["schedule"]',
        "name": 'str',
        "timeZone": 'str',
        # Each sets the nodes when its time comes, until the next of them.
        "entries": 'Sequence[PoolViewPoliciesItem2ValueEntriesItem]',
    },
)

PoolViewPoliciesItem3ValueStepsItem = TypedDict(
    "PoolViewPoliciesItem3ValueStepsItem",
    {
        "fromVcpu": 'NotRequired[float]',
        "from": 'NotRequired[float]',
        "nodes": 'int',
    },
)

PoolViewPoliciesItem3Value = TypedDict(
    "PoolViewPoliciesItem3Value",
    {
        "kind": 'Literal["step"]',
        "name": 'str',
        # By what CloudWatch has; unless given by the demand of the pool.
        "metric": 'NotRequired[Literal["cloudwatch"]]',
        # Which metric of CloudWatch.
        "cloudwatch": 'NotRequired[CloudWatchMetricOutput]',
        # By demand in vCPU, waiting and running (`fromVcpu`), or by the metric (`from`).
        "steps": 'Sequence[PoolViewPoliciesItem3ValueStepsItem]',
    },
)

PoolViewPoliciesItem4Value = TypedDict(
    "PoolViewPoliciesItem4Value",
    {
        "kind": 'Literal["target"]',
        "name": 'str',
        # By what CloudWatch has; unless given by the demand of the pool.
        "metric": 'NotRequired[Literal["cloudwatch"]]',
        # Which metric of CloudWatch.
        "cloudwatch": 'NotRequired[CloudWatchMetricOutput]',
        # One node of headroom for so much demand, waiting and running.
        "vcpuPerNode": 'NotRequired[float]',
        # One node of headroom for so much of the metric.
        "target": 'NotRequired[float]',
        "tolerance": 'NotRequired[float]',
    },
)

PoolViewRolesItem = TypedDict(
    "PoolViewRolesItem",
    {
        "role": 'str',
        "tenants": 'NotRequired[Sequence[str]]',
    },
)

PoolViewSecretsItem = TypedDict(
    "PoolViewSecretsItem",
    {
        "from": 'str',
        "tenants": 'NotRequired[Sequence[str]]',
    },
)

PoolViewTargetGroupsItem = TypedDict(
    "PoolViewTargetGroupsItem",
    {
        "arn": 'str',
        "tenants": 'NotRequired[Sequence[str]]',
    },
)

PoolViewPricesItem = TypedDict(
    "PoolViewPricesItem",
    {
        "instanceType": 'str',
        "zone": 'NotRequired[str]',
        "capacityType": 'NotRequired[Literal["spot", "on-demand"]]',
        "usdPerHour": 'NotRequired[float]',
        "discountPercent": 'NotRequired[float]',
    },
)

PoolViewCommitmentsItem1Value = TypedDict(
    "PoolViewCommitmentsItem1Value",
    {
        "kind": 'Literal["capacity-reservation"]',
        # As EC2 gave it; unique in the pool.
        "id": 'str',
        "instanceType": 'str',
        "count": 'int',
        # What each costs, used or not; what the type costs on demand unless given.
        "usdPerHour": 'NotRequired[float]',
        "zone": 'str',
        # When it begins, of one that has not.
        "from": 'NotRequired[str]',
        # When it ends: from then on it is ignored.
        "until": 'NotRequired[str]',
    },
)

PoolViewCommitmentsItem2Value = TypedDict(
    "PoolViewCommitmentsItem2Value",
    {
        "kind": 'Literal["capacity-block"]',
        # As EC2 gave it; unique in the pool.
        "id": 'str',
        "instanceType": 'str',
        "count": 'int',
        # What each costs, used or not; what the type costs on demand unless given.
        "usdPerHour": 'NotRequired[float]',
        "zone": 'str',
        # When it begins.
        "from": 'str',
        # When it ends. EC2 terminates what is in it half an hour before; nothing is launched in its last hour.
        "until": 'str',
    },
)

PoolViewCommitmentsItem3Value = TypedDict(
    "PoolViewCommitmentsItem3Value",
    {
        "kind": 'Literal["reserved-instances"]',
        # Unique in the pool, e.g. the id that EC2 gave it.
        "name": 'str',
        "instanceType": 'str',
        "count": 'int',
        # What each costs, used or not; what the type costs on demand unless given.
        "usdPerHour": 'NotRequired[float]',
        # Every zone unless given.
        "zone": 'NotRequired[str]',
        # When it ends: from then on it is ignored.
        "until": 'NotRequired[str]',
    },
)

PoolViewCommitmentsItem4Value = TypedDict(
    "PoolViewCommitmentsItem4Value",
    {
        "kind": 'Literal["savings-plan"]',
        # Unique in the pool, e.g. the id that EC2 gave it.
        "name": 'str',
        # What is committed, after the discount.
        "usdPerHour": 'float',
        # Off the price that would be paid otherwise.
        "discountPercent": 'float',
        # Any unless given.
        "instanceFamily": 'NotRequired[str]',
        # When it ends: from then on it is ignored.
        "until": 'NotRequired[str]',
    },
)

PoolViewCommitmentUseItem = TypedDict(
    "PoolViewCommitmentUseItem",
    {
        # Of a capacity reservation or block: its id.
        "name": 'str',
        # Instances, or USD per hour after the discount, as of the last tick.
        "used": 'float',
        "of": 'float',
        # The same, on average since midnight (UTC).
        "meanToday": 'float',
        # It has ended, and is ignored.
        "ended": 'bool',
        # Why EC2 launches nothing into it now, and the cure.
        "refused": 'NotRequired[str]',
    },
)

PoolViewShadowRequirementsMatchExpressionsItem = TypedDict(
    "PoolViewShadowRequirementsMatchExpressionsItem",
    {
        "key": (
            'Literal["acceleratorCount", "acceleratorManufacturer", "acceleratorName", "arch", "bareMetal", '
            '"burstable", "capacityType", "cpuManufacturer", "currentGeneration", "gpuCount", "gpuManufacturer", '
            '"gpuMemoryMib", "gpuName", "hypervisor", "instanceCategory", "instanceFamily", "instanceGeneration", '
            '"instanceSize", "instanceType", "localDiskGib", "memoryMib", "networkMbps", "vcpu", "zone"]'
        ),
        "operator": 'Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]',
        "values": 'Sequence[str]',
    },
)

PoolViewShadowRequirements = TypedDict(
    "PoolViewShadowRequirements",
    {
        "instanceCategory": 'NotRequired[Sequence[str]]',
        "instanceFamily": 'NotRequired[Sequence[str]]',
        "instanceType": 'NotRequired[Sequence[str]]',
        "arch": 'NotRequired[Sequence[str]]',
        "zone": 'NotRequired[Sequence[str]]',
        "capacityType": 'NotRequired[Sequence[str]]',
        "cpuManufacturer": 'NotRequired[Sequence[str]]',
        "hypervisor": 'NotRequired[Sequence[str]]',
        "gpuManufacturer": 'NotRequired[Sequence[str]]',
        "gpuName": 'NotRequired[Sequence[str]]',
        "burstable": 'NotRequired[bool]',
        "bareMetal": 'NotRequired[bool]',
        "minInstanceGeneration": 'NotRequired[int]',
        "minGpuMemoryMib": 'NotRequired[int]',
        "minLocalDiskGib": 'NotRequired[int]',
        "minNetworkGbps": 'NotRequired[int]',
        "matchExpressions": 'NotRequired[Sequence[PoolViewShadowRequirementsMatchExpressionsItem]]',
    },
)

PoolViewShadowDisruptionConsolidation = TypedDict(
    "PoolViewShadowDisruptionConsolidation",
    {
        "calmSeconds": 'NotRequired[float]',
        "apartSeconds": 'NotRequired[float]',
    },
)

PoolViewShadowDisruptionBudgetsItem = TypedDict(
    "PoolViewShadowDisruptionBudgetsItem",
    {
        "nodes": 'NotRequired[int]',
        "percent": 'NotRequired[float]',
        "methods": 'NotRequired[Sequence[str]]',
        "schedule": 'NotRequired[str]',
        "timeZone": 'NotRequired[str]',
        "durationSeconds": 'NotRequired[float]',
    },
)

PoolViewShadowDisruption = TypedDict(
    "PoolViewShadowDisruption",
    {
        "drift": 'bool',
        "expireAfterSeconds": 'NotRequired[float]',
        "consolidation": 'NotRequired[PoolViewShadowDisruptionConsolidation]',
        "maxDrainSeconds": 'NotRequired[float]',
        "budgets": 'NotRequired[Sequence[PoolViewShadowDisruptionBudgetsItem]]',
    },
)

PoolViewShadow = TypedDict(
    "PoolViewShadow",
    {
        "requirements": 'NotRequired[PoolViewShadowRequirements]',
        "tasksPerNode": 'NotRequired[int]',
        "maxNodeVcpu": 'NotRequired[int]',
        "ordering": 'NotRequired[Literal["fifo", "priority", "fair-share"]]',
        "placement": (
            'NotRequired[Literal["least-cost", "spread", "least-allocated", "most-allocated", "balanced"]]'
        ),
        "idleAfterSeconds": 'NotRequired[float]',
        "objective": 'NotRequired[Literal["cost-over-time", "cost-now"]]',
        "patienceSeconds": 'NotRequired[float]',
        "onDemand": 'NotRequired[OnDemandShareOutput]',
        "disruption": 'NotRequired[PoolViewShadowDisruption]',
    },
)

PoolViewWarmNeeds = TypedDict(
    "PoolViewWarmNeeds",
    {
        "vcpu": 'NotRequired[int]',
        "memoryMib": 'NotRequired[int]',
        "gpu": 'NotRequired[int]',
        "arch": 'NotRequired[str]',
        "localDiskGib": 'NotRequired[int]',
        "networkGbps": 'NotRequired[int]',
    },
)

PoolViewWarm = TypedDict(
    "PoolViewWarm",
    {
        "running": 'int',
        "stopped": 'int',
        "instanceType": 'NotRequired[str]',
        "zone": 'NotRequired[str]',
        "image": 'NotRequired[str]',
        "needs": 'NotRequired[PoolViewWarmNeeds]',
    },
)

PoolViewWarmNodes = TypedDict(
    "PoolViewWarmNodes",
    {
        "stopped": 'int',
        "minStopped": 'NotRequired[int]',
        "expireAfterSeconds": 'float',
        # Why fewer than minStopped are ready, as of the last tick; absent where they are, or are bought.
        "lacking": 'NotRequired[str]',
    },
)

# It buys nothing until it is resumed.
PoolViewPaused = TypedDict(
    "PoolViewPaused",
    {
        "by": 'str',
        # RFC 3339, UTC
        "since": 'str',
    },
)

PoolView = TypedDict(
    "PoolView",
    {
        "name": 'str',
        "requirements": 'PoolViewRequirements',
        "limits": 'PoolViewLimits',
        "budget": 'NotRequired[PoolViewBudget]',
        "tasksPerNode": 'int',
        "maxNodeVcpu": 'NotRequired[int]',
        "ordering": 'Literal["fifo", "priority", "fair-share"]',
        "placement": 'Literal["least-cost", "spread", "least-allocated", "most-allocated", "balanced"]',
        "learningStyle": 'Literal["reactive", "scheduled", "predictive", "adaptive"]',
        "idleAfterSeconds": 'float',
        "default": 'bool',
        "priority": 'int',
        "lossesMax": 'NotRequired[int]',
        "objective": 'Literal["cost-over-time", "cost-now"]',
        "patienceSeconds": 'NotRequired[float]',
        "lifetimes": 'Literal["learned", "off"]',
        "historyDays": 'int',
        "forecastQuantile": 'float',
        "accepts": 'Sequence[str]',
        "disruption": 'NotRequired[PoolViewDisruption]',
        "alarms": 'NotRequired[Sequence[PoolViewAlarmsItem]]',
        # As declared; and, where one pool is shown, what it keeps.
        "headroom": 'NotRequired[PoolViewHeadroom]',
        "policies": (
            'NotRequired[Sequence[Union[PoolViewPoliciesItem1Value, PoolViewPoliciesItem2Value, '
            'PoolViewPoliciesItem3Value, PoolViewPoliciesItem4Value]]]'
        ),
        "tenants": 'NotRequired[Sequence[str]]',
        "nodesServe": 'Literal["one-tenant", "any-tenant"]',
        "role": 'NotRequired[str]',
        "roles": 'NotRequired[Sequence[PoolViewRolesItem]]',
        "secrets": 'NotRequired[Sequence[PoolViewSecretsItem]]',
        "targetGroups": 'NotRequired[Sequence[PoolViewTargetGroupsItem]]',
        "prices": 'NotRequired[Sequence[PoolViewPricesItem]]',
        "commitments": (
            'NotRequired[Sequence[Union[PoolViewCommitmentsItem1Value, PoolViewCommitmentsItem2Value, '
            'PoolViewCommitmentsItem3Value, PoolViewCommitmentsItem4Value]]]'
        ),
        # Where it has commitments: how far each is used.
        "commitmentUse": 'NotRequired[Sequence[PoolViewCommitmentUseItem]]',
        "onDemand": 'NotRequired[OnDemandShareOutput]',
        "shadow": 'NotRequired[PoolViewShadow]',
        "warm": 'NotRequired[PoolViewWarm]',
        "warmNodes": 'NotRequired[PoolViewWarmNodes]',
        # RFC 3339, UTC
        "createdAt": 'str',
        # RFC 3339, UTC
        "updatedAt": 'str',
        # Set while the pool is being deleted.
        "deletingSince": 'Union[str, None]',
        # It buys nothing until it is resumed.
        "paused": 'NotRequired[PoolViewPaused]',
        # Where one pool is shown: since when it is due to tick; null: it is not.
        "dueSince": 'NotRequired[Union[str, None]]',
        # Its stored record cannot be read, for this reason: it takes and does nothing until it is declared anew.
        "quarantine": 'NotRequired[str]',
    },
)

NodeWhyMethodsItem = TypedDict(
    "NodeWhyMethodsItem",
    {
        "method": 'str',
        # It takes the node at the next tick.
        "takes": 'bool',
        "reason": 'str',
        # When it may change its mind though nothing happens.
        "at": 'Union[str, None]',
    },
)

NodeWhy = TypedDict(
    "NodeWhy",
    {
        "node": 'Node',
        "summary": 'str',
        # When time alone may take it; null: only something that happens.
        "mayGoAt": 'Union[str, None]',
        "methods": 'Sequence[NodeWhyMethodsItem]',
    },
)

NodeAllocatable = TypedDict(
    "NodeAllocatable",
    {
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

NodeUsed = TypedDict(
    "NodeUsed",
    {
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

NodeAnnouncedValue = TypedDict(
    "NodeAnnouncedValue",
    {
        "reason": 'str',
        # RFC 3339, UTC
        "at": 'str',
    },
)

NodeCordonedValue = TypedDict(
    "NodeCordonedValue",
    {
        "by": 'str',
        # RFC 3339, UTC
        "at": 'str',
    },
)

NodeAssignedItem = TypedDict(
    "NodeAssignedItem",
    {
        # null: to callers who are no operators.
        "request": 'Union[str, None]',
        "index": 'int',
        "attempt": 'int',
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
        # RFC 3339, UTC
        "placedAt": 'str',
        "startedAt": 'Union[str, None]',
    },
)

NodeStartItem = TypedDict(
    "NodeStartItem",
    {
        "step": 'Literal["launched", "kernel", "user data", "runtime", "agent", "first sync", "first task"]',
        # RFC 3339, UTC
        "at": 'str',
        "seconds": 'float',
    },
)

Node = TypedDict(
    "Node",
    {
        "id": 'str',
        "pool": 'str',
        "state": 'Literal["launching", "ready", "stopping", "stopped", "starting", "draining", "terminating"]',
        "instanceType": 'str',
        "zone": 'str',
        "capacityType": 'Literal["spot", "on-demand"]',
        "priceUsdPerHour": 'float',
        "launchId": 'str',
        "allocatable": 'NodeAllocatable',
        "used": 'NodeUsed',
        "tasks": 'int',
        "tasksMax": 'int',
        # RFC 3339, UTC
        "createdAt": 'str',
        "readyAt": 'Union[str, None]',
        "lastSeenAt": 'Union[str, None]',
        "drainReason": 'Union[str, None]',
        # EC2 takes the node then; it takes tasks until 15 minutes before.
        "announced": 'Union[NodeAnnouncedValue, None]',
        # It takes no new tasks, and stays.
        "cordoned": 'Union[NodeCordonedValue, None]',
        # It drains, and tasks that run then are stopped and queued again.
        "stopsTasksAt": 'Union[str, None]',
        # The tasks on it; where it is asked for.
        "assigned": 'NotRequired[Sequence[NodeAssignedItem]]',
        # How it started: seconds since it was launched; where it is asked for.
        "start": 'NotRequired[Sequence[NodeStartItem]]',
    },
)

NodeList = TypedDict(
    "NodeList",
    {
        "items": 'Sequence[Node]',
        "nextCursor": 'Union[str, None]',
    },
)

ActivityListItemsItem = TypedDict(
    "ActivityListItemsItem",
    {
        # RFC 3339, UTC
        "at": 'str',
        "code": 'str',
        "message": 'str',
        "nodeId": 'Union[str, None]',
        "launchId": 'Union[str, None]',
        "instanceType": 'Union[str, None]',
        "zone": 'Union[str, None]',
        "capacityType": 'Union[str, None]',
        "priceUsdPerHour": 'Union[float, None]',
        # Who did it, where a person did.
        "principal": 'NotRequired[str]',
    },
)

ActivityList = TypedDict(
    "ActivityList",
    {
        "items": 'Sequence[ActivityListItemsItem]',
        "nextCursor": 'Union[str, None]',
    },
)

EventList = TypedDict(
    "EventList",
    {
        "items": 'Sequence[Event]',
        # null: there is no more at present.
        "nextCursor": 'Union[str, None]',
        # As `cursor` it goes on from here: what happens later, too.
        "position": 'str',
    },
)

Event = TypedDict(
    "Event",
    {
        # Of what happened: an event may come twice, and has the same id then.
        "id": 'str',
        # `TaskEnded`: a request of tasks, of an array once all have ended. `RequestEnded`: a claim. `LeaseEnding`:
        # once per lease, before it ends.
        "type": (
            'Literal["RequestAccepted", "RequestEnded", "LeaseEnding", "TaskEnded", "NodeLaunched", '
            '"NodeTerminated"]'
        ),
        # When it happened; the list is in the order in which events became known.
        "at": 'str',
        "pool": 'str',
        # Of events of requests, as are the next two.
        "requestId": 'NotRequired[str]',
        "name": 'NotRequired[str]',
        "labels": 'NotRequired[Mapping[str, str]]',
        "requestType": 'NotRequired[Literal["task", "virtual_machine", "storage", "network"]]',
        # RequestAccepted: how many tasks.
        "count": 'NotRequired[int]',
        # TaskEnded, RequestEnded.
        "state": (
            'NotRequired[Literal["pending", "running", "active", "releasing", "succeeded", "failed", "cancelled", '
            '"expired", "released"]]'
        ),
        "reason": 'NotRequired[Union[str, None]]',
        # RFC 3339, UTC
        "leaseEndsAt": 'NotRequired[str]',
        # Of events of nodes.
        "nodeId": 'NotRequired[str]',
        "instanceType": 'NotRequired[str]',
        "zone": 'NotRequired[str]',
        "capacityType": 'NotRequired[str]',
        "priceUsdPerHour": 'NotRequired[float]',
    },
)

WebhookList = TypedDict(
    "WebhookList",
    {
        "items": 'Sequence[Webhook]',
    },
)

WebhookMissedValue = TypedDict(
    "WebhookMissedValue",
    {
        # RFC 3339, UTC
        "from": 'str',
        # RFC 3339, UTC
        "until": 'str',
    },
)

Webhook = TypedDict(
    "Webhook",
    {
        "name": 'str',
        "url": 'str',
        "types": (
            'NotRequired[Sequence[Literal["RequestAccepted", "RequestEnded", "LeaseEnding", "TaskEnded", '
            '"NodeLaunched", "NodeTerminated"]]]'
        ),
        "pool": 'NotRequired[str]',
        "labels": 'NotRequired[Mapping[str, str]]',
        # RFC 3339, UTC
        "createdAt": 'str',
        # RFC 3339, UTC
        "updatedAt": 'str',
        # Since it was declared.
        "delivered": 'int',
        "lastDeliveredAt": 'Union[str, None]',
        # null: the last delivery succeeded.
        "failingSince": 'Union[str, None]',
        # Until then an endpoint that fails is not called.
        "nextTryAt": 'Union[str, None]',
        # Of the last delivery.
        "error": 'Union[str, None]',
        # What was written between these may be lost: it was older than events are kept for when its turn came. Said
        # until a replay, which sends again what is kept.
        "missed": 'Union[WebhookMissedValue, None]',
        # Why it is sent nothing: how far it is cannot be read. A replay says from when on it is sent what happened.
        "setAside": 'Union[str, None]',
        # Of each secret that signs, the present one first: until when; null: for good.
        "secretsEnd": 'Sequence[Union[str, None]]',
    },
)

DeclaredWebhookMissedValue = TypedDict(
    "DeclaredWebhookMissedValue",
    {
        # RFC 3339, UTC
        "from": 'str',
        # RFC 3339, UTC
        "until": 'str',
    },
)

DeclaredWebhook = TypedDict(
    "DeclaredWebhook",
    {
        "name": 'str',
        "url": 'str',
        "types": (
            'NotRequired[Sequence[Literal["RequestAccepted", "RequestEnded", "LeaseEnding", "TaskEnded", '
            '"NodeLaunched", "NodeTerminated"]]]'
        ),
        "pool": 'NotRequired[str]',
        "labels": 'NotRequired[Mapping[str, str]]',
        # RFC 3339, UTC
        "createdAt": 'str',
        # RFC 3339, UTC
        "updatedAt": 'str',
        # Since it was declared.
        "delivered": 'int',
        "lastDeliveredAt": 'Union[str, None]',
        # null: the last delivery succeeded.
        "failingSince": 'Union[str, None]',
        # Until then an endpoint that fails is not called.
        "nextTryAt": 'Union[str, None]',
        # Of the last delivery.
        "error": 'Union[str, None]',
        # What was written between these may be lost: it was older than events are kept for when its turn came. Said
        # until a replay, which sends again what is kept.
        "missed": 'Union[DeclaredWebhookMissedValue, None]',
        # Why it is sent nothing: how far it is cannot be read. A replay says from when on it is sent what happened.
        "setAside": 'Union[str, None]',
        # Of each secret that signs, the present one first: until when; null: for good.
        "secretsEnd": 'Sequence[Union[str, None]]',
        # Of a new one.
        "secret": 'NotRequired[str]',
    },
)

RotatedWebhookMissedValue = TypedDict(
    "RotatedWebhookMissedValue",
    {
        # RFC 3339, UTC
        "from": 'str',
        # RFC 3339, UTC
        "until": 'str',
    },
)

RotatedWebhook = TypedDict(
    "RotatedWebhook",
    {
        "name": 'str',
        "url": 'str',
        "types": (
            'NotRequired[Sequence[Literal["RequestAccepted", "RequestEnded", "LeaseEnding", "TaskEnded", '
            '"NodeLaunched", "NodeTerminated"]]]'
        ),
        "pool": 'NotRequired[str]',
        "labels": 'NotRequired[Mapping[str, str]]',
        # RFC 3339, UTC
        "createdAt": 'str',
        # RFC 3339, UTC
        "updatedAt": 'str',
        # Since it was declared.
        "delivered": 'int',
        "lastDeliveredAt": 'Union[str, None]',
        # null: the last delivery succeeded.
        "failingSince": 'Union[str, None]',
        # Until then an endpoint that fails is not called.
        "nextTryAt": 'Union[str, None]',
        # Of the last delivery.
        "error": 'Union[str, None]',
        # What was written between these may be lost: it was older than events are kept for when its turn came. Said
        # until a replay, which sends again what is kept.
        "missed": 'Union[RotatedWebhookMissedValue, None]',
        # Why it is sent nothing: how far it is cannot be read. A replay says from when on it is sent what happened.
        "setAside": 'Union[str, None]',
        # Of each secret that signs, the present one first: until when; null: for good.
        "secretsEnd": 'Sequence[Union[str, None]]',
        # Only here and only now. Deliveries are signed with it as Standard Webhooks says: docs/events.md.
        "secret": 'str',
    },
)

DeliveryListItemsItem = TypedDict(
    "DeliveryListItemsItem",
    {
        "eventId": 'str',
        # `TaskEnded`: a request of tasks, of an array once all have ended. `RequestEnded`: a claim. `LeaseEnding`:
        # once per lease, before it ends.
        "type": (
            'Literal["RequestAccepted", "RequestEnded", "LeaseEnding", "TaskEnded", "NodeLaunched", '
            '"NodeTerminated"]'
        ),
        "requestId": 'NotRequired[str]',
        "nodeId": 'NotRequired[str]',
        "state": 'Literal["waiting", "dead"]',
        "tries": 'int',
        # When it was tried first.
        "since": 'str',
        "nextTryAt": 'Union[str, None]',
        "error": 'Union[str, None]',
    },
)

DeliveryList = TypedDict(
    "DeliveryList",
    {
        "items": 'Sequence[DeliveryListItemsItem]',
        "nextCursor": 'Union[str, None]',
    },
)

ReplayedWebhookMissedValue = TypedDict(
    "ReplayedWebhookMissedValue",
    {
        # RFC 3339, UTC
        "from": 'str',
        # RFC 3339, UTC
        "until": 'str',
    },
)

ReplayedWebhook = TypedDict(
    "ReplayedWebhook",
    {
        "name": 'str',
        "url": 'str',
        "types": (
            'NotRequired[Sequence[Literal["RequestAccepted", "RequestEnded", "LeaseEnding", "TaskEnded", '
            '"NodeLaunched", "NodeTerminated"]]]'
        ),
        "pool": 'NotRequired[str]',
        "labels": 'NotRequired[Mapping[str, str]]',
        # RFC 3339, UTC
        "createdAt": 'str',
        # RFC 3339, UTC
        "updatedAt": 'str',
        # Since it was declared.
        "delivered": 'int',
        "lastDeliveredAt": 'Union[str, None]',
        # null: the last delivery succeeded.
        "failingSince": 'Union[str, None]',
        # Until then an endpoint that fails is not called.
        "nextTryAt": 'Union[str, None]',
        # Of the last delivery.
        "error": 'Union[str, None]',
        # What was written between these may be lost: it was older than events are kept for when its turn came. Said
        # until a replay, which sends again what is kept.
        "missed": 'Union[ReplayedWebhookMissedValue, None]',
        # Why it is sent nothing: how far it is cannot be read. A replay says from when on it is sent what happened.
        "setAside": 'Union[str, None]',
        # Of each secret that signs, the present one first: until when; null: for good.
        "secretsEnd": 'Sequence[Union[str, None]]',
        # Dead letters that are delivered again.
        "replayed": 'int',
        # From when on all is sent again: not what is kept no longer. null: dead letters are.
        "since": 'Union[str, None]',
    },
)

ServiceList = TypedDict(
    "ServiceList",
    {
        "items": 'Sequence[ServiceView]',
        "nextCursor": 'Union[str, None]',
    },
)

ServiceViewPoliciesItem1Value = TypedDict(
    "ServiceViewPoliciesItem1Value",
    {
        "kind": 'Literal["manual"]',
        "name": 'str',
        "replicas": 'int',
    },
)

ServiceViewPoliciesItem2ValueEntriesItem = TypedDict(
    "ServiceViewPoliciesItem2ValueEntriesItem",
    {
        # Minute, hour, day of month, month, day of week, e.g. "0 8 * * 1-5".
        "cron": 'str',
        "replicas": 'int',
    },
)

ServiceViewPoliciesItem2Value = TypedDict(
    "ServiceViewPoliciesItem2Value",
    {
        "kind": 'Literal["schedule"]',
        "name": 'str',
        "timeZone": 'str',
        # Each sets the replicas when its time comes, until the next of them.
        "entries": 'Sequence[ServiceViewPoliciesItem2ValueEntriesItem]',
    },
)

ServiceViewPoliciesItem3ValueStepsItem = TypedDict(
    "ServiceViewPoliciesItem3ValueStepsItem",
    {
        "from": 'float',
        "replicas": 'int',
    },
)

ServiceViewPoliciesItem3Value = TypedDict(
    "ServiceViewPoliciesItem3Value",
    {
        "kind": 'Literal["step"]',
        "name": 'str',
        # `waiting`: the tenant's tasks that wait in the pool. `cpu`, `memory`: what replicas use, in percent of what
        # the template asks for. `reported`: what PUT /v1/services/{name}/metrics/{metric} was told. `cloudwatch`:
        # what CloudWatch has.
        "metric": 'Literal["waiting", "cpu", "memory", "reported", "cloudwatch"]',
        # The name of a metric that is reported.
        "reported": 'NotRequired[str]',
        # Which metric of CloudWatch.
        "cloudwatch": 'NotRequired[CloudWatchMetricOutput]',
        # Of a reported one or one of CloudWatch: of all replicas together (the default), or of each.
        "of": 'NotRequired[Literal["total", "average"]]',
        # What the last one says that the metric has reached.
        "steps": 'Sequence[ServiceViewPoliciesItem3ValueStepsItem]',
    },
)

ServiceViewPoliciesItem4Value = TypedDict(
    "ServiceViewPoliciesItem4Value",
    {
        "kind": 'Literal["target"]',
        "name": 'str',
        # `waiting`: the tenant's tasks that wait in the pool. `cpu`, `memory`: what replicas use, in percent of what
        # the template asks for. `reported`: what PUT /v1/services/{name}/metrics/{metric} was told. `cloudwatch`:
        # what CloudWatch has.
        "metric": 'Literal["waiting", "cpu", "memory", "reported", "cloudwatch"]',
        # The name of a metric that is reported.
        "reported": 'NotRequired[str]',
        # Which metric of CloudWatch.
        "cloudwatch": 'NotRequired[CloudWatchMetricOutput]',
        # Of a reported one or one of CloudWatch: of all replicas together (the default), or of each.
        "of": 'NotRequired[Literal["total", "average"]]',
        "target": 'float',
        "tolerance": 'NotRequired[float]',
    },
)

ServiceViewPoliciesItem5ValueStepsItem = TypedDict(
    "ServiceViewPoliciesItem5ValueStepsItem",
    {
        "from": 'float',
        "replicas": 'int',
    },
)

ServiceViewPoliciesItem5Value = TypedDict(
    "ServiceViewPoliciesItem5Value",
    {
        "kind": 'Literal["alarm"]',
        "name": 'str',
        "alarmName": 'str',
        "addReplicas": 'NotRequired[int]',
        "removeReplicas": 'NotRequired[int]',
        # So many instead where the metric is so far beyond the threshold, by the most of the datapoints that
        # CloudWatch names.
        "steps": 'NotRequired[Sequence[ServiceViewPoliciesItem5ValueStepsItem]]',
        "cooldownSeconds": 'float',
    },
)

ServiceViewBehaviourOutRatesItem = TypedDict(
    "ServiceViewBehaviourOutRatesItem",
    {
        "replicas": 'NotRequired[int]',
        "percent": 'NotRequired[int]',
        "periodSeconds": 'int',
    },
)

ServiceViewBehaviourOut = TypedDict(
    "ServiceViewBehaviourOut",
    {
        # The most careful of what was wanted in that time counts.
        "stabilizationSeconds": 'int',
        # Which of the rates binds: the one that allows the most, or the least. Or: it never moves.
        "select": 'Literal["max", "min", "disabled"]',
        # By so much in so many seconds. None: nothing bounds it.
        "rates": 'Sequence[ServiceViewBehaviourOutRatesItem]',
    },
)

ServiceViewBehaviourInRatesItem = TypedDict(
    "ServiceViewBehaviourInRatesItem",
    {
        "replicas": 'NotRequired[int]',
        "percent": 'NotRequired[int]',
        "periodSeconds": 'int',
    },
)

ServiceViewBehaviourIn = TypedDict(
    "ServiceViewBehaviourIn",
    {
        # The most careful of what was wanted in that time counts.
        "stabilizationSeconds": 'int',
        # Which of the rates binds: the one that allows the most, or the least. Or: it never moves.
        "select": 'Literal["max", "min", "disabled"]',
        # By so much in so many seconds. None: nothing bounds it.
        "rates": 'Sequence[ServiceViewBehaviourInRatesItem]',
    },
)

# How fast the count moves. Unless given: at once, and where a policy goes by a metric as the Kubernetes Horizontal
# Pod Autoscaler does unless told otherwise.
ServiceViewBehaviour = TypedDict(
    "ServiceViewBehaviour",
    {
        "out": 'ServiceViewBehaviourOut',
        "in": 'ServiceViewBehaviourIn',
    },
)

ServiceViewRevisionsItem = TypedDict(
    "ServiceViewRevisionsItem",
    {
        "number": 'int',
        # RFC 3339, UTC
        "createdAt": 'str',
    },
)

ServiceViewUpdate = TypedDict(
    "ServiceViewUpdate",
    {
        "maxUnavailable": 'int',
        "maxSurge": 'int',
        "order": 'Literal["start-first", "stop-first"]',
        "minHealthySeconds": 'float',
        "progressSeconds": 'float',
        "rollback": 'bool',
    },
)

# How the present revision takes its place.
ServiceViewRollout = TypedDict(
    "ServiceViewRollout",
    {
        "state": 'Literal["running", "done", "failed", "rolling-back", "rolled-back"]',
        "revision": 'int',
        # What it goes back to when it fails.
        "from": 'Union[int, None]',
        # RFC 3339, UTC
        "startedAt": 'str',
        "failures": 'int',
        "reason": 'Union[str, None]',
    },
)

ServiceViewTargetGroupsItemTroublesItem = TypedDict(
    "ServiceViewTargetGroupsItemTroublesItem",
    {
        "call": 'str',
        "code": 'str',
        "message": 'str',
        # RFC 3339, UTC
        "since": 'str',
    },
)

ServiceViewTargetGroupsItem = TypedDict(
    "ServiceViewTargetGroupsItem",
    {
        "arn": 'str',
        "port": 'str',
        # How many replicas are registered.
        "registered": 'int',
        # How many of them the group has as healthy, as last looked at.
        "healthy": 'int',
        "lookedAt": 'Union[str, None]',
        # Which calls fail, why, and what to do.
        "troubles": 'Sequence[ServiceViewTargetGroupsItemTroublesItem]',
    },
)

ServiceView = TypedDict(
    "ServiceView",
    {
        "name": 'str',
        "pool": 'str',
        "tenant": 'str',
        # How many are wanted.
        "replicas": 'int',
        # The fewest replicas that policies may want; 1 unless given. 0 only with a policy that moves it from there.
        "min": 'NotRequired[int]',
        # The most that they may want; goes with policies.
        "max": 'NotRequired[int]',
        # What moves the count: the largest of what they want, and it goes in only when all agree (docs/services.md).
        "policies": (
            'NotRequired[Sequence[Union[ServiceViewPoliciesItem1Value, ServiceViewPoliciesItem2Value, '
            'ServiceViewPoliciesItem3Value, ServiceViewPoliciesItem4Value, ServiceViewPoliciesItem5Value]]]'
        ),
        # reactive unless given. scheduled: one of the policies is a schedule. predictive: what they want is forecast,
        # and replicas are started before (docs/services.md).
        "learningStyle": 'NotRequired[Literal["reactive", "scheduled", "predictive"]]',
        # Predictive: replicas for what is wanted at most in this share of the cases; 0.9 unless given.
        "forecastQuantile": 'NotRequired[float]',
        # How fast the count moves. Unless given: at once, and where a policy goes by a metric as the Kubernetes
        # Horizontal Pod Autoscaler does unless told otherwise.
        "behaviour": 'NotRequired[ServiceViewBehaviour]',
        # How many serve, whatever their template.
        "ready": 'int',
        # How many of these have the present template.
        "current": 'int',
        # How many wait for a node, start there, or are not healthy.
        "pending": 'int',
        # How many are drained or stopped.
        "stopping": 'int',
        "revision": 'int',
        # Oldest first.
        "revisions": 'Sequence[ServiceViewRevisionsItem]',
        "template": 'AskedTemplate',
        "update": 'ServiceViewUpdate',
        # How the present revision takes its place.
        "rollout": 'ServiceViewRollout',
        "drainSeconds": 'float',
        "targetGroups": 'NotRequired[Sequence[ServiceViewTargetGroupsItem]]',
        # RFC 3339, UTC
        "createdAt": 'str',
        # RFC 3339, UTC
        "updatedAt": 'str',
        "deletingSince": 'Union[str, None]',
        # Why nothing is decided about it; null: it is looked after.
        "reason": 'Union[str, None]',
    },
)

AskedTemplateResources = TypedDict(
    "AskedTemplateResources",
    {
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

AskedTemplateNeeds = TypedDict(
    "AskedTemplateNeeds",
    {
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

AskedTemplateRequirementsMatchExpressionsItem = TypedDict(
    "AskedTemplateRequirementsMatchExpressionsItem",
    {
        "key": (
            'Literal["acceleratorCount", "acceleratorManufacturer", "acceleratorName", "arch", "bareMetal", '
            '"burstable", "capacityType", "cpuManufacturer", "currentGeneration", "gpuCount", "gpuManufacturer", '
            '"gpuMemoryMib", "gpuName", "hypervisor", "instanceCategory", "instanceFamily", "instanceGeneration", '
            '"instanceSize", "instanceType", "localDiskGib", "memoryMib", "networkMbps", "vcpu", "zone"]'
        ),
        "operator": 'Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]',
        "values": 'Sequence[str]',
    },
)

AskedTemplateRequirements = TypedDict(
    "AskedTemplateRequirements",
    {
        "instanceCategory": 'NotRequired[Sequence[str]]',
        "instanceFamily": 'NotRequired[Sequence[str]]',
        "instanceType": 'NotRequired[Sequence[str]]',
        "arch": 'NotRequired[Sequence[str]]',
        "zone": 'NotRequired[Sequence[str]]',
        "capacityType": 'NotRequired[Sequence[str]]',
        "cpuManufacturer": 'NotRequired[Sequence[str]]',
        "hypervisor": 'NotRequired[Sequence[str]]',
        "gpuManufacturer": 'NotRequired[Sequence[str]]',
        "gpuName": 'NotRequired[Sequence[str]]',
        "burstable": 'NotRequired[bool]',
        "bareMetal": 'NotRequired[bool]',
        "minInstanceGeneration": 'NotRequired[int]',
        "minGpuMemoryMib": 'NotRequired[int]',
        "minLocalDiskGib": 'NotRequired[int]',
        "minNetworkGbps": 'NotRequired[int]',
        "matchExpressions": 'NotRequired[Sequence[AskedTemplateRequirementsMatchExpressionsItem]]',
    },
)

AskedTemplateSpreadItem = TypedDict(
    "AskedTemplateSpreadItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
        "maxSkew": 'int',
    },
)

AskedTemplateAffinityItem = TypedDict(
    "AskedTemplateAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

AskedTemplateAntiAffinityItem = TypedDict(
    "AskedTemplateAntiAffinityItem",
    {
        "topology": 'Literal["zone", "node"]',
        "group": 'str',
    },
)

AskedTemplatePreferencesItemRequirementsMatchExpressionsItem = TypedDict(
    "AskedTemplatePreferencesItemRequirementsMatchExpressionsItem",
    {
        "key": (
            'Literal["acceleratorCount", "acceleratorManufacturer", "acceleratorName", "arch", "bareMetal", '
            '"burstable", "capacityType", "cpuManufacturer", "currentGeneration", "gpuCount", "gpuManufacturer", '
            '"gpuMemoryMib", "gpuName", "hypervisor", "instanceCategory", "instanceFamily", "instanceGeneration", '
            '"instanceSize", "instanceType", "localDiskGib", "memoryMib", "networkMbps", "vcpu", "zone"]'
        ),
        "operator": 'Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]',
        "values": 'Sequence[str]',
    },
)

AskedTemplatePreferencesItemRequirements = TypedDict(
    "AskedTemplatePreferencesItemRequirements",
    {
        "instanceCategory": 'NotRequired[Sequence[str]]',
        "instanceFamily": 'NotRequired[Sequence[str]]',
        "instanceType": 'NotRequired[Sequence[str]]',
        "arch": 'NotRequired[Sequence[str]]',
        "zone": 'NotRequired[Sequence[str]]',
        "capacityType": 'NotRequired[Sequence[str]]',
        "cpuManufacturer": 'NotRequired[Sequence[str]]',
        "hypervisor": 'NotRequired[Sequence[str]]',
        "gpuManufacturer": 'NotRequired[Sequence[str]]',
        "gpuName": 'NotRequired[Sequence[str]]',
        "burstable": 'NotRequired[bool]',
        "bareMetal": 'NotRequired[bool]',
        "minInstanceGeneration": 'NotRequired[int]',
        "minGpuMemoryMib": 'NotRequired[int]',
        "minLocalDiskGib": 'NotRequired[int]',
        "minNetworkGbps": 'NotRequired[int]',
        "matchExpressions": 'NotRequired[Sequence[AskedTemplatePreferencesItemRequirementsMatchExpressionsItem]]',
    },
)

AskedTemplatePreferencesItem = TypedDict(
    "AskedTemplatePreferencesItem",
    {
        "requirements": 'AskedTemplatePreferencesItemRequirements',
        "maxExtraUsdPerHour": 'float',
    },
)

AskedTemplateDisruption = TypedDict(
    "AskedTemplateDisruption",
    {
        "mode": 'Literal["never", "restart", "checkpoint"]',
        "signal": 'NotRequired[str]',
        "costUsd": 'NotRequired[float]',
        "graceSeconds": 'NotRequired[float]',
        "maxDrainSeconds": 'NotRequired[float]',
    },
)

AskedTemplatePortsItem = TypedDict(
    "AskedTemplatePortsItem",
    {
        "name": 'str',
        "port": 'NotRequired[int]',
        "container": 'NotRequired[int]',
    },
)

AskedTemplateHealthHttp = TypedDict(
    "AskedTemplateHealthHttp",
    {
        "port": 'str',
        "path": 'str',
    },
)

AskedTemplateHealthTcp = TypedDict(
    "AskedTemplateHealthTcp",
    {
        "port": 'str',
    },
)

AskedTemplateHealth = TypedDict(
    "AskedTemplateHealth",
    {
        "http": 'NotRequired[AskedTemplateHealthHttp]',
        "tcp": 'NotRequired[AskedTemplateHealthTcp]',
        "command": 'NotRequired[Sequence[str]]',
        "startPeriodSeconds": 'float',
        "intervalSeconds": 'float',
        "timeoutSeconds": 'float',
        "healthyThreshold": 'int',
        "unhealthyThreshold": 'int',
    },
)

AskedTemplatePreStop = TypedDict(
    "AskedTemplatePreStop",
    {
        "command": 'Sequence[str]',
    },
)

AskedTemplateImageCredentials = TypedDict(
    "AskedTemplateImageCredentials",
    {
        "secret": 'NotRequired[str]',
        "role": 'NotRequired[str]',
    },
)

AskedTemplateSecretsItem = TypedDict(
    "AskedTemplateSecretsItem",
    {
        "name": 'str',
        "from": 'str',
        "as": 'Literal["env", "file"]',
    },
)

AskedTemplateInputsItem = TypedDict(
    "AskedTemplateInputsItem",
    {
        "upload": 'NotRequired[str]',
        "url": 'NotRequired[str]',
        "path": 'str',
        "sha256": 'NotRequired[str]',
        "unpack": 'NotRequired[Literal[True]]',
    },
)

AskedTemplateOutput = TypedDict(
    "AskedTemplateOutput",
    {
        "keepMib": 'int',
    },
)

AskedTemplateMountsItem = TypedDict(
    "AskedTemplateMountsItem",
    {
        "request": 'str',
        "path": 'NotRequired[str]',
    },
)

AskedTemplate = TypedDict(
    "AskedTemplate",
    {
        "command": 'NotRequired[Sequence[str]]',
        "args": 'NotRequired[Sequence[str]]',
        "shell": 'NotRequired[str]',
        "image": 'NotRequired[str]',
        # The names of the variables; values are not shown.
        "env": 'NotRequired[Sequence[str]]',
        "resources": 'NotRequired[AskedTemplateResources]',
        "needs": 'NotRequired[AskedTemplateNeeds]',
        "capacityType": 'NotRequired[str]',
        "requirements": 'NotRequired[AskedTemplateRequirements]',
        "priority": 'NotRequired[int]',
        "retries": 'NotRequired[int]',
        "lossesMax": 'NotRequired[int]',
        "timeoutSeconds": 'NotRequired[float]',
        "deadlineSeconds": 'NotRequired[float]',
        "leaseSeconds": 'NotRequired[float]',
        "expectedDurationSeconds": 'NotRequired[float]',
        "group": 'NotRequired[str]',
        "gang": 'NotRequired[bool]',
        "spread": 'NotRequired[Sequence[AskedTemplateSpreadItem]]',
        "affinity": 'NotRequired[Sequence[AskedTemplateAffinityItem]]',
        "antiAffinity": 'NotRequired[Sequence[AskedTemplateAntiAffinityItem]]',
        "preferences": 'NotRequired[Sequence[AskedTemplatePreferencesItem]]',
        "disruption": 'NotRequired[AskedTemplateDisruption]',
        "ports": 'NotRequired[Sequence[AskedTemplatePortsItem]]',
        "health": 'NotRequired[AskedTemplateHealth]',
        "preStop": 'NotRequired[AskedTemplatePreStop]',
        "memoryGrowth": 'NotRequired[float]',
        "memoryMaxMib": 'NotRequired[int]',
        "imageCredentials": 'NotRequired[AskedTemplateImageCredentials]',
        # Where they are kept; values are nowhere here.
        "secrets": 'NotRequired[Sequence[AskedTemplateSecretsItem]]',
        "inputs": 'NotRequired[Sequence[AskedTemplateInputsItem]]',
        "artifacts": 'NotRequired[Sequence[str]]',
        "output": 'NotRequired[AskedTemplateOutput]',
        "mounts": 'NotRequired[Sequence[AskedTemplateMountsItem]]',
        "subnetId": 'NotRequired[str]',
        "keyPair": 'NotRequired[str]',
        "role": 'NotRequired[str]',
        "zone": 'NotRequired[str]',
        "attachTo": 'NotRequired[str]',
        "sizeGib": 'NotRequired[float]',
        "iops": 'NotRequired[float]',
        "throughputMibps": 'NotRequired[float]',
        "volumeType": 'NotRequired[str]',
        "snapshotId": 'NotRequired[str]',
        "onRelease": 'NotRequired[str]',
        # Where replicas are virtual machines.
        "machine": 'NotRequired[Asked]',
    },
)

ServiceWhyPoliciesItem = TypedDict(
    "ServiceWhyPoliciesItem",
    {
        "policy": 'str',
        # null: it has no data, and does not agree to go in.
        "wanted": 'Union[int, None]',
        # It wants nothing, and agrees to whatever the others want. Absent: as `wanted` says.
        "agrees": 'NotRequired[Literal[True]]',
        "reason": 'str',
    },
)

ServiceWhy = TypedDict(
    "ServiceWhy",
    {
        # How many are wanted.
        "replicas": 'int',
        # What the policies together want now, within min and max.
        "wanted": 'int',
        "reason": 'str',
        "policies": 'Sequence[ServiceWhyPoliciesItem]',
        # Which calls of its target groups fail, and what to do.
        "troubles": 'Sequence[str]',
    },
)

ServiceForecastMethodsItem = TypedDict(
    "ServiceForecastMethodsItem",
    {
        "method": 'str',
        # What no method that is acted on is worse than.
        "naive": 'bool',
        # Mean absolute error one lead time ahead, the last day most.
        "meanErrorReplicas": 'float',
        # Of how many forecasts.
        "steps": 'int',
    },
)

ServiceForecast = TypedDict(
    "ServiceForecast",
    {
        "learningStyle": 'Literal["reactive", "scheduled", "predictive"]',
        # It is predictive, and enough is known.
        "acts": 'bool',
        # What the forecast wants, or what is missing.
        "reason": 'str',
        # How long a node boots and a replica starts: so far ahead is forecast.
        "leadSeconds": 'float',
        # `wantedReplicas` is not passed in this share of the cases.
        "quantile": 'float',
        # What its policies want now, before bounds and rates; null: no metric has data.
        "demandReplicas": 'Union[float, None]',
        # null: too little is known.
        "method": 'Union[str, None]',
        "lowReplicas": 'Union[float, None]',
        "expectedReplicas": 'Union[float, None]',
        "wantedReplicas": 'Union[float, None]',
        # Past accuracy by a rolling back-test, the best first.
        "methods": 'Sequence[ServiceForecastMethodsItem]',
    },
)

# As it is known now.
Metric = TypedDict(
    "Metric",
    {
        "metric": 'str',
        "value": 'float',
        # RFC 3339, UTC
        "at": 'str',
    },
)

ReplicaList = TypedDict(
    "ReplicaList",
    {
        "items": 'Sequence[Replica]',
        "nextCursor": 'Union[str, None]',
    },
)

ReplicaNodeValue = TypedDict(
    "ReplicaNodeValue",
    {
        "id": 'str',
        "instanceType": 'str',
        "zone": 'str',
    },
)

ReplicaMachineValue = TypedDict(
    "ReplicaMachineValue",
    {
        "id": 'str',
        "instanceType": 'str',
        "zone": 'str',
        "publicAddress": 'Union[str, None]',
    },
)

ReplicaPortsItem = TypedDict(
    "ReplicaPortsItem",
    {
        "name": 'str',
        "port": 'int',
    },
)

Replica = TypedDict(
    "Replica",
    {
        # Its request: logs, timeline and tasks are found under it.
        "request": 'str',
        "slot": 'int',
        "revision": 'int',
        "state": 'Literal["pending", "starting", "ready", "unhealthy", "stopping", "gone"]',
        # What it waits for, or why it stops.
        "reason": 'Union[str, None]',
        # How often in a row what ran in its place ended by itself.
        "crashes": 'int',
        "startedAt": 'Union[str, None]',
        "node": 'Union[ReplicaNodeValue, None]',
        # The virtual machine that it is; null: it is a task, or EC2 has not made it yet.
        "machine": 'Union[ReplicaMachineValue, None]',
        # Of its node, or the private one of its machine.
        "address": 'Union[str, None]',
        # Open on its node.
        "ports": 'Sequence[ReplicaPortsItem]',
    },
)

ServiceEventsItemsItem = TypedDict(
    "ServiceEventsItemsItem",
    {
        # RFC 3339, UTC
        "at": 'str',
        "code": 'str',
        "message": 'str',
    },
)

# The last 50, newest first.
ServiceEvents = TypedDict(
    "ServiceEvents",
    {
        "items": 'Sequence[ServiceEventsItemsItem]',
    },
)

TenantList = TypedDict(
    "TenantList",
    {
        "items": 'Sequence[TenantView]',
    },
)

TenantViewBudget = TypedDict(
    "TenantViewBudget",
    {
        "usdPerDay": 'NotRequired[float]',
        "usdPerMonth": 'NotRequired[float]',
    },
)

TenantView = TypedDict(
    "TenantView",
    {
        "name": 'str',
        "weight": 'float',
        "budget": 'NotRequired[TenantViewBudget]',
        # RFC 3339, UTC
        "createdAt": 'str',
        # RFC 3339, UTC
        "updatedAt": 'str',
    },
)

# What is taken for true before anything has ended.
LifetimesPrior = TypedDict(
    "LifetimesPrior",
    {
        "p50Seconds": 'float',
        "p90Seconds": 'float',
        "meanSeconds": 'float',
    },
)

LifetimesClassesItem = TypedDict(
    "LifetimesClassesItem",
    {
        # null: of all tenants.
        "tenant": 'Union[str, None]',
        # null: of all shapes.
        "shape": 'Union[str, None]',
        # The tasks' name; null: of all.
        "name": 'Union[str, None]',
        # What it rests on; old ends count less.
        "ends": 'int',
        # false: too few ends, so it mostly follows the wider class.
        "hasEnough": 'bool',
        "p50Seconds": 'float',
        "p90Seconds": 'float',
        "meanSeconds": 'float',
    },
)

Lifetimes = TypedDict(
    "Lifetimes",
    {
        "lifetimes": 'Literal["learned", "off"]',
        # What is taken for true before anything has ended.
        "prior": 'LifetimesPrior',
        # Widest first; classes of other tenants only for operators.
        "classes": 'Sequence[LifetimesClassesItem]',
    },
)

DemandHistoryItemsItem = TypedDict(
    "DemandHistoryItemsItem",
    {
        # RFC 3339, UTC
        "at": 'str',
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

DemandHistory = TypedDict(
    "DemandHistory",
    {
        # null: nothing is known yet, or `historyDays` is 0.
        "knownSince": 'Union[str, None]',
        "stepSeconds": 'int',
        # The mean of each step, which begins at `at`; oldest first.
        "items": 'Sequence[DemandHistoryItemsItem]',
    },
)

PastTasksItemsItemResources = TypedDict(
    "PastTasksItemsItemResources",
    {
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

PastTasksItemsItemTasksItemNodeValue = TypedDict(
    "PastTasksItemsItemTasksItemNodeValue",
    {
        "id": 'str',
        "instanceType": 'str',
        "zone": 'str',
        "capacityType": 'Literal["spot", "on-demand"]',
        # Of the whole node.
        "priceUsdPerHour": 'float',
    },
)

PastTasksItemsItemTasksItemUsage = TypedDict(
    "PastTasksItemsItemTasksItemUsage",
    {
        "memoryPeakMib": 'Union[int, None]',
        "cpuSeconds": 'Union[float, None]',
    },
)

PastTasksItemsItemTasksItem = TypedDict(
    "PastTasksItemsItemTasksItem",
    {
        "index": 'int',
        # RFC 3339, UTC
        "startedAt": 'str',
        # RFC 3339, UTC
        "endedAt": 'str',
        # Of the last attempt.
        "node": 'Union[PastTasksItemsItemTasksItemNodeValue, None]',
        "usage": 'PastTasksItemsItemTasksItemUsage',
    },
)

PastTasksItemsItem = TypedDict(
    "PastTasksItemsItem",
    {
        "id": 'str',
        "tenant": 'str',
        "state": 'str',
        # RFC 3339, UTC
        "createdAt": 'str',
        "resources": 'PastTasksItemsItemResources',
        "name": 'NotRequired[str]',
        "labels": 'NotRequired[Mapping[str, str]]',
        "group": 'NotRequired[str]',
        "priority": 'int',
        "deadlineSeconds": 'NotRequired[float]',
        "disruption": 'NotRequired[Literal["never", "restart", "checkpoint"]]',
        "zone": 'NotRequired[Sequence[str]]',
        "arch": 'NotRequired[Sequence[str]]',
        "capacityType": 'NotRequired[Sequence[str]]',
        # The last attempt of each that ran.
        "tasks": 'Sequence[PastTasksItemsItemTasksItem]',
    },
)

PastTasks = TypedDict(
    "PastTasks",
    {
        # In order of their ends, by the hour or so. A large array comes in several items, and after a failure of the
        # controller a later page may have a task again: `id` and `index` tell.
        "items": 'Sequence[PastTasksItemsItem]',
        "nextCursor": 'Union[str, None]',
    },
)

ShortagesItemsItem = TypedDict(
    "ShortagesItemsItem",
    {
        # RFC 3339, UTC
        "at": 'str',
        # When the pool would have asked again; it did sooner where others came.
        "until": 'str',
        # Type, zone and capacity type, `*` for any.
        "offering": 'str',
        # EC2's.
        "code": 'str',
    },
)

Shortages = TypedDict(
    "Shortages",
    {
        "items": 'Sequence[ShortagesItemsItem]',
        "nextCursor": 'Union[str, None]',
    },
)

ForecastMethodsItem = TypedDict(
    "ForecastMethodsItem",
    {
        "method": 'str',
        # What no method that is acted on is worse than.
        "naive": 'bool',
        # Mean absolute error one lead time ahead, the last day most.
        "meanErrorVcpu": 'float',
        # Of how many forecasts.
        "steps": 'int',
    },
)

ForecastOfferingsItem = TypedDict(
    "ForecastOfferingsItem",
    {
        # Type, zone and capacity type.
        "offering": 'str',
        # It counts so many times its price when nodes are chosen.
        "factor": 'float',
        # The least that what was learned allows for.
        "hopefulFactor": 'float',
        # Launches that EC2 had no capacity for.
        "refusedLaunches": 'float',
        # Nodes whose agent called.
        "nodes": 'float',
        # Nodes whose agent did not.
        "neverCalled": 'float',
        # Nodes that EC2 took though nobody asked for it.
        "interruptions": 'float',
        "nodeHours": 'float',
        # null: none of its nodes has booted.
        "bootP50Seconds": 'Union[float, None]',
    },
)

Forecast = TypedDict(
    "Forecast",
    {
        "learningStyle": 'Literal["reactive", "scheduled", "predictive", "adaptive"]',
        # The pool buys by it: its learning style is predictive or adaptive, and enough is known.
        "acts": 'bool',
        # Why it is chosen, or what is missing.
        "reason": 'str',
        # How long a node boots, so far ahead is forecast.
        "leadSeconds": 'float',
        # `wantedVcpu` is not passed in this share of the cases.
        "quantile": 'float',
        # Of the last sample.
        "demandVcpu": 'float',
        # null: too little is known.
        "method": 'Union[str, None]',
        "lowVcpu": 'Union[float, None]',
        "expectedVcpu": 'Union[float, None]',
        "wantedVcpu": 'Union[float, None]',
        # Past accuracy by a rolling back-test, the best first.
        "methods": 'Sequence[ForecastMethodsItem]',
        # What was learned of what the pool bought, the worst first; old news count less: docs/scaling.md.
        "offerings": 'Sequence[ForecastOfferingsItem]',
    },
)

ShadowPolicyValueRequirementsMatchExpressionsItem = TypedDict(
    "ShadowPolicyValueRequirementsMatchExpressionsItem",
    {
        "key": (
            'Literal["acceleratorCount", "acceleratorManufacturer", "acceleratorName", "arch", "bareMetal", '
            '"burstable", "capacityType", "cpuManufacturer", "currentGeneration", "gpuCount", "gpuManufacturer", '
            '"gpuMemoryMib", "gpuName", "hypervisor", "instanceCategory", "instanceFamily", "instanceGeneration", '
            '"instanceSize", "instanceType", "localDiskGib", "memoryMib", "networkMbps", "vcpu", "zone"]'
        ),
        "operator": 'Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]',
        "values": 'Sequence[str]',
    },
)

ShadowPolicyValueRequirements = TypedDict(
    "ShadowPolicyValueRequirements",
    {
        "instanceCategory": 'NotRequired[Sequence[str]]',
        "instanceFamily": 'NotRequired[Sequence[str]]',
        "instanceType": 'NotRequired[Sequence[str]]',
        "arch": 'NotRequired[Sequence[str]]',
        "zone": 'NotRequired[Sequence[str]]',
        "capacityType": 'NotRequired[Sequence[str]]',
        "cpuManufacturer": 'NotRequired[Sequence[str]]',
        "hypervisor": 'NotRequired[Sequence[str]]',
        "gpuManufacturer": 'NotRequired[Sequence[str]]',
        "gpuName": 'NotRequired[Sequence[str]]',
        "burstable": 'NotRequired[bool]',
        "bareMetal": 'NotRequired[bool]',
        "minInstanceGeneration": 'NotRequired[int]',
        "minGpuMemoryMib": 'NotRequired[int]',
        "minLocalDiskGib": 'NotRequired[int]',
        "minNetworkGbps": 'NotRequired[int]',
        "matchExpressions": 'NotRequired[Sequence[ShadowPolicyValueRequirementsMatchExpressionsItem]]',
    },
)

ShadowPolicyValueDisruptionConsolidation = TypedDict(
    "ShadowPolicyValueDisruptionConsolidation",
    {
        "calmSeconds": 'NotRequired[float]',
        "apartSeconds": 'NotRequired[float]',
    },
)

ShadowPolicyValueDisruptionBudgetsItem = TypedDict(
    "ShadowPolicyValueDisruptionBudgetsItem",
    {
        "nodes": 'NotRequired[int]',
        "percent": 'NotRequired[float]',
        "methods": 'NotRequired[Sequence[str]]',
        "schedule": 'NotRequired[str]',
        "timeZone": 'NotRequired[str]',
        "durationSeconds": 'NotRequired[float]',
    },
)

ShadowPolicyValueDisruption = TypedDict(
    "ShadowPolicyValueDisruption",
    {
        "drift": 'bool',
        "expireAfterSeconds": 'NotRequired[float]',
        "consolidation": 'NotRequired[ShadowPolicyValueDisruptionConsolidation]',
        "maxDrainSeconds": 'NotRequired[float]',
        "budgets": 'NotRequired[Sequence[ShadowPolicyValueDisruptionBudgetsItem]]',
    },
)

ShadowPolicyValue = TypedDict(
    "ShadowPolicyValue",
    {
        "requirements": 'NotRequired[ShadowPolicyValueRequirements]',
        "tasksPerNode": 'NotRequired[int]',
        "maxNodeVcpu": 'NotRequired[int]',
        "ordering": 'NotRequired[Literal["fifo", "priority", "fair-share"]]',
        "placement": (
            'NotRequired[Literal["least-cost", "spread", "least-allocated", "most-allocated", "balanced"]]'
        ),
        "idleAfterSeconds": 'NotRequired[float]',
        "objective": 'NotRequired[Literal["cost-over-time", "cost-now"]]',
        "patienceSeconds": 'NotRequired[float]',
        "onDemand": 'NotRequired[OnDemandShareOutput]',
        "disruption": 'NotRequired[ShadowPolicyValueDisruption]',
    },
)

ShadowFiguresValueStoppedValue = TypedDict(
    "ShadowFiguresValueStoppedValue",
    {
        # For operators.
        "reason": 'str',
        # RFC 3339, UTC
        "again": 'str',
    },
)

ShadowFiguresValuePoolWaitSecondsValue = TypedDict(
    "ShadowFiguresValuePoolWaitSecondsValue",
    {
        "mean": 'float',
        "p50": 'float',
        "p95": 'float',
    },
)

ShadowFiguresValuePool = TypedDict(
    "ShadowFiguresValuePool",
    {
        # List prices of nodes, from launch to end, since then.
        "usd": 'float',
        # Of these, on spot.
        "spotUsd": 'float',
        # Of the nodes that are there.
        "usdPerHour": 'float',
        "nodes": 'int',
        "launches": 'int',
        # Nodes that went.
        "ends": 'int',
        # Attempts that were stopped by choice, to run again elsewhere.
        "moves": 'int',
        # Of those that were submitted since.
        "tasksStarted": 'int',
        "tasksWaiting": 'int',
        # From submission to the first place on a node, of tasks submitted since. p50 and p95 are rounded up to half
        # an octave. null: none has started.
        "waitSeconds": 'Union[ShadowFiguresValuePoolWaitSecondsValue, None]',
    },
)

ShadowFiguresValueShadowWaitSecondsValue = TypedDict(
    "ShadowFiguresValueShadowWaitSecondsValue",
    {
        "mean": 'float',
        "p50": 'float',
        "p95": 'float',
    },
)

ShadowFiguresValueShadow = TypedDict(
    "ShadowFiguresValueShadow",
    {
        # List prices of nodes, from launch to end, since then.
        "usd": 'float',
        # Of these, on spot.
        "spotUsd": 'float',
        # Of the nodes that are there.
        "usdPerHour": 'float',
        "nodes": 'int',
        "launches": 'int',
        # Nodes that went.
        "ends": 'int',
        # Attempts that were stopped by choice, to run again elsewhere.
        "moves": 'int',
        # Of those that were submitted since.
        "tasksStarted": 'int',
        "tasksWaiting": 'int',
        # From submission to the first place on a node, of tasks submitted since. p50 and p95 are rounded up to half
        # an octave. null: none has started.
        "waitSeconds": 'Union[ShadowFiguresValueShadowWaitSecondsValue, None]',
    },
)

# The shadow's less the pool's.
ShadowFiguresValueDifference = TypedDict(
    "ShadowFiguresValueDifference",
    {
        "usd": 'float',
        # Of the pool's cost; null: that is 0.
        "percent": 'Union[float, None]',
        "meanWaitSeconds": 'Union[float, None]',
        "moves": 'int',
    },
)

ShadowFiguresValue = TypedDict(
    "ShadowFiguresValue",
    {
        # RFC 3339, UTC
        "since": 'str',
        # RFC 3339, UTC
        "until": 'str',
        # It does not go on, and begins anew then, or as soon as it can after that.
        "stopped": 'Union[ShadowFiguresValueStoppedValue, None]',
        "pool": 'ShadowFiguresValuePool',
        "shadow": 'ShadowFiguresValueShadow',
        # The shadow's less the pool's.
        "difference": 'ShadowFiguresValueDifference',
        # Ticks that had no time for all that it had to decide.
        "cutShort": 'int',
    },
)

Shadow = TypedDict(
    "Shadow",
    {
        # null: the pool has no shadow.
        "policy": 'Union[ShadowPolicyValue, None]',
        # null: no tick has looked at it yet.
        "figures": 'Union[ShadowFiguresValue, None]',
        # What the figures do not know.
        "notes": 'Sequence[str]',
        "promote": 'Union[str, None]',
    },
)

PoolWhyPoliciesItem = TypedDict(
    "PoolWhyPoliciesItem",
    {
        "policy": 'str',
        # null: it has no data, and does not agree to go in.
        "wanted": 'Union[int, None]',
        # It wants nothing, and agrees to whatever the others want. Absent: as `wanted` says.
        "agrees": 'NotRequired[Literal[True]]',
        "reason": 'str',
    },
)

PoolWhy = TypedDict(
    "PoolWhy",
    {
        # Kept without work now, for alarms, policies and as declared.
        "headroomNodes": 'int',
        # What the policies together want, within the limits.
        "wanted": 'int',
        "reason": 'str',
        "policies": 'Sequence[PoolWhyPoliciesItem]',
    },
)

PlanPlacementsItemTasksItem = TypedDict(
    "PlanPlacementsItemTasksItem",
    {
        "requestId": 'str',
        "count": 'int',
    },
)

PlanPlacementsItem = TypedDict(
    "PlanPlacementsItem",
    {
        "nodeId": 'str',
        "tasks": 'Sequence[PlanPlacementsItemTasksItem]',
    },
)

PlanLaunchesItemGpuValue = TypedDict(
    "PlanLaunchesItemGpuValue",
    {
        "name": 'str',
        "manufacturer": 'str',
        "count": 'int',
        "memoryMib": 'Union[int, None]',
    },
)

PlanLaunchesItemTasksItem = TypedDict(
    "PlanLaunchesItemTasksItem",
    {
        "requestId": 'str',
        "count": 'int',
    },
)

PlanLaunchesItem = TypedDict(
    "PlanLaunchesItem",
    {
        "instanceType": 'str',
        "zone": 'str',
        "capacityType": 'Literal["spot", "on-demand"]',
        "priceUsdPerHour": 'float',
        # memoryMib: of each.
        "gpu": 'Union[PlanLaunchesItemGpuValue, None]',
        "requestIds": 'Sequence[str]',
        "tasks": 'Sequence[PlanLaunchesItemTasksItem]',
        "reason": 'str',
    },
)

PlanCoefficientsValue = TypedDict(
    "PlanCoefficientsValue",
    {
        "vcpuUsdPerHour": 'float',
        "memoryGibUsdPerHour": 'float',
        "gpuUsdPerHour": 'float',
    },
)

PlanAdviceItem = TypedDict(
    "PlanAdviceItem",
    {
        "requestId": 'str',
        "message": 'str',
    },
)

PlanUnplaceableItem = TypedDict(
    "PlanUnplaceableItem",
    {
        "requestId": 'str',
        "count": 'int',
        "kind": 'Literal["unsatisfiable", "shortage", "limits", "constraints"]',
        "reasons": 'Sequence[str]',
    },
)

Plan = TypedDict(
    "Plan",
    {
        "placements": 'Sequence[PlanPlacementsItem]',
        # One entry per node that would be bought.
        "launches": 'Sequence[PlanLaunchesItem]',
        # List prices, and creditsUsdPerHour; without what is paid for.
        "costUsdPerHour": 'float',
        # List prices of nodes that commitments of the pool pay for.
        "paidUsdPerHour": 'float',
        # Surplus CPU credits that the burstable types among them bill at full load, where not all their tasks are
        # bursty.
        "creditsUsdPerHour": 'float',
        "lowerBoundUsdPerHour": 'Union[float, None]',
        "gapPercent": 'Union[float, None]',
        "coefficients": 'Union[PlanCoefficientsValue, None]',
        # The server was too slow for all steps of the search: with more time the plan may be cheaper.
        "isCutShort": 'bool',
        # Requests that would make this plan a tenth cheaper or more if they asked for slightly less, usually memory
        # that is just over what a node leaves for tasks. For plans of up to 20 requests.
        "advice": 'Sequence[PlanAdviceItem]',
        "unplaceable": 'Sequence[PlanUnplaceableItem]',
    },
)

# Of open requests; of arrays in large pools as of their last ticks.
StatsTasks = TypedDict(
    "StatsTasks",
    {
        "pending": 'int',
        "running": 'int',
    },
)

# What tasks may use of ready nodes.
StatsAllocatable = TypedDict(
    "StatsAllocatable",
    {
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

# What tasks on ready nodes asked for.
StatsAssigned = TypedDict(
    "StatsAssigned",
    {
        "vcpu": 'float',
        "memoryMib": 'float',
        "gpu": 'float',
    },
)

# Assigned over allocatable of ready nodes, 0 to 1; null without nodes.
StatsUtilisation = TypedDict(
    "StatsUtilisation",
    {
        "cpu": 'Union[float, None]',
        "memory": 'Union[float, None]',
        "gpu": 'Union[float, None]',
    },
)

# What pools have and reserve.
StatsUsage = TypedDict(
    "StatsUsage",
    {
        "instances": 'float',
        "vcpu": 'float',
        "memoryMib": 'float',
        "usdPerHour": 'float',
    },
)

StatsClaimedItem = TypedDict(
    "StatsClaimedItem",
    {
        "type": 'str',
        "pool": 'str',
        "tenant": 'str',
        "requests": 'int',
        "instances": 'int',
        "stopped": 'int',
        "volumeGib": 'float',
        "usdPerHour": 'float',
    },
)

StatsCatalogOfferings = TypedDict(
    "StatsCatalogOfferings",
    {
        "source": 'str',
        "region": 'str',
        "asOf": 'str',
        "ageSeconds": 'float',
    },
)

StatsCatalogOnDemandPrices = TypedDict(
    "StatsCatalogOnDemandPrices",
    {
        "source": 'str',
        "region": 'str',
        "asOf": 'str',
        "ageSeconds": 'float',
    },
)

# Where offerings (with spot prices) and on-demand prices come from: "ec2", "price-list", "simulated", or "packaged"
# figures that stand in until AWS has been asked.
StatsCatalog = TypedDict(
    "StatsCatalog",
    {
        "offerings": 'StatsCatalogOfferings',
        "onDemandPrices": 'StatsCatalogOnDemandPrices',
    },
)

StatsPoolsItemTasks = TypedDict(
    "StatsPoolsItemTasks",
    {
        "pending": 'int',
        "running": 'int',
    },
)

StatsPoolsItem = TypedDict(
    "StatsPoolsItem",
    {
        "pool": 'str',
        "tasks": 'StatsPoolsItemTasks',
        # In all states.
        "nodes": 'int',
        # Nodes and machines, as limits count them.
        "instances": 'int',
        "usdPerHour": 'float',
    },
)

StatsLatencyMsAcceptedToPlaced = TypedDict(
    "StatsLatencyMsAcceptedToPlaced",
    {
        "p50": 'Union[float, None]',
        "p95": 'Union[float, None]',
        "p99": 'Union[float, None]',
        "count": 'int',
    },
)

StatsLatencyMsPlacedToRunning = TypedDict(
    "StatsLatencyMsPlacedToRunning",
    {
        "p50": 'Union[float, None]',
        "p95": 'Union[float, None]',
        "p99": 'Union[float, None]',
        "count": 'int',
    },
)

StatsLatencyMsRunningToEnded = TypedDict(
    "StatsLatencyMsRunningToEnded",
    {
        "p50": 'Union[float, None]',
        "p95": 'Union[float, None]',
        "p99": 'Union[float, None]',
        "count": 'int',
    },
)

StatsLatencyMs = TypedDict(
    "StatsLatencyMs",
    {
        "acceptedToPlaced": 'StatsLatencyMsAcceptedToPlaced',
        "placedToRunning": 'StatsLatencyMsPlacedToRunning',
        "runningToEnded": 'StatsLatencyMsRunningToEnded',
    },
)

Stats = TypedDict(
    "Stats",
    {
        # When the oldest of the figures of what is there was taken: those of a large pool are as its last tick left
        # them, also if that is long ago because nothing has happened since.
        "figuresOf": 'str',
        # Counts by state.
        "requests": 'Mapping[str, int]',
        # Of open requests; of arrays in large pools as of their last ticks.
        "tasks": 'StatsTasks',
        # When the oldest request that waits, and is not set aside, was accepted; null: none waits.
        "oldestPendingAt": 'Union[str, None]',
        # Requests left aside because planning them failed.
        "quarantined": 'int',
        # Counts by state.
        "nodes": 'Mapping[str, int]',
        "nodesByType": 'Mapping[str, int]',
        "launchedNodes": 'int',
        "goneNodes": 'int',
        # What tasks may use of ready nodes.
        "allocatable": 'StatsAllocatable',
        # What tasks on ready nodes asked for.
        "assigned": 'StatsAssigned',
        # Assigned over allocatable of ready nodes, 0 to 1; null without nodes.
        "utilisation": 'StatsUtilisation',
        # What pools have and reserve.
        "usage": 'StatsUsage',
        # Nodes without work that pools keep as declared or because of alarms: the sum of their floors.
        "headroomNodes": 'int',
        # Of what runs and what is stored, kept volumes too: stopped machines count in usage, and cost their disks
        # only.
        "usdPerHour": 'float',
        "spentUsd": 'float',
        # Claims now, by type, pool and tenant (to tenants all but their own is "(others)"); volumes at their hourly
        # rate. The type kept-volume is of volumes that wait for their next request. The tenant (warm) is the warm
        # pool.
        "claimed": 'NotRequired[Sequence[StatsClaimedItem]]',
        # Where offerings (with spot prices) and on-demand prices come from: "ec2", "price-list", "simulated", or
        # "packaged" figures that stand in until AWS has been asked.
        "catalog": 'StatsCatalog',
        # What each pool has, by name; of more than 100 the first.
        "pools": 'Sequence[StatsPoolsItem]',
        "latencyMs": 'StatsLatencyMs',
    },
)

OpenMetrics: TypeAlias = 'str'

RegretPoolsItemDaysItemUsd = TypedDict(
    "RegretPoolsItemDaysItemUsd",
    {
        # The parts below together.
        "paid": 'float',
        "boot": 'float',
        # Of nodes on which nothing ran, after their boot.
        "unused": 'float',
        # Ready, and the first task had not started.
        "idleHead": 'float',
        # The last task had ended.
        "idleTail": 'float',
        # A cheaper type of the pool would have carried all; at least so much.
        "size": 'float',
        # Two nodes, one for what ended early, were cheaper; at least so much.
        "lifetime": 'float',
        # EC2 bills whole seconds, and 60 at least.
        "billing": 'float',
        # What the best node of hindsight costs while tasks ran.
        "needed": 'float',
    },
)

RegretPoolsItemDaysItem = TypedDict(
    "RegretPoolsItemDaysItem",
    {
        "day": 'str',
        # That ended.
        "nodes": 'int',
        # Of these: records or types that could not be read. In no sum.
        "notPriced": 'int',
        "usd": 'RegretPoolsItemDaysItemUsd',
    },
)

RegretPoolsItemBeforeUsd = TypedDict(
    "RegretPoolsItemBeforeUsd",
    {
        # The parts below together.
        "paid": 'float',
        "boot": 'float',
        # Of nodes on which nothing ran, after their boot.
        "unused": 'float',
        # Ready, and the first task had not started.
        "idleHead": 'float',
        # The last task had ended.
        "idleTail": 'float',
        # A cheaper type of the pool would have carried all; at least so much.
        "size": 'float',
        # Two nodes, one for what ended early, were cheaper; at least so much.
        "lifetime": 'float',
        # EC2 bills whole seconds, and 60 at least.
        "billing": 'float',
        # What the best node of hindsight costs while tasks ran.
        "needed": 'float',
    },
)

# All earlier days.
RegretPoolsItemBefore = TypedDict(
    "RegretPoolsItemBefore",
    {
        # That ended.
        "nodes": 'int',
        # Of these: records or types that could not be read. In no sum.
        "notPriced": 'int',
        "usd": 'RegretPoolsItemBeforeUsd',
    },
)

RegretPoolsItem = TypedDict(
    "RegretPoolsItem",
    {
        # null: pools that are gone.
        "pool": 'Union[str, None]',
        # The last that had ends, in UTC.
        "days": 'Sequence[RegretPoolsItemDaysItem]',
        # All earlier days.
        "before": 'RegretPoolsItemBefore',
    },
)

Regret = TypedDict(
    "Regret",
    {
        "pools": 'Sequence[RegretPoolsItem]',
        # Parts that need what tasks used, which nobody measures. They are in `needed`.
        "notKnown": 'Sequence[Literal["request"]]',
    },
)

CostsGroupsItem = TypedDict(
    "CostsGroupsItem",
    {
        # A pool, a tenant, or a value of the label. (idle): nodes that booted, were kept as headroom, or had room
        # that no task asked for; (none): without this label; (others): of whom the caller may not know, or beyond the
        # first 50.
        "name": 'str',
        # USD at list prices.
        "usd": 'float',
    },
)

CostsDaysItemGroupsItem = TypedDict(
    "CostsDaysItemGroupsItem",
    {
        # A pool, a tenant, or a value of the label. (idle): nodes that booted, were kept as headroom, or had room
        # that no task asked for; (none): without this label; (others): of whom the caller may not know, or beyond the
        # first 50.
        "name": 'str',
        # USD at list prices.
        "usd": 'float',
    },
)

CostsDaysItem = TypedDict(
    "CostsDaysItem",
    {
        "day": 'str',
        # USD at list prices.
        "usd": 'float',
        # USD at list prices.
        "idleUsd": 'float',
        "groups": 'Sequence[CostsDaysItemGroupsItem]',
    },
)

Costs = TypedDict(
    "Costs",
    {
        "by": 'str',
        "since": 'str',
        # When it was summed up: what runs is counted until then.
        "until": 'str',
        # All groups of all days together.
        "usd": 'float',
        # Of that, what no task asked for.
        "idleUsd": 'float',
        # Of all days, the dearest first.
        "groups": 'Sequence[CostsGroupsItem]',
        # Days (UTC) on which something cost, the oldest first. The groups of a day are its sum.
        "days": 'Sequence[CostsDaysItem]',
    },
)

Health = TypedDict(
    "Health",
    {
        "status": 'Literal["ok"]',
    },
)

OpenApiDocument = TypedDict(
    "OpenApiDocument",
    {
        "openapi": 'str',
    },
)

DocsPage: TypeAlias = 'str'

CloudWatchMetricOutput = TypedDict(
    "CloudWatchMetricOutput",
    {
        # E.g. "AWS/SQS".
        "namespace": 'str',
        # E.g. "ApproximateNumberOfMessagesVisible".
        "metricName": 'str',
        # All that the metric has: CloudWatch finds it by exactly these.
        "dimensions": 'NotRequired[Mapping[str, str]]',
        "statistic": 'str',
        # It is read once for each period, when that has been over for a minute.
        "periodSeconds": 'Literal[60, 300, 900, 3600]',
    },
)

OnDemandShareOutput = TypedDict(
    "OnDemandShareOutput",
    {
        # The first vCPUs that the pool has.
        "baseVcpu": 'int',
        # Of the vCPUs above that.
        "percent": 'float',
    },
)

ListRequestsState: TypeAlias = (
    'Literal["pending", "running", "active", "releasing", "succeeded", "failed", "cancelled", "expired", '
    '"released"]'
)

# `TaskEnded`: a request of tasks, of an array once all have ended. `RequestEnded`: a claim. `LeaseEnding`: once per
# lease, before it ends.
ListEventsType: TypeAlias = (
    'Literal["RequestAccepted", "RequestEnded", "LeaseEnding", "TaskEnded", "NodeLaunched", "NodeTerminated"]'
)

def _part(value: object) -> str:
    return quote(str(value), safe="")


class Operations:
    """A method for each operation of the API; `Bellows` (client.py) sends them."""

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        raise NotImplementedError

    def submit_request(
        self,
        body: Request,
        *,
        idempotency_key: str | None = None,
    ) -> RequestView:
        """Ask for something to run or to claim. Recorded durably before the answer. A task may run more than once
        after a loss of its node; its end is recorded once.
        """
        answer: RequestView = self._call(
            "POST",
            "/v1/requests",
            headers={
                "idempotency-key": idempotency_key,
            },
            body=body,
        )
        return answer

    def list_requests(
        self,
        *,
        state: ListRequestsState | None = None,
        type: Literal["task", "virtual_machine", "storage", "network"] | None = None,
        pool: str | None = None,
        name: str | None = None,
        label: str | None = None,
        since: str | None = None,
        order: Literal["newest", "oldest"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> RequestList:
        """List requests."""
        answer: RequestList = self._call(
            "GET",
            "/v1/requests",
            query={
                "state": state,
                "type": type,
                "pool": pool,
                "name": name,
                "label": label,
                "since": since,
                "order": order,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return answer

    def submit_batch(
        self,
        body: Batch,
        *,
        idempotency_key: str | None = None,
    ) -> BatchResults:
        """Ask for up to 1,000 things at once. Each item has its own result, in order. Items take idempotencyKey beside
        their fields; an item without one derives it from the Idempotency-Key header and its position, if the header
        is there.
        """
        answer: BatchResults = self._call(
            "POST",
            "/v1/requests/batch",
            headers={
                "idempotency-key": idempotency_key,
            },
            body=body,
        )
        return answer

    def create_upload(
        self,
        body: UploadRequest,
    ) -> Upload:
        """Ask where a file can be uploaded. For `inputs` of tasks. Files are known by their SHA-256 and kept for your
        tenant alone; one that is there since less than a day is not sent again. They are deleted some days later,
        like outputs.
        """
        answer: Upload = self._call(
            "POST",
            "/v1/uploads",
            body=body,
        )
        return answer

    def get_artifacts(
        self,
        id: str,
        *,
        index: int | None = None,
    ) -> Artifacts:
        """Files that a task has kept."""
        answer: Artifacts = self._call(
            "GET",
            f"/v1/requests/{_part(id)}/artifacts",
            query={
                "index": index,
            },
        )
        return answer

    def get_output(
        self,
        id: str,
        *,
        index: int | None = None,
        tail_bytes: int | None = None,
        since_bytes: str | None = None,
        encoding: Literal["text", "base64"] | None = None,
    ) -> Output:
        """Output of a task."""
        answer: Output = self._call(
            "GET",
            f"/v1/requests/{_part(id)}/output",
            query={
                "index": index,
                "tailBytes": tail_bytes,
                "sinceBytes": since_bytes,
                "encoding": encoding,
            },
        )
        return answer

    def get_request(
        self,
        id: str,
    ) -> RequestView:
        """Show a request."""
        answer: RequestView = self._call(
            "GET",
            f"/v1/requests/{_part(id)}",
        )
        return answer

    def cancel_request(
        self,
        id: str,
    ) -> RequestView:
        """Cancel a request. Running tasks are stopped; a claim is released. What has ended stays as it ended.
        `not_possible`: its stored record cannot be read, so nobody knows what to stop.
        """
        answer: RequestView = self._call(
            "DELETE",
            f"/v1/requests/{_part(id)}",
        )
        return answer

    def renew_request(
        self,
        id: str,
        *,
        if_match: str | None = None,
    ) -> RequestView:
        """Renew a lease. It runs anew, in its full length, from now."""
        answer: RequestView = self._call(
            "POST",
            f"/v1/requests/{_part(id)}/renew",
            headers={
                "if-match": if_match,
            },
        )
        return answer

    def stop_request(
        self,
        id: str,
        *,
        if_match: str | None = None,
    ) -> RequestView:
        """Stop a virtual machine. On-demand only. Its volumes and network stay; it counts against limits still."""
        answer: RequestView = self._call(
            "POST",
            f"/v1/requests/{_part(id)}/stop",
            headers={
                "if-match": if_match,
            },
        )
        return answer

    def start_request(
        self,
        id: str,
        *,
        if_match: str | None = None,
    ) -> RequestView:
        """Start a stopped virtual machine. Waits in `pending` while EC2 has no capacity."""
        answer: RequestView = self._call(
            "POST",
            f"/v1/requests/{_part(id)}/start",
            headers={
                "if-match": if_match,
            },
        )
        return answer

    def resize_request(
        self,
        id: str,
        body: Resize,
        *,
        if_match: str | None = None,
    ) -> RequestView:
        """Grow or retype storage. Online. What is not named stays: the type, and at least its IOPS and throughput; a
        second resize adds to the first. A volume never shrinks. After a change EC2 may refuse the next one for six
        hours: the reason is `waits_for_ec2` then, with `nextTryAt`.
        """
        answer: RequestView = self._call(
            "POST",
            f"/v1/requests/{_part(id)}/resize",
            headers={
                "if-match": if_match,
            },
            body=body,
        )
        return answer

    def attach_request(
        self,
        id: str,
        body: Attach,
        *,
        if_match: str | None = None,
    ) -> RequestView:
        """Attach storage to a virtual machine. Of the same zone; to its first machine. The storage is pending until it
        is attached.
        """
        answer: RequestView = self._call(
            "POST",
            f"/v1/requests/{_part(id)}/attach",
            headers={
                "if-match": if_match,
            },
            body=body,
        )
        return answer

    def detach_request(
        self,
        id: str,
        *,
        if_match: str | None = None,
    ) -> RequestView:
        """Detach storage without releasing it. It stays active and free, and can be attached again. Never by force:
        while it is mounted its reason is `busy`.
        """
        answer: RequestView = self._call(
            "POST",
            f"/v1/requests/{_part(id)}/detach",
            headers={
                "if-match": if_match,
            },
        )
        return answer

    def edit_rules(
        self,
        id: str,
        body: RulesEdit,
        *,
        if_match: str | None = None,
    ) -> RequestView:
        """Edit the rules of a network. Of a network, or of a virtual machine with rules of its own. Nobody else's
        rules change: a shared security group is replaced by another one, which is attached to the machines that use
        the network. Its reason is `changing_rules` until the new rules are in force, and `network.wanted` has them;
        where EC2 refuses them, the old ones stay. With If-Match the edit is made on what was read, or not at all
        (412). Without it, an edit that would undo what an earlier edit changed is refused (409 `edit_conflict`).
        """
        answer: RequestView = self._call(
            "POST",
            f"/v1/requests/{_part(id)}/rules",
            headers={
                "if-match": if_match,
            },
            body=body,
        )
        return answer

    def get_timeline(
        self,
        id: str,
    ) -> Timeline:
        """What happened to a request and why. Says what a waiting request waits for."""
        answer: Timeline = self._call(
            "GET",
            f"/v1/requests/{_part(id)}/timeline",
        )
        return answer

    def what_if(
        self,
        id: str,
        body: WhatIf,
    ) -> WhatIfAnswer:
        """What would become of a waiting request if something were different. The pool's own decision on what is there
        now, once as it is and once with the difference. Nothing is changed.
        """
        answer: WhatIfAnswer = self._call(
            "POST",
            f"/v1/requests/{_part(id)}/what-if",
            body=body,
        )
        return answer

    def quote(
        self,
        body: Request,
    ) -> Quote:
        """What a request would cost, and when it would be done. The body of a request of tasks. The pool's own
        decision on what is there now, as if it had just been accepted; how long tasks last is learned from those
        that ended. Nothing is kept of it: a request that is sent with `quote` keeps its own. `not_possible`: a
        claim costs its price for as long as it is kept.
        """
        answer: Quote = self._call(
            "POST",
            "/v1/quotes",
            body=body,
        )
        return answer

    def quote_accuracy(
        self,
        *,
        pool: str | None = None,
    ) -> QuoteAccuracy:
        """How well past quotes came true. Of the caller's newest requests of a pool that were sent with `quote`: how
        many were done, and cost no more, than their quote said when they were accepted. Requests are kept for a
        week after their end.
        """
        answer: QuoteAccuracy = self._call(
            "GET",
            "/v1/quotes/accuracy",
            query={
                "pool": pool,
            },
        )
        return answer

    def list_tasks(
        self,
        id: str,
        *,
        state: Literal["pending", "running", "succeeded", "failed", "cancelled", "expired"] | None = None,
        from_: int | None = None,
        limit: int | None = None,
    ) -> TaskList:
        """Tasks of a request. How each task of an array stands or ended, by index: `?state=failed` names those that
        failed. A request of one task has one, of index 0; a claim has none (`not_found`).
        """
        answer: TaskList = self._call(
            "GET",
            f"/v1/requests/{_part(id)}/tasks",
            query={
                "state": state,
                "from": from_,
                "limit": limit,
            },
        )
        return answer

    def cancel_task(
        self,
        id: str,
        index: int,
    ) -> Task:
        """Cancel one task of an array. The others go on. Of a request of one task, index 0 is the request. What has
        ended stays as it ended.
        """
        answer: Task = self._call(
            "DELETE",
            f"/v1/requests/{_part(id)}/tasks/{_part(index)}",
        )
        return answer

    def retry_tasks(
        self,
        id: str,
        *,
        state: Literal["failed", "cancelled", "expired"] | None = None,
        idempotency_key: str | None = None,
    ) -> RequestView:
        """Run again what failed. A new request of the tasks of this one that failed (or are in `state`), in the same
        pool; it asks for the same, and each task has the index and BELLOWS_TASK_COUNT that it had. The first
        request stays as it is. Asked again for the same tasks without a key, it answers the new request that there
        is already; while the array runs more tasks may fail, and all that have failed by then are other tasks.
        `not_possible`: no task is in that state.
        """
        answer: RequestView = self._call(
            "POST",
            f"/v1/requests/{_part(id)}/retry",
            query={
                "state": state,
            },
            headers={
                "idempotency-key": idempotency_key,
            },
        )
        return answer

    def list_pools(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        tasks: Literal["true", "false"] | None = None,
    ) -> PoolList:
        """List pools."""
        answer: PoolList = self._call(
            "GET",
            "/v1/pools",
            query={
                "limit": limit,
                "cursor": cursor,
                "tasks": tasks,
            },
        )
        return answer

    def put_pool(
        self,
        name: str,
        body: Pool,
        *,
        if_match: str | None = None,
    ) -> PoolView:
        """Declare a pool. Creates or replaces it."""
        answer: PoolView = self._call(
            "PUT",
            f"/v1/pools/{_part(name)}",
            headers={
                "if-match": if_match,
            },
            body=body,
        )
        return answer

    def get_pool(
        self,
        name: str,
    ) -> PoolView:
        """Show a pool."""
        answer: PoolView = self._call(
            "GET",
            f"/v1/pools/{_part(name)}",
        )
        return answer

    def delete_pool(
        self,
        name: str,
    ) -> PoolView:
        """Delete a pool. It buys nothing more, drains its nodes, and is deleted when it has none left."""
        answer: PoolView = self._call(
            "DELETE",
            f"/v1/pools/{_part(name)}",
        )
        return answer

    def pause_pool(
        self,
        name: str,
    ) -> PoolView:
        """Pause a pool. It buys no nodes and no machines until it is resumed, also when it is declared anew meanwhile.
        What runs goes on, nodes that are there take tasks and go when they are idle, and a launch that EC2 may have
        taken already is asked for again. Volumes are made as ever. Requests that would need more wait with the
        reason `pool_paused`.
        """
        answer: PoolView = self._call(
            "POST",
            f"/v1/pools/{_part(name)}/pause",
        )
        return answer

    def resume_pool(
        self,
        name: str,
    ) -> PoolView:
        """Resume a pool. It buys again."""
        answer: PoolView = self._call(
            "POST",
            f"/v1/pools/{_part(name)}/resume",
        )
        return answer

    def why_node(
        self,
        id: str,
    ) -> NodeWhy:
        """Why a node is kept or goes. What each method by which a node may go thinks of it now, in the order in which
        they are asked, and when one of them may take it. As the store has it: EC2 is asked by the next tick, and
        only that knows its plan.
        """
        answer: NodeWhy = self._call(
            "GET",
            f"/v1/nodes/{_part(id)}/why",
        )
        return answer

    def cordon_node(
        self,
        id: str,
    ) -> Node:
        """Cordon a node. It takes no new tasks and stays, also without work: no voluntary method takes it. EC2, the
        deletion of its pool and a drain still do.
        """
        answer: Node = self._call(
            "POST",
            f"/v1/nodes/{_part(id)}/cordon",
        )
        return answer

    def uncordon_node(
        self,
        id: str,
    ) -> Node:
        """Uncordon a node. It takes tasks again. A node that drains does not come back."""
        answer: Node = self._call(
            "POST",
            f"/v1/nodes/{_part(id)}/uncordon",
        )
        return answer

    def drain_node(
        self,
        id: str,
        body: Drain,
    ) -> Node:
        """Drain a node. It takes no new tasks, and is terminated when its tasks have ended. With a deadline, tasks
        that still run then are stopped and queued again, which costs them no retry. A node that drains can be given
        another deadline.
        """
        answer: Node = self._call(
            "POST",
            f"/v1/nodes/{_part(id)}/drain",
            body=body,
        )
        return answer

    def terminate_node(
        self,
        id: str,
    ) -> Node:
        """Terminate a node. Its tasks are stopped (TERM, and KILL ten seconds later) and queued again, which costs
        them no retry; then it is terminated. One whose agent is silent is terminated once its agent must have
        stopped them.
        """
        answer: Node = self._call(
            "POST",
            f"/v1/nodes/{_part(id)}/terminate",
        )
        return answer

    def list_nodes(
        self,
        name: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        tasks: Literal["true", "false"] | None = None,
    ) -> NodeList:
        """Nodes of a pool."""
        answer: NodeList = self._call(
            "GET",
            f"/v1/pools/{_part(name)}/nodes",
            query={
                "limit": limit,
                "cursor": cursor,
                "tasks": tasks,
            },
        )
        return answer

    def list_activity(
        self,
        name: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ActivityList:
        """What a pool did and why. Each launch and termination with its reason and price. To a tenant, requests of
        others are not named.
        """
        answer: ActivityList = self._call(
            "GET",
            f"/v1/pools/{_part(name)}/activity",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return answer

    def list_events(
        self,
        *,
        since: str | None = None,
        type: ListEventsType | None = None,
        pool: str | None = None,
        request: str | None = None,
        label: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> EventList:
        """What happened. Events of the caller's requests, and of nodes. The `position` of an answer, given as
        `cursor`, goes on where it ended. An event appears within seconds, at least once, and may appear twice with
        the same id.
        """
        answer: EventList = self._call(
            "GET",
            "/v1/events",
            query={
                "since": since,
                "type": type,
                "pool": pool,
                "request": request,
                "label": label,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return answer

    def list_webhooks(
        self,
    ) -> WebhookList:
        """List webhooks."""
        answer: WebhookList = self._call(
            "GET",
            "/v1/webhooks",
        )
        return answer

    def put_webhook(
        self,
        name: str,
        body: WebhookBody,
    ) -> DeclaredWebhook:
        """Declare a webhook. Creates or replaces it. The address is sent the events that GET /v1/events shows the
        caller, each by a POST that is signed as Standard Webhooks says. A new one begins with what happens from now
        on; its secret is in this answer and nowhere else.
        """
        answer: DeclaredWebhook = self._call(
            "PUT",
            f"/v1/webhooks/{_part(name)}",
            body=body,
        )
        return answer

    def get_webhook(
        self,
        name: str,
    ) -> Webhook:
        """Show a webhook."""
        answer: Webhook = self._call(
            "GET",
            f"/v1/webhooks/{_part(name)}",
        )
        return answer

    def delete_webhook(
        self,
        name: str,
    ) -> Webhook:
        """Delete a webhook. What waits for it is not delivered any more."""
        answer: Webhook = self._call(
            "DELETE",
            f"/v1/webhooks/{_part(name)}",
        )
        return answer

    def rotate_webhook(
        self,
        name: str,
        body: RotateBody,
    ) -> RotatedWebhook:
        """Give a webhook a new secret. Both sign until the old one ends: a receiver that has either accepts. At most
        three sign at once (`not_possible`).
        """
        answer: RotatedWebhook = self._call(
            "POST",
            f"/v1/webhooks/{_part(name)}/rotate",
            body=body,
        )
        return answer

    def list_deliveries(
        self,
        name: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> DeliveryList:
        """What a webhook was not delivered. On the first page what waits to be tried again, 100 at most; then dead
        letters: what was tried nine times in 28 hours. These are kept for 14 days.
        """
        answer: DeliveryList = self._call(
            "GET",
            f"/v1/webhooks/{_part(name)}/deliveries",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return answer

    def replay_webhook(
        self,
        name: str,
        body: ReplayBody,
    ) -> ReplayedWebhook:
        """Deliver again. Dead letters, or everything since a time; events keep their ids. An endpoint that rests
        because it failed is called again at once. `not_possible`: as many wait already as may.
        """
        answer: ReplayedWebhook = self._call(
            "POST",
            f"/v1/webhooks/{_part(name)}/replay",
            body=body,
        )
        return answer

    def list_services(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ServiceList:
        """List services."""
        answer: ServiceList = self._call(
            "GET",
            "/v1/services",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return answer

    def put_service(
        self,
        name: str,
        body: Service,
    ) -> ServiceView:
        """Declare a service. Creates or replaces it. Another template is a new revision, which takes the place of the
        one before little by little (docs/services.md).
        """
        answer: ServiceView = self._call(
            "PUT",
            f"/v1/services/{_part(name)}",
            body=body,
        )
        return answer

    def get_service(
        self,
        name: str,
    ) -> ServiceView:
        """Show a service."""
        answer: ServiceView = self._call(
            "GET",
            f"/v1/services/{_part(name)}",
        )
        return answer

    def delete_service(
        self,
        name: str,
    ) -> ServiceView:
        """Delete a service. Its replicas are drained and stopped; then it is gone."""
        answer: ServiceView = self._call(
            "DELETE",
            f"/v1/services/{_part(name)}",
        )
        return answer

    def scale_service(
        self,
        name: str,
        body: Scale,
    ) -> ServiceView:
        """Change how many replicas are wanted."""
        answer: ServiceView = self._call(
            "POST",
            f"/v1/services/{_part(name)}/scale",
            body=body,
        )
        return answer

    def roll_back_service(
        self,
        name: str,
        body: Rollback,
    ) -> ServiceView:
        """Go back to an earlier revision. Its template takes the place of the present one, as in any update."""
        answer: ServiceView = self._call(
            "POST",
            f"/v1/services/{_part(name)}/rollback",
            body=body,
        )
        return answer

    def why_service(
        self,
        name: str,
    ) -> ServiceWhy:
        """Why so many replicas of a service are wanted. What each of its policies wants now, with what it was told."""
        answer: ServiceWhy = self._call(
            "GET",
            f"/v1/services/{_part(name)}/why",
        )
        return answer

    def get_service_forecast(
        self,
        name: str,
    ) -> ServiceForecast:
        """What a service forecasts of what its policies want. For the time in which a replica comes, by the method
        that was best in a rolling back-test over its own history, which only predictive services keep.
        """
        answer: ServiceForecast = self._call(
            "GET",
            f"/v1/services/{_part(name)}/forecast",
        )
        return answer

    def report_metric(
        self,
        name: str,
        metric: str,
        body: MetricReport,
    ) -> Metric:
        """Report a number that policies of a service go by. Of a metric that a policy names. Doubled, late and
        reordered reports change nothing.
        """
        answer: Metric = self._call(
            "PUT",
            f"/v1/services/{_part(name)}/metrics/{_part(metric)}",
            body=body,
        )
        return answer

    def list_replicas(
        self,
        name: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ReplicaList:
        """Replicas of a service."""
        answer: ReplicaList = self._call(
            "GET",
            f"/v1/services/{_part(name)}/replicas",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return answer

    def list_service_events(
        self,
        name: str,
    ) -> ServiceEvents:
        """What a service did and why."""
        answer: ServiceEvents = self._call(
            "GET",
            f"/v1/services/{_part(name)}/events",
        )
        return answer

    def list_tenants(
        self,
    ) -> TenantList:
        """List tenants."""
        answer: TenantList = self._call(
            "GET",
            "/v1/tenants",
        )
        return answer

    def put_tenant(
        self,
        name: str,
        body: Tenant,
    ) -> TenantView:
        """Declare a tenant. Creates or replaces it. Its weight counts in pools with the ordering fair-share, from
        their next tick on. Who is not declared has 1. A tenant is a caller by its role, or user:NAME (for the
        tenant user/NAME); at most 1,000 are declared.
        """
        answer: TenantView = self._call(
            "PUT",
            f"/v1/tenants/{_part(name)}",
            body=body,
        )
        return answer

    def get_tenant(
        self,
        name: str,
    ) -> TenantView:
        """Show a tenant."""
        answer: TenantView = self._call(
            "GET",
            f"/v1/tenants/{_part(name)}",
        )
        return answer

    def delete_tenant(
        self,
        name: str,
    ) -> TenantView:
        """Delete what was declared of a tenant. Its weight is the default again. Its requests stay, and it may ask for
        more.
        """
        answer: TenantView = self._call(
            "DELETE",
            f"/v1/tenants/{_part(name)}",
        )
        return answer

    def get_lifetimes(
        self,
        name: str,
    ) -> Lifetimes:
        """How long the tasks of a pool last."""
        answer: Lifetimes = self._call(
            "GET",
            f"/v1/pools/{_part(name)}/lifetimes",
        )
        return answer

    def get_history(
        self,
        name: str,
        *,
        since: str | None = None,
        until: str | None = None,
        step_seconds: int | None = None,
    ) -> DemandHistory:
        """What the tasks of a pool wanted over time. Waiting and running tasks together. By the minute for three days,
        by five minutes for 28, by the hour for `historyDays` of the pool.
        """
        answer: DemandHistory = self._call(
            "GET",
            f"/v1/pools/{_part(name)}/history",
            query={
                "since": since,
                "until": until,
                "stepSeconds": step_seconds,
            },
        )
        return answer

    def list_past_tasks(
        self,
        name: str,
        *,
        since: str | None = None,
        cursor: str | None = None,
    ) -> PastTasks:
        """Tasks of a pool that ran, from its archive. The tenant's own, for `historyDays` of the pool, from some hour
        after their end on: what they asked for, when they ran and where; not what was run. Also of a pool that is
        gone.
        """
        answer: PastTasks = self._call(
            "GET",
            f"/v1/pools/{_part(name)}/past-tasks",
            query={
                "since": since,
                "cursor": cursor,
            },
        )
        return answer

    def list_shortages(
        self,
        name: str,
        *,
        since: str | None = None,
        cursor: str | None = None,
    ) -> Shortages:
        """What EC2 had no capacity for. Of what the pool asked for, for its `historyDays`. Also of a pool that is
        gone.
        """
        answer: Shortages = self._call(
            "GET",
            f"/v1/pools/{_part(name)}/shortages",
            query={
                "since": since,
                "cursor": cursor,
            },
        )
        return answer

    def get_forecast(
        self,
        name: str,
    ) -> Forecast:
        """What a pool forecasts of its demand. For the time in which a node boots, by the method that was best in a
        rolling back-test over its own history; shown for pools that do not act on it, too.
        """
        answer: Forecast = self._call(
            "GET",
            f"/v1/pools/{_part(name)}/forecast",
        )
        return answer

    def get_shadow(
        self,
        name: str,
    ) -> Shadow:
        """What a second policy would have made of a pool. Cost, waits and moves of its `shadow` beside its own, since
        when, and what they do not know.
        """
        answer: Shadow = self._call(
            "GET",
            f"/v1/pools/{_part(name)}/shadow",
        )
        return answer

    def why_pool(
        self,
        name: str,
    ) -> PoolWhy:
        """Why a pool keeps the headroom that it keeps. What each of its policies wants now, with what it was told."""
        answer: PoolWhy = self._call(
            "GET",
            f"/v1/pools/{_part(name)}/why",
        )
        return answer

    def plan(
        self,
        body: PlanQuestion,
    ) -> Plan:
        """A dry run. What would be placed and bought for these requests. Nothing is recorded or bought."""
        answer: Plan = self._call(
            "POST",
            "/v1/plan",
            body=body,
        )
        return answer

    def get_stats(
        self,
    ) -> Stats:
        """Figures of the installation."""
        answer: Stats = self._call(
            "GET",
            "/v1/stats",
        )
        return answer

    def get_metrics(
        self,
    ) -> str:
        """Metrics for a scraper. Stored totals and the present, by pool, as OpenMetrics text: docs/metrics.md lists
        them.
        """
        answer: str = self._call(
            "GET",
            "/metrics",
        )
        return answer

    def get_regret(
        self,
        *,
        pool: str | None = None,
    ) -> Regret:
        """What ended nodes cost that was not needed. Each node is priced again when it has ended, and summed by day:
        docs/cost.md says how.
        """
        answer: Regret = self._call(
            "GET",
            "/v1/regret",
            query={
                "pool": pool,
            },
        )
        return answer

    def get_costs(
        self,
        *,
        by: str | None = None,
        since: str | None = None,
        pool: str | None = None,
    ) -> Costs:
        """What the installation cost, by day and by who pays. Each attempt pays for its share of its node, by the
        resource of which it asked for most; what nobody asked for is idle: docs/cost.md. Who is no operator sees
        his own costs by name.
        """
        answer: Costs = self._call(
            "GET",
            "/v1/costs",
            query={
                "by": by,
                "since": since,
                "pool": pool,
            },
        )
        return answer

    def get_health(
        self,
    ) -> Health:
        """Whether the API answers."""
        answer: Health = self._call(
            "GET",
            "/healthz",
        )
        return answer

    def get_open_api(
        self,
    ) -> OpenApiDocument:
        """This contract as OpenAPI 3.1."""
        answer: OpenApiDocument = self._call(
            "GET",
            "/openapi.json",
        )
        return answer

    def get_docs(
        self,
    ) -> str:
        """This contract as a page for people."""
        answer: str = self._call(
            "GET",
            "/docs",
        )
        return answer

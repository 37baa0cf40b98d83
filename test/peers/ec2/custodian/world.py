"""Makes the account that the policies clean."""

import boto3

ec2 = boto3.client("ec2")
IMAGE = "ami-0abcdef1234567890"
ELSEWHERE = "999999999999"
ANYWHERE = [{"CidrIp": "0.0.0.0/0"}]


def tagged(kind, **tags):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
busy = ec2.create_security_group(GroupName="busy", Description="busy", VpcId=vpc)["GroupId"]
open_ports = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ANYWHERE} for port in (22, 443)]
ec2.authorize_security_group_ingress(GroupId=busy, IpPermissions=open_ports)
unused = tagged("security-group", role="unused")
ec2.create_security_group(GroupName="unused", Description="unused", VpcId=vpc, TagSpecifications=unused)
for name in ("used", "unused"):
    ec2.create_key_pair(KeyName=name)


def launch(role, **tags):
    more = {"MetadataOptions": {"HttpTokens": "optional"}} if role == "imds" else {}
    made = ec2.run_instances(
        ImageId=IMAGE,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        KeyName="used",
        SecurityGroupIds=[busy],
        Placement={"AvailabilityZone": "us-east-1a"},
        TagSpecifications=tagged("instance", role=role, **tags),
        **more,
    )
    return made["Instances"][0]["InstanceId"]


ids = {role: launch(role) for role in ("stops", "starts", "imds", "backup", "goes", "plain")}
owned = launch("owned", owner="a", temporary="yes")
ec2.get_waiter("instance_running").wait(InstanceIds=[*ids.values(), owned])
ec2.stop_instances(InstanceIds=[ids["starts"]])
ec2.get_waiter("instance_stopped").wait(InstanceIds=[ids["starts"]])

zone = {"AvailabilityZone": "us-east-1a", "Size": 10}
loose = ec2.create_volume(**zone, VolumeType="gp3")["VolumeId"]
kept = ec2.create_volume(**zone, VolumeType="gp2", TagSpecifications=tagged("volume", keep="yes"))["VolumeId"]
ec2.get_waiter("volume_available").wait(VolumeIds=[loose, kept])
old = ec2.create_snapshot(VolumeId=kept, TagSpecifications=tagged("snapshot", expires="yes"))["SnapshotId"]
shared = ec2.create_snapshot(VolumeId=kept)["SnapshotId"]
ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[old, shared])
permission = {"Attribute": "createVolumePermission", "OperationType": "add", "UserIds": [ELSEWHERE]}
ec2.modify_snapshot_attribute(SnapshotId=shared, **permission)
ec2.create_image(InstanceId=owned, Name="unused", TagSpecifications=tagged("image", role="unused"))
wide = ec2.create_image(InstanceId=owned, Name="shared")["ImageId"]
ec2.modify_image_attribute(ImageId=wide, LaunchPermission={"Add": [{"UserId": ELSEWHERE}]})
ec2.create_launch_template(LaunchTemplateName="unused", LaunchTemplateData={"ImageId": IMAGE})
ec2.create_internet_gateway()

subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
address = ec2.allocate_address(Domain="vpc")["AllocationId"]
nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat])
ec2.allocate_address(Domain="vpc")

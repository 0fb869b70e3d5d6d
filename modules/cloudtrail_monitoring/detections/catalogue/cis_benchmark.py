"""The CIS AWS Foundations Benchmark's monitoring controls (R-EVT-12), filter texts letter by letter as published.

Security Hub fails a control unless its exact text is there: nothing is added, not even a tuned condition. CIS 4.3, root
usage, is the detection ``root-activity`` of R-ALM-2, whose text is CIS's. Thresholds are ours: no auditor reads them.
Two controls have a twin that other auditors expect: ``ROUTE_TABLES`` with its event source, and ``ORGANIZATIONS`` with
three more events.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

from cloudtrail_monitoring.detections.detection import Detection, Level

SECURITY_HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html"
ORGANIZATIONS = "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html"

CIS_BENCHMARK = (
    Detection(
        id="cis-unauthorized-api-calls",
        title="Calls were refused for want of rights",
        level=Level.MEDIUM,
        pattern=('{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}'),
        reason="Somebody with stolen credentials tries out what they open.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.1, CloudWatch.2",
        techniques=("T1580",),
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=10,
    ),
    Detection(
        id="cis-login-without-mfa",
        title="An IAM user logged in to the console without MFA",
        level=Level.MEDIUM,
        pattern=(
            '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.'
            'type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }'
        ),
        reason="A password alone opened the console.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.2, CloudWatch.3",
        techniques=("T1078.004",),
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=0,
    ),
    Detection(
        id="cis-iam-policy-change",
        title="An IAM policy was changed",
        level=Level.MEDIUM,
        pattern=(
            "{($.eventName=DeleteGroupPolicy) || ($.eventName=DeleteRolePolicy) || "
            "($.eventName=DeleteUserPolicy) || ($.eventName=PutGroupPolicy) || "
            "($.eventName=PutRolePolicy) || ($.eventName=PutUserPolicy) || ($.eventName=CreatePolicy) || "
            "($.eventName=DeletePolicy) || ($.eventName=CreatePolicyVersion) || "
            "($.eventName=DeletePolicyVersion) || ($.eventName=AttachRolePolicy) || "
            "($.eventName=DetachRolePolicy) || ($.eventName=AttachUserPolicy) || "
            "($.eventName=DetachUserPolicy) || ($.eventName=AttachGroupPolicy) || "
            "($.eventName=DetachGroupPolicy)}"
        ),
        reason="Rights widen step by step, each of them a policy change.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.4, CloudWatch.4",
        techniques=("T1098.003",),
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=0,
    ),
    Detection(
        id="cis-cloudtrail-change",
        title="A trail was made, changed, stopped or deleted",
        level=Level.HIGH,
        pattern=(
            "{($.eventName=CreateTrail) || ($.eventName=UpdateTrail) || ($.eventName=DeleteTrail) || "
            "($.eventName=StartLogging) || ($.eventName=StopLogging)}"
        ),
        reason="Whoever stops the trail acts unseen afterwards.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.5, CloudWatch.5",
        techniques=("T1562.008",),
        references=(SECURITY_HUB,),
        period_seconds=60,
        threshold=0,
    ),
    Detection(
        id="cis-console-authentication-failures",
        title="More than 10 failed console logins in an hour",
        level=Level.MEDIUM,
        pattern=('{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}'),
        reason="Slow guessing stays below the 15-minute alarm.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.6, CloudWatch.6",
        techniques=("T1110",),
        references=(SECURITY_HUB,),
        period_seconds=3600,
        threshold=10,
    ),
    Detection(
        id="cis-key-disabled-or-deleted",
        title="A KMS key was disabled or is to be deleted",
        level=Level.HIGH,
        pattern=(
            "{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || ($.eventName=ScheduleKeyDeletion))}"
        ),
        reason="What the key encrypted can't be read any more, the audit log included.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.7, CloudWatch.7",
        techniques=("T1485",),
        references=(SECURITY_HUB,),
        period_seconds=60,
        threshold=0,
    ),
    Detection(
        id="cis-bucket-policy-change",
        title="A bucket's policy, ACL, CORS, lifecycle or replication was changed",
        level=Level.MEDIUM,
        pattern=(
            "{($.eventSource=s3.amazonaws.com) && (($.eventName=PutBucketAcl) || "
            "($.eventName=PutBucketPolicy) || ($.eventName=PutBucketCors) || "
            "($.eventName=PutBucketLifecycle) || ($.eventName=PutBucketReplication) || "
            "($.eventName=DeleteBucketPolicy) || ($.eventName=DeleteBucketCors) || "
            "($.eventName=DeleteBucketLifecycle) || ($.eventName=DeleteBucketReplication))}"
        ),
        reason="Data opens to strangers, or expires, by one such call.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.8, CloudWatch.8",
        techniques=("T1530", "T1485.001"),
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=0,
    ),
    Detection(
        id="cis-config-change",
        title="AWS Config's recorder or delivery was changed",
        level=Level.MEDIUM,
        pattern=(
            "{($.eventSource=config.amazonaws.com) && (($.eventName=StopConfigurationRecorder) || "
            "($.eventName=DeleteDeliveryChannel) || ($.eventName=PutDeliveryChannel) || "
            "($.eventName=PutConfigurationRecorder))}"
        ),
        reason="Without its recorder nobody knows what a resource looked like.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.9, CloudWatch.9",
        techniques=("T1562.001",),
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=0,
    ),
    Detection(
        id="cis-security-group-change",
        title="A security group was changed",
        level=Level.MEDIUM,
        pattern=(
            "{($.eventName=AuthorizeSecurityGroupIngress) || ($.eventName=AuthorizeSecurityGroupEgress) || "
            "($.eventName=RevokeSecurityGroupIngress) || ($.eventName=RevokeSecurityGroupEgress) || "
            "($.eventName=CreateSecurityGroup) || ($.eventName=DeleteSecurityGroup)}"
        ),
        reason="A port opens to the internet.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.10, CloudWatch.10",
        techniques=("T1562.007",),
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=0,
    ),
    Detection(
        id="cis-network-acl-change",
        title="A network ACL was changed",
        level=Level.MEDIUM,
        pattern=(
            "{($.eventName=CreateNetworkAcl) || ($.eventName=CreateNetworkAclEntry) || "
            "($.eventName=DeleteNetworkAcl) || ($.eventName=DeleteNetworkAclEntry) || "
            "($.eventName=ReplaceNetworkAclEntry) || ($.eventName=ReplaceNetworkAclAssociation)}"
        ),
        reason="A subnet's outer gate opens or closes.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.11, CloudWatch.11",
        techniques=("T1562.007",),
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=0,
    ),
    Detection(
        id="cis-network-gateway-change",
        title="A network gateway was changed",
        level=Level.MEDIUM,
        pattern=(
            "{($.eventName=CreateCustomerGateway) || ($.eventName=DeleteCustomerGateway) || "
            "($.eventName=AttachInternetGateway) || ($.eventName=CreateInternetGateway) || "
            "($.eventName=DeleteInternetGateway) || ($.eventName=DetachInternetGateway)}"
        ),
        reason="A private network gets a way out, or in.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.12, CloudWatch.12",
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=0,
    ),
    Detection(
        id="cis-route-table-change",
        title="A route table was changed",
        level=Level.MEDIUM,
        pattern=(
            "{($.eventName=CreateRoute) || ($.eventName=CreateRouteTable) || ($.eventName=ReplaceRoute) || "
            "($.eventName=ReplaceRouteTableAssociation) || ($.eventName=DeleteRouteTable) || "
            "($.eventName=DeleteRoute) || ($.eventName=DisassociateRouteTable)}"
        ),
        reason="Traffic takes another way, past inspection.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.13, CloudWatch.13",
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=0,
    ),
    Detection(
        id="cis-vpc-change",
        title="A VPC was changed",
        level=Level.MEDIUM,
        pattern=(
            "{($.eventName=CreateVpc) || ($.eventName=DeleteVpc) || ($.eventName=ModifyVpcAttribute) || "
            "($.eventName=AcceptVpcPeeringConnection) || ($.eventName=CreateVpcPeeringConnection) || "
            "($.eventName=DeleteVpcPeeringConnection) || ($.eventName=RejectVpcPeeringConnection) || "
            "($.eventName=AttachClassicLinkVpc) || ($.eventName=DetachClassicLinkVpc) || "
            "($.eventName=DisableVpcClassicLink) || ($.eventName=EnableVpcClassicLink)}"
        ),
        reason="Networks are joined by peering, or lose their isolation.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.14, CloudWatch.14",
        references=(SECURITY_HUB,),
        period_seconds=300,
        threshold=0,
    ),
    Detection(
        id="cis-organizations-change",
        title="The organisation was changed",
        level=Level.HIGH,
        pattern=(
            '{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = "AcceptHandshake") || '
            '($.eventName = "AttachPolicy") || ($.eventName = "CreateAccount") || '
            '($.eventName = "CreateOrganizationalUnit") || ($.eventName = "CreatePolicy") || '
            '($.eventName = "DeclineHandshake") || ($.eventName = "DeleteOrganization") || '
            '($.eventName = "DeleteOrganizationalUnit") || ($.eventName = "DeletePolicy") || '
            '($.eventName = "DetachPolicy") || ($.eventName = "DisablePolicyType") || '
            '($.eventName = "EnablePolicyType") || ($.eventName = "InviteAccountToOrganization") || '
            '($.eventName = "LeaveOrganization") || ($.eventName = "MoveAccount") || '
            '($.eventName = "RemoveAccountFromOrganization") || ($.eventName = "UpdatePolicy") || '
            '($.eventName = "UpdateOrganizationalUnit")) }'
        ),
        reason="Leaving it, or a detached policy, ends every guard rail at once.",
        is_published=True,
        requirement="R-EVT-12, CIS 4.15",
        techniques=("T1666",),
        references=(SECURITY_HUB,),
        period_seconds=60,
        threshold=0,
    ),
    Detection(
        id="cis-route-table-change-ec2",
        title="A route table was changed (with event source)",
        level=Level.MEDIUM,
        pattern=(
            "{($.eventSource = ec2.amazonaws.com) && (($.eventName=CreateRoute) || "
            "($.eventName=CreateRouteTable) || ($.eventName=ReplaceRoute) || "
            "($.eventName=ReplaceRouteTableAssociation) || ($.eventName=DeleteRouteTable) || "
            "($.eventName=DeleteRoute) || ($.eventName=DisassociateRouteTable))}"
        ),
        reason="The same control as other auditors want it: with the event source.",
        requirement="R-EVT-12",
        references=(SECURITY_HUB,),
    ),
    Detection(
        id="cis-organizations-change-all",
        title="The organisation was changed (all events)",
        level=Level.MEDIUM,
        pattern=(
            '{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = "AcceptHandshake") || '
            '($.eventName = "AttachPolicy") || ($.eventName = "CreateAccount") || '
            '($.eventName = "CreateOrganizationalUnit") || ($.eventName = "CreatePolicy") || '
            '($.eventName = "DeclineHandshake") || ($.eventName = "DeleteOrganization") || '
            '($.eventName = "DeleteOrganizationalUnit") || ($.eventName = "DeletePolicy") || '
            '($.eventName = "DetachPolicy") || ($.eventName = "DisablePolicyType") || '
            '($.eventName = "EnablePolicyType") || ($.eventName = "InviteAccountToOrganization") || '
            '($.eventName = "LeaveOrganization") || ($.eventName = "MoveAccount") || '
            '($.eventName = "RemoveAccountFromOrganization") || ($.eventName = "UpdatePolicy") || '
            '($.eventName = "UpdateOrganizationalUnit") || ($.eventName = "CancelHandshake") || '
            '($.eventName = "CreateOrganization") || ($.eventName = "EnableAllFeatures")) }'
        ),
        reason="The same control with the three events that other auditors expect besides.",
        requirement="R-EVT-12",
        techniques=("T1666",),
        references=(ORGANIZATIONS,),
    ),
)

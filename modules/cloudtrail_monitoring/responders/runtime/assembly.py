"""Puts the responders together, as the environment's configuration has them switched on."""

from cloudtrail_monitoring.responders.runtime.account_lockout import AccountLockout
from cloudtrail_monitoring.responders.runtime.actions import Did, nobody_asks
from cloudtrail_monitoring.responders.runtime.aws import Aws
from cloudtrail_monitoring.responders.runtime.challenge_policy import challenge
from cloudtrail_monitoring.responders.runtime.configuration import Configuration
from cloudtrail_monitoring.responders.runtime.containment import Kind, Measure
from cloudtrail_monitoring.responders.runtime.country_database import CountryDatabase
from cloudtrail_monitoring.responders.runtime.enhanced_logging import OffHoursLogging, TrailLogging
from cloudtrail_monitoring.responders.runtime.geo_challenge import GeoChallenge
from cloudtrail_monitoring.responders.runtime.responder import Responder, Toolbox
from cloudtrail_monitoring.responders.runtime.root_conversation import RootConversation
from cloudtrail_monitoring.responders.runtime.user_deny import UserDeny


def measures(configuration: Configuration, aws: Aws) -> dict[Kind, Measure]:
    """What each kind of containment does, also of kinds that are switched off: one may still stand."""
    prefix = configuration.name_prefix
    policies = f"arn:{configuration.partition}:iam::{configuration.account_id}:policy/"
    return {
        Kind.ACCOUNT_LOCKOUT: UserDeny(aws.iam, f"{prefix}-account-lockout", policies),
        Kind.ENHANCED_LOGGING: TrailLogging(aws.cloudtrail),
        Kind.GEO_CHALLENGE: UserDeny(aws.iam, f"{prefix}-geo-challenge", policies, challenge),
    }


def toolbox(configuration: Configuration, aws: Aws, did: Did = nobody_asks) -> Toolbox:
    return Toolbox.of(configuration, aws, measures(configuration, aws), did)


def responders(tools: Toolbox, aws: Aws, countries: CountryDatabase | None = None) -> tuple[Responder, ...]:
    """Those that are switched on.

    Args:
        countries: of addresses; by default the file that the function is configured with.
    """
    configuration = tools.configuration
    wanted: list[Responder] = [RootConversation(tools)]
    if configuration.lockout is not None:
        wanted.append(AccountLockout(tools, configuration.lockout))
    if configuration.enhanced_logging is not None:
        wanted.append(OffHoursLogging(tools, configuration.enhanced_logging))
    if configuration.geography is not None:
        database = countries or CountryDatabase.of_environment()
        wanted.append(GeoChallenge(tools, configuration.geography, aws.iam, database))
    return tuple(wanted)

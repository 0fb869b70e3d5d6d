"""R-RSP-4: a console login from a country new to its user is told, and challenged unless MFA stood behind it.

What is usual is learnt for each user from the first login seen. With MFA a new country is told and learnt. Without it
the user's sessions are revoked and MFA is demanded for some hours; a user who had no MFA device when logging in is
denied everything, because whoever knows the password could have enrolled one since. That a country is new is no proof:
registration data is wrong for about one address in twenty, so MFA spares, and only people lift a challenge early: the
country it was begun for is usual from then on.

Judged are IAM users of this account and root, the latter told of alone. The MFA of SSO and federated logins is at their
identity provider. Who is never challenged, the switch and the circuit breaker are left to ``safety``.
"""

import ipaddress
from datetime import datetime, timedelta
from typing import Any

from cloudtrail_monitoring.responders.runtime.alerts import Alert
from cloudtrail_monitoring.responders.runtime.answered import Answered
from cloudtrail_monitoring.responders.runtime.challenge_policy import REVOKED_BEFORE
from cloudtrail_monitoring.responders.runtime.cloudtrail_event import ActorKind, CloudTrailEvent, readable
from cloudtrail_monitoring.responders.runtime.configuration import Geography
from cloudtrail_monitoring.responders.runtime.containment import (
    LIFTED,
    Containment,
    Kind,
    MeasureRefusedError,
    containment_key,
)
from cloudtrail_monitoring.responders.runtime.country_database import CountryDatabase, address_of
from cloudtrail_monitoring.responders.runtime.incidents import RESPONDER, Entry, Incident, Stage, incident_id
from cloudtrail_monitoring.responders.runtime.login_countries import Baseline, LoginCountries
from cloudtrail_monitoring.responders.runtime.login_metric import count_login
from cloudtrail_monitoring.responders.runtime.messages import who
from cloudtrail_monitoring.responders.runtime.responder import Toolbox

RUNBOOK = "console-login"
COUNTRY = "country"
"""Among a challenge's details: that of the login it was begun for."""
_JUDGED = (ActorKind.USER, ActorKind.ROOT)


class GeoChallenge:
    """The responder to console logins.

    Args:
        tools: what responders are given.
        settings: what is usual, and for how long a challenge lasts.
        iam: boto3's client.
        database: tells the country of an address.
    """

    def __init__(self, tools: Toolbox, settings: Geography, iam: Any, database: CountryDatabase) -> None:
        self._tools = tools
        self._settings = settings
        self._iam = iam
        self._database = database
        self._countries = LoginCountries(tools.state)
        self._answered = Answered(tools.state, Kind.GEO_CHALLENGE, tools.now)
        self._trusted = [ipaddress.ip_network(one, strict=False) for one in settings.trusted_networks]

    def respond(self, event: CloudTrailEvent) -> None:
        if not _is_judged(event) or not self._is_ours(event) or self._is_trusted(event.address):
            return
        country = self._database.country(event.address)
        if country is None or event.id in self._answered:
            return
        self._answer(event, country)
        if self._answered.add(event.id):
            count_login(country, event.at)

    def _is_ours(self, event: CloudTrailEvent) -> bool:
        """A user of another account may have the name of one of ours."""
        return {event.actor.account_id, event.account_id} <= {"", self._tools.configuration.account_id}

    def _is_trusted(self, text: str) -> bool:
        address = address_of(text)
        return address is not None and any(address in network for network in self._trusted)

    def _answer(self, event: CloudTrailEvent, country: str) -> None:
        baseline = self._countries.of(event.actor)
        is_usual = (
            country in self._settings.trusted_countries
            or baseline.is_learning(event.at, self._settings.learning_days)
            or country in baseline.known(event.at)
        )
        if not is_usual and not event.mfa:
            self._challenge(event, country, baseline)
            return
        if not is_usual:
            # told before it is learnt: learnt, it would not be told again
            key = f"{Kind.GEO_CHALLENGE}#{_subject(event)}#{country}"
            self._tell(event, country, baseline, key=key, done="nothing: the login had MFA; the country is known now")
        self._countries.learn(event.actor, country, event.at)

    def _challenge(self, event: CloudTrailEvent, country: str, baseline: Baseline) -> None:
        own = incident_id(Kind.GEO_CHALLENGE, f"{_subject(event)}#{event.id}", event.at)
        known = self._tools.containments.find(containment_key(Kind.GEO_CHALLENGE, event.actor.name))
        if known is not None and known.incident_id != own and self._learn_lifted(event, country, known):
            return
        if known is not None and known.incident_id == own:
            # begun for this very login: to be completed, and not begun anew if people have ended it
            held = self._tools.containments.reconcile(known.key) or known
        else:
            ends_at = event.at + timedelta(hours=self._settings.challenge_hours)
            objection = self._objection(event, ends_at)
            if objection is not None:
                self._tell_once_a_day(event, country, baseline, objection)
                return
            try:
                held = self._tools.containments.hold(self._wanted(event, country, own, ends_at))
            except MeasureRefusedError as refused:
                self._tell_once_a_day(event, country, baseline, str(refused))
                return
        if held.incident_id == own:
            title = f"{_subject(event)} logged in without MFA from {country}, a new country"
            subject = _subject(event)
            self._tools.incidents.open(Incident(own, Kind.GEO_CHALLENGE, subject, title, event.at, Stage.ALERT))
        done = f"{_how(held)} until {self._tools.wording.moment(held.ends_at)}"
        noted = f"login from {country} without MFA: {done}"
        self._tools.incidents.note(held.incident_id, Entry(event.at, RESPONDER, noted))
        self._tell(event, country, baseline, key=f"{held.incident_id}#{country}", done=done, held=held)

    def _learn_lifted(self, event: CloudTrailEvent, country: str, known: Containment) -> bool:
        """Learn the country of a challenge that somebody lifted by hand; whether it is that of this login.

        A new challenge would take the place of the lifted one, so that it is learnt before.
        """
        lifted = known.details.get(COUNTRY)
        if lifted is None or LIFTED not in known.details:
            return False
        noted = f"{lifted} is usual from now on: the challenge was lifted by hand"
        lifted_at = datetime.fromisoformat(known.details[LIFTED])
        self._tools.incidents.note(known.incident_id, Entry(lifted_at, RESPONDER, noted))
        self._countries.learn(event.actor, lifted, event.at if lifted == country else known.began)
        return lifted == country

    def _objection(self, event: CloudTrailEvent, ends_at: datetime) -> str | None:
        if ends_at <= self._tools.now():
            return "the login was told too late: the challenge would have ended already"
        return self._tools.safety.objection(event.actor, Kind.GEO_CHALLENGE)

    def _wanted(self, event: CloudTrailEvent, country: str, own: str, ends_at: datetime) -> Containment:
        now = self._tools.now().replace(microsecond=0)
        details = {COUNTRY: country}
        if self._had_mfa_device(event):
            details[REVOKED_BEFORE] = now.isoformat()
        return Containment(Kind.GEO_CHALLENGE, event.actor.name, now, ends_at, own, details)

    def _had_mfa_device(self, event: CloudTrailEvent) -> bool:
        """Whether the user had a device when logging in: one enrolled since may be the intruder's."""
        try:
            devices = self._iam.list_mfa_devices(UserName=event.actor.name)["MFADevices"]
        except self._iam.exceptions.NoSuchEntityException:
            return False
        return any(one["EnableDate"] < event.at for one in devices)

    def _tell_once_a_day(self, event: CloudTrailEvent, country: str, baseline: Baseline, why: str) -> None:
        day = f"{event.at:%Y-%m-%d}"
        self._tell(
            event,
            country,
            baseline,
            key=f"{Kind.GEO_CHALLENGE}#{_subject(event)}#{country}#{day}",
            done=f"nothing: {why}",
            further=f"logins from {country} on {day} (UTC) are not told for this reason",
        )

    def _tell(
        self,
        event: CloudTrailEvent,
        country: str,
        baseline: Baseline,
        *,
        key: str,
        done: str,
        further: str = "",
        held: Containment | None = None,
    ) -> None:
        wording, subject = self._tools.wording, _subject(event)
        address = readable(event.address, most=60)
        known = baseline.known(event.at)
        usual = ", ".join(f"{code} (last {seen.last:%Y-%m-%d})" for code, seen in known.items())
        facts = (
            ("Who", subject),
            ("What", f"console login {'with' if event.mfa else 'without'} MFA from a new country, {country}"),
            ("When", wording.moment(event.at)),
            ("From", f"{address}, registered in {country}; recorded in {readable(event.region, most=20)}"),
            ("Known", usual or "no other country"),
            ("Done", done),
            ("Further", further),
            ("Pass it", _passing(held) if held else ""),
            ("Not ended", "roles assumed before the challenge, until their sessions expire" if held else ""),
            ("Undo now", wording.undo(held.key) if held else ""),
            ("", f"{held.details[COUNTRY]} is a usual country then" if held and COUNTRY in held.details else ""),
            ("Incident", held.incident_id if held else ""),
            ("Beware", "about one address in twenty is registered in another country than it is used in"),
        )
        challenged = f"Challenged until {wording.clock(held.ends_at)}: " if held else ""
        self._tools.alerts.tell(
            Alert(
                key=key,
                subject=f"{challenged}{subject} logged in from {country}, a new country",
                text=wording.letter(
                    f"{subject} logged in from a country that is new.", facts, [event], runbook=RUNBOOK
                ),
                sms=f"{challenged}{subject}, login without MFA from {country} ({address})" if held else "",
            )
        )


def _is_judged(event: CloudTrailEvent) -> bool:
    if not event.is_login or event.login != "Success" or event.actor.kind not in _JUDGED:
        return False
    return event.actor.kind is ActorKind.ROOT or (bool(event.actor.name) and not event.actor.is_hidden)


def _subject(event: CloudTrailEvent) -> str:
    return who(event.actor)


def _how(held: Containment) -> str:
    if held.details.get(REVOKED_BEFORE):
        return "sessions revoked, access keys and logins without MFA denied"
    return "everything denied, as the user had no MFA device when logging in"


def _passing(held: Containment) -> str:
    if held.details.get(REVOKED_BEFORE):
        return "log in again with MFA"
    return "talk to the user, change the password, look for new MFA devices and access keys, then undo"

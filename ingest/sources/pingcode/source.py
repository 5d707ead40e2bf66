"""PingCode: cloud, or a private deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import msgspec

from ingest.api import ApiSource, Identity, StatusProposal
from ingest.http import HttpClient
from ingest.protocol import AuthError
from ingest.sources.pingcode.catalogs import Departments, Projects, Properties, Sprints, States, Team, Types, Users, Versions
from ingest.sources.pingcode.histories import TransitionHistories
from ingest.sources.pingcode.hours import Workloads
from ingest.sources.pingcode.items import WorkItems
from ingest.sources.pingcode.lists import EVERYTHING, PAGE_SIZE, Api, groups
from ingest.sources.pingcode.scope import Scope
from ingest.sources.pingcode.session import Session, spellings
from ingest.sources.pingcode.settings import PingCodeConfig
from ingest.streams import Stream

REQUESTS_PER_MINUTE: Final = 180
"""Of the 200 that are allowed: the app may not be the only one with this identity."""
CATEGORIES: Final[Mapping[str, str]] = {"pending": "backlog", "in_progress": "active", "completed": "done", "closed": ""}
"""What the system's grouping suggests. Closed says nothing: for many teams it is done, for others discarded; somebody has to decide."""

StreamTypes = Sequence[type[Stream]]


class _Team(msgspec.Struct):
    id: str
    name: str = ""
    secondary_domain: str = ""


class _State(msgspec.Struct):
    id: str
    name: str = ""
    type: str = ""


class PingCodeSource(ApiSource):
    """The connector."""

    type: ClassVar[str] = "pingcode"
    version = "pingcode/1"
    config: PingCodeConfig
    _team: bytes = b"{}"

    @classmethod
    def stream_types(cls) -> StreamTypes:
        """In the order of reading."""
        return (
            Team,
            Projects,
            WorkItems,
            TransitionHistories,
            Types,
            States,
            Properties,
            Sprints,
            Versions,
            Workloads,
            Users,
            Departments,
        )

    def connect(self) -> HttpClient:
        """With a token that the session asks for, and renews when it ends."""
        secrets = spellings(self.config.client_secret)
        session = Session(self.clock, self.config.client_id, self.config.client_secret)
        session.client = self.client(
            headers=session.headers,
            renew=session.renew,
            secrets=secrets,
            requests_per_minute=self.config.requests_per_minute or REQUESTS_PER_MINUTE,
        )
        return session.client

    def identify(self, client: HttpClient) -> Identity:
        """By team: an enterprise token has no `me`."""
        answer = client.get("v1/directory/team", is_identity=True)
        team = answer.decode(_Team)
        self._team = answer.body
        wanted = self.config.team
        if wanted is not None and wanted not in (team.id, team.name, team.secondary_domain):
            raise AuthError(
                f"{self.name}: team {team.name} ({team.id}) answers, pmo.toml says {wanted}.",
                "Use the app of the configured team, or correct `team`.",
                "Nothing of this source was read; the published build is unchanged.",
            )
        return Identity(f"team {team.name} ({team.id})", {"team": team.id, "time zone of report days": self.config.time_zone})

    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        """Items before their histories, and before the names that they need."""
        api = Api(client, self.config)
        scope = Scope(api, self.name, self.config.projects)
        items = WorkItems(api, scope)
        return (
            Team(self._team, identity.facts["team"], self.name, self.config.time_zone),
            Projects(api, scope),
            items,
            TransitionHistories(api, items),
            Types(api, scope),
            States(api, scope),
            Properties(api, scope),
            Sprints(api, scope),
            Versions(api, scope),
            Workloads(api, scope, self.config.time_zone),
            Users(api, scope),
            Departments(api, scope),
        )

    def survey(self, client: HttpClient, identity: Identity) -> Mapping[str, str]:
        """Projects that we see, items, and what a first read costs: one request an item, for its history."""
        api = Api(client, self.config)
        scope = Scope(api, self.name, self.config.projects)
        path = api.area("work_items")
        items = sum(api.total(path, {"project_ids": projects, **EVERYTHING}) for projects in groups(scope.ids))
        users = api.total("v1/directory/users")
        hours = Workloads(api, scope, self.config.time_zone).requests_of_a_full_read(self.clock.now(), self.config.since)
        requests = items + 2 * (items // PAGE_SIZE + 1) + 2 * len(scope.ids) + hours + users // PAGE_SIZE + 10
        minutes = -(-requests // (self.config.requests_per_minute or REQUESTS_PER_MINUTE))
        return {
            "projects": ", ".join(f"{project.name} ({project.id})" for project in scope.projects) or "none",
            "work items": f"{items:,}",
            "users": f"{users:,}",
            "full read": f"{requests:,} requests, {minutes:,} minutes",
        }

    def propose_statuses(self, client: HttpClient) -> Sequence[StatusProposal]:
        """By the type of each state."""
        api = Api(client, self.config)
        rows = api.listing(api.area("work_item_states")).rows.values()
        states = [msgspec.json.decode(row, type=_State) for row in rows]
        return [StatusProposal(state.id, state.name, CATEGORIES.get(state.type, "")) for state in states]

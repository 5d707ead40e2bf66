"""The GitHub source: who we are, and which streams there are.

Belongs here: the connection, the identity, the survey.
Does not: single streams (`streams.py`), what a payload means (dbt staging).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from ingest.api import ApiSource, Identity
from ingest.http import HttpClient
from ingest.protocol import AuthError
from ingest.sources.github.settings import GitHubConfig
from ingest.sources.github.streams import PAGE_SIZE, Events, Issues, Milestones, Repositories, StatusLabels
from ingest.streams import Stream, StreamTypes

_LAST_PAGE = re.compile(r'[?&]page=(\d+)[^>]*>; rel="last"')


class _User(msgspec.Struct):
    login: str


class GitHubSource(ApiSource):
    """Reads the issues of some repositories."""

    type: ClassVar[str] = "github"
    version: ClassVar[str] = "github/1"
    config: GitHubConfig

    @classmethod
    def stream_types(cls) -> StreamTypes:
        """Repositories and labels first: they say what issues and events speak of."""
        return (Repositories, Milestones, StatusLabels, Issues, Events)

    def connect(self) -> HttpClient:
        """With a bearer token, and the version of the API that this connector was written for."""
        token = self.config.token
        return self.client(
            headers=lambda: {
                "Authorization": f"Bearer {token.get_secret_value()}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            secrets=[token],
        )

    def identify(self, client: HttpClient) -> Identity:
        """By login; a token of nobody is no token."""
        login = client.get("user", is_identity=True).decode(_User).login
        if not login:
            raise AuthError(f"{self.name}: the token belongs to nobody.", "Make a token of an account.", "Nothing was read.")
        return Identity(login, {"repositories": str(len(self.config.repositories))})

    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        """One of each kind, over all repositories."""
        repositories = self.config.repositories
        return (
            Repositories(client, repositories),
            Milestones(client, repositories),
            StatusLabels(client, repositories, self.config.status_label_prefix),
            Issues(client, repositories),
            Events(client, repositories),
        )

    def survey(self, client: HttpClient, identity: Identity) -> Mapping[str, str]:
        """Issues (pull requests among them) and what a full read costs; 404 where a repository is not there or not ours to see."""
        issues = 0
        requests = 0
        for repository in self.config.repositories:
            for path in (f"repos/{repository}/issues", f"repos/{repository}/issues/events"):
                answer = client.get(path, {"state": "all", "per_page": 1})
                last = _LAST_PAGE.search(answer.headers.get("link", ""))
                rows = int(last[1]) if last else len(answer.decode(list))
                issues += rows if path.endswith("/issues") else 0
                requests += rows // PAGE_SIZE + 1
            requests += 3
        return {"issues and pull requests": f"{issues:,}", "requests of a full read": f"about {requests:,}"}

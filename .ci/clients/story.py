"""The story of docs/guides/front-end.md with a generated Python client: what a syncing agency or a script meets."""

import json
import os
import pathlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gcm_api_client import AuthenticatedClient, Client
from gcm_api_client.api.access import request_token, revoke_token
from gcm_api_client.api.instance import get_instance
from gcm_api_client.api.me import get_me, get_my_permissions, list_my_sessions
from gcm_api_client.api.ministries import get_ministry, list_ministries, update_ministry
from gcm_api_client.api.organizations import create_organization, list_organizations
from gcm_api_client.models import (
    InstanceView,
    ListOrganizationsIncludeItem,
    LocalizedText,
    Me,
    MinistryList,
    MinistryPatch,
    MinistryPatchName,
    MinistryView,
    NewOrganization,
    NewOrganizationName,
    OrganizationList,
    OrganizationView,
    Permissions,
    Problem,
    RevocationRequest,
    Sessions,
    TokenAnswer,
    TokenProblem,
    TokenRequest,
)
from gcm_api_client.types import Unset

URL = os.environ["GCM_URL"]
DEMO = json.loads(pathlib.Path("data/demo-accounts.json").read_text())
PASSWORDS: dict[str, str] = {account["username"]: account["password"] for account in DEMO["accounts"]}
OPEN = Client(URL)
LAO = "ກະຊວງສາທາລະນະສຸກ"
Answer = TypeVar("Answer")


def must(kind: type[Answer], answer: object) -> Answer:
    """The answer, when it is what was asked for; generated methods give the problem back instead of raising it."""
    assert isinstance(answer, kind), answer
    return answer


def sign_in(username: str) -> TokenAnswer:
    form = TokenRequest(grant_type="password", username=username, password=PASSWORDS[username])
    return must(TokenAnswer, request_token.sync(client=OPEN, body=form))


def portal(token: TokenAnswer, language: str = "en") -> AuthenticatedClient:
    return AuthenticatedClient(URL, token.access_token, headers={"Accept-Language": language})


def refresh(token: TokenAnswer) -> TokenAnswer | TokenProblem | Problem | None:
    assert not isinstance(token.refresh_token, Unset)
    return request_token.sync(client=OPEN, body=TokenRequest(grant_type="refresh_token", refresh_token=token.refresh_token))


def say(text: LocalizedText | None, wanted: str, default: str) -> str:
    if text is None:
        return "–"
    return next(text[language] for language in (wanted, default, *text.additional_keys) if language in text)


def names(api: AuthenticatedClient, default: str) -> None:
    page = must(MinistryList, list_ministries.sync(client=api, active=True, limit=5, with_total=True))
    total, rows = page.page.total, page.data
    while page.page.next_cursor is not None:
        page = must(MinistryList, list_ministries.sync(client=api, active=True, limit=5, cursor=page.page.next_cursor))
        rows += page.data
    assert total == len(rows) == len({row.id for row in rows}) == 13, (total, len(rows))
    print(f"   {total} ministries, the first of them {say(rows[0].name, 'lo', default)}")

    include = [ListOrganizationsIncludeItem.ORGANIZATIONS]
    listed = must(OrganizationList, list_organizations.sync(client=api, code=["lsb"], include=include))
    assert listed.included is not None
    parents = {row.id: row for row in listed.included.organizations}
    parent = listed.data[0].parent_id
    assert parent is not None
    print(f"   {listed.data[0].acronym} belongs to {say(parents[parent].name, 'lo', default)}")


def conflict(api: AuthenticatedClient, seen: MinistryView, default: str) -> None:
    name = MinistryPatchName.from_dict({"lo": LAO})
    saved = update_ministry.sync(seen.id, client=api, if_match=f'"{seen.revision}"', body=MinistryPatch(name=name))
    assert say(must(MinistryView, saved).name, "lo", default) == LAO
    mine = MinistryPatch(acronym="MOH")
    stale = must(Problem, update_ministry.sync(seen.id, client=api, if_match=f'"{seen.revision}"', body=mine))
    now = must(MinistryView, get_ministry.sync(seen.id, client=api))
    assert (stale.status, stale.code, stale.revision) == (412, "stale_revision", now.revision), stale
    # The other change was to the name: nothing to ask, only to send again.
    assert now.acronym == seen.acronym
    saved = update_ministry.sync(seen.id, client=api, if_match=f'"{now.revision}"', body=mine)
    changed = must(MinistryView, saved)
    assert (changed.acronym, say(changed.name, "lo", default)) == ("MOH", LAO)
    print(f"   a conflict met and solved: revision {changed.revision}")


def rights(focal: AuthenticatedClient, row: MinistryView) -> None:
    answer = must(Permissions, get_my_permissions.sync(client=focal, kind="organization", id=str(row.id)))
    may = {permission.action: permission for permission in answer.data}
    assert may["update"].allowed and may["update"].fields == ["mandate", "website"], may["update"]
    assert not may["archive"].allowed
    body = MinistryPatch(website="moh.example", valid_from=None)
    refused = must(Problem, update_ministry.sync(row.id, client=focal, if_match='"0"', body=body))
    assert refused.code == "stale_revision", refused
    now = must(MinistryView, get_ministry.sync(row.id, client=focal))
    refused = must(Problem, update_ministry.sync(row.id, client=focal, if_match=f'"{now.revision}"', body=body))
    faults = [(fault.pointer, fault.code) for fault in refused.errors]
    assert (refused.status, faults) == (422, [("#/website", "wrong_form")]), refused
    assert refused.title != must(Problem, get_ministry.sync(uuid.uuid4(), client=focal)).title
    print(f"   refused in Lao: {refused.title}")


def once(api: AuthenticatedClient) -> None:
    name = NewOrganizationName.from_dict({"en": "National University of Laos"})
    new = NewOrganization(kind="academia", code="nuol", acronym="NUOL", name=name, country="LA")
    tried = create_organization.sync_detailed(client=api, body=new, dry_run=True)
    assert (tried.status_code, tried.headers["Dry-Run"]) == (201, "true")
    key = str(uuid.uuid4())
    with ThreadPoolExecutor() as at_once:
        sent = [at_once.submit(create_organization.sync_detailed, client=api, body=new, idempotency_key=key) for _ in range(4)]
        answers = [each.result() for each in sent]
    made = {must(OrganizationView, answer.parsed).id for answer in answers}
    replayed = [answer for answer in answers if answer.headers.get("Idempotency-Replayed") == "true"]
    assert (len(made), len(replayed)) == (1, 3), answers
    print("   sent four times at once, written once")


def tabs() -> None:
    first = sign_in("mofa.coordinator")
    with ThreadPoolExecutor() as at_once:
        answers = list(at_once.map(refresh, [first, first]))
    left, right = (must(TokenAnswer, answer) for answer in answers)
    assert left.refresh_token != right.refresh_token
    for tab in (left, right):
        must(Me, get_me.sync(client=portal(tab)))
    left = must(TokenAnswer, refresh(left))
    right = must(TokenAnswer, refresh(right))
    print("   two tabs refreshed with one token at once, and both went on")

    thief = must(TokenProblem, refresh(first))
    assert thief.code == "invalid_grant", thief
    for tab in (left, right):
        assert must(Problem, get_me.sync(client=portal(tab))).status == 401
        assert must(TokenProblem, refresh(tab)).code == "invalid_grant"
    print("   the first token came back once more: the session has ended everywhere")


def sign_out() -> None:
    token = sign_in("mofa.coordinator")
    api = portal(token)
    before = must(Sessions, list_my_sessions.sync(client=api)).data
    assert [session.current for session in before].count(True) == 1, before
    assert not isinstance(token.refresh_token, Unset)
    assert revoke_token.sync_detailed(client=OPEN, body=RevocationRequest(token=token.refresh_token)).status_code == 200
    assert must(Problem, get_me.sync(client=api)).status == 401
    print("   signed out")


def main() -> None:
    instance = must(InstanceView, get_instance.sync(client=OPEN))
    default = instance.default_language
    print(f"   {say(instance.name, 'lo', default)}, {instance.languages}")
    api = portal(sign_in("mofa.coordinator"))
    me = must(Me, get_me.sync(client=api))
    print(f"   {me.display_name}: {me.role}")
    names(api, default)
    ministry = must(MinistryList, list_ministries.sync(client=api, code=["moh"])).data[0]
    conflict(api, ministry, default)
    rights(portal(sign_in("moh.focal"), "lo"), ministry)
    once(api)
    tabs()
    sign_out()


if __name__ == "__main__":
    main()

import asyncio
import logging
import pytest
from graphql import GraphQLError, build_schema
from typing import Any
from vilya import App
from vilya.graphql import GraphQL
from vilya.testing import TestClient, TestResponse

SCHEMA = build_schema("""
    type Query { hello(name: String): String, me: User, fails: String, refuses: String, agent: String }
    type Mutation { add(a: Int!, b: Int!): Int }
    type Subscription { ticks: Int }
    type User { name: String, friend: User }
""")


class User:
    name = "Ada"

    def friend(self, info: Any) -> "User":
        return self


class Root:
    async def hello(self, info: Any, name: str = "world") -> str:
        await asyncio.sleep(0)
        return f"hello {name}"

    def me(self, info: Any) -> User:
        return User()

    def fails(self, info: Any) -> str:
        raise KeyError("secret")

    def refuses(self, info: Any) -> str:
        raise GraphQLError("not for you")

    def agent(self, info: Any) -> str:
        return f"{info.context['request'].headers['user-agent']} {info.context['extra']}"

    def add(self, info: Any, a: int, b: int) -> int:
        return a + b


@pytest.fixture
def client() -> TestClient:
    app = App()
    app.add_route("/graphql", GraphQL(SCHEMA, root_value=Root(), context=lambda request: {"extra": "x"}, depth_max=4, tokens_max=60))
    return TestClient(app)


def ask(client: TestClient, query: str, **options: Any) -> TestResponse:
    return client.post("/graphql", json={"query": query, **options}, headers={"accept": "application/graphql-response+json"})


def test_answers_queries(client: TestClient) -> None:
    got = ask(client, "query ($n: String) { hello(name: $n) me { name } agent }", variables={"n": "you"})
    assert (got.status_code, got.headers["content-type"]) == (200, "application/graphql-response+json")
    assert got.json() == {"data": {"hello": "hello you", "me": {"name": "Ada"}, "agent": "vilya-test-client x"}}
    assert ask(client, "mutation { add(a: 1, b: 2) }").json() == {"data": {"add": 3}}
    assert ask(client, "query A { hello } query B { me { name } }", operationName="B").json() == {"data": {"me": {"name": "Ada"}}}
    got = client.get("/graphql", params={"query": "query ($n: String) { hello(name: $n) }", "variables": '{"n":"x"}'})
    assert (got.headers["content-type"], got.json()) == ("application/json", {"data": {"hello": "hello x"}})


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("{ hello", {}),
        ("{ nothing }", {}),
        ("query A { hello } query B { hello }", {}),
        ("query A { hello }", {"operationName": "C"}),
        ("subscription { ticks }", {}),
        ("query ($n: Int!) { hello }", {}),
        ("mutation ($n: Int!) { add(a: $n, b: 1) }", {"variables": {"n": "x"}}),
        ("{ me { friend { friend { friend { name } } } } }", {}),
        ("{ me { ...f } } fragment f on User { friend { friend { friend { name } } } }", {}),
        ("{ me { ...f } } fragment f on User { friend { ...f } }", {}),
        ("{ " + "hello " * 60 + "}", {}),
    ],
)
def test_refuses_queries(client: TestClient, query: str, options: Any) -> None:
    got = ask(client, query, **options)
    assert got.status_code == 400
    assert got.json()["errors"][0]["message"]
    # For clients that do not know GraphQL's own type it is an answer like others.
    got = client.post("/graphql", json={"query": query, **options})
    assert got.status_code == 200
    assert got.json()["errors"]


def test_what_is_deep_enough_passes(client: TestClient) -> None:
    assert ask(client, "{ me { friend { friend { name } } } }").status_code == 200


def test_faults_of_resolvers_are_logged_and_not_told(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        got = ask(client, "{ fails refuses hello }")
    assert got.status_code == 200
    assert got.json()["data"] == {"fails": None, "refuses": None, "hello": "hello world"}
    assert {error["message"] for error in got.json()["errors"]} == {"Internal Server Error", "not for you"}
    assert "secret" not in got.text
    assert "secret" in caplog.text


def test_a_query_too_deep_to_be_read_is_refused() -> None:
    app = App()
    app.add_route("/graphql", GraphQL(SCHEMA))
    for query in ("{ me " * 2400, "{ hello(name: " + "[" * 4000):
        assert ask(TestClient(app), query).status_code == 400


BROKEN = [b"[]", b"{}", b'{"query": 1}', b'{"query": "{a}", "variables": []}', b'{"query": "{a}", "operationName": 1}', b"{"]


@pytest.mark.parametrize("content", BROKEN)
def test_bodies_that_are_no_queries_are_refused(client: TestClient, content: bytes) -> None:
    assert client.post("/graphql", content=content, headers={"content-type": "application/json"}).status_code == 400


def test_methods_and_types_are_checked(client: TestClient) -> None:
    assert client.post("/graphql", content=b"{ hello }", headers={"content-type": "application/graphql"}).status_code == 415
    assert client.post("/graphql", data={"query": "{ hello }"}).status_code == 415
    got = client.get("/graphql", params={"query": "mutation { add(a: 1, b: 2) }"})
    assert (got.status_code, got.headers["allow"]) == (405, "POST")
    assert client.delete("/graphql").status_code == 405
    assert client.get("/graphql").status_code == 400
    assert client.get("/graphql", params={"query": "{ hello }", "variables": "{"}).status_code == 400

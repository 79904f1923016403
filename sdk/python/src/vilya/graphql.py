"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/), by graphql-core, which has to be installed:
`app.add_route("/graphql", GraphQL(schema))`."""

from __future__ import annotations

import logging
from .exceptions import HTTPException, InvalidBody
from .media_type import parse_options
from .requests import Request
from .responses import JSONResponse, Response
from .serialization import loads
from .types import Receive, Scope, Send
from collections.abc import Callable
from graphql import (
    ASTValidationRule,
    ExecutionResult,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationType,
    ValidationContext,
    execute,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from typing import Any

# Defaults of the options of these names: what one query may ask for.
DEPTH_MAX = 15
TOKENS_MAX = 5000

_RESPONSE_TYPE = "application/graphql-response+json"
_log = logging.getLogger("vilya.graphql")


class GraphQL:
    """An ASGI application that answers queries and mutations.

    Resolvers find the request at `info.context["request"]`, and what `context` returns for it beside that; `root_value` is what the
    first of them get. What they raise is told to clients if it is a GraphQLError; anything else is logged, and told as
    "Internal Server Error". Queries that are deeper than `depth_max` fields or have more than `tokens_max` words are refused.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        root_value: Any = None,
        context: Callable[[Request], dict[str, Any]] | None = None,
        depth_max: int = DEPTH_MAX,
        tokens_max: int = TOKENS_MAX,
    ) -> None:
        self.schema = schema
        self.root_value = root_value
        self.context = context
        self.tokens_max = tokens_max
        self._rules = [*specified_rules, _depth_rule(depth_max)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        if request.method not in ("GET", "HEAD", "POST"):
            raise HTTPException(405, headers={"allow": "GET, HEAD, POST"})
        asked = await _read_post(request) if request.method == "POST" else _read_get(request)
        response = await self._answer(request, asked)
        await response(scope, receive, send)

    async def _answer(self, request: Request, asked: dict[str, Any]) -> Response:
        try:
            document = parse(asked["query"], max_tokens=self.tokens_max)
            errors = validate(self.schema, document, self._rules)
        except GraphQLError as error:
            errors = [error]
        except RecursionError:
            errors = [GraphQLError("Cannot read query: it is too deep")]
        if errors:
            return _refuse(request, *errors)
        operation = get_operation_ast(document, asked["operationName"])
        if operation is None:
            return _refuse(request, GraphQLError("Cannot tell which operation is meant: operationName must name one of them"))
        if operation.operation is OperationType.SUBSCRIPTION:
            return _refuse(request, GraphQLError("Cannot subscribe over HTTP: queries and mutations are allowed"))
        if operation.operation is OperationType.MUTATION and request.method != "POST":
            # A link must not change anything.
            raise HTTPException(405, headers={"allow": "POST"})
        context = {"request": request, **(self.context(request) if self.context is not None else {})}
        executed = execute(self.schema, document, self.root_value, context, asked["variables"], asked["operationName"])
        result = executed if isinstance(executed, ExecutionResult) else await executed
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_tell(error) for error in result.errors]
        # Without data nothing was executed: the variables did not fit.
        is_refused = result.data is None and result.errors is not None and all(error.path is None for error in result.errors)
        return _respond(request, answer, 400 if is_refused else 200)


def _depth_rule(depth_max: int) -> type[ASTValidationRule]:
    """Fields within fields, fragments counted where they are spread; each is walked once."""

    class DepthRule(ASTValidationRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self._depths: dict[str, int] = {}

        def enter_operation_definition(self, node: Any, *_: Any) -> None:
            if self._depth(node) > depth_max:
                self.report_error(GraphQLError(f"Cannot execute: the query is deeper than {depth_max} fields", node))

        def _depth(self, node: Node) -> int:
            if isinstance(node, FragmentSpreadNode):
                return self._fragment_depth(node.name.value)
            selections = getattr(node, "selection_set", None)
            below = max((self._depth(selection) for selection in selections.selections), default=0) if selections else 0
            return below + isinstance(node, FieldNode)

        def _fragment_depth(self, name: str) -> int:
            if name not in self._depths:
                # Ends the walk of fragments that spread themselves, which another rule reports.
                self._depths[name] = 0
                fragment = self.context.get_fragment(name)
                self._depths[name] = 0 if fragment is None else self._depth(fragment)
            return self._depths[name]

    return DepthRule


async def _read_post(request: Request) -> dict[str, Any]:
    if parse_options(request.headers.get("content-type", ""))[0] != "application/json":
        # Forms of other sites could send anything else without being asked.
        raise HTTPException(415, "A query is expected as application/json")
    return _check(await request.json())


def _read_get(request: Request) -> dict[str, Any]:
    params = request.query_params
    try:
        variables = loads(params["variables"]) if params.get("variables") else None
    except ValueError as error:
        raise InvalidBody(f"Cannot read variables: {error}") from None
    return _check({"query": params.get("query"), "operationName": params.get("operationName"), "variables": variables})


def _check(asked: Any) -> dict[str, Any]:
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        raise InvalidBody("Cannot read query: an object with a text 'query' is allowed")
    if not isinstance(asked.get("variables"), (dict, type(None))) or not isinstance(asked.get("operationName"), (str, type(None))):
        raise InvalidBody("Cannot read query: 'variables' may be an object, 'operationName' a text")
    return {"query": asked["query"], "variables": asked.get("variables"), "operationName": asked.get("operationName") or None}


def _tell(error: GraphQLError) -> Any:
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return error.formatted
    _log.error("A resolver failed at %s", error.path, exc_info=error.original_error)
    return {**error.formatted, "message": "Internal Server Error"}


def _refuse(request: Request, *errors: GraphQLError) -> Response:
    return _respond(request, {"errors": [error.formatted for error in errors]}, 400)


def _respond(request: Request, answer: dict[str, Any], status_code: int) -> Response:
    """Clients that know GraphQL's own type learn from the status, too; for the others everything that is an answer is a 200."""
    if _RESPONSE_TYPE in request.headers.get("accept", ""):
        return JSONResponse(answer, status_code, media_type=_RESPONSE_TYPE)
    return JSONResponse(answer)

/** The answer of ../warm/worker.php, for Vilya and for the runtime's own server alike. */
export function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname !== "/") return new Response("not here", { status: 404 });
  const user = { id: 1, name: "Gandalf", email: "gandalf@middleearth.example" };
  return Response.json({ message: "hello", user });
}

const app: { fetch(request: Request): Response } = { fetch: answer };

// oxlint-disable-next-line import/no-default-export -- what an app is
export default app;

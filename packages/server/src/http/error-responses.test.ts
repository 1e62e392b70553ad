import { AnywireError, ERRORS, type ErrorCode, problemSchema } from "@anywire/types";
import { expect, test } from "vitest";
import { createTestApp, type TestApp } from "./create-test-app.fixture.ts";
import { errorPage, toProblem } from "./error-responses.ts";

const codes = Object.keys(ERRORS) as ErrorCode[];

function appThatThrows(thrown: unknown): Promise<TestApp> {
  return createTestApp({ isReady: () => Promise.reject(thrown) });
}

test("what was not foreseen is logged once and shows the client nothing but where to look", async () => {
  const cause = new Error("password=hunter2 at db.internal");
  const { send, errorLines } = await appThatThrows(cause);
  const answer = await send("/ready");
  const text = await answer.text();
  const requestId = answer.headers.get("x-request-id");
  expect(answer.status).toBe(500);
  expect(text).not.toMatch(/hunter2|db\.internal/);
  expect(problemSchema.parse(JSON.parse(text)).detail).toContain(requestId);
  expect(errorLines).toHaveLength(1);
  expect(errorLines[0]).toMatchObject({ requestId, err: { cause } });
});

test("an error that the client caused is not logged", async () => {
  const { send, errorLines } = await createTestApp();
  expect((await send("/v1/channels/x/presence")).status).toBe(404);
  expect(errorLines).toEqual([]);
});

test.each(codes)(
  "%s becomes a problem of its status, whose type is a place in the reference",
  async (code) => {
    const { send } = await appThatThrows(new AnywireError(code, "because"));
    const answer = await send("/ready");
    expect(answer.status).toBe(ERRORS[code].http);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const problem = problemSchema.parse(await answer.json());
    expect(problem).toMatchObject({ code, status: ERRORS[code].http, detail: "because" });
    const [page = "", anchor] = problem.type.split("#");
    expect(await (await send(page)).text()).toContain(`id="${anchor}"`);
  },
);

test("when to come back is said in milliseconds, and in whole seconds for proxies", async () => {
  const error = new AnywireError("rate_limited", "slow down", {
    details: { retryAfterMs: 1200.5 },
  });
  const { send } = await appThatThrows(error);
  const answer = await send("/ready");
  expect(answer.headers.get("retry-after")).toBe("2");
  expect(await answer.json()).toMatchObject({ retryAfterMs: 1201 });
});

test("details that are not meant for the client stay inside", () => {
  const error = new AnywireError("conflict", "taken", { details: { sql: "SELECT", errors: "x" } });
  expect(toProblem(error)).toEqual({
    type: errorPage("conflict"),
    title: "Conflict",
    status: 409,
    code: "conflict",
    detail: "taken",
  });
});

import { AnywireError, ERRORS } from "@anywire/types";
import { expect, test } from "vitest";
import { isConnectionLoss, toClientError, toCloseError } from "./client-error.ts";

test("every error of the table keeps its code over the socket", () => {
  for (const [code, { socket }] of Object.entries(ERRORS)) {
    expect(toClientError({ code: socket, message: "x" }).code).toBe(code);
  }
});

test("what never reached a server is unavailable", () => {
  expect(toClientError({ code: 3, message: "client disconnected" }).code).toBe("unavailable");
});

test("anything else is internal, and an error of ours stays as it is", () => {
  expect(toClientError(new TypeError("x")).code).toBe("internal");
  expect(toClientError({ code: 1999, message: "from a newer server" }).code).toBe("internal");
  const ours = new AnywireError("conflict", "x");
  expect(toClientError(ours)).toBe(ours);
});

test("a refusal by the server is no loss of the connection", () => {
  expect(isConnectionLoss({ code: 2, message: "transport closed" })).toBe(true);
  expect(isConnectionLoss({ code: 103, message: "permission denied" })).toBe(false);
  expect(isConnectionLoss(new Error("x"))).toBe(false);
});

test("a connection that the caller closed ended without an error", () => {
  expect(toCloseError({ code: 0, reason: "disconnect called" })).toBeUndefined();
  expect(toCloseError({ code: 3500, reason: "invalid token" })?.code).toBe("unauthenticated");
  expect(toCloseError({ code: 103, reason: "permission denied" })?.code).toBe("permission_denied");
  expect(toCloseError({ code: 4999, reason: "gone" })?.code).toBe("unavailable");
});

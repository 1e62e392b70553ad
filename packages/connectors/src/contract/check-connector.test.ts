import { expect, test } from "vitest";
import { builtInConnectors } from "../built-in/index.ts";
import { pigeon } from "../pigeon/index.ts";
import { connectorProblems } from "./check-connector.ts";

test.each(builtInConnectors.map((connector) => [connector.id, connector] as const))(
  "nothing is missing from %s",
  (_, connector) => {
    expect(connectorProblems(connector)).toEqual([]);
  },
);

test("each member that is missing is named with what it must be, also when the functions are all there", () => {
  const { verify, parse, send } = pigeon;
  expect(connectorProblems({ id: "telex", verify, parse, send })).toEqual([
    expect.stringMatching(/^version is missing: a semantic version/),
    expect.stringMatching(/^displayName is missing: /),
    expect.stringMatching(/^network is missing: /),
    expect.stringMatching(/^channelType is missing: an object with name, identity/),
    expect.stringMatching(/^configSchema is missing: a schema of zod 4/),
    expect.stringMatching(/^secrets is missing: a list, empty where/),
    expect.stringMatching(/^addressKinds is missing: /),
    expect.stringMatching(/^policy is missing: /),
    expect.stringMatching(/^limits is missing: /),
    expect.stringMatching(/^capabilities is missing: a function/),
  ]);
});

test.each([
  [{ configSchema: { tower: "text" } }, "configSchema must be a schema of zod 4"],
  [{ secrets: [{ name: "seal" }] }, "secrets.0.description is missing: where"],
  [{ secrets: "seal" }, "secrets must be a list"],
  [{ capabilities: {} }, "capabilities must be a function"],
  [{ addressKinds: [] }, "addressKinds must be a list with a kind"],
  [{ policy: { bulkAllowed: "no", notes: "None." } }, "policy.bulkAllowed must be true or false"],
  [{ limits: [{ scope: "planet" }] }, "limits.0.scope must be one of connection, sender"],
  [{ channelType: { ...pigeon.channelType, name: "a.b" } }, "channelType.name must be 1 to 64"],
  [{ simulator: "yes" }, "simulator must be a function"],
  // That it is there is how an ability is declared, so the host would call it.
  [{ edit: undefined }, "edit must be a function; leave it out"],
  [{ health: true }, "health must be a function; leave it out"],
  [{ install: async () => undefined }, "uninstall is missing: install needs it"],
])("of %j it is said that %s", (change, words) => {
  const problems = connectorProblems({ ...pigeon, ...change });
  expect(problems).toContainEqual(expect.stringContaining(words));
});

test.each([[undefined], [null], ["pigeon"], [() => pigeon]])("%s is no connector", (value) => {
  expect(connectorProblems(value)).toEqual(["it must be an object"]);
});

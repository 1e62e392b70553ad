import { createChannelTypeRegistry, QUIET_TYPES } from "@anywire/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import { principalOf, type TokenAction } from "./principal.ts";
import { createTokenAccess } from "./token-access.fixture.ts";

const access = createTokenAccess();
const ACTIONS: readonly TokenAction[] = ["subscribe", "publish", "manage"];

function bob(patterns: Partial<Record<TokenAction, string[]>> = {}) {
  return principalOf({ sub: "bob", platform: "production", ...patterns });
}

function denial(words: string) {
  return expect.objectContaining({
    code: "permission_denied",
    message: expect.stringContaining(words),
  });
}

const unknown = expect.objectContaining({ code: "unknown_channel" });

test("each action needs a pattern of its own that matches the channel", () => {
  for (const granted of ACTIONS) {
    const principal = bob({ [granted]: ["production.group.*"] });
    for (const action of ACTIONS) {
      const attempt = () => access.assertMay(principal, action, "production.group.lobby");
      if (action === granted) expect(attempt).not.toThrow();
      else expect(attempt).toThrow(denial(`no ${action} pattern`));
    }
    const elsewhere = () => access.assertMay(principal, granted, "production.direct.x");
    expect(elsewhere).toThrow(denial("production.direct.x"));
  }
});

test("a token without patterns allows nothing but one's own notifications", () => {
  const mine = "production.notification.bob";
  expect(() => access.assertMay(bob(), "subscribe", mine)).not.toThrow();
  expect(() => access.assertMaySubscribe(bob(), mine)).not.toThrow();
  for (const channel of ["production.notification.june", "production.group.lobby"]) {
    expect(() => access.assertMay(bob(), "subscribe", channel)).toThrow(denial(channel));
  }
  expect(() => access.assertMay(bob(), "manage", mine)).toThrow(denial("manage"));
});

test.each(QUIET_TYPES)(
  "only the server writes to a channel of type %s, whatever the token says",
  (type) => {
    const named = `*.${type}.*`;
    const principal = bob({ publish: [">", named], manage: [">", named] });
    for (const id of ["bob", "june"]) {
      for (const action of ["publish", "invite"] as const) {
        const attempt = () => access.assertMay(principal, action, `production.${type}.${id}`);
        expect(attempt).toThrow(denial("only the server"));
      }
    }
  },
);

test.each(QUIET_TYPES)(
  "a wide pattern does not open channels of type %s, one that names it does",
  (type) => {
    const june = `production.${type}.june`;
    const wide = bob({ subscribe: ["production.>", `production.${type}.bob`], manage: [">"] });
    expect(() => access.assertMay(wide, "subscribe", june)).toThrow(denial(`names ${type}`));
    expect(() => access.assertMay(wide, "manage", june)).toThrow(denial(`names ${type}`));
    for (const pattern of [`production.${type}.*`, `production.${type}.>`]) {
      expect(() => access.assertMaySubscribe(wide, pattern)).toThrow(denial(`names ${type}`));
    }
    const named = bob({ subscribe: [`*.${type}.*`], manage: [june] });
    expect(() => access.assertMay(named, "subscribe", june)).not.toThrow();
    expect(() => access.assertMay(named, "manage", june)).not.toThrow();
    expect(() => access.assertMaySubscribe(named, `production.${type}.*`)).not.toThrow();
  },
);

test("everybody on the platform may hear whether an account is there, one account at a time, and nobody may say it", () => {
  const june = "production.presence.june";
  const wide = bob({ subscribe: [">"], publish: [">"], manage: [">"] });
  expect(() => access.assertMay(bob(), "subscribe", june)).not.toThrow();
  expect(() => access.assertMaySubscribe(bob(), june)).not.toThrow();
  for (const action of ["publish", "invite", "manage"] as const) {
    expect(() => access.assertMay(wide, action, june)).toThrow(denial("only the server"));
  }
  expect(() => access.assertMaySubscribe(wide, "production.presence.*")).toThrow(
    denial("account by account"),
  );
  expect(() => access.assertMay(wide, "subscribe", "staging.presence.june")).toThrow(
    denial("must begin with production"),
  );
});

test("nothing crosses platforms, not even with a pattern for all of them", () => {
  const principal = bob({ subscribe: [">", "staging.>"], publish: [">"], manage: [">"] });
  for (const action of ACTIONS) {
    const attempt = () => access.assertMay(principal, action, "staging.group.lobby");
    expect(attempt).toThrow(denial("must begin with production"));
  }
  expect(() => access.assertMay(principal, "subscribe", "staging.notification.bob")).toThrow(
    denial("must begin with production"),
  );
  for (const pattern of [">", "*.>", "*.group.*", "*.group.lobby", "staging.>"]) {
    expect(() => access.assertMaySubscribe(principal, pattern)).toThrow(denial("must begin with"));
  }
});

test("a pattern may be subscribed to when a pattern of the token covers all of it", () => {
  const principal = bob({ subscribe: ["production.sms.*", "*.group.lobby"] });
  const may = (pattern: string) => () => access.assertMaySubscribe(principal, pattern);
  for (const pattern of ["production.sms.*", "production.sms.>", "production.group.lobby"]) {
    expect(may(pattern)).not.toThrow();
  }
  for (const pattern of ["production.>", "production.*.lobby", "production.group.*"]) {
    expect(may(pattern)).toThrow(denial(pattern));
  }
});

test("whoever may subscribe to a pattern may subscribe to every channel it matches", () => {
  const rest = fc.tuple(fc.constantFrom("group", "sms", "*"), fc.constantFrom("a", "b", "*"));
  const wantedPattern = rest.map((tokens) => ["production", ...tokens].join("."));
  const grantedPattern = fc
    .tuple(fc.constantFrom("production", "*", "staging"), rest)
    .map(([platform, tokens]) => [platform, ...tokens].join("."));
  const isAllowed = (attempt: () => void) => {
    try {
      attempt();
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.array(grantedPattern), wantedPattern, (subscribe, wanted) => {
      const principal = bob({ subscribe });
      fc.pre(isAllowed(() => access.assertMaySubscribe(principal, wanted)));
      const [, type = "", id = ""] = wanted.split(".");
      for (const t of type === "*" ? ["group", "sms", "x"] : [type]) {
        const channel = `production.${t}.${id === "*" ? "z" : id}`;
        expect(isAllowed(() => access.assertMay(principal, "subscribe", channel))).toBe(true);
      }
    }),
  );
});

test("a malformed name and an undeclared type are no channel, before anything else is said", () => {
  const principal = bob();
  for (const name of ["", "production", "a.b", "production.group.a b", 'x"y', "production.fax.1"]) {
    expect(() => access.assertMay(principal, "publish", name)).toThrow(unknown);
    expect(() => access.assertMaySubscribe(principal, name)).toThrow(unknown);
  }
  for (const pattern of ["production.fax.*", "production.fax.>", "production.>.x"]) {
    expect(() => access.assertMaySubscribe(principal, pattern)).toThrow(unknown);
  }
  expect(() => access.assertMay(principal, "subscribe", "production.group.*")).toThrow(unknown);
});

test("a declared type of one's own is a type like any other", () => {
  const types = createChannelTypeRegistry();
  types.declare({ name: "fax", identity: "participants", network: "fax", description: "Paper." });
  const principal = bob({ publish: ["production.fax.*"] });
  const attempt = () =>
    createTokenAccess(types).assertMay(principal, "publish", "production.fax.1");
  expect(attempt).not.toThrow();
});

test("a principal is what its claims say, and without an expiry it never runs out", () => {
  expect(bob({ publish: ["production.>"] })).toEqual({
    accountId: "bob",
    platform: "production",
    patterns: { subscribe: [], publish: ["production.>"], manage: [] },
    expiresAt: Number.POSITIVE_INFINITY,
  });
  expect(principalOf({ sub: "bob", platform: "p", exp: 1_800_000_000 }).expiresAt).toBe(
    1_800_000_000_000,
  );
});

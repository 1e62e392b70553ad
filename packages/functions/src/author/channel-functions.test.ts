import { expect, expectTypeOf, test } from "vitest";
import {
  type AfterAnswers,
  afterPresence,
  afterPublish,
  afterSignal,
  beforePublish,
  beforeSignal,
  type FunctionMessage,
  type MessageMeta,
  onRequest,
  type PublishKind,
  runFunction,
} from "../index.ts";

// As an author writes it. The channel type is one that no other test has.
declare module "@anywire/functions" {
  interface MessageMeta {
    fax: { pages: number };
  }
}

test("an event is typed by the channel type and the meta that its pattern names", () => {
  expectTypeOf<MessageMeta["fax"]>().toEqualTypeOf<{ pages: number }>();
  beforePublish("*.fax.*", (event) => {
    expectTypeOf(event.channelType).toEqualTypeOf<"fax">();
    expectTypeOf(event.message.text).toEqualTypeOf<string>();
    expectTypeOf(event.message.meta).toEqualTypeOf<{ pages: number } | undefined>();
    return event.ok({ text: "ok", meta: { pages: 1 } });
  });
  afterPublish("production.sms.>", (event) => {
    expectTypeOf(event.channelType).toEqualTypeOf<"sms">();
    expectTypeOf(event.message.meta).toEqualTypeOf<Record<string, unknown> | undefined>();
  });
  beforePublish("production.>", (event) => {
    expectTypeOf(event.channelType).toEqualTypeOf<string>();
  });
  beforePublish("*.*.*", (event) => {
    expectTypeOf(event.channelType).toEqualTypeOf<string>();
    expectTypeOf(event.message).toEqualTypeOf<FunctionMessage>();
  });
});

test("an event of a publish function is one of the kinds it is bound to, messages and edits by default", () => {
  beforePublish("*.sms.*", (event) => {
    expectTypeOf(event.kind).toEqualTypeOf<"message" | "edit">();
    if (event.kind === "edit") expectTypeOf(event.target).toEqualTypeOf<string>();
  });
  beforePublish("*.sms.*", () => {}, { onFailure: "allow" });
  beforePublish(
    "*.sms.*",
    (event) => {
      expectTypeOf(event.kind).toEqualTypeOf<"data">();
      expectTypeOf(event.data).toEqualTypeOf<unknown>();
      expectTypeOf(event).not.toHaveProperty("message");
      return event.ok({ any: "json" });
    },
    { kinds: ["data"] },
  );
  const kinds: PublishKind[] = ["message", "data"];
  afterPublish(
    "*.sms.*",
    (event) => {
      expectTypeOf(event.kind).toEqualTypeOf<PublishKind>();
      expectTypeOf(event.offset).toEqualTypeOf<number>();
      if (event.kind === "data") return;
      expectTypeOf(event.message.text).toEqualTypeOf<string>();
    },
    { kinds },
  );
});

test("a handler may return its result now or later, or nothing", () => {
  const later = async (): Promise<void> => {};
  expectTypeOf(later).toExtend<Parameters<typeof beforePublish>[1]>();
  beforePublish("*.sms.*", async (event) => {
    if (event.message.text === "") return event.abort("say something");
  });
  // @ts-expect-error a text is no result
  beforePublish("*.sms.*", () => "ok");
  // @ts-expect-error what has happened can't be refused
  afterPublish("*.sms.*", (event) => event.abort("too late"));
  expectTypeOf<AfterAnswers>().not.toHaveProperty("reroute");
  // @ts-expect-error a request is answered
  onRequest("/x", () => {});
  // @ts-expect-error it is not an option of a function that runs before
  const wrong = () => beforePublish("*.sms.*", () => {}, { maxAttempts: 3 });
  expect(wrong).toThrow("maxAttempts is an option of afterPublish, afterSignal, afterPresence");
});

test("the names of a path are the keys of its params", () => {
  onRequest("POST /tickets/:id/files/*", (event) => {
    expectTypeOf(event.params).toEqualTypeOf<Readonly<Record<"id" | "*", string>>>();
    return new Response(event.params.id);
  });
  onRequest("* /", (event) => {
    expectTypeOf(event.params).toEqualTypeOf<Readonly<Record<never, string>>>();
    return event.respond();
  });
});

test("a factory says in its definition what it was given", () => {
  const options = { deadlineMs: 50, onFailure: "allow", kinds: ["message"] } as const;
  const { trigger, binding, options: kept } = beforePublish("*.sms.*", () => {}, options);
  expect({ trigger, binding, kept }).toEqual({
    trigger: "beforePublish",
    binding: "*.sms.*",
    kept: options,
  });
  expect(beforeSignal("*.group.*", () => {}).trigger).toBe("beforeSignal");
  expect(afterPublish("*.group.*", () => {}, { maxAttempts: 2 }).options).toEqual({
    maxAttempts: 2,
  });
  expect(afterSignal("*.group.*", () => {}).trigger).toBe("afterSignal");
  expect(afterPresence("a.group.b", () => {}).binding).toBe("a.group.b");
});

test.each(
  Object.entries({
    beforePublish: (pattern: string) => beforePublish(pattern, () => {}),
    beforeSignal: (pattern: string) => beforeSignal(pattern, () => {}),
    afterPublish: (pattern: string) => afterPublish(pattern, () => {}),
    afterSignal: (pattern: string) => afterSignal(pattern, () => {}),
    afterPresence: (pattern: string) => afterPresence(pattern, () => {}),
  }),
)("%s refuses a pattern that is none, or names what only the server writes to", (name, make) => {
  for (const pattern of ["", "*.sms", "a.b.c.d", "*.system.*", "a.event.b", "*.presence.>"]) {
    expect(() => make(pattern), pattern).toThrow(expect.objectContaining({ code: "bad_request" }));
  }
  expect(() => make("*.notification.*")).toThrow(
    `${name}: the pattern *.notification.* names the channel type notification`,
  );
});

test("the sample of the design runs", async () => {
  const smsLength = beforePublish("*.sms.*", async (event) => {
    if (event.message.text.length > 1600) return event.abort("too long for SMS");
    return event.ok();
  });
  expect((await runFunction(smsLength, { message: "short" })).result).toEqual({ type: "ok" });
  const long = await runFunction(smsLength, { message: "x".repeat(1601) });
  expect(long.result).toEqual({ type: "abort", reason: "too long for SMS" });
});

import { expect, expectTypeOf, test } from "vitest";
import * as functions from "../index.ts";
import {
  afterPresence,
  afterPublish,
  afterSignal,
  beforePublish,
  beforeSignal,
  type FunctionDefinition,
  type MessageMeta,
} from "../index.ts";
import type { FunctionContext } from "./context.ts";

// As an author writes it. The type of channel is none that other tests have.
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
});

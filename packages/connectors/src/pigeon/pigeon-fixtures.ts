import type { Fixture } from "../contract/fixture.ts";
import type { InboundEvent } from "../contract/inbound-event.ts";
import { sealOf } from "./wax-seal.ts";

const at = 1_790_000_000_000;
const seal = "wax-of-april-1990";
const receipt = { type: "receipt", at, externalId: "f-2", deliveryId: "d-2" } as const;

/** What the keeper of a loft tells. */
export const pigeonFixtures: readonly Fixture[] = [
  landing(
    "a pigeon came here",
    { landed: "here", at, flight: "f-1", loft: "loft-7", scroll: "Croissants are out 🥐" },
    [
      {
        type: "message",
        at,
        externalId: "f-1",
        sender: { addresses: ["pigeon:loft-7"] },
        text: "Croissants are out 🥐",
      },
    ],
  ),
  landing("a pigeon of ours landed", { landed: "there", at, flight: "f-2", ring: "d-2" }, [
    { ...receipt, status: "delivered" },
  ]),
  landing("a pigeon of ours was lost", { landed: "nowhere", at, flight: "f-2", ring: "d-2" }, [
    {
      ...receipt,
      status: "failed",
      error: { class: "unreachable", reason: "the pigeon was lost; send another" },
    },
  ]),
  landing("a hawk with a scroll", { landed: "here", at, flight: "f-3" }, undefined, "hawk"),
];

function landing(
  name: string,
  told: object,
  events: readonly InboundEvent[] | undefined,
  sealedWith = seal,
): Fixture {
  const body = JSON.stringify(told);
  return {
    name,
    settings: { url: "http://loft.example" },
    secrets: { seal },
    now: at,
    request: {
      method: "POST",
      url: "https://anywire.example/v1/webhooks/loft",
      headers: { "content-type": "application/json", "x-wax-seal": sealOf(sealedWith, body) },
      body,
    },
    events,
  };
}

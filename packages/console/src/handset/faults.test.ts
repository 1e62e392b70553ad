import { HANDSET_FAULTS } from "@anywire/types";
import { expect, test } from "vitest";
import { CALL_FAULTS, faultsOf, SEND_FAULTS } from "./faults.ts";

test("every fault has words, and a network is offered those that it has and no others", () => {
  const kindsOf = (faults: typeof SEND_FAULTS): string[] => faults.map(({ kind }) => kind);
  expect(kindsOf([...SEND_FAULTS, ...CALL_FAULTS]).sort()).toEqual([...HANDSET_FAULTS].sort());
  const network = { faults: ["late_webhook" as const, "html" as const] };
  expect(kindsOf(faultsOf(network, SEND_FAULTS))).toEqual(["html"]);
  expect(kindsOf(faultsOf(network, CALL_FAULTS))).toEqual(["late_webhook"]);
});

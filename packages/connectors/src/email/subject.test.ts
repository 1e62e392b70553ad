import { expect, test } from "vitest";
import { bareSubject, replySubject, subjectKey } from "./subject.ts";

test.each([
  ["Re: Your parcel", "Your parcel"],
  ["RE: re: Re[2]: Your parcel", "Your parcel"],
  ["AW: WG: Your  parcel", "Your parcel"],
  ["Fwd: Your parcel", "Your parcel"],
  ["[EXTERNAL] Re: Your parcel", "Your parcel"],
  ["回复：Your parcel", "Your parcel"],
  ["Reminder: pay", "Reminder: pay"],
  ["[Ticket 7] Broken", "[Ticket 7] Broken"],
  ["Re:", ""],
])("%j is about %j", (subject, bare) => {
  expect(bareSubject(subject)).toBe(bare);
});

test("subjects of one thread differ in case, space and prefixes only", () => {
  expect(subjectKey("AW:  your PARCEL ")).toBe(subjectKey("Your parcel"));
  expect(subjectKey("Your parcels")).not.toBe(subjectKey("Your parcel"));
});

test("an answer to an answer is marked once", () => {
  expect(replySubject("Your parcel")).toBe("Re: Your parcel");
  expect(replySubject("Re: Your parcel")).toBe("Re: Your parcel");
  expect(replySubject("AW: Ihr Paket")).toBe("AW: Ihr Paket");
});

test("a subject of nothing but prefixes takes no long time", () => {
  const began = performance.now();
  bareSubject("re: ".repeat(20_000));
  bareSubject(" ".repeat(100_000));
  expect(performance.now() - began).toBeLessThan(2_000);
});

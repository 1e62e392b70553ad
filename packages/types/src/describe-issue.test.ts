import { expect, test } from "vitest";
import { z } from "zod";
import { describeIssue } from "./describe-issue.ts";

function wordsOf(schema: z.ZodType, input: unknown): readonly string[] {
  const { error } = schema.safeParse(input);
  return (error?.issues ?? []).map(
    (issue) => `${issue.path.join(".")} ${describeIssue(issue, input)}`,
  );
}

const field = (schema: z.ZodType, value: unknown) => wordsOf(z.object({ a: schema }), { a: value });
const forms = [z.object({ kind: z.literal("x") }), z.object({ kind: z.literal("y") })] as const;

test.each<[z.ZodType, unknown, string]>([
  [z.string(), undefined, "is missing"],
  [z.enum(["x", "y"]), undefined, "is missing"],
  [z.union([z.string(), z.number()]), undefined, "is missing"],
  [z.string(), 5, "must be a text"],
  [z.int(), 1.5, "must be a whole number"],
  [z.boolean(), null, "must be true or false"],
  [z.array(z.string()), {}, "must be a list"],
  [z.record(z.string(), z.string()), [], "must be an object"],
  [z.date(), "x", "must be date"],
  [z.enum(["x", "y"]), "z", 'must be one of "x", "y"'],
  [z.literal("x"), "z", 'must be "x"'],
  [z.string().min(1), "", "must have at least 1 character"],
  [z.string().max(2), "xyz", "must have at most 2 characters"],
  [z.string().length(2), "x", "must have exactly 2 characters"],
  [z.array(z.string()).min(1), [], "must have at least 1 item"],
  [z.int().min(1), 0, "must be at least 1"],
  [z.number().positive(), 0, "must be more than 0"],
  [z.number().multipleOf(5), 3, "must be a multiple of 5"],
  [z.strictObject({}), { b: 1, c: 2 }, 'must not have "b", "c", which is unknown'],
  [z.url(), "x", "must be a URL"],
  [z.email(), "x", "must be an email address"],
  [z.iso.date(), "x", "must be an ISO date"],
  [z.string().regex(/^a$/), "x", "must match pattern /^a$/"],
  [z.string().startsWith("a"), "x", 'must start with "a"'],
  [z.union([z.string(), z.number()]), true, "has none of the forms that it may have"],
  [z.unknown().refine(() => false), 1, "is not right"],
])("what a schema finds in %$ is told in words", (schema, value, words) => {
  expect(field(schema, value)).toEqual([`a ${words}`]);
});

test("what decides the form is told with the forms there are", () => {
  const schema = z.discriminatedUnion("kind", forms);
  expect(field(schema, { kind: "z" })).toEqual(['a.kind must be one of "x", "y"']);
  expect(field(schema, {})).toEqual(["a.kind is missing"]);
});

test("a name that can't be is told with why", () => {
  const schema = z.record(z.string().regex(/^x/, "must begin with x"), z.string());
  expect(wordsOf(schema, { a: "" })).toEqual(["a has a name that can't be: must begin with x"]);
});

test("what is missing is told as such also where what was checked is not at hand", () => {
  const issues = z.object({ a: z.string(), b: z.string() }).safeParse({ b: 7 }).error?.issues ?? [];
  expect(issues.map((issue) => describeIssue(issue))).toEqual(["is missing", "must be a text"]);
});

test("what a schema was given to say stays as it is", () => {
  expect(field(z.string().regex(/^a$/, "must be the letter a"), "x")).toEqual([
    "a must be the letter a",
  ]);
  expect(field(z.string("must be a name"), undefined)).toEqual(["a must be a name"]);
});

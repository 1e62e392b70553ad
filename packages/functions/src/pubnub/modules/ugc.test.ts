import { expect, test } from "vitest";
import { ugc } from "./ugc.ts";

test("moderateMessage rejects and says what to do instead", async () => {
  await expect(ugc.moderateMessage()).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("call a moderation service of your own with xhr.fetch"),
  });
});

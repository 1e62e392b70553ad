import { expect, test } from "vitest";
import { pastedFiles } from "./pasted-files.ts";

const image = new File(["x"], "image.png", { type: "image/png" });

function paste(...types: string[]): File[] {
  return pastedFiles({ types, files: [image] as unknown as FileList });
}

test("a picture or a file from a folder is pasted as a file", () => {
  expect(paste("Files")).toEqual([image]);
  expect(paste("text/html", "Files")).toEqual([image]);
  expect(paste("text/plain", "Files")).toEqual([image]);
});

test("formatted text that brings a picture of itself is pasted as text", () => {
  expect(paste("text/plain", "text/html", "Files")).toEqual([]);
});

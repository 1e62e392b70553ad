import { expect, test } from "vitest";
import { toEndpoints } from "./endpoints.ts";

test("each transport has its own path and scheme", () => {
  expect(toEndpoints("https://chat.example.org", ["websocket", "http_stream", "sse"])).toEqual({
    transports: [
      { transport: "websocket", endpoint: "wss://chat.example.org/connection/websocket" },
      { transport: "http_stream", endpoint: "https://chat.example.org/connection/http_stream" },
      { transport: "sse", endpoint: "https://chat.example.org/connection/sse" },
    ],
    emulation: "https://chat.example.org/emulation",
  });
});

test("a path is a prefix, and a ws URL is as good as an http URL", () => {
  const { transports, emulation } = toEndpoints("ws://localhost:4000/chat/", ["websocket", "sse"]);
  expect(transports.map(({ endpoint }) => endpoint)).toEqual([
    "ws://localhost:4000/chat/connection/websocket",
    "http://localhost:4000/chat/connection/sse",
  ]);
  expect(emulation).toBe("http://localhost:4000/chat/emulation");
});

test.each(["", "chat.example.org", "/chat", "ftp://chat.example.org", "localhost:4000"])(
  "%j is not a server's URL",
  (url) => {
    expect(() => toEndpoints(url, ["websocket"])).toThrow(/not a server's URL/);
  },
);

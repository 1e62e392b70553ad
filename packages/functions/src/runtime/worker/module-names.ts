/** Gives a bundled function its `require`. Answered by the hooks of a worker; it is in no file. */
export const REQUIRE_MODULE = "anywire:require";

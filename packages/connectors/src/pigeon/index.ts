export { pigeon } from "./pigeon.ts";

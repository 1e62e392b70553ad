export { x } from "./x.ts";

export type { Revision } from "./bundle/revision.ts";

// What a driver's own thread needs of core, and no more: it is loaded at every start.
export type { FoldEntry } from "./fold.ts";
export { foldEntry } from "./fold.ts";
export { isWatched } from "./state-key.ts";
export type { StateSource, StateView, StateWrite } from "./state-view.ts";
export { StateBuffer } from "./state-view.ts";
export { touchedItems } from "./touched-items.ts";

export { reportDelivered } from "./report-delivered.ts";
export type { Store, StoreValue } from "./store.ts";
export {
  createStore,
  selectChannel,
  selectChannels,
  selectTotals,
  selectUnread,
} from "./store.ts";
export type { StoreState } from "./store-state.ts";
export { applyEvent, fromSnapshot } from "./store-state.ts";

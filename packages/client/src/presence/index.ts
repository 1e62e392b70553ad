export {
  createPresenceWatch,
  type PresenceState,
  type PresenceWatch,
} from "./presence-watch.ts";
export { type ReportAwayOptions, reportAway, type WatchedPage } from "./report-away.ts";

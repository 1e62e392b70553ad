export { useChannel, useChannels, useStore, useTotals } from "./hooks.ts";

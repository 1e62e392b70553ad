export {
  useChannel,
  useChannels,
  useClient,
  useConnection,
  useConnectionStatus,
  usePresence,
  useSelected,
  useStore,
  useTimeline,
  useTotals,
} from "./hooks.ts";
export { AnywireProvider, type AnywireProviderProps } from "./provider.ts";

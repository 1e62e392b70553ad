export {
  useChannel,
  useChannels,
  useClient,
  useConnection,
  useSelected,
  useStore,
  useTimeline,
  useTotals,
} from "./hooks.ts";
export { AnywireProvider, type AnywireProviderProps } from "./provider.ts";

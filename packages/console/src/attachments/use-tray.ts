import { useSyncExternalStore } from "react";
import type { Tray, TrayFile } from "./tray.ts";

/** The files of a tray, now and as they change. */
export function useTray(tray: Tray): readonly TrayFile[] {
  return useSyncExternalStore(tray.subscribe, tray.getState);
}

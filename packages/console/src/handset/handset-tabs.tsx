import type { ReactElement } from "react";
import { Icon } from "../app/icon.tsx";
import { NetworkGlyph } from "../networks/network-glyph.tsx";
import { type HandsetRef, keyOf } from "./handsets.ts";
import { useHandsetsState } from "./use-handsets.ts";

/** Goes from one handset to another where there is room for one. */
export function HandsetTabs({
  refs,
  shown,
  onShow,
}: {
  readonly refs: readonly HandsetRef[];
  /** Undefined for the list of people. */
  readonly shown: HandsetRef | undefined;
  readonly onShow: (key: string | undefined) => void;
}): ReactElement {
  const { networks, persons } = useHandsetsState();
  return (
    <nav className="handset-tabs" aria-label="Handsets">
      <button
        type="button"
        className="handset-tab"
        aria-current={shown === undefined}
        onClick={() => onShow(undefined)}
      >
        <Icon name="plus" />
        People
      </button>
      {refs.map((ref) => {
        const key = keyOf(ref);
        const network = networks.find(({ id }) => id === ref.network);
        const one = persons.get(ref.network)?.find(({ person }) => person === ref.person);
        return (
          <button
            key={key}
            type="button"
            className="handset-tab"
            aria-current={ref === shown}
            onClick={() => onShow(key)}
          >
            <NetworkGlyph network={network?.network ?? ""} size={14} />
            {ref.person}
            {one !== undefined && one.unread > 0 && ref !== shown && (
              <span className="badge">{one.unread}</span>
            )}
          </button>
        );
      })}
    </nav>
  );
}

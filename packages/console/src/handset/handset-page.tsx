import { type ReactElement, useEffect, useState } from "react";
import { SiteHeader } from "../app/site-header.tsx";
import { useMediaQuery } from "../app/use-media-query.ts";
import { createHandsetApi } from "./handset-api.ts";
import { HandsetDevice } from "./handset-device.tsx";
import { HandsetTabs } from "./handset-tabs.tsx";
import { type HandsetRef, Handsets, keyOf } from "./handsets.ts";
import { NetworkRail } from "./network-rail.tsx";
import { HandsetsProvider, useHandsetsState } from "./use-handsets.ts";
import { useOpenHandsets } from "./use-open-handsets.ts";
import "../app/avatar.css";
import "../conversation/composer.css";
import "./handset-page.css";

const NARROW = "(max-width: 799px)";

/** The page on which one plays the persons at the other end of simulated networks, several at once. */
export function HandsetPage(): ReactElement {
  const [handsets] = useState(
    () => new Handsets(createHandsetApi(new URL(".", document.baseURI).href)),
  );
  useEffect(() => handsets.follow(), [handsets]);
  useEffect(() => {
    document.title = "Handset · Anywire";
  }, []);
  return (
    <HandsetsProvider value={handsets}>
      <SiteHeader>
        <a href="./">Conversations</a>
        <a href="handset" aria-current="page">
          Handset
        </a>
        <a href="./?page=functions">Functions</a>
      </SiteHeader>
      <main className="site-main handset-main">
        <Content />
      </main>
    </HandsetsProvider>
  );
}

function Content(): ReactElement | null {
  const state = useHandsetsState();
  switch (state.phase) {
    case "loading":
      return null;
    case "absent":
      return (
        <Notice title="There are no simulated networks here">
          They are part of a server for development: start one with <code>anywire dev</code>, and
          open this page as http://localhost.
        </Notice>
      );
    case "failed":
      return (
        <Notice title="The networks can’t be reached">{state.reason}; it is tried again.</Notice>
      );
    case "starting":
      return <Notice title="The networks are starting">In a moment they are here.</Notice>;
    case "open":
      return <Table />;
  }
}

function Notice({
  title,
  children,
}: {
  readonly title: string;
  readonly children: React.ReactNode;
}): ReactElement {
  return (
    <div className="card" role="status">
      <h1 className="card-title">{title}</h1>
      <p className="card-text handset-notice">{children}</p>
    </div>
  );
}

/** The networks on the left, and the handsets beside each other. Where there is room for one thing, one at a time. */
function Table(): ReactElement {
  const state = useHandsetsState();
  const { refs, open, close, rename } = useOpenHandsets(state);
  const isNarrow = useMediaQuery(NARROW);
  // Undefined for the list of people.
  const [shown, setShown] = useState<string>();
  const shownRef = refs.find((ref) => keyOf(ref) === shown);
  const [chosen, setChosen] = useState({ key: "", count: 0 });
  const choose = (ref: HandsetRef): void => {
    open(ref);
    setShown(keyOf(ref));
    setChosen(({ count }) => ({ key: keyOf(ref), count: count + 1 }));
  };
  const devices = isNarrow ? refs.filter((ref) => ref === shownRef) : refs;
  return (
    <div className="handset-table">
      <h1 className="sr-only">Handset</h1>
      {isNarrow && <HandsetTabs refs={refs} shown={shownRef} onShow={setShown} />}
      {(!isNarrow || shownRef === undefined) && <NetworkRail refs={refs} onOpen={choose} />}
      {(!isNarrow || shownRef !== undefined) && (
        <div className="handset-row">
          {devices.length === 0 && (
            <p className="handset-none">Choose somebody on the left, or add one: you play them.</p>
          )}
          {devices.map((ref) => (
            <HandsetDevice
              key={keyOf(ref)}
              handset={ref}
              chosen={chosen.key === keyOf(ref) ? chosen.count : 0}
              onClose={() => close(ref)}
              onRename={(to) => {
                rename(ref, to);
                setShown(keyOf({ ...ref, person: to }));
              }}
            />
          ))}
        </div>
      )}
    </div>
  );
}

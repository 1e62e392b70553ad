import { lazy, type ReactElement, Suspense } from "react";
import { inAddress } from "./address.ts";
import { ConversationsPage } from "./conversations-page.tsx";
import "./app.css";

// Who talks need not load what looks after functions, or plays the other end.
const FunctionsPage = lazy(async () => {
  const { FunctionsPage } = await import("../functions/functions-page.tsx");
  return { default: FunctionsPage };
});

const HandsetPage = lazy(async () => {
  const { HandsetPage } = await import("../handset/handset-page.tsx");
  return { default: HandsetPage };
});

/** The page that the address names: conversations, functions, or the handset. */
export function App(): ReactElement {
  const isHandset = location.pathname.endsWith("/handset");
  if (!isHandset && inAddress("page") !== "functions") return <ConversationsPage />;
  return <Suspense>{isHandset ? <HandsetPage /> : <FunctionsPage />}</Suspense>;
}

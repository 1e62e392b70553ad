import { lazy, type ReactElement, Suspense } from "react";
import { inAddress } from "./address.ts";
import { ConversationsPage } from "./conversations-page.tsx";
import "./app.css";

// Who talks need not load what looks after functions.
const FunctionsPage = lazy(async () => {
  const { FunctionsPage } = await import("../functions/functions-page.tsx");
  return { default: FunctionsPage };
});

/** The page that the address names: conversations, or functions. */
export function App(): ReactElement {
  if (inAddress("page") !== "functions") return <ConversationsPage />;
  return (
    <Suspense>
      <FunctionsPage />
    </Suspense>
  );
}

import { AnywireError } from "@anywire/types";
import { type ReactElement, useEffect, useRef } from "react";
import { useAddress } from "../app/address.ts";
import { Failure } from "../app/failure.tsx";
import { SiteFooter } from "../app/site-footer.tsx";
import { SiteHeader } from "../app/site-header.tsx";
import { FunctionView } from "./function-view.tsx";
import { ProblemsNotice } from "./functions-notice.tsx";
import type { Operator } from "./operator.ts";
import { OperatorProvider } from "./operator-context.ts";
import { OperatorForm } from "./operator-form.tsx";
import { Overview } from "./overview.tsx";
import { useFunctions } from "./use-functions.ts";
import { useOperator } from "./use-operator.ts";
import "../app/side.css";
import "../connection/connection.css";
import "./functions-page.css";

/** What no second attempt changes. */
const REFUSALS: ReadonlySet<string> = new Set(["unauthenticated", "permission_denied"]);

/** The page of functions: which there are, how they do, what they log; one of them when the address names it. */
export function FunctionsPage(): ReactElement {
  const { state, open, useTokens } = useOperator();
  useEffect(() => {
    document.title = "Functions · Anywire";
  }, []);
  return (
    <>
      <SiteHeader>
        <a href="./">Conversations</a>
        <a href="?page=functions" aria-current="page">
          Functions
        </a>
      </SiteHeader>
      {state.phase === "open" && <Opened operator={state.operator} />}
      {state.phase !== "open" && (
        <main className="site-main">
          {state.phase === "asking" && <OperatorForm onTokens={useTokens} />}
          {state.phase === "failed" && <Failure reason={state.reason} onRetry={open} />}
        </main>
      )}
      <SiteFooter />
    </>
  );
}

function Opened({ operator }: { readonly operator: Operator }): ReactElement {
  const { log } = operator;
  useEffect(() => {
    if (log === undefined) return;
    log.client.connect();
    const stop = log.lines.follow();
    return () => {
      stop();
      log.client.disconnect();
    };
  }, [log]);
  return (
    <OperatorProvider value={operator}>
      <FunctionsPane />
    </OperatorProvider>
  );
}

function FunctionsPane(): ReactElement {
  const functions = useFunctions();
  const [name, open] = useAddress("function");
  const { value, failure } = functions;
  const one = value?.functions.find((each) => each.name === name);
  const last = useRef<string>(undefined);
  useEffect(() => {
    if (one !== undefined) last.current = one.name;
  }, [one]);
  return (
    <>
      {value !== undefined && <ProblemsNotice deployment={value.deployment} />}
      <main className="site-main">
        <section
          className="pane functions"
          data-tone={failure === undefined ? "good" : "waiting"}
          aria-label="Functions"
        >
          {failure !== undefined && (
            <p className="functions-failure" role="alert">
              {failureText(failure)}
            </p>
          )}
          {value !== undefined && one === undefined && (
            <Overview
              known={value}
              missing={name}
              focused={last.current}
              onOpen={open}
              onChange={functions.refresh}
            />
          )}
          {value !== undefined && one !== undefined && (
            <FunctionView
              key={one.name}
              status={one}
              onClose={() => open(undefined)}
              onChange={functions.refresh}
            />
          )}
        </section>
      </main>
    </>
  );
}

function failureText(failure: Error): string {
  const isRefusal = failure instanceof AnywireError && REFUSALS.has(failure.code);
  return isRefusal ? `${failure.message}.` : `${failure.message}; it is asked again.`;
}

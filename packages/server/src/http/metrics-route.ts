import type { Metrics } from "../metrics/metrics.ts";
import type { ApiRoute } from "./api-operation.ts";

/** `GET /metrics`: everything that is counted, for Prometheus. */
export function createMetricsRoute(metrics: Pick<Metrics, "contentType" | "render">): ApiRoute {
  return {
    operation: {
      method: "GET",
      path: "/metrics",
      id: "getMetrics",
      tag: "Server",
      summary: "How it is doing",
      description: "Counts and gauges as Prometheus text, those of Node included.",
      needsToken: false,
      answers: {
        200: {
          description: "The metrics now.",
          example:
            "# HELP anywire_hub_subscriptions Subscriptions now.\n# TYPE anywire_hub_subscriptions gauge\nanywire_hub_subscriptions 42\n",
        },
      },
      errors: [],
    },
    async handle(context) {
      const text = await metrics.render();
      return context.body(text, 200, { "content-type": metrics.contentType });
    },
  };
}

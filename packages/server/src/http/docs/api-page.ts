import type { OpenApiContent, OpenApiDocument, OpenApiOperation } from "../openapi-document.ts";
import { docsPage, methodBadge } from "./docs-layout.ts";
import { curlExample, type Endpoint, endpointsOf, goodAnswer } from "./endpoint.ts";
import { type Html, html, prose } from "./html.ts";
import { jsonBlock } from "./json-block.ts";
import { field, referredName, schemaFields } from "./schema-fields.ts";

/** The reference of the HTTP API as a page for people. */
export function apiPage(document: OpenApiDocument): string {
  const groups = document.tags.map((tag) => ({
    ...tag,
    endpoints: endpointsOf(document, tag.name),
  }));
  const schemas = Object.entries(document.components.schemas);
  const links = [
    ...groups.map(({ name, endpoints }) => ({ title: name, links: endpoints.map(endpointLink) })),
    { title: "Objects", links: schemas.map(([name]) => ({ href: `#${name}`, text: name })) },
    {
      title: "More",
      links: [
        { href: "/docs/errors", text: "Errors" },
        { href: "/openapi.json", text: "openapi.json" },
      ],
    },
  ];
  const content = html`<header>
<h1>HTTP API <small>${document.info.version}</small></h1>
${prose(document.info.description)}
</header>
${groups.map(
  ({ name, description, endpoints }) => html`<section>
<h2>${name}</h2>
${prose(description)}
${endpoints.map(article)}</section>
`,
)}<section>
<h2>Objects</h2>
${schemas.map(
  ([name, schema]) => html`<article id="${name}">
<h3>${name}</h3>
${schemaFields(schema)}
</article>
`,
)}</section>`;
  return docsPage("HTTP API", links, content);
}

function endpointLink({ method, operation }: Endpoint) {
  return { href: `#${operation.operationId}`, text: operation.summary, method };
}

function article(endpoint: Endpoint): Html {
  const { method, path, operation } = endpoint;
  return html`<article id="${operation.operationId}">
<h3>${operation.summary}</h3>
<p class="endpoint">${methodBadge(method)} <code>${path.split(/(\{\w+\})/).map(pathPart)}</code>${operation.security.length > 0 && html` <span class="lock">needs a token</span>`}</p>
<div class="columns">
<div>
${prose(operation.description)}
${parameters(operation)}
${body(operation)}
<h4>Answers</h4>
${Object.entries(operation.responses).map(answer)}
</div>
<div class="examples">
<h4>Request</h4>
<pre class="shell"><code>${curlExample(endpoint)}</code></pre>
${exampleAnswer(operation)}
</div>
</div>
</article>
`;
}

function pathPart(part: string): Html | string {
  return part.startsWith("{") ? html`<i>${part}</i>` : part;
}

function parameters({ parameters: all }: OpenApiOperation): Html | undefined {
  if (all.length === 0) return undefined;
  const rows = all.map(({ name, description, required, schema }) =>
    field(name, { ...schema, description }, required),
  );
  return html`<h4>Parameters</h4><dl class="fields">${rows}</dl>`;
}

function body({ requestBody }: OpenApiOperation): Html | undefined {
  return requestBody && html`<h4>Body</h4><p>${contentType(requestBody.content)}</p>`;
}

function answer([status, { description, content }]: [
  string,
  OpenApiOperation["responses"][string],
]): Html {
  const kind = status.startsWith("2") ? "good" : "bad";
  return html`<div class="answer"><b class="status ${kind}">${status}</b><div>${prose(description)}${kind === "good" && html`<p>${contentType(content)}</p>`}</div></div>
`;
}

function contentType(content: OpenApiContent): Html[] {
  return Object.entries(content).map(([mediaType, { schema }]) => {
    const name = referredName(schema);
    const link = name === undefined ? undefined : html`<a href="#${name}">${name}</a> as `;
    return html`<span class="type">${link}${mediaType}</span>`;
  });
}

function exampleAnswer(operation: OpenApiOperation): Html {
  const { status, example } = goodAnswer(operation);
  const block =
    typeof example === "string" ? html`<pre><code>${example}</code></pre>` : jsonBlock(example);
  return html`<h4>Answer <b class="status good">${status}</b></h4>${block}`;
}

export type { HttpSettings } from "./http-connector.ts";
export { createHttpConnector } from "./http-connector.ts";
export type { HttpDefinition, HttpDefinitionInput } from "./http-definition.ts";
export { httpDefinitionSchema } from "./http-definition.ts";

/**
 * How a function is bundled, as data: the stack passes it to NodejsFunction, the tests and the bench to esbuild, so
 * that all three build the same file. Paths are relative to the project's root.
 */
export const bundling = {
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourceMap: false,
  /** For dependencies that are CommonJS. */
  banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
  alias: {
    '@aws-sdk/credential-provider-node': './lib/lambda/bundled.ts',
    '@aws-sdk/endpoint-cache': './lib/lambda/bundled.ts',
    '@smithy/core/event-streams': './lib/lambda/bundled-event-streams.ts',
  },
} as const

/** {@link bundling.alias} as arguments of esbuild's command line, for `bundling.esbuildArgs` of NodejsFunction. */
export const esbuildArgs: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(bundling.alias).map(([from, to]) => [`--alias:${from}`, to]),
)

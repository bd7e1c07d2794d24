/** The options every command takes. */
export const globals = {
  config: {
    type: 'string',
    valueHint: 'file',
    description:
      'configuration of the chain, or ssm:NAME for a deployed one; default: the process that "baton start" runs in this folder',
  },
  json: { type: 'boolean', description: 'write JSON: big integers as decimal strings' },
  'no-color': { type: 'boolean', description: 'no colours; NO_COLOR=1 does the same' },
} as const

/** What {@link globals} gives a command. */
export type Globals = { readonly config?: string | undefined; readonly json?: boolean | undefined }

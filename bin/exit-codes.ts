/** How a command can end. Scripts may rely on the numbers. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done; for status and explain: the chain is fine' },
  failed: { code: 1, meaning: 'failed' },
  usage: { code: 2, meaning: 'bad usage or configuration; nothing was tried' },
  unwell: { code: 3, meaning: 'status, explain: the chain is halted or degraded' },
  store: { code: 4, meaning: 'the store does not answer; whether a write was applied is not known' },
  refused: { code: 5, meaning: 'the act was refused and nothing was changed' },
  pending: { code: 6, meaning: 'switchover: asked for, but nobody has carried it out yet' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>

/** The name of an exit code. */
export type Exit = keyof typeof exitCodes

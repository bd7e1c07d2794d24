/** One table as data: what a local `createTables` and a CDK construct both build from. */
export type TableDefinition = {
  readonly partitionKey: string
  readonly sortKey?: string
  /** What the table's stream carries. */
  readonly stream?: 'NEW_IMAGE'
  /** Attribute with the Unix time in seconds after which an item is deleted. */
  readonly timeToLive?: string
}

/** The tables of Baton. All keys are strings; billing is on demand. */
export const tables = {
  heads: { partitionKey: 'chain', stream: 'NEW_IMAGE' },
  leases: { partitionKey: 'chain' },
  history: { partitionKey: 'chain', sortKey: 'id', timeToLive: 'expiresAt' },
} as const satisfies Record<string, TableDefinition>

/** A physical name for each table. */
export type TableNames = Readonly<Record<keyof typeof tables, string>>

export const defaultTableNames: TableNames = {
  heads: 'baton-heads',
  leases: 'baton-leases',
  history: 'baton-history',
}

import type { NodeClient } from '../../chain/client.ts'
import type { EngineClient } from '../../chain/engine/client.ts'
import type { ChainPorts } from '../../context/ports.ts'
import type { NodeName } from '../../protocol/records.ts'

export type { Clock } from '../../context/ports.ts'

/** The clients of a node. They are patient: what is asked here may take seconds. */
export type NodeClients = {
  readonly execution: NodeClient
  readonly consensus: NodeClient
  /** Its engine API, where Baton was given access to it. */
  readonly engine?: EngineClient
}

/** What a backfill works with: a chain's records, and clients of its nodes. */
export type BackfillPorts = ChainPorts & { readonly clients: (node: NodeName) => NodeClients }

import type { ChainPorts } from '../context/ports.ts'
import type { DeskCall, DeskMethod } from '../gate/desk.ts'
import type { ActName } from '../operator/act-names.ts'
import type { Head, Lease, NodeName } from '../protocol/records.ts'
import type { Membership } from './membership.ts'
import type { ProxiedMethod } from './proxy.ts'

/** What the answers are made from. */
export type Asked = {
  readonly ports: ChainPorts
  readonly membership: Membership
  readonly head: () => Promise<Head | undefined>
  readonly lease: () => Promise<Lease | undefined>
  readonly healthy: (node: NodeName) => Promise<boolean | undefined>
  /** Throws when an act is not allowed. */
  readonly permit: (act: ActName, input: { readonly force?: boolean }) => void
}

/** Answers one call with a value that JSON can hold. */
export type Answer = (asked: Asked, call: DeskCall) => Promise<unknown>

/** The answers to op-conductor's own methods. */
export type Answers = Readonly<Record<Exclude<DeskMethod, ProxiedMethod>, Answer>>

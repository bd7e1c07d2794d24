/** How far an exploration goes: what is beyond a bound is not entered. */
export type Scope = {
  readonly nodes: number
  /** Highest block number. */
  readonly height: number
  readonly term: number
  /** Orders counted on the lease. */
  readonly orders: number
  /** Renewals of one lease. */
  readonly renewals: number
  /** Moves of the head in one history, by monitors and programs. */
  readonly moves: number
  /** Whether monitors move the head, because of whatever they believe of L1. */
  readonly l1: boolean
  /** For each operator the programs he may begin one of. Two with the same list are interchangeable. */
  readonly operators: readonly (readonly string[])[]
  /** Whether requests to the store may end without an answer for programs, too. */
  readonly lostReplies: boolean
}

export const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const
export const CHAIN = '901'
